// The socket to the server: opened again whenever it closes.

const PATIENCE = [0.3, 0.6, 1.2, 2.5, 5]; // s between tries

export class Link {
  /** `state(word, kind)`, `message(object)`, `pose(Float32Array)`: told what comes. */
  constructor({ state, message, pose }) {
    Object.assign(this, { state, message, pose });
    this.token = new URLSearchParams(location.search).get("token");
    this.tries = 0;
    this.open();
  }

  /** An address of this server, with the token where one is needed. */
  address(path) {
    const url = new URL(path, location.href);
    url.search = this.token ? `?token=${encodeURIComponent(this.token)}` : "";
    return url.href;
  }

  open() {
    this.socket = new WebSocket(this.address("socket").replace(/^http/, "ws"));
    this.socket.binaryType = "arraybuffer";
    this.socket.addEventListener("open", () => {
      this.tries = 0;
      this.state("connected", "success");
    });
    this.socket.addEventListener("message", ({ data }) => {
      if (typeof data === "string") this.message(JSON.parse(data));
      else this.pose(new Float32Array(data));
    });
    this.socket.addEventListener("close", () => {
      this.state("not connected", "failure");
      setTimeout(() => this.open(), 1000 * PATIENCE[Math.min(this.tries++, PATIENCE.length - 1)]);
    });
  }

  /** Whether it was sent. */
  send(request) {
    if (this.socket.readyState !== WebSocket.OPEN) return false;
    this.socket.send(JSON.stringify(request));
    return true;
  }
}
