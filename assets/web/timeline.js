// The time line under a replay: the plan's steps as coloured parts, and a knob.

export class Timeline {
  /** `steps`: [{text, status, started, ended}]; `seek(time)` while it is dragged. */
  constructor(place, steps, duration, seek) {
    Object.assign(this, { place, duration: duration || 1, steps });
    const bar = child(place, "bar");
    this.parts = steps.map((step, i) => this.part(bar, step, i));
    this.knob = child(place, "knob");
    this.tip = child(place, "tip");
    this.tip.hidden = true;
    place.setAttribute("aria-valuemax", this.duration.toFixed(2));
    place.addEventListener("pointerdown", (event) => {
      place.setPointerCapture(event.pointerId);
      seek(this.timeOf(event));
    });
    place.addEventListener("pointermove", (event) => {
      if (place.hasPointerCapture(event.pointerId)) seek(this.timeOf(event));
      this.hint(event);
    });
    place.addEventListener("pointerleave", () => (this.tip.hidden = true));
  }

  part(bar, { started, ended, status }, place) {
    if (started === null) return null;
    const part = child(bar, "part " + status);
    // Two steps at the same time share the height.
    const other = this.steps.findIndex((step, i) => i !== place && this.meet(step, this.steps[place]));
    if (other >= 0) part.style[other > place ? "bottom" : "top"] = "50%";
    part.style.left = this.percent(started);
    part.style.width = `calc(${this.percent(ended ?? this.duration)} - ${this.percent(started)})`;
    return part;
  }

  meet(a, b) {
    if (a.started === null || b.started === null) return false;
    const last = this.duration;
    return Math.min(a.ended ?? last, b.ended ?? last) - Math.max(a.started, b.started) > 0.1;
  }

  percent(time) {
    return ((100 * Math.min(Math.max(time, 0), this.duration)) / this.duration).toFixed(3) + "%";
  }

  timeOf(event) {
    const box = this.place.getBoundingClientRect();
    return Math.min(Math.max((event.clientX - box.left) / box.width, 0), 1) * this.duration;
  }

  hint(event) {
    const time = this.timeOf(event);
    const step = this.steps.find(({ started, ended }) => started !== null && started <= time && time <= (ended ?? this.duration));
    this.tip.hidden = false;
    this.tip.textContent = step ? `${time.toFixed(1)} s · ${step.text}` : `${time.toFixed(1)} s`;
    this.tip.style.left = this.percent(Math.min(Math.max(time, this.duration * 0.12), this.duration * 0.88));
  }

  show(time, current) {
    this.knob.style.left = this.percent(time);
    this.place.setAttribute("aria-valuenow", time.toFixed(2));
    this.parts.forEach((part, i) => part?.classList.toggle("now", i === current));
  }
}

function child(place, name) {
  const element = document.createElement("div");
  element.className = name;
  place.append(element);
  return element;
}
