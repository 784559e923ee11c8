// What came of an instruction beside its plan: why it was refused, and what of it was read as something else.

export class Answers {
  /** `at(id)`: an element of the page; `put(words)`: asked to put words into the box; `say(words)`: to say them at once. */
  constructor(at, put, say) {
    Object.assign(this, { at, put, say });
    at("refusal").querySelector(".away").addEventListener("click", () => this.clear());
  }

  /** Nothing is refused any more. */
  clear() {
    this.at("refusal").hidden = true;
  }

  remark(text) {
    this.at("remark").textContent = text;
    this.at("remark").hidden = !text;
  }

  /** Of a job that was accepted: which words were read as others, and which were passed over. */
  accept({ corrections, notes }) {
    this.clear();
    const read = corrections.map(([word, as]) => `“${word}” as “${as}”`);
    const passed = notes.filter((words) => !words.includes(" → ")).map((words) => `“${words}”`);
    const remarks = [read.length && `Read ${read.join(", ")}.`, passed.length && `Passed over ${passed.join(", ")}.`];
    this.remark(remarks.filter(Boolean).join(" "));
  }

  /**
   * Show why; the words in question are marked. A suggestion is put in their place: where it answers a question (which
   * of several things is meant) that is all that was missing, and it is said at once.
   */
  refuse(text, { message, code, span, suggestions }) {
    const box = this.at("refusal");
    box.hidden = false;
    const characters = [...text]; // as Python counts them
    const [start, end] = span ?? [0, 0];
    const mark = document.createElement("mark");
    mark.textContent = characters.slice(start, end).join("");
    const before = characters.slice(Math.max(0, start - 60), start).join("");
    box.querySelector(".said").replaceChildren(before, mark, characters.slice(end, end + 60).join(""));
    box.querySelector(".said").hidden = !span;
    box.querySelector(".why").textContent = message;
    const whole = (words) => (span ? [...characters.slice(0, start), words, ...characters.slice(end)].join("") : words);
    const take = code === "ambiguous_object" ? this.say : this.put;
    const buttons = suggestions.slice(0, 12).map((words) => textButton(words, () => take(whole(words))));
    box.querySelector(".suggestions").replaceChildren(...buttons);
    this.remark("");
  }
}

/** A button that does no more than it says. */
export function textButton(text, pressed) {
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = text;
  button.addEventListener("click", pressed);
  return button;
}

/** Show whether something is on. */
export function press(button, on) {
  button.setAttribute("aria-pressed", String(on));
}
