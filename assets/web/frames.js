// A replay's numbers: unpacked, and read at any time between the instants.

import { bytes } from "./shapes.js";

/** Index of the last instant that is not after `time`; `times` rise. */
export function instantAt(times, time) {
  let [low, high] = [0, times.length - 1];
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (times[middle] <= time + 1e-4) low = middle; // they came as single precision
    else high = middle - 1;
  }
  return low;
}

/** Columns of T numbers each; one that never changes was sent as a single number. */
export function columns(packed, count) {
  const numbers = new Int16Array(bytes(packed.data));
  let start = 0;
  return packed.low.map((low, i) => {
    const unit = packed.unit[i];
    if (unit === 0) return new Float32Array(count).fill(low);
    const column = new Float32Array(count);
    for (let t = 0; t < count; t++) {
      const number = numbers[start + t];
      column[t] = number === -32768 ? NaN : low + (number + 32767) * unit;
    }
    start += count;
    return column;
  });
}

export class Frames {
  constructor(data) {
    this.times = new Float32Array(bytes(data.time));
    const count = this.times.length;
    this.base = columns(data.base, count);
    this.joints = columns(data.joints, count);
    this.targets = data.targets && columns(data.targets, count);
    this.props = columns(data.props, count);
    this.others = data.others.map(({ base, joints }) => ({ base: columns(base, count), joints: columns(joints, count) }));
    this.trails = [this, ...this.others].map(({ base: [x, y] }) => Array.from(this.times, (_, i) => [x[i], y[i]]));
  }

  get duration() {
    return this.times[this.times.length - 1];
  }

  /** Pose between two instants, as SceneView.setPose takes it, and the instant before. */
  at(time) {
    const i = instantAt(this.times, time);
    const j = Math.min(i + 1, this.times.length - 1);
    const gap = this.times[j] - this.times[i];
    const share = gap > 0 ? Math.min(Math.max((time - this.times[i]) / gap, 0), 1) : 0;
    return { index: i, ...between(this.instant(i), this.instant(j), share) };
  }

  instant(i) {
    const of = (columns) => columns.map((column) => column[i]);
    const props = [];
    for (let p = 0; p < this.props.length; p += 7) props.push(of(this.props.slice(p, p + 7)));
    const others = this.others.map(({ base, joints }) => ({ base: of(base), joints: of(joints) }));
    return { base: of(this.base), joints: of(this.joints), props, others };
  }
}

/** Pose between two, as SceneView.setPose takes them. */
export function between(one, other, share) {
  return {
    ...robotBetween(one, other, share),
    others: (one.others ?? []).map((robot, n) => robotBetween(robot, other.others[n], share)),
    props: one.props.map((prop, p) => mixed(prop, other.props[p], share)),
  };
}

function robotBetween(one, other, share) {
  return {
    base: mixed(one.base, other.base, share),
    joints: one.joints.map((angle, k) => angle + share * (other.joints[k] - angle)),
  };
}

/** Of two [x, y, z, qx, qy, qz, qw]; the quaternions of neighbouring instants may have opposite signs. */
function mixed(one, other, share) {
  let dot = 0;
  for (let k = 3; k < 7; k++) dot += one[k] * other[k];
  const sign = dot < 0 ? -1 : 1;
  const out = one.map((value, k) => value + share * ((k < 3 ? 1 : sign) * other[k] - value));
  const length = Math.hypot(out[3], out[4], out[5], out[6]) || 1;
  for (let k = 3; k < 7; k++) out[k] /= length;
  return out;
}

/** What of [[first index, value], ...] holds at an instant. */
export function heldAt(changes, index) {
  let value = changes.length ? changes[0][1] : null;
  for (const [first, next] of changes) {
    if (first > index) break;
    value = next;
  }
  return value;
}
