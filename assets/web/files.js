// What was recorded: to be downloaded as it is, or as a film, a GIF or a page that is drawn first.

import { textButton } from "./answers.js";

const FILMS = { mp4: "film", gif: "GIF", html: "replay" };

export class Files {
  /** `place`: an element; `address(path)`: of a file of the server; `order(file, kind)`: asked to have one drawn. */
  constructor(place, address, order) {
    Object.assign(this, { place, address, order, key: "" });
  }

  /** `names` of files; `films`: [{file, status}] that are not made, or not yet. */
  show(names, films) {
    const key = JSON.stringify([names, films]);
    if (key === this.key) return;
    this.key = key;
    const status = new Map(films.map(({ file, status }) => [file, status]));
    const recordings = names.filter((name) => name.endsWith(".npz"));
    this.place.replaceChildren(...recordings.map((name) => this.row(name, names, status)));
  }

  row(name, names, status) {
    const row = document.createElement("span");
    row.className = "file";
    row.append(this.link(name, name));
    for (const [kind, words] of Object.entries(FILMS)) {
      const film = name.replace(/npz$/, kind);
      row.append(names.includes(film) ? this.link(film, words) : this.button(name, kind, words, status.get(film)));
    }
    return row;
  }

  link(name, words) {
    const link = document.createElement("a");
    link.textContent = words;
    link.href = this.address(`recordings/${encodeURIComponent(name)}`);
    link.download = name;
    return link;
  }

  button(name, kind, words, status) {
    const busy = status === "waits" || status === "drawn";
    const button = textButton(busy ? `${words} …` : words, () => this.order(name, kind));
    button.dataset.as = kind;
    button.disabled = busy;
    button.title = busy ? "It is being drawn" : `Make a ${words} of it`;
    return button;
  }
}
