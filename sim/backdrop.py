"""What stands behind the bodies of a picture: a sky, a tiled floor and the soft shadows on it, in NumPy.

TinyRenderer draws bodies well but leaves the rest white, and its own shadows cost more than everything else.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simonsays.sim.state import Array

Floats = NDArray[np.float32]
LIGHT = (2.5, -3.5, 7.0)  # m from what the camera looks at to the light, world

_SKY_TOP, _SKY_HORIZON = np.array([118, 158, 204], np.float32), np.array([226, 234, 241], np.float32)
_FLOOR_MEAN, _FLOOR_STEP = np.array([187, 192, 198], np.float32), np.array([12, 11.5, 11], np.float32)
_TILE = 0.5  # m
_FOG = 0.055  # 1/m, how fast the floor fades into the horizon
_DARKEST = 0.52  # brightness in the middle of a shadow
_CELL, _CELLS = 0.025, 480  # m and number a side, of the shadow map


@dataclass(frozen=True)
class Eye:
    """Where a picture is taken from: position (3,) m, axes (3, 3) right, up, back as columns, world."""

    position: Array
    axes: Array
    half_height: float
    """tangent of half the vertical field of view"""


def backdrop(eye: Eye, width: int, height: int, shadow: Shadow, slope_deg: float = 0.0) -> Floats:
    """(height, width, 3) colours 0 to 255. The floor goes through the origin, rising to +x by ``slope_deg``."""
    rays, pixel = _rays(eye, width, height), 2 * eye.half_height / height
    slope = math.radians(slope_deg)
    normal = np.array([-math.sin(slope), 0.0, math.cos(slope)])
    down = -(rays @ normal.astype(np.float32))
    rise = np.clip(rays[:, 2] * 2.2, 0, 1) ** 0.8
    colours: Floats = _SKY_HORIZON + (_SKY_TOP - _SKY_HORIZON) * rise[:, None]
    below = np.flatnonzero(down > 1e-3)
    down = down[below]
    distance = np.float32(normal @ eye.position) / down
    x, y = (np.float32(eye.position[i]) + distance * rays[below, i] for i in (0, 1))
    # Tiles are blurred by the ground that one pixel covers, so that the far ones neither flicker nor make moiré.
    blur = np.maximum(distance * pixel / down / _TILE, 1e-3)
    tone = _squares(x, blur) * _squares(y, blur)
    floor = (_FLOOR_MEAN + _FLOOR_STEP * tone[:, None]) * shadow.at(x, y)[:, None]
    fade = np.exp(-_FOG * np.maximum(distance - 2.5, 0))[:, None]
    colours[below] = _SKY_HORIZON + (floor - _SKY_HORIZON) * fade
    return colours.reshape(height, width, 3)


def _rays(eye: Eye, width: int, height: int) -> Floats:
    """(height * width, 3) unit vectors, world, through the middles of the pixels, row by row."""
    across = ((np.arange(width) + 0.5) / width * 2 - 1) * eye.half_height * width / height
    up = (1 - (np.arange(height) + 0.5) / height * 2) * eye.half_height
    right_axis, up_axis, back_axis = eye.axes.T
    rays = (np.outer(across, right_axis)[None] + np.outer(up, up_axis)[:, None] - back_axis).reshape(-1, 3)
    unit: Floats = (rays / np.linalg.norm(rays, axis=1, keepdims=True)).astype(np.float32)
    return unit


def _squares(along: Floats, blur: Floats) -> Floats:
    """A square wave, -1 and 1 on alternate tiles, its flanks ``blur`` tiles wide."""
    wave = np.abs((along / np.float32(2 * _TILE)) % 1 - np.float32(0.5)) * 4 - 1
    return np.clip(wave / blur, -1, 1)


class Shadow:
    """Brightness of the floor under points that stop the light.

    Args:
        points: (n, 3) m, world; close together where a body is solid.
        middle: (2,) m, world: the map reaches 6 m to each side of it.
        slope_deg: of the floor.
    """

    def __init__(self, points: Array, middle: tuple[float, float], slope_deg: float = 0.0) -> None:
        slope = math.radians(slope_deg)
        normal, light = np.array([-math.sin(slope), 0.0, math.cos(slope)]), np.array(LIGHT)
        above = points @ normal
        places = (points - np.outer(above / (normal @ light), light))[:, :2]
        # Whole cells, so that shadows do not shimmer when the camera moves.
        self._corner = np.floor(np.array(middle) / _CELL) * _CELL - _CELLS * _CELL / 2
        cells = np.floor((places - self._corner) / _CELL).astype(np.int64)
        inside = ((cells >= 0) & (cells < _CELLS)).all(axis=1) & (above > -0.02)
        near, far = inside & (above < 0.25), inside & (above >= 0.25)
        density = _blurred(_counts(cells[near]), 1) + _blurred(_counts(cells[far]), 2)
        self._map: Floats = (_DARKEST + (1 - _DARKEST) * np.exp(-0.9 * density)).astype(np.float32).ravel()

    def at(self, x: Floats, y: Floats) -> Floats:
        """Brightness, 1 in full light, of the floor at (x, y) m, world; same shape."""
        column = (x - np.float32(self._corner[0])) / np.float32(_CELL) - np.float32(0.5)
        row = (y - np.float32(self._corner[1])) / np.float32(_CELL) - np.float32(0.5)
        result = np.ones_like(x)
        here = np.flatnonzero((column > 0) & (row > 0) & (column < _CELLS - 1) & (row < _CELLS - 1))
        column, row = column[here], row[here]
        c, r = column.astype(np.int32), row.astype(np.int32)
        u, v = column - c, row - r
        at = r * _CELLS + c
        light = self._map
        low = light[at] * (1 - u) + light[at + 1] * u
        high = light[at + _CELLS] * (1 - u) + light[at + _CELLS + 1] * u
        result[here] = low * (1 - v) + high * v
        return result


def _counts(cells: NDArray[np.int64]) -> Floats:
    """(_CELLS, _CELLS) how many points fall into each cell, [row along y, column along x]."""
    counts = np.bincount(cells[:, 1] * _CELLS + cells[:, 0], minlength=_CELLS * _CELLS)
    return counts.reshape(_CELLS, _CELLS).astype(np.float32)


def _blurred(image: Floats, radius: int) -> Floats:
    """Three box blurs of ``radius`` cells along each axis: nearly a Gaussian one."""
    if not image.any():
        return image
    for axis in (0, 1, 0, 1, 0, 1):
        shifts = [np.roll(image, shift, axis) for shift in range(-radius, radius + 1)]
        image = np.sum(shifts, axis=0, dtype=np.float32) / np.float32(2 * radius + 1)
    return image
