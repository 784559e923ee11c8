// Plots of joint angles over time, a moving line at the present.

const DEGREES = 180 / Math.PI;
const READ_EVERY = 100; // ms between changes of the numbers beside the plots

export class JointPlots {
  /** `seek(time)` is called where a plot is clicked. */
  constructor(place, chooser, frames, names, seek) {
    Object.assign(this, { place, frames, names, seek, shown: new Map() });
    this.boxes = names.map((name, i) => {
      const label = document.createElement("label");
      const box = document.createElement("input");
      box.type = "checkbox";
      box.addEventListener("change", () => this.toggle(i, box.checked));
      label.append(box, " " + readable(name));
      label.title = name;
      chooser.append(label);
      return box;
    });
    for (const i of this.liveliest(4)) {
      this.boxes[i].checked = true;
      this.toggle(i, true);
    }
  }

  /** Places of the joints that moved most. */
  liveliest(count) {
    const span = this.frames.joints.map((column) => Math.max(...spanOf(column)) - Math.min(...spanOf(column)));
    const order = span.map((_, i) => i).sort((a, b) => span[b] - span[a]);
    return order.slice(0, count).sort((a, b) => a - b);
  }

  toggle(i, on) {
    if (!on) {
      this.shown.get(i)?.figure.remove();
      this.shown.delete(i);
      return;
    }
    const figure = document.createElement("figure");
    figure.className = "plot";
    const caption = document.createElement("figcaption");
    const [name, value] = [document.createElement("span"), document.createElement("span")];
    name.textContent = readable(this.names[i]);
    caption.append(name, value);
    const canvas = document.createElement("canvas");
    canvas.addEventListener("pointerdown", (event) => {
      this.seek((event.offsetX / canvas.clientWidth) * this.frames.duration);
    });
    const field = document.createElement("div");
    field.className = "field";
    const cursor = document.createElement("div");
    cursor.className = "cursor";
    field.append(canvas, cursor);
    figure.append(caption, field);
    const after = [...this.shown.keys()].filter((other) => other > i).sort((a, b) => a - b)[0];
    this.place.insertBefore(figure, after === undefined ? null : this.shown.get(after).figure);
    this.shown.set(i, { figure, canvas, cursor, value, drawn: false });
    this.draw(this.time ?? 0);
  }

  /** Draw all anew where the size or the colours changed. */
  refresh() {
    for (const plot of this.shown.values()) plot.drawn = false;
    this.draw(this.time ?? 0);
  }

  /** Show a time: the lines are drawn once, a cursor over them moves; the numbers now and then, unless `exact`. */
  draw(time, exact = true) {
    this.time = time;
    const now = performance.now();
    const reads = exact || now - (this.read ?? 0) > READ_EVERY;
    for (const [i, plot] of this.shown) {
      if (!plot.drawn) this.drawCurve(i, plot);
      plot.cursor.style.left = `${(100 * time) / (this.frames.duration || 1)}%`;
      if (reads) plot.value.textContent = this.reading(i, time);
    }
    if (reads) this.read = now;
  }

  drawCurve(i, plot) {
    const { canvas } = plot;
    const scale = Math.min(window.devicePixelRatio || 1, 2);
    const [width, height] = [Math.round(canvas.clientWidth * scale), Math.round(canvas.clientHeight * scale)];
    if (!width || !height) return;
    [canvas.width, canvas.height] = [width, height];
    this.curve(canvas.getContext("2d"), i, width, height, scale);
    plot.drawn = true;
  }

  reading(i, time) {
    const { index } = this.frames.at(time);
    const now = degrees(this.frames.joints[i][index]);
    const target = this.frames.targets ? this.frames.targets[i][index] : NaN;
    return Number.isNaN(target) ? now : `${now} → ${degrees(target)}`;
  }

  curve(pen, i, width, height, scale) {
    const style = getComputedStyle(document.documentElement);
    const lines = [[this.frames.joints[i], style.getPropertyValue("--accent"), []]];
    if (this.frames.targets) lines.unshift([this.frames.targets[i], style.getPropertyValue("--target"), [4 * scale, 3 * scale]]);
    const ends = lines.flatMap(([column]) => spanOf(column));
    const [low, high] = [Math.min(...ends), Math.max(...ends)];
    const room = Math.max((high - low) * 0.16, 0.02);
    const y = (angle) => height - ((angle - low + room) / (high - low + 2 * room)) * height;
    this.frame(pen, low, high, y, width, scale, style);
    for (const [column, color, dash] of lines) {
      pen.strokeStyle = color;
      pen.lineWidth = 1.4 * scale;
      pen.setLineDash(dash);
      pen.beginPath();
      this.trace(pen, column, y, width);
      pen.stroke();
    }
  }

  frame(pen, low, high, y, width, scale, style) {
    pen.strokeStyle = style.getPropertyValue("--edge");
    pen.fillStyle = style.getPropertyValue("--quiet");
    pen.font = `${10 * scale}px system-ui, sans-serif`;
    for (const [angle, base] of [[high, "top"], [low, "bottom"]]) {
      pen.textBaseline = base;
      pen.fillText(`${Math.round(angle * DEGREES)}°`, 4 * scale, y(angle) + (base === "top" ? -4 : 4) * scale);
    }
    if (low < 0 && high > 0) {
      pen.beginPath();
      pen.moveTo(0, y(0));
      pen.lineTo(width, y(0));
      pen.stroke();
    }
  }

  trace(pen, column, y, width) {
    const { times, duration } = this.frames;
    let drawing = false;
    for (let t = 0; t < column.length; t++) {
      if (Number.isNaN(column[t])) {
        drawing = false;
        continue;
      }
      const x = (times[t] / (duration || 1)) * width;
      if (drawing) pen.lineTo(x, y(column[t]));
      else pen.moveTo(x, y(column[t]));
      drawing = true;
    }
  }
}

/** [lowest, highest] of what is a number in a column. */
function spanOf(column) {
  let [low, high] = [Infinity, -Infinity];
  for (const value of column) {
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return low <= high ? [low, high] : [0, 0];
}

function readable(name) {
  return name.replace(/_joint$/, "").replaceAll("_", " ");
}

function degrees(angle) {
  return `${(angle * DEGREES).toFixed(1).replace(/^-0\.0$/, "0.0")}°`;
}
