"""Sky and ground behind what a renderer drew: tiles, soft shadows, the way that was walked, a ring on the goal."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from simonsays.sim.camera import Camera, Picture
from simonsays.sim.spec import GroundSpec
from simonsays.sim.state import Array
from simonsays.sim.world import BUMP_SPACING, bump_heights

Color = tuple[float, float, float]
Floats = NDArray[np.float32]
LIGHT = (2.5, -3.5, 7.0)
"""m, where the light comes from, relative to what is looked at"""
_TILE, _FOG, _CLEAR = 0.5, 0.055, 2.0  # m; 1/m, how fast the ground fades into the horizon, from so many m on
_FAR = 300.0  # m: there nothing is left of the ground's own colour
_TRAIL_WIDTH, _CELL = 0.045, 0.015  # m
_MOST_CELLS = 1500
_SHADOW_REACH, _SHADOW_CELLS = 3.2, 176  # m around what is looked at that shadows are drawn in, and how finely
_RING = 0.022  # m, half its width
_ROWS = 24  # of pixels that are worked on at a time: what is in between stays in the processor's cache


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
        covered = self._cover > 0
        self._near = covered.copy()  # cells with a covered one among the four that are blended
        self._near[:-1] |= covered[1:]
        self._near[:, :-1] |= self._near[:, 1:]

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
        inside = inside[self._near[u[inside].astype(np.int32), v[inside].astype(np.int32)]]
        u, v = u[inside], v[inside]
        i, j = u.astype(np.int64), v.astype(np.int64)
        fu, fv = u - i, v - j
        cover = np.zeros(len(u), dtype=np.float32)
        for a, b, share in ((0, 0, (1 - fu) * (1 - fv)), (1, 0, fu * (1 - fv)), (0, 1, (1 - fu) * fv), (1, 1, fu * fv)):
            there = self._since[i + a, j + b] <= index
            cover += (share * np.where(there, self._cover[i + a, j + b], 0)).astype(np.float32)
        return inside, cover


class Shade:
    """How much of the light (0 to 1) falls on the ground around what a camera looks at.

    Args:
        light: (c, c), at the points of :func:`shadow_grid`.
    """

    def __init__(self, light: Floats, camera: Camera) -> None:
        self._light = light
        self._origin = camera.target[0] - _SHADOW_REACH, camera.target[1] - _SHADOW_REACH
        dark = light < 0.999
        rows, columns = np.flatnonzero(dark.any(axis=1)), np.flatnonzero(dark.any(axis=0))
        last = _SHADOW_CELLS - 2
        self._rows, self._columns = (
            (max(0.0, found[0] - 1.0), min(last, found[-1] + 1.0)) if len(found) else (0.0, 0.0)
            for found in (rows, columns)
        )

    def at(self, x: Floats, y: Floats) -> tuple[NDArray[np.int64], Floats]:
        """Which points (n,) of the ground may be in a shadow, and how much of the light they get."""
        scale = np.float32(_SHADOW_CELLS / (2 * _SHADOW_REACH))
        column = (x - np.float32(self._origin[0])) * scale - np.float32(0.5)
        row = (y - np.float32(self._origin[1])) * scale - np.float32(0.5)
        (left, right), (low, high) = self._columns, self._rows
        inside = np.flatnonzero((column > left) & (row > low) & (column < right) & (row < high))
        return inside, _between(self._light, row[inside], column[inside])


def _between(table: Floats, row: Floats, column: Floats) -> Floats:
    """(n,) the values of a table (rows, columns) between its cells; all places lie within it."""
    r0, c0 = row.astype(np.int64), column.astype(np.int64)
    fr, fc = row - r0, column - c0
    near = table[r0, c0] * (1 - fc) + table[r0, c0 + 1] * fc
    far = table[r0 + 1, c0] * (1 - fc) + table[r0 + 1, c0 + 1] * fc
    result: Floats = (near * (1 - fr) + far * fr).astype(np.float32)
    return result


@lru_cache(maxsize=4)
def _relief(ground: GroundSpec) -> Floats:
    """How bright uneven ground is at the corners of its cells, in shares of a plane's light: what tilts to the light
    gets more of it. Twice what it would get, or low bumps were hardly seen."""
    down, across = np.gradient(bump_heights(ground), BUMP_SPACING)
    bright = 1 - 2.0 * (LIGHT[0] * across + LIGHT[1] * down) / LIGHT[2]
    result: Floats = np.clip(bright, 0.6, 1.2).astype(np.float32)  # the brightest tile stays below white
    return result


def _bumps(band: _Band, ground: GroundSpec) -> tuple[NDArray[np.int64], Floats]:
    """Which points of a band lie on uneven ground, and how bright it is there."""
    table = _relief(ground)
    rows, columns = table.shape
    row = band.y.reshape(-1) * np.float32(1 / BUMP_SPACING) + np.float32((rows - 1) / 2)
    column = band.x.reshape(-1) * np.float32(1 / BUMP_SPACING) + np.float32((columns - 1) / 2)
    inside = np.flatnonzero((row > 0) & (column > 0) & (row < rows - 1.01) & (column < columns - 1.01))
    blur = np.maximum(*(np.broadcast_to(each, band.x.shape).reshape(-1)[inside] for each in band.blur))
    seen: Floats = np.clip(
        np.float32(1.5) - blur / np.float32(BUMP_SPACING), 0, 1
    )  # far bumps are smaller than a pixel
    light: Floats = np.float32(1) + seen * (_between(table, row[inside], column[inside]) - np.float32(1))
    return inside, light


def shadow_grid(camera: Camera, ground: GroundSpec) -> Array:
    """(c, c, 3) m, world: points of the ground around what a camera looks at, in rows of equal y."""
    steps = (np.arange(_SHADOW_CELLS) + 0.5) / _SHADOW_CELLS * 2 * _SHADOW_REACH - _SHADOW_REACH
    x, y = np.meshgrid(steps + camera.target[0], steps + camera.target[1])
    return np.stack([x, y, ground.gradient * x + ground.roughness / 2], axis=2)


@dataclass(frozen=True)
class _Band:
    """Rows of pixels that see the ground. The arrays are (rows, columns), or (rows, 1) where a row has one value."""

    rows: slice
    sinking: Floats
    """what the ray of each pixel loses of its height above the ground in each m of depth"""
    depth: Floats
    """m along the camera's axis"""
    x: Floats
    y: Floats
    """m, world"""
    blur: tuple[Floats, Floats]
    """m, how much of x and y a pixel covers"""


def _bands(camera: Camera, size: tuple[int, int], ground: GroundSpec) -> Iterator[_Band]:
    width, height = size
    half = math.tan(math.radians(camera.fov_deg) / 2)
    right, up, back = camera.axes().astype(np.float32)
    eye = camera.eye()
    high = np.float32(eye[2] - ground.roughness / 2 - ground.gradient * eye[0])
    across = (((np.arange(width) + 0.5) / width * 2 - 1) * half * width / height).astype(np.float32)
    upward = ((1 - (np.arange(height) + 0.5) / height * 2) * half).astype(np.float32)
    pixel = np.float32(2 * half / height)
    normal = np.array([-ground.gradient, 0, 1], dtype=np.float32)
    tilt, lean, fall = (float(-axis @ normal) for axis in (right, up, -back))
    for start in range(0, height, _ROWS):
        rows = slice(start, min(start + _ROWS, height))
        v = upward[rows, None]
        sinking = np.float32(lean) * v + np.float32(fall)
        if abs(tilt) > 1e-7:  # a level horizon has one depth a row
            sinking = sinking + np.float32(tilt) * across
        depth = high / np.maximum(sinking, high / np.float32(_FAR))
        stretch = depth * depth * np.float32(abs(lean) / high) * pixel  # m of depth from a row to the next
        lines = [v * up[i] - back[i] for i in (0, 1)]
        x, y = (np.float32(eye[i]) + depth * lines[i] + (depth * right[i]) * across for i in (0, 1))
        blur_x, blur_y = (stretch * abs(back[i]) + depth * (pixel * (abs(right[i]) + abs(up[i]))) for i in (0, 1))
        yield _Band(rows, sinking, depth, x, y, (blur_x, blur_y))


def ground_depth(camera: Camera, size: tuple[int, int], ground: GroundSpec) -> Floats:
    """(height, width) m along the camera's axis at which each pixel sees the ground; infinite for the sky."""
    result = np.empty(size[::-1], dtype=np.float32)
    for band in _bands(camera, size, ground):
        result[band.rows] = np.where(band.sinking > 0, band.depth, np.inf)
    return result


def backdrop(
    look: Look,
    camera: Camera,
    size: tuple[int, int],
    ground: GroundSpec,
    shade: Shade | None = None,
    trail: tuple[Trail, int] | None = None,
    goal: tuple[float, float, float] | None = None,
) -> Picture:
    """(height, width, 3) uint8: sky and ground as a camera above the ground sees them.

    The ground is drawn as a plane, at half the height of its bumps, which are seen by their light alone. ``trail``:
    with the instant until which it is seen. ``goal``: x, y, radius, m.
    """
    width, height = size
    picture = np.empty((height, width, 3), dtype=np.uint8)
    horizon = _color(look.sky_horizon)
    bright, dark = map(_color, look.floor)
    for band in _bands(camera, size, ground):
        target = picture[band.rows]
        if band.sinking.max() <= 0:
            target[:] = _sky(look, band)
            continue
        mix = _tiles(band)
        colors = [dark[k] + (bright[k] - dark[k]) * mix for k in range(3)]
        if ground.roughness:
            places, light = _bumps(band, ground)
            for plane in colors:
                plane.reshape(-1)[places] *= light
        _paint(colors, band, look, shade, trail, goal)
        fade = np.exp(np.float32(-_FOG) * np.maximum(band.depth - np.float32(_CLEAR), 0))
        for k in range(3):
            colors[k] -= horizon[k]
            colors[k] *= fade
            colors[k] += horizon[k]
            target[..., k] = colors[k]
        if band.sinking.min() <= 0:
            np.copyto(target, _sky(look, band), where=(band.sinking <= 0)[..., None])
    return picture


def _color(color: Color) -> Floats:
    return np.array(color, dtype=np.float32)


def _sky(look: Look, band: _Band) -> Picture:
    """(rows, columns or 1, 3) uint8."""
    high = (np.clip(band.sinking * np.float32(-2.2), 0, 1) ** np.float32(0.8))[..., None]
    horizon = _color(look.sky_horizon)
    sky: Picture = (horizon + (_color(look.sky_top) - horizon) * high).astype(np.uint8)
    return sky


def _tiles(band: _Band) -> Floats:
    """(rows, columns) 0 to 1: dark and bright tiles; edges are soft by a pixel, far ones blend to their mean."""
    waves = []
    for at, blur in zip((band.x, band.y), band.blur, strict=True):
        wave = at * np.float32(0.5 / _TILE) + np.float32(0.25)
        wave -= np.floor(wave)
        wave -= np.float32(0.5)
        np.abs(wave, out=wave)
        wave -= np.float32(0.25)  # tiles to the next edge, halved, with the sign of the tile
        wave *= np.float32(2 * _TILE) / blur
        waves.append(np.clip(wave, np.float32(-0.5), np.float32(0.5), out=wave))
    mix = waves[0]
    mix *= waves[1]
    mix *= np.float32(2) * np.clip(np.float32(1.6) - band.depth * np.float32(0.14), 0, 1)
    mix += np.float32(0.5)
    return mix


def _paint(
    colors: list[Floats],
    band: _Band,
    look: Look,
    shade: Shade | None,
    trail: tuple[Trail, int] | None,
    goal: tuple[float, float, float] | None,
) -> None:
    """Lay trail, ring and shadows on the ground of a band."""
    planes = [plane.reshape(-1) for plane in colors]
    x, y = band.x.reshape(-1), band.y.reshape(-1)
    if trail is not None:
        places, cover = trail[0].at(x, y, trail[1])
        _blend(planes, places, np.float32(0.7) * cover, look.trail)
    if goal is not None:
        depth = np.broadcast_to(band.depth, band.x.shape).reshape(-1)
        _blend(planes, *_ring(x - np.float32(goal[0]), y - np.float32(goal[1]), goal[2], depth), look.ring)
    if shade is not None:
        places, lit = shade.at(x, y)
        lit = np.maximum(lit, np.float32(look.darkest))
        for plane in planes:
            plane[places] *= lit


def _blend(planes: list[Floats], places: NDArray[np.int64], cover: Floats, color: Color) -> None:
    if len(places):
        for plane, value in zip(planes, color, strict=True):
            plane[places] += cover * (np.float32(value) - plane[places])


def _ring(x: Floats, y: Floats, radius: float, depth: Floats) -> tuple[NDArray[np.int64], Floats]:
    """Which points, given from a ring's centre, are near it, and how much of it is there."""
    reach = radius + 0.3
    near = np.flatnonzero((np.abs(x) < reach) & (np.abs(y) < reach))
    off = np.abs(np.hypot(x[near], y[near]) - np.float32(radius))
    soft = np.maximum(np.float32(0.012), np.float32(0.004) * depth[near])
    cover = np.clip((np.float32(_RING) - off) / soft + np.float32(0.5), 0, 1)
    return near, np.float32(0.9) * cover
