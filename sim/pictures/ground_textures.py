"""Textures of the ground: the way that was walked, shadows, bumps; where they lie, and how strong they are there."""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from simonsays.sim.pictures.camera import Camera
from simonsays.sim.pictures.looks import LIGHT
from simonsays.sim.shapes import BUMP_SPACING, bump_heights
from simonsays.sim.specs import GroundSpec
from simonsays.sim.state import Array

Floats = NDArray[np.float32]
_TRAIL_WIDTH, _CELL = 0.045, 0.015  # m
_MOST_CELLS = 1500
_SHADOW_REACH, _SHADOW_CELLS = 3.2, 224  # m around what is looked at that shadows are drawn in, at least; how finely


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
        cover = np.clip((_TRAIL_WIDTH - np.hypot(x[:, None], y[None, :])) / self._cell + 0.5, 0.0, 1.0)
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
        self._light, self._reach = light, shadow_reach(camera)
        self._origin = camera.target[0] - self._reach, camera.target[1] - self._reach
        dark = light < 0.999
        rows, columns = np.flatnonzero(dark.any(axis=1)), np.flatnonzero(dark.any(axis=0))
        self._rows, self._columns = (
            (max(0.0, found[0] - 1.0), min(_SHADOW_CELLS - 2, found[-1] + 1.0)) if len(found) else (0.0, 0.0)
            for found in (rows, columns)
        )

    def at(self, x: Floats, y: Floats) -> tuple[NDArray[np.int64], Floats]:
        """Which points (n,) of the ground may be in a shadow, and how much of the light they get."""
        scale = np.float32(_SHADOW_CELLS / (2 * self._reach))
        column = (x - np.float32(self._origin[0])) * scale - np.float32(0.5)
        row = (y - np.float32(self._origin[1])) * scale - np.float32(0.5)
        (left, right), (low, high) = self._columns, self._rows
        inside = np.flatnonzero((column > left) & (row > low) & (column < right) & (row < high))
        return inside, _between(self._light, row[inside], column[inside])


def shadow_reach(camera: Camera) -> float:
    """m around what a camera looks at that shadows are drawn in."""
    return max(_SHADOW_REACH, 0.8 * camera.distance)


def shadow_grid(camera: Camera, ground: GroundSpec) -> Array:
    """(c, c, 3) m, world: points of the ground around what a camera looks at, in rows of equal y."""
    reach = shadow_reach(camera)
    steps = (np.arange(_SHADOW_CELLS) + 0.5) / _SHADOW_CELLS * 2 * reach - reach
    x, y = np.meshgrid(steps + camera.target[0], steps + camera.target[1])
    return np.stack([x, y, ground.gradient * x + ground.roughness / 2], axis=2)


@lru_cache(maxsize=4)
def _relief(ground: GroundSpec) -> Floats:
    """How bright uneven ground is at the corners of its cells, in shares of a plane's light: what tilts to the light
    gets more of it. Twice what it would get, or low bumps were hardly seen."""
    down, across = np.gradient(bump_heights(ground), BUMP_SPACING)
    bright = 1 - 2.0 * (LIGHT[0] * across + LIGHT[1] * down) / LIGHT[2]
    return np.asarray(np.clip(bright, 0.6, 1.2).astype(np.float32))  # the brightest tile stays below white


def bumps(ground: GroundSpec, x: Floats, y: Floats, blur: Floats) -> tuple[NDArray[np.int64], Floats]:
    """Which points (n,) lie on uneven ground, and how bright it is there; ``blur`` m: how much a pixel covers."""
    table = _relief(ground)
    rows, columns = table.shape
    row = y * np.float32(1 / BUMP_SPACING) + np.float32((rows - 1) / 2)
    column = x * np.float32(1 / BUMP_SPACING) + np.float32((columns - 1) / 2)
    inside = np.flatnonzero((row > 0) & (column > 0) & (row < rows - 1.01) & (column < columns - 1.01))
    # Far bumps are smaller than a pixel.
    seen: Floats = np.clip(np.float32(1.5) - blur[inside] / np.float32(BUMP_SPACING), 0, 1)
    light: Floats = np.float32(1) + seen * (_between(table, row[inside], column[inside]) - np.float32(1))
    return inside, light


def _between(table: Floats, row: Floats, column: Floats) -> Floats:
    """(n,) the values of a table (rows, columns) between its cells; all places lie within it."""
    r0, c0 = row.astype(np.int64), column.astype(np.int64)
    fr, fc = row - r0, column - c0
    near = table[r0, c0] * (1 - fc) + table[r0, c0 + 1] * fc
    far = table[r0 + 1, c0] * (1 - fc) + table[r0 + 1, c0 + 1] * fc
    return np.asarray((near * (1 - fr) + far * fr).astype(np.float32))
