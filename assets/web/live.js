// The live page: shows the robot as the server tells it, and tells the server what is typed and pressed.

import { Answers, press, textButton } from "./answers.js";
import { Box } from "./box.js";
import { Files } from "./files.js";
import { between } from "./frames.js";
import { JobList } from "./jobs.js";
import { Link } from "./link.js";
import { Pointer } from "./pointer.js";
import { CAMERAS, SceneView } from "./scene.js";
import { share } from "./share.js";
import { Steering } from "./steering.js";
import { Speaker, Voice } from "./voice.js";

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
    this.quiet = 0; // pictures drawn since it was paused
    this.came = 0; // ms, when the latest pose did
    this.gap = 33; // ms between poses
    const tell = (request) => this.link.send(request);
    this.jobs = new JobList(at, (job) => tell({ do: "remove", job }), (job) => this.ask({ do: "again", job }));
    this.box = new Box(at("text"), (text, now) => this.say(text, now));
    this.answers = new Answers(at, (words) => this.box.put(words), (words) => this.heard(words, true));
    this.files = new Files(at("files"), (path) => this.link.address(path), (file, as) => tell({ do: "film", file, as }));
    this.speaker = new Speaker();
    this.voice = new Voice(at("mic"), { heard: (text, whole) => this.heard(text, whole), remark: (text) => this.answers.remark(text) });
    this.steering = new Steering((forward, left, turn) => tell({ do: "drive", forward, left, turn }));
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
    else if (message.kind === "scene") this.setScene(message, []);
    else if (message.kind === "note" || message.kind === "error") this.answers.remark(message.message);
  }

  begin(message) {
    fill(at("scene"), message.scenes, (name) => name);
    fill(at("speed"), SPEEDS, (speed) => `${speed}×`);
    this.address = message.address;
    at("share").disabled = false;
    this.sent.clear();
    this.setScene(message, message.trail);
  }

  /** What can be said in a scene. */
  offer({ examples, skills, performances }) {
    const put = (text) => textButton(text, () => this.box.put(text));
    at("examples").replaceChildren(...examples.map(put));
    at("skills").querySelector("div").replaceChildren(...skills.map(({ example }) => put(example)));
    const shows = performances.map(({ name, title }) => textButton(title, () => this.ask({ do: "perform", name })));
    at("performances").replaceChildren(...shows);
    at("shows").hidden = !shows.length;
  }

  setScene(message, trail) {
    const { model } = message;
    // Chromium goes on showing boxes, in words of a size that it has once shown so: the face must be there before.
    const offer = () => this.offer(message);
    document.fonts.load("12px simonsays", "字").then(offer, offer);
    this.answers.clear();
    this.joints = model.robot.default_joints.length;
    this.props = model.props.length;
    this.trail = trail;
    this.latest = this.shown = null;
    try {
      if (this.view) this.view.setScene(model);
      else {
        const onCamera = (mode) => this.showCamera(mode);
        this.view = new SceneView(at("view"), model, { look: this.look, camera: "director", onCamera });
        this.makeCameras();
        this.takePointer();
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
    at("rise").hidden = !state.can_rise;
    at("up").classList.toggle("main", !state.can_rise);
    at("loop").checked = state.looping;
    at("scene").value = state.scene;
    at("speed").value = String(state.speed);
    this.files.show(state.recordings, state.films);
    this.speaker.hear(state.jobs);
    this.view?.setViewer(state.viewer);
    this.view?.setShot(state.camera || null);
    const running = this.jobs.show(state.jobs);
    at("caption").hidden = !running;
    at("caption").querySelector(".words").textContent = running;
    at("caption").querySelector(".rest").textContent = state.caption;
  }

  answered(message) {
    const sent = this.sent.get(message.id);
    this.sent.delete(message.id);
    if (sent) at("latency").textContent = `${Math.max(1, Math.round(performance.now() - sent.when))} ms`;
    if (!message.accepted) {
      this.answers.refuse(message.refusal.text || (sent?.text ?? message.text), message.refusal);
      return;
    }
    if (sent) this.box.done(sent.text);
    this.answers.accept(message.job);
  }

  showLink(word, kind) {
    at("link").textContent = word;
    at("link").className = `badge ${kind}`;
    at("page").classList.toggle("stale", kind === "failure"); // what it shows is what was
  }

  // What is typed and pressed.

  listen() {
    const when = (id, pressed) => at(id).addEventListener("click", pressed);
    const tell = (request) => this.link.send(request);
    at("form").addEventListener("submit", (event) => (event.preventDefault(), this.box.send(false)));
    when("now", () => this.box.send(true));
    when("stop", () => this.stop());
    document.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && !event.isComposing && !at("sharing").open) this.stop();
    });
    when("pause", () => tell({ do: "pause", on: !this.state?.paused }));
    when("record", () => tell({ do: "record", on: this.state?.recording == null }));
    for (const id of ["reset", "up"]) when(id, () => tell({ do: "reset" }));
    when("rise", () => this.ask({ do: "rise" }));
    for (const button of document.querySelectorAll("[data-push]"))
      button.addEventListener("click", () => tell({ do: "push", direction: button.dataset.push }));
    at("scene").addEventListener("change", () => tell({ do: "scene", name: at("scene").value }));
    at("speed").addEventListener("change", () => tell({ do: "speed", value: Number(at("speed").value) }));
    at("loop").addEventListener("change", () => tell({ do: "loop", on: at("loop").checked }));
    when("look", () => this.setLook(this.look === "light" ? "dark" : "light"));
    when("share", () => share(at("sharing"), this.address));
    when("present", () => toggle("present", (on) => document.body.classList.toggle("presenting", on)));
    when("speak", () => toggle("speak", (on) => (this.speaker.on = on)));
    when("here", () => toggle("here", (on) => this.pointer && (this.pointer.follows = on)));
  }

  stop() {
    this.answers.clear();
    this.link.send({ do: "stop" });
  }

  say(text, now) {
    if (this.ask({ do: "say", text: text.slice(0, 50000), now }, text)) this.box.keep(text);
  }

  /** Send what is answered; whether it was sent. */
  ask(request, text = "") {
    const id = Math.floor(Math.random() * 2 ** 31);
    const sent = !at("page").classList.contains("stale") && this.link.send({ ...request, id });
    if (sent) this.sent.set(id, { text, when: performance.now() });
    else this.answers.remark("Not connected: the instruction was not sent.");
    return sent;
  }

  /** What was spoken, or answered by a button: it is shown as it comes, and said once it is whole. */
  heard(text, whole) {
    this.box.put(text);
    if (whole) this.box.send(false);
  }

  takePointer() {
    const place = (x, y) => ({ x: Number(x.toFixed(3)), y: Number(y.toFixed(3)) });
    this.pointer = new Pointer(this.view, {
      visit: (thing) => this.ask({ do: "visit", thing }),
      come: (x, y) => this.ask({ do: "come", ...place(x, y) }),
      put: (thing, x, y) => this.link.send({ do: "put", thing, ...place(x, y) }),
      stand: (x, y) => this.link.send({ do: "viewer", ...place(x, y) }),
    });
    at("view").addEventListener("pointerup", () => (at("hint").hidden = true), { once: true });
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

/** Switch a button, and tell whether it is on. */
function toggle(id, told) {
  const on = at(id).getAttribute("aria-pressed") !== "true";
  press(at(id), on);
  told(on);
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
