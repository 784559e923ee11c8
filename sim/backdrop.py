"""Sky and ground behind what a renderer drew: tiles, soft shadows, the way that was walked, a ring on the goal."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from simonsays.sim.camera import Camera
from simonsays.sim.spec import GroundSpec
from simonsays.sim.state import Array

Color = tuple[float, float, float]
Floats = NDArray[np.float32]
LIGHT = (2.5, -3.5, 7.0)
"""m, where the light comes from, relative to what is looked at"""
_TILE, _FOG = 0.5, 0.055  # m; 1/m, how fast the ground fades into the horizon
_TRAIL_WIDTH, _CELL = 0.045, 0.015  # m
_MOST_CELLS = 1500
_SHADOW_REACH, _SHADOW_CELLS = 3.2, 176  # m around what is looked at that shadows are drawn in, and how finely
_RING = 0.022  # m, half its width


@dataclass(frozen=True)
class Look:
    """Colours (RGB, 0 to 255) and light of a scene."""

    sky_top: Color
    sky_horizon: Color
    floor: tuple[Color, Color]
    trail: Color
    ring: Color
    ambient: float
    diffuse: float
    darkest: float
    """what is left of the light in a shadow"""


LOOKS = {
    "light": Look((126, 164, 205), (226, 234, 241), ((196, 200, 204), (172, 177, 183)), (52, 120, 220), (240, 150, 20),
                  0.62, 0.42, 0.45),
    "dark": Look((10, 14, 24), (38, 47, 63), ((66, 74, 88), (52, 59, 72)), (96, 170, 255), (255, 178, 60),
                 0.5, 0.48, 0.4),
}  # fmt: skip


class Trail:
    """The way that a robot walked, as a texture of the ground: how much of each cell it covers, and since when."""

    def __init__(self, positions: Array) -> None:
        points = positions[:, :2]
        margin = 3 * _TRAIL_WIDTH
        self._low = points.min(axis=0) - margin
        extent = points.max(axis=0) + margin - self._low
        self._cell = max(_CELL, float(extent.max()) / _MOST_CELLS)
        shape = np.ceil(extent / self._cell).astype(int) + 1
        self._cover = np.zeros(shape, dtype=np.float32)
        self._since = np.full(shape, np.iinfo(np.int32).max, dtype=np.int32)
        last = None
        for index, point in enumerate(points):
            if last is None or math.dist(point, last) > 0.4 * self._cell:
                self._stamp(index, point)
                last = point

    def _stamp(self, index: int, point: Array) -> None:
        reach = math.ceil(_TRAIL_WIDTH / self._cell) + 1
        i, j = ((point - self._low) / self._cell).astype(int)
        rows = slice(max(0, i - reach), i + reach + 1)
        columns = slice(max(0, j - reach), j + reach + 1)
        x = self._low[0] + np.arange(rows.start, min(rows.stop, self._cover.shape[0])) * self._cell - point[0]
        y = self._low[1] + np.arange(columns.start, min(columns.stop, self._cover.shape[1])) * self._cell - point[1]
        away = np.hypot(x[:, None], y[None, :])
        cover = np.clip((_TRAIL_WIDTH - away) / self._cell + 0.5, 0.0, 1.0)
        self._cover[rows, columns] = np.maximum(self._cover[rows, columns], cover)
        since = self._since[rows, columns]
        since[(cover > 0) & (since > index)] = index

    def at(self, x: Floats, y: Floats, index: int) -> tuple[NDArray[np.int64], Floats]:
        """Which points of the ground (n,) are near the trail, and how much of it (0 to 1) is there at ``index``."""
        rows, columns = self._cover.shape
        u = (x - np.float32(self._low[0])) * np.float32(1 / self._cell)
        v = (y - np.float32(self._low[1])) * np.float32(1 / self._cell)
        inside = np.flatnonzero((u > 0) & (v > 0) & (u < rows - 1.01) & (v < columns - 1.01))
        u, v = u[inside], v[inside]
        i, j = u.astype(np.int64), v.astype(np.int64)
        fu, fv = u - i, v - j
        cover = np.zeros(len(u), dtype=np.float32)
        for a, b, share in ((0, 0, (1 - fu) * (1 - fv)), (1, 0, fu * (1 - fv)), (0, 1, (1 - fu) * fv), (1, 1, fu * fv)):
            there = self._since[i + a, j + b] <= index
            cover += (share * np.where(there, self._cover[i + a, j + b], 0)).astype(np.float32)
        return inside, cover


@lru_cache(maxsize=16)
def _lens(fov_deg: float, width: int, height: int) -> Floats:
    """(height, width, 3) unit vectors through the pixels: right, up and back of a camera."""
    half = math.tan(math.radians(fov_deg) / 2)
    x = ((np.arange(width) + 0.5) / width * 2 - 1) * half * width / height
    y = (1 - (np.arange(height) + 0.5) / height * 2) * half
    found = np.stack([*np.meshgrid(x, y), np.full((height, width), -1.0)], axis=2)
    result: Floats = (found / np.linalg.norm(found, axis=2, keepdims=True)).astype(np.float32)
    return result


def rays(camera: Camera, view: Array, size: tuple[int, int], where: NDArray[np.bool_]) -> Floats:
    """(n, 3) unit vectors, world, through the pixels ``where``; ``view``: Bullet's view matrix (16,)."""
    to_world = view.reshape(4, 4)[:3, :3]  # column-major, so this is already the inverse rotation
    result: Floats = _lens(camera.fov_deg, *size)[where] @ to_world.T.astype(np.float32)
    return result


def backdrop(
    look: Look,
    camera: Camera,
    directions: Floats,
    ground_spec: GroundSpec,
    light: Floats,
    trail: tuple[Trail, int] | None = None,
    goal: tuple[float, float, float] | None = None,
) -> Floats:
    """(n, 3) colours 0 to 255 that are seen along ``directions`` (n, 3) from a camera above the ground.

    The ground is drawn as a plane; bumps are not seen, but it lies at half their height. ``light`` (c, c): how much of
    it (0 to 1) falls on the ground at the points of :func:`shadow_grid`. ``trail``: with the instant until which it is
    seen. ``goal``: x, y, radius, m.
    """
    gradient, lift = ground_spec.gradient, ground_spec.roughness / 2
    eye = camera.eye()
    top, horizon = _color(look.sky_top), _color(look.sky_horizon)
    sinking = np.float32(gradient) * directions[:, 0] - directions[:, 2]
    down = sinking > 1e-4
    colors = np.empty(directions.shape, dtype=np.float32)
    up = np.clip(sinking[~down] * np.float32(-2.2), 0, 1) ** np.float32(0.8)
    colors[~down] = horizon + (top - horizon) * up[:, None]
    seen = directions[down]
    distance = np.float32(eye[2] - lift - gradient * eye[0]) / sinking[down]
    x, y = np.float32(eye[0]) + distance * seen[:, 0], np.float32(eye[1]) + distance * seen[:, 1]
    odd = (np.floor(x * np.float32(1 / _TILE)) + np.floor(y * np.float32(1 / _TILE))) % 2
    # Far tiles are smaller than a pixel: blend them to their mean instead of letting them flicker.
    mix = np.float32(0.5) + (odd - np.float32(0.5)) * np.clip(np.float32(1.6) - distance * np.float32(0.14), 0, 1)
    bright, dark = map(_color, look.floor)
    ground = bright + (dark - bright) * mix[:, None]
    if trail is not None:
        places, cover = trail[0].at(x, y, trail[1])
        ground[places] += np.float32(0.7) * cover[:, None] * (_color(look.trail) - ground[places])
    if goal is not None:
        _ring(ground, x - np.float32(goal[0]), y - np.float32(goal[1]), goal[2], distance, _color(look.ring))
    places, shade = _shade(x, y, light, camera)
    ground[places] *= np.maximum(shade, np.float32(look.darkest))[:, None]
    fade = np.exp(np.float32(-_FOG) * np.maximum(distance - np.float32(2.0), 0))[:, None]
    colors[down] = horizon + (ground - horizon) * fade
    return colors


def _color(color: Color) -> Floats:
    return np.array(color, dtype=np.float32)


def _ring(ground: Floats, x: Floats, y: Floats, radius: float, distance: Floats, color: Floats) -> None:
    """Paint a ring on points of the ground, given from its centre."""
    reach = radius + 0.3
    near = np.flatnonzero((np.abs(x) < reach) & (np.abs(y) < reach))
    off = np.abs(np.hypot(x[near], y[near]) - np.float32(radius))
    soft = np.maximum(np.float32(0.012), np.float32(0.004) * distance[near])
    cover = np.clip((np.float32(_RING) - off) / soft + np.float32(0.5), 0, 1)
    ground[near] += np.float32(0.9) * cover[:, None] * (color - ground[near])


def shadow_grid(camera: Camera, ground: GroundSpec) -> Array:
    """(c, c, 3) m, world: points of the ground around what a camera looks at, in rows of equal y."""
    steps = (np.arange(_SHADOW_CELLS) + 0.5) / _SHADOW_CELLS * 2 * _SHADOW_REACH - _SHADOW_REACH
    x, y = np.meshgrid(steps + camera.target[0], steps + camera.target[1])
    return np.stack([x, y, ground.gradient * x + ground.roughness / 2], axis=2)


def _shade(x: Floats, y: Floats, soft: Floats, camera: Camera) -> tuple[NDArray[np.int64], Floats]:
    """Which points (x, y) of the ground may be in a shadow, and how much of the light they get (0 to 1)."""
    half, cells = _SHADOW_REACH, _SHADOW_CELLS
    column = (x - np.float32(camera.target[0] - half)) * np.float32(cells / (2 * half)) - np.float32(0.5)
    row = (y - np.float32(camera.target[1] - half)) * np.float32(cells / (2 * half)) - np.float32(0.5)
    inside = np.flatnonzero((column > 0) & (row > 0) & (column < cells - 2) & (row < cells - 2))
    c, r = column[inside], row[inside]
    c0, r0 = c.astype(np.int64), r.astype(np.int64)
    fc, fr = c - c0, r - r0
    near = soft[r0, c0] * (1 - fc) + soft[r0, c0 + 1] * fc
    far = soft[r0 + 1, c0] * (1 - fc) + soft[r0 + 1, c0 + 1] * fc
    return inside, (near * (1 - fr) + far * fr).astype(np.float32)
