// The replay: plays the recording that stands in the page. All text is set as text, never as markup.

import { Frames, heldAt } from "./frames.js";
import { JointPlots } from "./plots.js";
import { CAMERAS, SceneView } from "./scene.js";
import { StepList } from "./steps.js";
import { Timeline } from "./timeline.js";

const SPEEDS = [0.1, 0.25, 0.5, 1, 2, 4];
const SETTLE = 1500; // ms that the picture is still drawn after the last change: the camera glides
const VERDICTS = { success: "done", failure: "failed" };

const find = (name) => document.getElementById(name);

class Replay {
  constructor(data) {
    this.data = data;
    this.frames = new Frames(data);
    [this.time, this.speed, this.playing, this.visible] = [0, 1, false, true];
    this.changed = this.last = performance.now();
    this.fillTexts();
    this.makeView();
    this.timeline = new Timeline(find("track"), data.steps, this.frames.duration, (time) => this.seek(time));
    this.steps = new StepList(find("steps"), data.steps, (i) => this.seek(data.steps[i].started ?? this.time));
    this.plots = new JointPlots(find("plots"), find("joints"), this.frames, data.model.robot.joints, (time) => this.seek(time));
    this.bindControls();
    this.setLook(data.model.look);
    this.seek(0);
    new ResizeObserver(() => this.resized()).observe(find("page"));
    new IntersectionObserver(([entry]) => (this.visible = entry.isIntersecting)).observe(find("page"));
    // Where there is little room, the robot gets it.
    if (window.innerWidth <= 760 && window.innerHeight < 700) find("page").classList.add("narrow");
    const framed = window.self !== window.top;
    if (framed) find("start").hidden = false;
    else this.play();
    requestAnimationFrame((now) => this.tick(now));
  }

  fillTexts() {
    const { title, verdict, facts, steps } = this.data;
    find("title").textContent = title || "Recording";
    find("verdict").textContent = VERDICTS[verdict] ?? verdict;
    find("verdict").classList.add(verdict in VERDICTS ? verdict : "pending");
    find("facts").textContent = facts.join(" · ");
    find("steps").previousElementSibling.hidden = !steps.length;
    find("key").hidden = !this.frames.targets;
  }

  makeView() {
    try {
      this.view = new SceneView(find("view"), this.data.model, { onCamera: (mode) => this.showCamera(mode) });
      this.view.setTrail(this.frames.trails[0], 0);
    } catch (error) {
      this.view = null;
      find("notice").textContent = "This browser draws no 3-D pictures (WebGL). The plan and the joints are shown all the same.";
      find("notice").hidden = false;
      console.warn(String(error));
      return;
    }
    for (const mode of CAMERAS) {
      const button = document.createElement("button");
      button.textContent = mode;
      button.addEventListener("click", () => this.setCamera(mode));
      find("cameras").append(button);
    }
    this.showCamera("follow");
    find("view").addEventListener("pointermove", () => this.touch());
    find("view").addEventListener("wheel", () => this.touch(), { passive: true });
  }

  bindControls() {
    find("play").addEventListener("click", () => this.toggle());
    find("start").addEventListener("click", () => this.play());
    find("look").addEventListener("click", () => this.setLook(this.look === "dark" ? "light" : "dark"));
    find("side").addEventListener("click", () => this.togglePanel());
    find("keys").addEventListener("click", () => (find("help").hidden = !find("help").hidden));
    for (const speed of SPEEDS) find("speed").add(new Option(`${speed}×`, speed, speed === 1, speed === 1));
    find("speed").addEventListener("change", (event) => this.setSpeed(Number(event.target.value)));
    document.addEventListener("keydown", (event) => this.key(event));
    document.addEventListener("mousedown", (event) => {
      // A button that was clicked would swallow the next space; the page, also in a frame, shall get the keys.
      if (!event.target.closest("button")) return;
      event.preventDefault();
      window.focus();
    });
  }

  key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("select")) return;
    if (event.key === " " && event.target.closest("button, summary, input")) return; // it presses that
    const number = CAMERAS[Number(event.key) - 1];
    const act = {
      " ": () => this.toggle(),
      ArrowLeft: () => this.seek(this.time - 1),
      ArrowRight: () => this.seek(this.time + 1),
      ",": () => this.nudge(-1),
      ".": () => this.nudge(1),
      Home: () => this.seek(0),
      End: () => this.seek(this.frames.duration),
      "[": () => this.shiftSpeed(-1),
      "]": () => this.shiftSpeed(1),
      d: () => this.setLook(this.look === "dark" ? "light" : "dark"),
      p: () => this.togglePanel(),
      f: () => this.fullScreen(),
      "?": () => find("keys").click(),
    }[event.key.length === 1 ? event.key.toLowerCase() : event.key];
    if (!act && !number) return;
    event.preventDefault();
    if (act) act();
    else this.setCamera(number);
  }

  play() {
    if (this.time >= this.frames.duration - 1e-6) this.time = 0;
    this.playing = true;
    find("start").hidden = true;
    this.showPlaying();
  }

  pause() {
    this.playing = false;
    this.showPlaying();
  }

  toggle() {
    if (this.playing) this.pause();
    else this.play();
  }

  showPlaying() {
    find("play").textContent = this.playing ? "❚❚" : "▶";
    find("play").setAttribute("aria-label", this.playing ? "Pause" : "Play");
    this.touch();
  }

  nudge(by) {
    this.pause();
    const { index } = this.frames.at(this.time);
    this.seek(this.frames.times[Math.min(Math.max(index + by, 0), this.frames.times.length - 1)]);
  }

  seek(time) {
    this.time = Math.min(Math.max(time, 0), this.frames.duration);
    this.touch();
    this.update();
  }

  setSpeed(speed) {
    this.speed = speed;
    find("speed").value = String(speed);
  }

  shiftSpeed(by) {
    const place = SPEEDS.indexOf(this.speed) + by;
    this.setSpeed(SPEEDS[Math.min(Math.max(place, 0), SPEEDS.length - 1)]);
  }

  setCamera(mode) {
    this.view?.setCamera(mode);
    this.touch();
  }

  showCamera(mode) {
    for (const button of find("cameras").children) button.setAttribute("aria-pressed", String(button.textContent === mode));
  }

  setLook(name) {
    this.look = name;
    document.documentElement.dataset.look = name;
    this.view?.setLook(name);
    this.plots.refresh();
    this.touch();
  }

  togglePanel() {
    find("page").classList.toggle("narrow");
    this.resized();
  }

  fullScreen() {
    if (document.fullscreenElement) document.exitFullscreen();
    else document.documentElement.requestFullscreen?.().catch(() => {});
  }

  resized() {
    this.plots.refresh();
    this.touch();
  }

  /** Something changed: draw for a while. */
  touch() {
    this.changed = performance.now();
  }

  tick(now) {
    requestAnimationFrame((next) => this.tick(next));
    const passed = Math.min((now - this.last) / 1000, 0.25);
    this.last = now;
    if (!this.visible) return;
    if (this.playing) {
      this.time = Math.min(this.time + passed * this.speed, this.frames.duration);
      this.update();
      if (this.time >= this.frames.duration) this.pause();
    }
    if (this.playing || now - this.changed < SETTLE) this.view?.render(now);
    else this.view?.renderStill();
  }

  /** Show everything as it was at `this.time`. */
  update() {
    const pose = this.frames.at(this.time);
    const { steps, captions, goals, to_go: toGo, current, actors } = this.data;
    const watched = heldAt(actors, pose.index);
    const now = heldAt(current, pose.index);
    this.view?.setPose({ ...pose, watched });
    this.view?.setTrail(this.frames.trails[watched], pose.index + 1);
    this.view?.setGoal(heldAt(goals, pose.index));
    const statuses = steps.map((step) => statusAt(step, this.time));
    const notes = steps.map(({ started, ended }) => (started === null ? "" : ended === null ? "" : `${(ended - started).toFixed(1)} s`));
    this.steps.show(statuses, now, steps.map(({ reason }) => reason), notes);
    this.caption(heldAt(captions, pose.index), steps[now]?.reason ?? "", heldAt(toGo, pose.index));
    this.timeline.show(this.time, now);
    this.plots.draw(this.time, !this.playing);
    find("clock").textContent = `${this.time.toFixed(1)} / ${this.frames.duration.toFixed(1)} s`;
  }

  caption([text, status], reason, rest) {
    const box = find("caption");
    box.hidden = !text || status === "pending";
    if (box.hidden) return;
    const mark = { success: "✓ ", failure: "✗ " }[status] ?? "";
    box.className = status;
    box.firstElementChild.textContent = mark + text;
    box.lastElementChild.textContent = status === "failure" ? reason : rest;
  }
}

function statusAt({ status, started, ended }, time) {
  if (ended !== null && time >= ended - 1e-4) return status;
  return started !== null && time >= started - 1e-4 ? "running" : "pending";
}

const begin = () => (document.replay = new Replay(JSON.parse(find("replay").textContent)));
document.fonts.load("12px simonsays", "字").then(begin, begin); // the words that are shown first need it, if it is there
