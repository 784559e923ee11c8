// Where a director would put the camera: all that is there while nothing is done, then the robot with what it is about.

const ROBOT = 1.0; // m, half the height of what is shown of the robot, with some air
const FAR = 7; // m from the robot: what stands farther away is not waited for
const NEAREST = 3.1; // m
const OVERVIEW = { azimuth: 0.55, elevation: 0.42 };
const BESIDE = { azimuth: Math.PI / 2, elevation: 0.3 }; // from the line to the goal

/**
 * The camera for a moment: {middle: [x, y] m, azimuth: rad, world, elevation: rad, distance: m}.
 * `base`: the robot's pose; `heading`: rad; `goal`: [x, y, radius] m or null; `places`: [[x, y], ...] m, of things;
 * `view`: [azimuth from the heading, elevation, distance] that shows the step that runs, null where none does;
 * `before`: azimuth of the camera now; `half`: m, half the width of what is seen at a distance of 1 m.
 */
export function direct({ base, heading, goal, places, view, before, half }) {
  const here = [base[0], base[1]];
  if (!view) {
    const near = places.filter((place) => apart(place, here) < FAR);
    const { middle, reach } = around([here, ...near]);
    return { middle, azimuth: heading + OVERVIEW.azimuth, elevation: OVERVIEW.elevation, distance: distanceTo(reach + 0.4, half) };
  }
  if (!goal) return { middle: here, azimuth: heading + view[0], elevation: view[1], distance: view[2] };
  const there = [goal[0], goal[1]];
  const { middle, reach } = around([here, there]);
  const line = apart(here, there) > 0.3 ? Math.atan2(there[1] - here[1], there[0] - here[0]) : heading;
  const sides = [line + BESIDE.azimuth, line - BESIDE.azimuth];
  const azimuth = Math.cos(sides[0] - before) >= Math.cos(sides[1] - before) ? sides[0] : sides[1]; // crosses no axis
  return { middle, azimuth, elevation: BESIDE.elevation, distance: distanceTo(reach + 0.3, half) };
}

function apart(a, b) {
  return Math.hypot(a[0] - b[0], a[1] - b[1]);
}

/** Middle of a box around points, and how far the farthest is from it. */
function around(points) {
  const [xs, ys] = [points.map(([x]) => x), points.map(([, y]) => y)];
  const middle = [(Math.min(...xs) + Math.max(...xs)) / 2, (Math.min(...ys) + Math.max(...ys)) / 2];
  return { middle, reach: Math.max(...points.map((point) => apart(point, middle))) };
}

function distanceTo(reach, half) {
  return Math.max(NEAREST, Math.max(reach, ROBOT) / half + reach * 0.25);
}
