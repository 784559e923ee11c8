// The plan that runs, what waits, and what is over.

import { textButton } from "./answers.js";
import { StepList } from "./steps.js";

const WORDS = { queued: "waits", running: "running", success: "success", failure: "failure", stopped: "stopped" };
const MARKS = { success: "✓", failure: "✗", stopped: "–" };

export class JobList {
  /** `at(id)`: an element of the page; asked to take a job out of the queue, `remove(number)`, or to do it `again(number)`. */
  constructor(at, remove, again) {
    Object.assign(this, { at, remove, again, shown: "" });
    this.steps = null;
  }

  /** Show the jobs; the words of the steps that run. */
  show(jobs) {
    const queued = jobs.filter((job) => job.status === "queued");
    const begun = jobs.filter((job) => job.status !== "queued");
    const main = begun.find((job) => job.status === "running") ?? begun.at(-1);
    this.showMain(main);
    const rest = begun.filter((job) => job !== main).reverse();
    const key = JSON.stringify([queued.map((job) => job.number), rest.map((job) => [job.number, job.status])]);
    if (key !== this.shown) {
      this.shown = key;
      this.showQueue(queued);
      this.showPast(rest);
    }
    const running = main?.status === "running" ? main.steps.filter((step) => step.status === "running") : [];
    return running.map((step) => step.text).join(" + ");
  }

  showMain(job) {
    const [said, verdict, list] = ["said", "verdict", "steps"].map(this.at);
    if (!job) {
      said.textContent = verdict.textContent = "";
      list.replaceChildren();
      this.steps = null;
      return;
    }
    const key = `${job.number}/${job.steps.length}`;
    if (!this.steps || this.steps.key !== key) {
      said.textContent = job.text;
      this.steps = { key, list: new StepList(list, job.steps) };
    }
    verdict.textContent = WORDS[job.status];
    verdict.className = `badge ${job.status}`;
    const stopped = job.status === "stopped";
    this.steps.list.show(
      job.steps.map((step) => (stopped && step.status === "failure" ? "pending" : step.status)),
      -1,
      job.steps.map((step) => step.reason),
      job.steps.map((step) => (step.seconds === null ? "" : `${step.seconds.toFixed(1)} s`)),
    );
  }

  showQueue(jobs) {
    this.at("waiting").hidden = !jobs.length;
    this.at("queue").replaceChildren(
      ...jobs.map((job) => {
        const row = document.createElement("li");
        const words = document.createElement("span");
        words.textContent = job.text;
        row.append(words, button("×", "Take it out of the queue", () => this.remove(job.number)));
        return row;
      }),
    );
  }

  showPast(jobs) {
    this.at("past").hidden = !jobs.length;
    this.at("history").replaceChildren(
      ...jobs.map((job) => {
        const row = document.createElement("li");
        row.classList.toggle("over", job.status === "stopped");
        for (const [name, text] of [["mark", MARKS[job.status]], ["words", job.text], ["reason", job.reason]]) {
          const span = document.createElement("span");
          span.className = name === "mark" ? `mark ${job.status}` : name;
          span.textContent = text;
          if (text) row.append(span);
        }
        if (job.again) row.append(button("again", "Say it again", () => this.again(job.number)));
        return row;
      }),
    );
  }
}

function button(words, title, pressed) {
  const made = textButton(words, pressed);
  made.title = title;
  return made;
}
