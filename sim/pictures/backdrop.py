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

_FOG, _CLEAR = 0.055, 2.0  # 1/m, how fast the ground fades into the horizon, from so many m on
_FAR = 300.0  # m: there nothing is left of the ground's own colour
_LOWEST = 0.005  # m above the ground: a camera that is below it sees the ground from there
_LINE, _DIM = 0.011, 0.16  # m, half the width of a line; the light beside a spot
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
    spot: tuple[float, ...] | None = None,
) -> Picture:
    """(height, width, 3) uint8: sky and ground as a camera above the ground sees them.

    The ground is drawn as a plane, at half the height of its bumps, which are seen by their light alone. ``trail``:
    with the instant until which it is seen. ``goal``: x, y, radius, m. ``spot``: m, x and y
    where one is bright, by default what the camera looks at.
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
        mix = _pattern(band, look)
        colors = [dark[k] + (bright[k] - dark[k]) * mix for k in range(3)]
        _paint(colors, band, look, ground, shade, trail, goal)
        if look.pool:
            _spot(colors, band, look.pool, spot or camera.target)
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


def _pattern(band: _Band, look: Look) -> Floats:
    """(rows, columns) 0 to 1: what of the ground has the first of its colours; edges are soft by a pixel, far ones
    blend to their mean."""
    if look.pattern == "plain":
        return np.ones(band.x.shape, dtype=np.float32)
    near = np.clip(np.float32(1.6) - band.depth * np.float32(0.07 / look.tile), 0, 1)
    places = list(zip((band.x, band.y), band.blur, strict=True))
    if look.pattern == "lines":
        return np.asarray(np.float32(1) - near * np.maximum(*(_lines(at, blur, look.tile) for at, blur in places)))
    waves = [_wave(at, blur, look.tile) for at, blur in places[: 2 if look.pattern == "tiles" else 1]]
    mix = waves[0]
    if len(waves) > 1:
        mix *= waves[1]
        mix *= np.float32(2)
    mix *= near
    mix += np.float32(0.5)
    return np.asarray(mix)


def _wave(at: Floats, blur: Floats, tile: float) -> Floats:
    """-0.5 on one tile, 0.5 on the next."""
    wave = at * np.float32(0.5 / tile) + np.float32(0.25)
    wave -= np.floor(wave)
    wave -= np.float32(0.5)
    np.abs(wave, out=wave)
    wave -= np.float32(0.25)  # tiles to the next edge, halved, with the sign of the tile
    wave *= np.float32(2 * tile) / blur
    return np.clip(wave, np.float32(-0.5), np.float32(0.5), out=wave)


def _lines(at: Floats, blur: Floats, tile: float) -> Floats:
    """How much of a line is there, 0 to 1."""
    off: Floats = np.abs(at - np.float32(tile) * np.round(at * np.float32(1 / tile)))
    wide: Floats = np.maximum(np.float32(_LINE), blur * np.float32(0.5))
    cover: Floats = np.clip((wide - off) / blur + np.float32(0.5), 0, 1) * np.float32(_LINE) / wide
    return cover


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


def _spot(colors: list[Floats], band: _Band, pool: float, middle: tuple[float, ...]) -> None:
    """Darken what is away from a spot's middle."""
    off = (band.x - np.float32(middle[0])) ** 2 + (band.y - np.float32(middle[1])) ** 2
    lit = np.float32(_DIM) + np.float32(1 - _DIM) * np.exp(off * np.float32(-1 / pool**2))
    for plane in colors:
        plane *= lit


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
