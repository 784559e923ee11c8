"""Sky and ground behind what a renderer drew: tiles, soft shadows, the way that was walked, a ring on the goal."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from simonsays.assets.notes import dataclass
from simonsays.sim.pictures.camera import Camera, Picture
from simonsays.sim.pictures.ground_textures import Floats, Shade, Trail, bumps
from simonsays.sim.pictures.looks import Color, Look
from simonsays.sim.specs import GroundSpec

_TILE, _FOG, _CLEAR = 0.5, 0.055, 2.0  # m; 1/m, how fast the ground fades into the horizon, from so many m on
_FAR = 300.0  # m: there nothing is left of the ground's own colour
_LOWEST = 0.005  # m above the ground: a camera that is below it sees the ground from there
_RING = 0.022  # m, half its width
_ROWS = 24  # of pixels that are worked on at a time: what is in between stays in the processor's cache


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
    high = np.float32(max(eye[2] - ground.roughness / 2 - ground.gradient * eye[0], _LOWEST))
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
        _paint(colors, band, look, ground, shade, trail, goal)
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
    return np.asarray((horizon + (_color(look.sky_top) - horizon) * high).astype(np.uint8))


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
    ground: GroundSpec,
    shade: Shade | None,
    trail: tuple[Trail, int] | None,
    goal: tuple[float, float, float] | None,
) -> None:
    """Lay bumps, trail, ring and shadows on the ground of a band."""
    planes = [plane.reshape(-1) for plane in colors]
    x, y = band.x.reshape(-1), band.y.reshape(-1)
    if ground.roughness:
        blur = np.broadcast_to(np.maximum(*band.blur), band.x.shape).reshape(-1)
        _multiply(planes, *bumps(ground, x, y, blur))
    if trail is not None:
        places, cover = trail[0].at(x, y, trail[1])
        _blend(planes, places, np.float32(0.7) * cover, look.trail)
    if goal is not None:
        depth = np.broadcast_to(band.depth, band.x.shape).reshape(-1)
        _blend(planes, *_ring(x - np.float32(goal[0]), y - np.float32(goal[1]), goal[2], depth), look.ring)
    if shade is not None:
        places, lit = shade.at(x, y)
        _multiply(planes, places, np.maximum(lit, np.float32(look.darkest)))


def _multiply(planes: list[Floats], places: NDArray[np.int64], light: Floats) -> None:
    for plane in planes:
        plane[places] *= light


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
    return near, np.float32(0.9) * np.clip((np.float32(_RING) - off) / soft + np.float32(0.5), 0, 1)
