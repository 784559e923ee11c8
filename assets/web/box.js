// The box that instructions are typed into: Enter says them, the up arrow brings back what was said before.

const MOST = 100; // sentences that are remembered
const KEY = "simonsays-said";
const ROOM = 560; // pixels of height, below which a keyboard lies over a phone's page

export class Box {
  /** `field`: a text area; `say(text, now)`: told what is to be said. */
  constructor(field, say) {
    Object.assign(this, { field, say });
    this.said = remembered();
    this.place = this.said.length; // of what is shown among what was said; the length: what is being typed
    this.typed = "";
    field.addEventListener("keydown", (event) => this.key(event));
    field.addEventListener("focus", () => this.fit());
    field.addEventListener("blur", () => this.fit());
    window.visualViewport?.addEventListener("resize", () => this.fit());
  }

  get text() {
    return this.field.value.trim();
  }

  /** Put words into the box, to be sent or changed. */
  put(words) {
    this.field.value = words;
    this.field.focus();
  }

  key(event) {
    if (event.isComposing) return; // Enter also ends a Chinese word
    const up = event.key === "ArrowUp";
    if (up || event.key === "ArrowDown") {
      if (!this.recall(up ? -1 : 1)) return;
    } else if (event.key === "Enter" && !event.shiftKey) this.send(event.ctrlKey || event.metaKey);
    else return;
    event.preventDefault();
  }

  /** Say what is in the box. */
  send(now) {
    if (this.text) this.say(this.text, now);
  }

  /** What was said `by` places before or after; false where the arrow only moves within the text, or there is no more. */
  recall(by) {
    const { value, selectionStart: at } = this.field;
    const line = by < 0 ? value.slice(0, at) : value.slice(at);
    const place = this.place + by;
    if (line.includes("\n") || place < 0 || place > this.said.length) return false;
    if (this.place === this.said.length) this.typed = value;
    this.place = place;
    this.field.value = this.said[place] ?? this.typed;
    return true;
  }

  /** Remember a sentence that was sent. */
  keep(text) {
    if (this.said.at(-1) !== text) this.said.push(text);
    this.said.splice(0, this.said.length - MOST);
    this.place = this.said.length;
    localStorage.setItem(KEY, JSON.stringify(this.said));
  }

  /** A sentence was accepted: it need not stand there any longer. */
  done(text) {
    if (this.text === text) this.field.value = "";
  }

  /** Where a keyboard takes the room, the picture and the box share what is left. */
  fit() {
    const seen = window.visualViewport?.height ?? window.innerHeight;
    const typing = document.activeElement === this.field && seen < ROOM && window.innerWidth <= 800;
    document.documentElement.style.setProperty("--seen", `${Math.round(seen)}px`);
    document.body.classList.toggle("typing", typing);
    if (typing) window.scrollTo(0, 0);
  }
}

function remembered() {
  try {
    const said = JSON.parse(localStorage.getItem(KEY) ?? "[]");
    return Array.isArray(said) ? said.filter((text) => typeof text === "string") : [];
  } catch {
    return [];
  }
}
