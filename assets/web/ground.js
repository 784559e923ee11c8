// The ground: tiles, slope and bumps, horizon, the trail of the path walked and the ring on the goal.

import { bytes } from "./shapes.js";

const REACH = 90; // m, half the side of the floor
const STRIDE = 0.04; // m between the points of the trail that are kept
const WIDE = 0.035; // m, half the width of the trail

function tileTexture(look, sharpness) {
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = 256;
  const pen = canvas.getContext("2d");
  for (const [i, j] of [[0, 0], [0, 1], [1, 0], [1, 1]]) {
    pen.fillStyle = look.floor[(i + j) % 2];
    pen.fillRect(i * 128, j * 128, 128, 128);
  }
  pen.strokeStyle = look.line;
  pen.lineWidth = 2;
  for (const at of [0, 128, 256]) {
    pen.beginPath();
    pen.moveTo(at, 0);
    pen.lineTo(at, 256);
    pen.moveTo(0, at);
    pen.lineTo(256, at);
    pen.stroke();
  }
  const texture = new THREE.CanvasTexture(canvas);
  texture.colorSpace = THREE.SRGBColorSpace;
  texture.wrapS = texture.wrapT = THREE.RepeatWrapping;
  texture.anisotropy = sharpness;
  return texture;
}

/** Points at least STRIDE apart, without the sway of the steps; and which of them each of `points` had come to. */
function thinned(points) {
  const rough = [];
  const reached = points.map((point) => {
    const last = rough[rough.length - 1];
    if (!last || Math.hypot(point[0] - last[0], point[1] - last[1]) >= STRIDE) rough.push(point);
    return rough.length - 1;
  });
  const kept = rough.map((_, i) => {
    const reach = Math.min(i, rough.length - 1 - i, 7);
    let [x, y, total] = [0, 0, 0];
    for (let k = -reach; k <= reach; k++) {
      const share = reach + 1 - Math.abs(k);
      x += share * rough[i + k][0];
      y += share * rough[i + k][1];
      total += share;
    }
    return [x / total, y / total];
  });
  return { kept, reached };
}

/** A dome that fades from the horizon to the top of the sky. */
function skyDome(look) {
  const geometry = new THREE.SphereGeometry(80, 24, 24).rotateX(Math.PI / 2);
  const [low, high, color] = [new THREE.Color(look.horizon), new THREE.Color(look.sky), new THREE.Color()];
  const place = geometry.getAttribute("position");
  const colors = new Float32Array(place.count * 3);
  for (let i = 0; i < place.count; i++) {
    const up = Math.min(Math.max((place.getZ(i) / 80) * 1.8, 0), 1);
    color.copy(low).lerp(high, up ** 0.8).toArray(colors, i * 3);
  }
  geometry.setAttribute("color", new THREE.BufferAttribute(colors, 3));
  const material = new THREE.MeshBasicMaterial({ vertexColors: true, side: THREE.BackSide, fog: false, depthWrite: false });
  const dome = new THREE.Mesh(geometry, material);
  dome.renderOrder = 1; // after all that hides it
  return dome;
}

export class Ground {
  /** `ground`: {slope_deg, heights: {count, spacing, unit, data} | null} of a scene model. */
  constructor(ground) {
    this.group = new THREE.Group();
    this.sharpness = 4; // of the tiles far away; costs most of a picture where it is drawn in software
    this.slope = (ground.slope_deg * Math.PI) / 180;
    this.bumps = ground.heights && { ...ground.heights, data: new Uint8Array(bytes(ground.heights.data)) };
    this.floor = new THREE.Mesh(this.floorGeometry(), new THREE.MeshLambertMaterial());
    this.floor.rotation.y = -this.slope;
    this.floor.receiveShadow = true;
    this.trail = new THREE.Mesh(
      new THREE.BufferGeometry(),
      new THREE.MeshBasicMaterial({ transparent: true, opacity: 0.8, depthWrite: false, side: THREE.DoubleSide }),
    );
    this.trail.frustumCulled = false;
    this.ring = new THREE.Mesh(
      new THREE.BufferGeometry(),
      new THREE.MeshBasicMaterial({ transparent: true, opacity: 0.9, depthWrite: false, side: THREE.DoubleSide }),
    );
    this.ring.visible = false;
    this.viewer = new THREE.Mesh(new THREE.RingGeometry(0.06, 0.16, 32), this.ring.material);
    this.viewer.visible = false;
    this.trail.renderOrder = 1;
    this.ring.renderOrder = this.viewer.renderOrder = 2;
    this.group.add(this.floor, this.trail, this.ring, this.viewer);
  }

  floorGeometry() {
    const flat = new THREE.PlaneGeometry(2 * REACH, 2 * REACH, 1, 1);
    if (!this.bumps) return this.tiled(flat);
    const { count, spacing } = this.bumps;
    const side = (count - 1) * spacing;
    const geometry = new THREE.PlaneGeometry(side, side, count - 1, count - 1);
    const place = geometry.getAttribute("position");
    for (let i = 0; i < place.count; i++) place.setZ(i, this.bump(place.getX(i), place.getY(i)));
    geometry.computeVertexNormals();
    return this.tiled(geometry);
  }

  /** Tiles of half a metre that stay where they are in the world. */
  tiled(geometry) {
    const place = geometry.getAttribute("position");
    const uv = geometry.getAttribute("uv");
    for (let i = 0; i < place.count; i++) uv.setXY(i, place.getX(i), place.getY(i));
    return geometry;
  }

  bump(x, y) {
    if (!this.bumps) return 0;
    const { count, spacing, unit, data } = this.bumps;
    const last = count - 1;
    const [u, v] = [x, y].map((at) => Math.min(Math.max(at / spacing + last / 2, 0), last - 1e-6));
    const [i, j] = [Math.floor(u), Math.floor(v)];
    const [s, t] = [u - i, v - j];
    const at = (a, b) => data[b * count + a];
    const near = at(i, j) * (1 - s) + at(i + 1, j) * s;
    return unit * (near * (1 - t) + (at(i, j + 1) * (1 - s) + at(i + 1, j + 1) * s) * t);
  }

  /** m, world: height of the ground at (x, y). */
  heightAt(x, y) {
    return Math.tan(this.slope) * x + this.bump(x / Math.cos(this.slope), y);
  }

  paint(look) {
    this.floor.material.map?.dispose();
    this.floor.material.map = tileTexture(look, this.sharpness);
    this.floor.material.needsUpdate = true;
    this.trail.material.color.set(look.trail);
    this.ring.material.color.set(look.ring);
    if (this.sky) {
      this.group.remove(this.sky);
      this.sky.geometry.dispose();
      this.sky.material.dispose();
    }
    this.sky = skyDome(look);
    this.group.add(this.sky);
  }

  setSharpness(sharpness) {
    this.sharpness = sharpness;
    const map = this.floor.material.map;
    if (!map || map.anisotropy === sharpness) return;
    map.anisotropy = sharpness;
    map.needsUpdate = true;
  }

  /** Points [[x, y], ...] of the path, of which the first `count` are shown. */
  setTrail(points, count = points.length) {
    if (points !== this.points || points.length !== this.length) {
      this.points = points;
      this.length = points.length;
      const { kept, reached } = thinned(points);
      this.reached = reached;
      this.trail.geometry.dispose();
      this.trail.geometry = this.ribbon(kept);
    }
    const shown = count > 0 && points.length ? this.reached[Math.min(count, points.length) - 1] : 0;
    this.trail.geometry.setDrawRange(0, shown * 6);
  }

  ribbon(points) {
    const positions = new Float32Array(points.length * 6);
    const indices = new Uint32Array(Math.max(points.length - 1, 0) * 6);
    let [nx, ny] = [0, 1];
    points.forEach(([x, y], i) => {
      const [before, after] = [points[Math.max(i - 1, 0)], points[Math.min(i + 1, points.length - 1)]];
      const [dx, dy] = [after[0] - before[0], after[1] - before[1]];
      const length = Math.hypot(dx, dy);
      if (length > 0) [nx, ny] = [-dy / length, dx / length];
      for (const [k, side] of [[0, WIDE], [1, -WIDE]]) {
        const [px, py] = [x + side * nx, y + side * ny];
        positions.set([px, py, this.heightAt(px, py) + 0.008], i * 6 + k * 3);
      }
      const a = i * 2;
      if (i + 1 < points.length) indices.set([a, a + 1, a + 2, a + 1, a + 3, a + 2], i * 6);
    });
    const geometry = new THREE.BufferGeometry();
    geometry.setAttribute("position", new THREE.BufferAttribute(positions, 3));
    geometry.setIndex(new THREE.BufferAttribute(indices, 1));
    return geometry;
  }

  /** A small ring where whoever watches stands, [x, y] m, or null for none. */
  setViewer(place) {
    this.viewer.visible = Boolean(place);
    if (place) this.viewer.position.set(...place, this.heightAt(...place) + 0.014);
  }

  /** Ring [x, y, radius] on the ground, or null for none. */
  setGoal(goal) {
    const key = goal ? goal.join() : "";
    if (key === this.goal) return;
    this.goal = key;
    this.ring.visible = Boolean(goal);
    if (!goal) return;
    const [x, y, radius] = goal;
    const geometry = new THREE.RingGeometry(Math.max(radius - 0.035, 0.01), radius + 0.015, 64);
    const place = geometry.getAttribute("position");
    for (let i = 0; i < place.count; i++) {
      const [px, py] = [x + place.getX(i), y + place.getY(i)];
      place.setXYZ(i, px, py, this.heightAt(px, py) + 0.012);
    }
    geometry.computeBoundingSphere();
    this.ring.geometry.dispose();
    this.ring.geometry = geometry;
  }
}
