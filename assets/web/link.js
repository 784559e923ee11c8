// The socket to the server: opened again whenever it closes.

const PATIENCE = [0.3, 0.6, 1.2, 2.5, 5]; // s between tries
const SILENT = 1200; // ms without a word: the server tells its state four times a second

export class Link {
  /** `state(word, kind)`, `message(object)`, `pose(Float32Array)`: told what comes. */
  constructor({ state, message, pose }) {
    Object.assign(this, { state, message, pose });
    this.token = new URLSearchParams(location.search).get("token");
    this.tries = 0;
    this.heard = null; // ms, when something came last; null: nothing has yet
    setInterval(() => this.watch(), 200);
    this.open();
  }

  /** A server that is stopped, or a network that is gone, closes no socket. */
  watch() {
    const silent = this.heard !== null && performance.now() - this.heard > SILENT;
    if (silent === this.silent) return;
    this.silent = silent;
    if (this.heard !== null) this.state(...(silent ? ["no answer", "failure"] : ["connected", "success"]));
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
    this.socket.addEventListener("open", () => (this.tries = 0));
    this.socket.addEventListener("message", ({ data }) => {
      if (this.heard === null) this.state("connected", "success");
      this.heard = performance.now();
      if (typeof data === "string") this.message(JSON.parse(data));
      else this.pose(new Float32Array(data));
    });
    this.socket.addEventListener("close", () => {
      this.heard = null;
      this.refused();
      setTimeout(() => this.open(), 1000 * PATIENCE[Math.min(this.tries++, PATIENCE.length - 1)]);
    });
  }

  /** Why there is no connection: no server, or one that does not know this page. */
  refused() {
    this.state("not connected", "failure");
    fetch(this.address(""), { method: "HEAD" }).then(
      ({ status }) => status === 403 && this.state("begun anew: open the address that it printed", "failure"),
      () => {}, // no server: it is tried again
    );
  }

  /** Whether it was sent. */
  send(request) {
    if (this.socket.readyState !== WebSocket.OPEN) return false;
    this.socket.send(JSON.stringify(request));
    return true;
  }
}
