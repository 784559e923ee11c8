// The live page: shows the robot as the server tells it, and tells the server what is typed and pressed.

import { CAMERAS, SceneView } from "./scene.js";
import { between } from "./frames.js";
import { JobList } from "./jobs.js";
import { Link } from "./link.js";

const at = (id) => document.getElementById(id);
const SPEEDS = [0.25, 0.5, 1, 2];
const TRAIL_STEP = 0.05; // m
const TRAIL_MOST = 2000; // points
const JUMP = 0.3; // m from one pose to the next: it was reset
const LONGEST = 100; // ms that a motion is drawn late, at most

class LivePage {
  constructor() {
    this.view = null;
    this.state = null;
    this.trail = [];
    this.sent = new Map(); // id: {text, when}
    this.answers = 0;
    this.quiet = 0; // pictures drawn since it was paused
    this.came = 0; // ms, when the latest pose did
    this.gap = 33; // ms between poses
    this.jobs = new JobList(at, (number) => this.link.send({ do: "remove", job: number }));
    this.look = localStorage.getItem("simonsays-look") ?? "light";
    document.documentElement.dataset.look = this.look;
    this.listen();
    this.link = new Link({
      state: (word, kind) => this.showLink(word, kind),
      message: (message) => this.hear(message),
      pose: (numbers) => this.pose(numbers),
    });
    requestAnimationFrame((now) => this.draw(now));
  }

  // What the server says.

  hear(message) {
    if (message.kind === "hello") this.begin(message);
    else if (message.kind === "state") this.show(message);
    else if (message.kind === "answer") this.answered(message);
    else if (message.kind === "scene") this.setScene(message.model, []);
    else if (message.kind === "note" || message.kind === "error") this.remark(message.message);
  }

  begin({ model, scenes, examples, skills, trail }) {
    fill(at("scene"), scenes, (name) => name);
    fill(at("speed"), SPEEDS, (speed) => `${speed}×`);
    at("examples").replaceChildren(...examples.map((text) => textButton(text, () => this.put(text))));
    const can = skills.map(({ example }) => textButton(example, () => this.put(example)));
    at("skills").querySelector("div").replaceChildren(...can);
    this.setScene(model, trail);
  }

  setScene(model, trail) {
    this.joints = model.robot.default_joints.length;
    this.props = model.props.length;
    this.trail = trail;
    this.latest = this.shown = null;
    try {
      if (this.view) this.view.setScene(model);
      else {
        this.view = new SceneView(at("view"), model, { look: this.look, onCamera: (mode) => this.showCamera(mode) });
        this.makeCameras();
      }
      this.view.setLook(this.look);
      this.view.setTrail(this.trail);
    } catch (error) {
      at("notice").hidden = false;
      at("notice").textContent = `No picture: this browser cannot draw in 3-D (${error.message}). The robot does what you say all the same.`;
    }
  }

  pose(numbers) {
    const [time, factor] = numbers;
    const props = [];
    const from = 9 + this.joints;
    for (let i = 0; i < this.props; i++) props.push([...numbers.slice(from + 7 * i, from + 7 * i + 7)]);
    const after = from + 7 * this.props;
    if (numbers.length !== after + 6) return; // of another scene: the next ones fit
    const goal = numbers.slice(after, after + 3);
    this.time = time;
    this.factor = factor;
    this.arrived({ base: [...numbers.slice(2, 9)], joints: [...numbers.slice(9, from)], props });
    this.goal = Number.isNaN(goal[0]) ? null : [...goal];
    this.extend(numbers[2], numbers[3]);
  }

  /** What is drawn glides from the pose that is seen to the new one, in the time that poses lie apart. */
  arrived(latest) {
    const now = performance.now();
    const [x, y] = this.latest?.base ?? [];
    const near = Math.hypot(latest.base[0] - x, latest.base[1] - y) < JUMP && this.latest.props.length === latest.props.length;
    this.from = near ? (this.shown ?? latest) : latest;
    this.gap += 0.2 * (Math.min(now - this.came, LONGEST) - this.gap);
    this.came = now;
    this.latest = latest;
  }

  extend(x, y) {
    const last = this.trail.at(-1);
    if (last && Math.hypot(x - last[0], y - last[1]) < TRAIL_STEP) return;
    this.trail.push([x, y]);
    if (this.trail.length > TRAIL_MOST) this.trail.shift();
    this.longer = true;
  }

  draw(now) {
    requestAnimationFrame((later) => this.draw(later));
    if (!this.view || !this.latest) return;
    if (this.state?.paused && this.view.mode !== "free" && this.quiet > 10) {
      this.view.renderStill(); // nothing moves: one good picture
      return;
    }
    this.quiet = this.state?.paused ? this.quiet + 1 : 0;
    this.shown = between(this.from, this.latest, Math.min((performance.now() - this.came) / this.gap, 1));
    this.view.setPose(this.shown);
    this.view.setGoal(this.goal);
    if (this.longer) this.view.setTrail(this.trail);
    this.longer = false;
    this.view.render(now);
  }

  show(state) {
    this.state = state;
    const factor = at("factor");
    factor.textContent = state.paused ? "paused" : `${state.factor.toFixed(2)}×`;
    factor.classList.toggle("low", !state.paused && state.factor > 0 && state.factor < 0.97 * state.speed);
    press(at("pause"), state.paused);
    at("pause").textContent = state.paused ? "Go on" : "Pause";
    press(at("record"), state.recording !== null);
    at("record").lastChild.textContent = state.recording === null ? "Record" : `Stop recording (${state.recording.toFixed(0)} s)`;
    at("fallen").hidden = !state.fallen;
    at("scene").value = state.scene;
    at("speed").value = String(state.speed);
    this.showFiles(state.recordings);
    const running = this.jobs.show(state.jobs);
    at("caption").hidden = !running;
    at("caption").querySelector(".words").textContent = running;
    at("caption").querySelector(".rest").textContent = state.caption;
  }

  showFiles(names) {
    if (names.join() === this.files) return;
    this.files = names.join();
    at("files").replaceChildren(
      ...names.map((name) => {
        const link = document.createElement("a");
        link.textContent = name;
        link.href = this.link.address(`recordings/${encodeURIComponent(name)}`);
        link.download = name;
        return link;
      }),
    );
  }

  answered(message) {
    const sent = this.sent.get(message.id);
    this.sent.delete(message.id);
    this.answers += 1;
    if (sent) at("latency").textContent = `${Math.max(1, Math.round(performance.now() - sent.when))} ms`;
    at("refusal").hidden = message.accepted;
    if (!message.accepted) {
      this.refuse(message.refusal.text || (sent?.text ?? message.text), message.refusal);
      return;
    }
    if (sent && at("text").value.trim() === sent.text) at("text").value = "";
    const read = message.job.corrections.map(([word, as]) => `“${word}” as “${as}”`);
    const passed = message.job.notes.filter((words) => !words.includes(" → ")).map((words) => `“${words}”`);
    const remarks = [read.length && `Read ${read.join(", ")}.`, passed.length && `Passed over ${passed.join(", ")}.`];
    this.remark(remarks.filter(Boolean).join(" "));
  }

  /** Show why; the words in question are marked, and each suggestion can be put in their place. */
  refuse(text, { message, span, suggestions }) {
    const box = at("refusal");
    const characters = [...text]; // as Python counts them
    const [start, end] = span ?? [0, 0];
    const mark = document.createElement("mark");
    mark.textContent = characters.slice(start, end).join("");
    const before = characters.slice(Math.max(0, start - 60), start).join("");
    box.querySelector(".said").replaceChildren(before, mark, characters.slice(end, end + 60).join(""));
    box.querySelector(".said").hidden = !span;
    box.querySelector(".why").textContent = message;
    box.querySelector(".suggestions").replaceChildren(
      ...suggestions.slice(0, 12).map((words) =>
        textButton(words, () => this.put(span ? [...characters.slice(0, start), words, ...characters.slice(end)].join("") : words)),
      ),
    );
    this.remark("");
  }

  remark(text) {
    at("remark").textContent = text;
    at("remark").hidden = !text;
  }

  showLink(word, kind) {
    at("link").textContent = word;
    at("link").className = `badge ${kind}`;
  }

  // What is typed and pressed.

  listen() {
    at("form").addEventListener("submit", (event) => (event.preventDefault(), this.say(false)));
    at("now").addEventListener("click", () => this.say(true));
    at("stop").addEventListener("click", () => this.link.send({ do: "stop" }));
    at("text").addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || event.shiftKey || event.isComposing) return; // Enter also ends a Chinese word
      event.preventDefault();
      this.say(event.ctrlKey || event.metaKey);
    });
    document.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && !event.isComposing) this.link.send({ do: "stop" });
    });
    at("pause").addEventListener("click", () => this.link.send({ do: "pause", on: !this.state?.paused }));
    at("record").addEventListener("click", () => this.link.send({ do: "record", on: this.state?.recording == null }));
    for (const id of ["reset", "up"]) at(id).addEventListener("click", () => this.link.send({ do: "reset" }));
    for (const button of document.querySelectorAll("[data-push]"))
      button.addEventListener("click", () => this.link.send({ do: "push", direction: button.dataset.push }));
    at("scene").addEventListener("change", () => this.link.send({ do: "scene", name: at("scene").value }));
    at("speed").addEventListener("change", () => this.link.send({ do: "speed", value: Number(at("speed").value) }));
    at("look").addEventListener("click", () => this.setLook(this.look === "light" ? "dark" : "light"));
  }

  say(now) {
    const text = at("text").value.trim();
    if (!text) return;
    const id = Math.floor(Math.random() * 2 ** 31);
    if (this.link.send({ do: "say", text: text.slice(0, 50000), now, id })) this.sent.set(id, { text, when: performance.now() });
    else this.remark("Not connected: the instruction was not sent.");
  }

  /** Put words into the box, to be sent or changed. */
  put(words) {
    at("text").value = words;
    at("text").focus();
  }

  setLook(name) {
    this.look = document.documentElement.dataset.look = name;
    localStorage.setItem("simonsays-look", name);
    this.quiet = 0;
    this.view?.setLook(name);
  }

  makeCameras() {
    at("cameras").replaceChildren(...CAMERAS.map((mode) => textButton(mode, () => this.view.setCamera(mode))));
    this.showCamera(this.view.mode);
  }

  showCamera(mode) {
    this.quiet = 0;
    for (const button of at("cameras").children) press(button, button.textContent === mode);
  }
}

function textButton(text, pressed) {
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = text;
  button.addEventListener("click", pressed);
  return button;
}

function press(button, on) {
  button.setAttribute("aria-pressed", String(on));
}

function fill(select, values, words) {
  select.replaceChildren(
    ...values.map((value) => {
      const option = document.createElement("option");
      option.value = String(value);
      option.textContent = words(value);
      return option;
    }),
  );
}

document.live = new LivePage();
