// Shapes of a scene model (sim/web/model.py) as three.js objects. Lengths in m, angles in rad, z up.
// Needs three.min.js, loaded before as a plain script.

export function bytes(text) {
  const raw = atob(text);
  const out = new Uint8Array(raw.length);
  for (let i = 0; i < raw.length; i++) out[i] = raw.charCodeAt(i);
  return out.buffer;
}

/** Geometry of a quantised mesh: int16 positions in its box, int8 normals, indices. */
function meshGeometry(mesh) {
  const packed = new Int16Array(bytes(mesh.positions));
  const positions = new Float32Array(packed.length);
  for (let i = 0; i < packed.length; i++) positions[i] = mesh.centre[i % 3] + packed[i] * mesh.unit;
  const geometry = new THREE.BufferGeometry();
  geometry.setAttribute("position", new THREE.BufferAttribute(positions, 3));
  geometry.setAttribute("normal", new THREE.BufferAttribute(new Int8Array(bytes(mesh.normals)), 3, true));
  const Index = mesh.wide ? Uint32Array : Uint16Array;
  geometry.setIndex(new THREE.BufferAttribute(new Index(bytes(mesh.indices)), 1));
  return geometry;
}

/** Geometry of a ball, box, pillar or capsule of full extents [x, y, z], centred, upright. */
function solid(shape, [x, y, z]) {
  if (shape === "box") return new THREE.BoxGeometry(x, y, z);
  if (shape === "ball") return new THREE.SphereGeometry(x / 2, 32, 20);
  const geometry =
    shape === "capsule"
      ? new THREE.CapsuleGeometry(x / 2, Math.max(z - x, 0.001), 8, 20)
      : new THREE.CylinderGeometry(x / 2, x / 2, z, 36);
  return geometry.rotateX(Math.PI / 2); // three.js builds these along y
}

function place(object, [x, y, z, qx, qy, qz, qw]) {
  object.position.set(x, y, z);
  object.quaternion.set(qx, qy, qz, qw);
}

function shaded(color, gloss) {
  return new THREE.MeshPhongMaterial({ color, shininess: gloss, specular: gloss > 20 ? 0x3a3f45 : 0x15171a });
}

/** Several geometries as one: each piece has `geometry`, `color`, and where it sits as a Matrix4. */
function merged(pieces) {
  const count = (name) => pieces.reduce((sum, { geometry }) => sum + geometry.getAttribute(name).count, 0);
  const vertices = count("position");
  const [positions, normals] = [new Float32Array(vertices * 3), new Int8Array(vertices * 3)];
  const colors = new Float32Array(vertices * 3);
  const indices = [];
  const at = new THREE.Vector3();
  let start = 0;
  for (const { geometry, color, matrix } of pieces) {
    const [place, normal] = [geometry.getAttribute("position"), geometry.getAttribute("normal")];
    for (let i = 0; i < place.count; i++) {
      at.fromBufferAttribute(place, i).applyMatrix4(matrix).toArray(positions, (start + i) * 3);
      at.fromBufferAttribute(normal, i).transformDirection(matrix).multiplyScalar(127);
      normals.set([Math.round(at.x), Math.round(at.y), Math.round(at.z)], (start + i) * 3);
      color.toArray(colors, (start + i) * 3);
    }
    for (const index of geometry.getIndex().array) indices.push(start + index);
    start += place.count;
  }
  const whole = new THREE.BufferGeometry();
  whole.setAttribute("position", new THREE.BufferAttribute(positions, 3));
  whole.setAttribute("normal", new THREE.BufferAttribute(normals, 3, true));
  whole.setAttribute("color", new THREE.BufferAttribute(colors, 3));
  whole.setIndex(indices);
  return whole;
}

/** A robot's link tree; `pose` moves it. Each link is one mesh: what a picture costs is the number of meshes. */
export class RobotShape {
  constructor(model) {
    this.root = new THREE.Group();
    this.model = model;
    this.geometries = model.meshes.map(meshGeometry);
    this.material = shaded("#ffffff", 45);
    this.material.vertexColors = true;
    this.links = model.links.map((link) => {
      const group = new THREE.Group();
      place(group, link.origin);
      const mesh = new THREE.Mesh(new THREE.BufferGeometry(), this.material);
      mesh.castShadow = true;
      if (link.visuals.length) group.add(mesh);
      return { ...link, group, mesh, rest: group.quaternion.clone(), axis: new THREE.Vector3(...link.axis) };
    });
    for (const link of this.links) {
      (link.parent < 0 ? this.root : this.links[link.parent].group).add(link.group);
    }
    this.turn = new THREE.Quaternion();
    this.slide = new THREE.Vector3();
  }

  /** Colours by the names of the robot's materials; those that are left out keep the robot's own. */
  paint(colors) {
    const all = { ...this.model.materials, ...colors };
    const key = JSON.stringify(all);
    if (key === this.painted) return;
    this.painted = key;
    for (const { mesh, visuals } of this.links) {
      if (!visuals.length) continue;
      mesh.geometry.dispose();
      mesh.geometry = merged(visuals.map((visual) => this.piece(visual, all)));
    }
  }

  piece(visual, colors) {
    const geometry = visual.mesh === undefined ? solid(visual.shape, visual.size) : this.geometries[visual.mesh];
    const [x, y, z, ...turned] = visual.origin;
    const matrix = new THREE.Matrix4().makeRotationFromQuaternion(new THREE.Quaternion(...turned)).setPosition(x, y, z);
    return { geometry, matrix, color: new THREE.Color(colors[visual.material] ?? "#c0c4c8") };
  }

  /** Base pose [x, y, z, qx, qy, qz, qw] and joint positions [J], rad (m where a joint slides). */
  pose(base, joints) {
    place(this.root, base);
    for (const link of this.links) {
      if (link.joint < 0) continue;
      const value = joints[link.joint];
      if (link.kind === "prismatic") {
        this.slide.copy(link.axis).applyQuaternion(link.rest).multiplyScalar(value);
        link.group.position.set(...link.origin.slice(0, 3)).add(this.slide);
      } else {
        link.group.quaternion.copy(link.rest).multiply(this.turn.setFromAxisAngle(link.axis, value));
      }
    }
  }
}

/** Props of a model, each with a soft dark spot below where it stands. */
export class PropShapes {
  constructor(props, spotTexture, heightAt, slope) {
    this.group = new THREE.Group();
    this.heightAt = heightAt;
    this.items = props.map((prop) => {
      const mesh = new THREE.Mesh(meshGeometry(prop.mesh), shaded(prop.color, prop.shape === "ball" ? 60 : 25));
      mesh.castShadow = mesh.receiveShadow = true;
      const spot = groundSpot(spotTexture, Math.max(prop.size[0], prop.size[1]) * 1.9);
      spot.rotation.y = -slope;
      this.group.add(mesh, spot);
      return { mesh, spot, half: prop.size[2] / 2 };
    });
    this.pose(props.map((prop) => prop.pose));
  }

  /** One [x, y, z, qx, qy, qz, qw] for each prop, in the model's order. */
  pose(poses) {
    this.items.forEach(({ mesh, spot, half }, i) => {
      if (!poses[i]) return;
      place(mesh, poses[i]);
      const [x, y, z] = poses[i];
      const ground = this.heightAt(x, y);
      spot.position.set(x, y, ground + 0.004);
      spot.material.opacity = 0.55 * Math.exp(-Math.max(z - half - ground, 0) * 6);
    });
  }
}

export function spotTexture() {
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = 64;
  const pen = canvas.getContext("2d");
  const fade = pen.createRadialGradient(32, 32, 4, 32, 32, 32);
  fade.addColorStop(0, "rgba(0,0,0,0.9)");
  fade.addColorStop(0.45, "rgba(0,0,0,0.4)");
  fade.addColorStop(1, "rgba(0,0,0,0)");
  pen.fillStyle = fade;
  pen.fillRect(0, 0, 64, 64);
  return new THREE.CanvasTexture(canvas);
}

export function groundSpot(texture, size) {
  const material = new THREE.MeshBasicMaterial({ map: texture, color: 0, transparent: true, depthWrite: false });
  return new THREE.Mesh(new THREE.PlaneGeometry(size, size), material);
}

/** Shadows where real ones cost too much: a soft spot for each link, where the light throws it on the ground. */
export class SpotShadows {
  constructor(links, texture, light, slope) {
    const material = new THREE.MeshBasicMaterial({ map: texture, color: 0, transparent: true, depthWrite: false });
    this.spots = new THREE.InstancedMesh(new THREE.PlaneGeometry(1, 1), material, links.length);
    this.spots.frustumCulled = false;
    material.opacity = 0.3;
    this.links = links;
    this.slant = [light[0] / light[2], light[1] / light[2]];
    this.matrix = new THREE.Matrix4();
    this.tilt = new THREE.Matrix4().makeRotationY(-slope);
    this.at = new THREE.Vector3();
  }

  cast(heightAt) {
    this.links.forEach(({ group }, i) => {
      this.at.setFromMatrixPosition(group.matrixWorld);
      const high = Math.max(this.at.z - heightAt(this.at.x, this.at.y), 0);
      const [x, y] = [this.at.x - high * this.slant[0], this.at.y - high * this.slant[1]];
      const wide = 0.26 + 0.12 * high;
      this.matrix.makeScale(wide, wide, 1).premultiply(this.tilt).setPosition(x, y, heightAt(x, y) + 0.01);
      this.spots.setMatrixAt(i, this.matrix);
    });
    this.spots.instanceMatrix.needsUpdate = true;
  }
}

/** Free what an object and its children hold on the graphics card. */
export function dispose(object) {
  object.traverse((part) => {
    part.geometry?.dispose();
    part.material?.dispose();
  });
}
