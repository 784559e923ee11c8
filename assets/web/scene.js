// A robot and what stands around it, drawn with three.js. World frame: z up, m, quaternions [x, y, z, w].
// A page loads three.min.js as a plain script (it makes the global THREE) and imports SceneView from here.

import { direct } from "./direct.js";
import { Ground } from "./ground.js";
import { BEHIND, BRISK, LINES, QUALITY, QUICK, SLOW, SLUGGISH, SOFTWARE, STILL_RATIO, drawsInSoftware } from "./quality.js";
import { PropShapes, RobotShape, SpotShadows, dispose, groundSpot, spotTexture } from "./shapes.js";

export const CAMERAS = ["follow", "orbit", "front", "side", "top", "free", "director"];

// Azimuth from the robot's heading (rad), elevation (rad), distance (m).
const VIEWS = {
  follow: [0.75, 0.24, 3.3],
  orbit: [0.75, 0.28, 3.3],
  front: [0.0, 0.14, 3.1],
  side: [Math.PI / 2, 0.14, 3.3],
  top: [Math.PI, 1.45, 5.2],
};
const ORBIT_RATE = 0.35; // rad/s
const STRAY = 5; // pixels: a click that goes no farther turns nothing
const LIGHT = [2.5, -3.5, 7.0]; // m from what it shines on
const SHADOW_REACH = 3.2; // m around the robot
function headingOf([, , , x, y, z, w]) {
  return Math.atan2(2 * (x * y + z * w), 1 - 2 * (y * y + z * z));
}

function viewOf(mode, heading, spin) {
  const [azimuth, elevation, distance] = VIEWS[mode];
  return { azimuth: azimuth + heading + (mode === "orbit" ? spin : 0), elevation, distance };
}

function nearer(from, to) {
  return from + Math.atan2(Math.sin(to - from), Math.cos(to - from));
}

export class SceneView {
  /**
   * Draws into `container` (an element with a size). `model`: sim/web/model.py.
   * Throws an Error where the browser has no WebGL.
   */
  constructor(container, model, { look = model.look, camera = "follow", onCamera = () => {} } = {}) {
    this.container = container;
    this.onCamera = onCamera;
    this.software = drawsInSoftware();
    this.renderer = new THREE.WebGLRenderer({ antialias: !this.software, powerPreference: "high-performance" });
    this.renderer.shadowMap.enabled = true;
    this.renderer.shadowMap.type = THREE.PCFShadowMap;
    container.append(this.renderer.domElement);
    this.camera = new THREE.PerspectiveCamera(38, 1, 0.05, 160);
    this.camera.up.set(0, 0, 1);
    this.target = new THREE.Vector3(0, 0, 0.7);
    this.base = this.watched = [0, 0, 0.78, 0, 0, 0, 1];
    this.spots = spotTexture();
    this.makeLights();
    this.makeControls();
    this.mode = camera;
    this.view = [...VIEWS.follow];
    this.heading = 0;
    this.shot = "follow"; // the director's: one of VIEWS, or null while nothing is done
    this.goal = null;
    this.held = false; // the camera stays where it is
    this.spin = 0;
    this.quality = 1;
    this.last = 0;
    this.lookName = look;
    this.setScene(model);
    this.resizer = new ResizeObserver(() => this.resize());
    this.resizer.observe(container);
    this.best = !this.software && window.devicePixelRatio > 1 ? 0 : 1;
    this.patience = 120; // pictures
    this.every = this.software ? BRISK : 0; // ms, at least, between two pictures
    this.setQuality(this.best);
    this.ready = true;
    this.snap();
  }

  makeLights() {
    this.sun = new THREE.DirectionalLight(0xffffff, 1);
    this.sun.castShadow = true;
    const shadow = this.sun.shadow.camera;
    shadow.left = shadow.bottom = -SHADOW_REACH;
    shadow.right = shadow.top = SHADOW_REACH;
    [shadow.near, shadow.far] = [1, 14];
    this.sun.shadow.bias = -0.0006;
    this.sun.shadow.normalBias = 0.02;
    this.sun.shadow.radius = 3;
    this.sky = new THREE.HemisphereLight(0xffffff, 0x8a8f96, 1);
    this.sky.position.set(0, 0, 1);
  }

  makeControls() {
    this.controls = new THREE.OrbitControls(this.camera, this.renderer.domElement);
    this.controls.enableDamping = false;
    this.controls.maxPolarAngle = 1.62;
    [this.controls.minDistance, this.controls.maxDistance] = [0.6, 30];
    // Turning the picture, or its wheel, is enough to look around freely; a click is not.
    const canvas = this.renderer.domElement;
    let held = null;
    canvas.addEventListener("pointerdown", ({ clientX, clientY }) => (held = [clientX, clientY]));
    canvas.addEventListener("pointerup", () => (held = null));
    canvas.addEventListener("pointermove", ({ clientX, clientY }) => {
      const strayed = held && Math.hypot(clientX - held[0], clientY - held[1]) > STRAY;
      if (strayed && this.controls.enabled) this.setCamera("free");
    });
    canvas.addEventListener("wheel", () => this.setCamera("free"), { passive: true });
  }

  /** Replace robot, props and ground. */
  setScene(model) {
    if (this.scene) dispose(this.scene);
    this.model = model;
    this.scene = new THREE.Scene();
    this.ground = new Ground(model.ground);
    this.robot = new RobotShape(model.robot);
    this.others = (model.others ?? []).map((other) => new RobotShape(other));
    this.props = new PropShapes(model.props, this.spots, (x, y) => this.ground.heightAt(x, y), this.ground.slope);
    this.spot = groundSpot(this.spots, 1.1);
    this.spot.rotation.y = -this.ground.slope;
    this.castSpots = new SpotShadows(this.robot.links, this.spots, LIGHT, this.ground.slope);
    this.scene.add(this.castSpots.spots, ...this.others.map(({ root }) => root));
    this.scene.add(this.ground.group, this.props.group, this.robot.root, this.spot, this.sun, this.sun.target, this.sky);
    this.setLook(this.lookName);
    if (this.ready) this.setQuality(this.quality);
    this.setPose({ base: model.robot.base_pose, joints: model.robot.default_joints });
    this.snap();
  }

  /** base [x, y, z, qx, qy, qz, qw]; joints [J] rad in the model's order; props [P][7]; others [{ base, joints }], the
   * robots beside the first; the camera follows the one at the place `watched`, 0 is the first. Each may be left out. */
  setPose({ base = this.base, joints = null, props = null, others = [], watched = 0 }) {
    this.base = base;
    this.watched = watched ? others[watched - 1].base : base;
    this.joints = joints ?? this.joints;
    this.robot.pose(base, this.joints);
    if (props) this.props.pose(props);
    others.forEach((other, n) => this.others[n].pose(other.base, other.joints));
    const ground = this.ground.heightAt(base[0], base[1]);
    this.spot.position.set(base[0], base[1], ground + 0.005);
    this.spot.material.opacity = 0.4 * Math.exp(-Math.max(base[2] - ground - 0.75, 0) * 4);
  }

  /** The path walked: points [[x, y], ...] m, of which the first `count` are shown. */
  setTrail(points, count = points.length) {
    this.ground.setTrail(points, count);
  }

  /** A ring on the ground, [x, y, radius] m, or null. */
  setGoal(goal) {
    this.goal = goal;
    this.ground.setGoal(goal);
  }

  /** Where whoever watches stands, [x, y] m, or null. */
  setViewer(place) {
    this.ground.setViewer(place);
  }

  /** What the director's camera shows: the step that runs, as one of the other cameras does, or null: nothing is done. */
  setShot(name) {
    this.shot = name === null ? null : name in VIEWS ? name : "follow";
  }

  /** One of CAMERAS. "free": drag to turn, wheel to zoom, right button to shift; "director": see direct.js. */
  setCamera(mode) {
    if (!CAMERAS.includes(mode) || mode === this.mode) return;
    this.mode = mode;
    if (mode === "orbit") this.spin = this.view[0] - this.heading - VIEWS.orbit[0];
    this.onCamera(mode);
  }

  /** "light" or "dark". */
  setLook(name) {
    const look = this.model.looks[name] ?? Object.values(this.model.looks)[0];
    this.lookName = name;
    this.backdrop = this.scene.background = new THREE.Color(look.horizon);
    this.scene.fog = new THREE.Fog(look.horizon, 7, 42);
    this.sun.color.set(look.sun);
    this.sun.intensity = look.sun_strength;
    this.sky.color.set(look.ambient);
    this.sky.groundColor.set(look.floor[1]);
    this.sky.intensity = look.ambient_strength;
    this.ground.paint(look);
    this.behind();
    for (const robot of [this.robot, ...this.others]) robot.paint(look.robot);
  }

  fit() {
    const { clientWidth: width, clientHeight: height } = this.container;
    if (!width || !height) return;
    this.renderer.setSize(width, height, true);
    this.camera.aspect = width / height;
    // A narrow picture must still show the whole robot.
    this.camera.fov = width < height ? 52 : 38;
    this.camera.updateProjectionMatrix();
  }

  setQuality(level) {
    this.quality = level;
    this.still = false;
    this.slowness = this.calm = 0;
    this.pace = QUICK;
    const { ratio, shadow, sharp } = this.software ? SOFTWARE : QUALITY[level];
    const least = Math.min(LINES / Math.max(this.container.clientHeight, 1), 1);
    this.renderer.setPixelRatio(Math.min(Math.max(ratio, least), Math.max(window.devicePixelRatio, 1)));
    this.ground.setSharpness(sharp);
    this.sun.castShadow = shadow > 0;
    this.castSpots.spots.visible = shadow === 0;
    if (shadow && this.sun.shadow.mapSize.x !== shadow) {
      this.sun.shadow.mapSize.set(shadow, shadow);
      this.sun.shadow.map?.dispose();
      this.sun.shadow.map = null;
    }
    this.fit();
  }

  resize() {
    if (this.ready) this.setQuality(this.quality); // as many lines as there should be
    else this.fit();
  }

  /** Put the camera where it wants to be at once, without gliding there. */
  snap() {
    this.snapped = false;
  }

  /** Draw one picture; `now` in ms, as requestAnimationFrame tells it. */
  render(now = performance.now()) {
    if (now - this.last < this.every - 4) return; // browsers' clocks are not that exact
    const dt = Math.min(Math.max((now - this.last) / 1000, 0), 0.25);
    this.watchPace(now - this.last);
    this.last = now;
    if (!this.held) this.moveCamera(dt);
    if (this.still) this.setQuality(this.quality);
    this.draw();
  }

  draw() {
    const step = 0.25; // the light moves in steps, so that the edges of shadows do not swim
    const [x, y, z] = this.target.toArray().map((value) => Math.round(value / step) * step);
    this.sun.target.position.set(x, y, z);
    this.sun.position.set(x + LIGHT[0], y + LIGHT[1], z + LIGHT[2]);
    this.ground.sky.position.copy(this.camera.position);
    if (this.castSpots.spots.visible) this.castSpots.cast((px, py) => this.ground.heightAt(px, py));
    if (this.software && !this.still) this.drawBehind();
    this.renderer.render(this.scene, this.camera);
    this.camera.layers.enableAll();
    this.scene.background = this.backdrop;
  }

  /** What stands behind all else, which hardly moves, with fewer pixels; then only the rest is to be drawn over it. */
  drawBehind() {
    const height = Math.min(BEHIND, this.renderer.domElement.height);
    const width = Math.round(height * this.camera.aspect);
    this.far ??= new THREE.WebGLRenderTarget(1, 1);
    if (this.far.width !== width || this.far.height !== height) this.far.setSize(width, height);
    this.camera.layers.set(1);
    this.renderer.setRenderTarget(this.far);
    this.renderer.render(this.scene, this.camera);
    this.renderer.setRenderTarget(null);
    this.camera.layers.set(0);
    this.scene.background = this.far.texture;
  }

  /** Tell ground, sky and the spots on it from what stands on it; all that shines is on both sides. */
  behind() {
    for (const group of [this.ground.group, this.spot, this.castSpots.spots, ...this.props.items.map(({ spot }) => spot)])
      group.traverse((part) => part.layers.set(1));
    for (const light of [this.sun, this.sky]) light.layers.enableAll();
    this.camera.layers.enableAll();
  }

  /** Draw one picture as well as can be, for when nothing moves; once, until render() is called again. */
  renderStill() {
    if (this.still || (this.quality <= 1 && !this.software)) return;
    const { software, quality } = this;
    this.software = false;
    this.setQuality(1);
    this.renderer.setPixelRatio(STILL_RATIO);
    this.draw();
    [this.software, this.quality, this.still] = [software, quality, true];
  }

  /** Draw more simply where pictures come too slowly, `gap` ms apart; never while nobody looks. */
  watchPace(gap) {
    if (gap > 2000) return;
    this.pace += 0.08 * (gap - this.pace);
    this.slowness = this.pace > SLOW ? this.slowness + 1 : 0;
    this.calm = gap < QUICK ? this.calm + 1 : 0;
    if (this.software) {
      const wanted = this.pace > 1.5 * this.every ? this.every * 1.05 : this.every * 0.98;
      this.every = Math.min(Math.max(wanted, BRISK), SLUGGISH);
      return;
    }
    if (this.slowness >= 20 && this.quality + 1 < QUALITY.length) {
      this.patience *= 2; // so that it does not go up and down for ever
      this.setQuality(this.quality + 1);
    } else if (this.calm >= this.patience && this.quality > this.best) {
      this.setQuality(this.quality - 1);
    }
  }

  moveCamera(dt) {
    const [bx, by, z] = this.watched;
    this.directed = this.mode === "director" ? this.direct() : null;
    const [x, y] = this.directed?.middle ?? [bx, by];
    const ground = this.ground.heightAt(x, y);
    const wanted = new THREE.Vector3(x, y, Math.max(z - 0.12, ground + 0.3));
    const jump = !this.snapped || wanted.distanceTo(this.target) > (this.directed ? 4 : 1.2);
    const before = this.target.clone();
    this.target.lerp(wanted, jump ? 1 : 1 - Math.exp(-dt / (this.directed ? 0.6 : 0.25)));
    const facing = nearer(this.heading, headingOf(this.watched));
    this.heading += (facing - this.heading) * (jump ? 1 : 1 - Math.exp(-dt / 1.0));
    this.snapped = true;
    if (this.mode === "free") this.glideFree(before);
    else this.glide(jump ? 1 : 1 - Math.exp(-dt / (this.directed ? 0.7 : 0.3)), dt);
    const lowest = this.ground.heightAt(this.camera.position.x, this.camera.position.y) + 0.12;
    if (this.camera.position.z < lowest) this.camera.position.z = lowest;
  }

  /** In "free" the camera walks along with the robot and keeps its own angle. */
  glideFree(before) {
    const moved = this.target.clone().sub(before);
    this.camera.position.add(moved);
    this.controls.target.add(moved);
    this.controls.update();
  }

  direct() {
    const { base, heading, goal, shot, view, props } = this;
    const places = props.items.map(({ mesh }) => [mesh.position.x, mesh.position.y]);
    const half = Math.tan((this.camera.fov * Math.PI) / 360) * Math.min(this.camera.aspect, 1.6);
    return direct({ base, heading, goal, places, view: shot && VIEWS[shot], before: view[0], half });
  }

  glide(share, dt) {
    const { azimuth, elevation, distance } = this.directed ?? viewOf(this.mode, this.heading, this.spin);
    if (this.mode === "orbit") this.spin += ORBIT_RATE * dt;
    this.view[0] += (nearer(this.view[0], azimuth) - this.view[0]) * share;
    this.view[1] += (elevation - this.view[1]) * share;
    this.view[2] += (distance - this.view[2]) * share;
    const [a, e, d] = this.view;
    this.camera.position.set(Math.cos(a) * Math.cos(e), Math.sin(a) * Math.cos(e), Math.sin(e));
    this.camera.position.multiplyScalar(d).add(this.target);
    this.camera.lookAt(this.target);
    this.controls.target.copy(this.target);
  }

  /** Free all of it. */
  close() {
    this.resizer.disconnect();
    dispose(this.scene);
    this.far?.dispose();
    this.controls.dispose();
    this.renderer.dispose();
    this.renderer.domElement.remove();
  }
}
