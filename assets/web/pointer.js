// The mouse or a finger on the picture: a click says where to go, a thing can be dragged, and who watches may be there.

const STILL = 6; // pixels that a click may stray
const FARTHEST = 15; // m from what the camera looks at
const EVERY = 60; // ms between two words to the server

export class Pointer {
  /**
   * `view`: a SceneView. `visit(thing)`, `come(x, y)`: clicked; `put(thing, x, y)`: dragged there; `stand(x, y)`:
   * where the pointer is, while `follows` is set. Places are m, world.
   */
  constructor(view, { visit, come, put, stand }) {
    Object.assign(this, { view, visit, come, put, stand });
    this.follows = false;
    this.down = null;
    this.told = 0;
    this.ray = new THREE.Raycaster();
    this.ray.layers.enableAll();
    const canvas = view.renderer.domElement;
    // Before the camera's controls hear of it.
    canvas.addEventListener("pointerdown", (event) => this.press(event), { capture: true });
    canvas.addEventListener("pointermove", (event) => this.move(event));
    canvas.addEventListener("pointerup", (event) => this.release(event));
    canvas.addEventListener("pointercancel", () => this.let());
  }

  press(event) {
    if (event.button !== 0 || !event.isPrimary) return this.let();
    const thing = this.thingAt(event.clientX, event.clientY);
    this.down = { x: event.clientX, y: event.clientY, thing, strayed: false };
    if (!thing) return;
    this.view.controls.enabled = false; // the thing moves, not the camera
    this.view.held = true;
    event.target.setPointerCapture(event.pointerId);
  }

  move(event) {
    const { down } = this;
    if (down) down.strayed ||= Math.hypot(event.clientX - down.x, event.clientY - down.y) > STILL;
    const drags = down?.thing && down.strayed;
    if (!drags) event.target.style.cursor = !down && this.thingAt(event.clientX, event.clientY) ? "grab" : "";
    if ((!drags && !this.follows) || performance.now() - this.told < EVERY) return;
    const place = this.placeAt(event.clientX, event.clientY);
    if (!place) return;
    this.told = performance.now();
    if (drags) this.put(down.thing, ...place);
    else this.stand(...place);
  }

  release(event) {
    const { down } = this;
    this.let();
    if (!down) return;
    const place = this.placeAt(event.clientX, event.clientY);
    if (down.strayed && down.thing && place) this.put(down.thing, ...place);
    else if (!down.strayed && down.thing) this.visit(down.thing);
    else if (!down.strayed && place) this.come(...place);
  }

  let() {
    this.down = null;
    this.view.controls.enabled = true;
    this.view.held = false;
  }

  /** Name of the thing that is seen at a point of the page, or null. */
  thingAt(x, y) {
    this.aim(x, y);
    const meshes = this.view.props.items.map(({ mesh }) => mesh);
    const [hit] = this.ray.intersectObjects(meshes, false);
    return hit ? this.view.model.props[meshes.indexOf(hit.object)].name : null;
  }

  /** [x, y] m, world, of the ground's plane at a point of the page; null where the sky is, or far away. */
  placeAt(x, y) {
    this.aim(x, y);
    const { slope } = this.view.ground;
    const up = new THREE.Vector3(-Math.sin(slope), 0, Math.cos(slope));
    const place = this.ray.ray.intersectPlane(new THREE.Plane(up), new THREE.Vector3());
    return place && place.distanceTo(this.view.target) < FARTHEST ? [place.x, place.y] : null;
  }

  aim(x, y) {
    const { left, top, width, height } = this.view.renderer.domElement.getBoundingClientRect();
    const at = new THREE.Vector2((2 * (x - left)) / width - 1, 1 - (2 * (y - top)) / height);
    this.ray.setFromCamera(at, this.view.camera);
  }
}
