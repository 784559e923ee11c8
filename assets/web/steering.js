// Steering the robot by hand, with the arrow keys or a gamepad, as long as they are held.

const EVERY = 100; // ms between two words to the server, which lets the robot stand after half a second without any
const KEYS = { ArrowUp: [1, 0, 0], ArrowDown: [-1, 0, 0], ArrowLeft: [0, 0, 1], ArrowRight: [0, 0, -1] };
const WALKS = 0.5; // share of the fastest, without Shift
const DEAD = 0.15; // of a stick's way, around its middle

export class Steering {
  /** `drive(forward, left, turn)`: told shares, -1 to 1, while something is held, and zeros once at its end. */
  constructor(drive) {
    this.drive = drive;
    this.held = new Set();
    this.shift = this.moving = false;
    document.addEventListener("keydown", (event) => this.key(event, true));
    document.addEventListener("keyup", (event) => this.key(event, false));
    window.addEventListener("blur", () => this.held.clear());
    setInterval(() => this.tell(), EVERY);
  }

  key(event, down) {
    this.shift = event.shiftKey;
    if (!(event.key in KEYS) || event.ctrlKey || event.altKey || event.metaKey) return;
    if (down && event.target.closest("input, select, textarea, dialog")) return;
    if (down) {
      this.held.add(event.key);
      event.preventDefault(); // of the page, which would scroll
      if (!event.repeat) this.tell();
    } else this.held.delete(event.key);
  }

  /** [forward, left, turn] of what is held; with Shift the arrows to the sides step sideways, and forward is faster. */
  get wanted() {
    const sum = [0, 0, 0];
    for (const key of this.held) KEYS[key].forEach((part, i) => (sum[this.shift && i === 2 ? 1 : i] += part));
    sum[0] *= sum[0] > 0 && !this.shift ? WALKS : 1;
    const pad = navigator.getGamepads?.().find((one) => one?.connected);
    if (pad) {
      const [x = 0, y = 0, turn = 0] = pad.axes.map((value) => (Math.abs(value) > DEAD ? value : 0));
      [-y, -x, -turn].forEach((part, i) => (sum[i] += part));
    }
    return sum.map((part) => Math.max(-1, Math.min(1, part)));
  }

  tell() {
    const wanted = this.wanted;
    const moving = wanted.some(Boolean);
    if (moving || this.moving) this.drive(...wanted);
    this.moving = moving;
  }
}
