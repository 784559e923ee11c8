"""Shadows: what the lamp does not see of the ground and of the things themselves, and where things touch the ground."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from simonsays.sim.pictures.camera import Camera
from simonsays.sim.pictures.ground_textures import Floats, shadow_grid, shadow_reach
from simonsays.sim.pictures.looks import LIGHT, Look
from simonsays.sim.pictures.renderers import Shot, shoot
from simonsays.sim.specs import GroundSpec
from simonsays.sim.world import World

_AWAY, _NEAR, _MASK = 40.0, 20.0, 256  # m, far enough for parallel rays; pixels of the lamp's picture, a side
_YAW = math.degrees(math.atan2(LIGHT[0], -LIGHT[1]))
_PITCH = -math.degrees(math.atan2(LIGHT[2], math.hypot(LIGHT[0], LIGHT[1])))
_BLUR, _DEPTH = (1.1, 5.0), 0.62  # pixels, of a shadow's core and rim; the share of the light that it takes
_CONTACT, _TOUCH, _SPREAD = 0.5, 0.07, 1.6  # the share that contact takes; m above the ground; pixels of blur
_ON_THINGS, _FINE = 1.25, 448  # m around what is looked at in which things shade each other; pixels a side
_BIAS, _SOFT = 0.025, 0.015  # m: what is less far behind a surface is not in its shadow; half the width of an edge
_EVEN = 1 / 320  # of a picture's height, over which the light on things is evened out
_TAPS = ((0.0, 0.0), (1.0, 0.35), (-0.35, 1.0), (-1.0, -0.35), (0.35, -1.0))


def _lens(reach: float) -> float:
    """Degrees, the lamp's view of so many m around its target."""
    return 2 * math.degrees(math.atan2(reach, _AWAY))


def ground_light(world: World, camera: Camera, renderer: int, look: Look, contact: bool) -> Floats:
    """(c, c): how much of the light (0 to 1) falls on the points of shadow_grid(): what the lamp sees is not in it.
    ``contact``: it is darker where something is right above the ground."""
    from PIL import Image, ImageFilter

    ground, (x, y, _), reach = world.scene.ground, camera.target, shadow_reach(camera)
    lamp = Camera((x, y, ground.gradient * x + 0.5), _AWAY, _YAW, _PITCH, _lens(1.12 * reach), _NEAR)
    seen = shoot(world.client, lamp, (_MASK, _MASK), renderer, look).seen
    mask = Image.fromarray(np.where(seen >= 0, 255, 0).astype(np.uint8))
    core, rim = (np.asarray(mask.filter(ImageFilter.GaussianBlur(radius))) / 255.0 for radius in _BLUR)
    points = shadow_grid(camera, ground)
    places, _ = lamp.project(points, 1.0)
    column, row = (np.clip(places * _MASK, 0, _MASK - 1)).astype(np.int64).transpose(2, 0, 1)
    light: Floats = (1 - _DEPTH * (0.6 * core[row, column] + 0.4 * rim[row, column])).astype(np.float32)
    return np.asarray(light * _contact(world, camera, renderer, look, points)) if contact else light


def _contact(world: World, camera: Camera, renderer: int, look: Look, points: NDArray[np.float64]) -> Floats:
    """(c, c): what is left of the light near what touches the ground, as a camera below the ground sees it."""
    from PIL import Image, ImageFilter

    ground, (x, y, _), reach = world.scene.ground, camera.target, shadow_reach(camera)
    below = Camera((x, y, ground.gradient * x), _AWAY, 0.0, 90.0, _lens(reach), _NEAR)
    shot = shoot(world.client, below, (_MASK, _MASK), renderer, look)
    height = shot.depth() - _AWAY - _sunk(ground, reach)
    near = np.where(shot.seen >= 0, np.exp(-np.maximum(height, 0.0) / _TOUCH), 0.0)
    soft = Image.fromarray((255 * near).astype(np.uint8)).filter(ImageFilter.GaussianBlur(_SPREAD))
    places, _ = below.project(points, 1.0)
    column, row = (np.clip(places * _MASK, 0, _MASK - 1)).astype(np.int64).transpose(2, 0, 1)
    return np.asarray((1 - _CONTACT * np.asarray(soft)[row, column] / 255.0).astype(np.float32))


def _sunk(ground: GroundSpec, reach: float) -> NDArray[np.float64]:
    """(1, pixels) m, how much higher the ground is at each column than in the middle."""
    across = (np.arange(_MASK) + 0.5) / _MASK * 2 - 1
    return np.asarray(ground.gradient * reach * across[None])


def shade_things(
    world: World,
    camera: Camera,
    shot: Shot,
    every: int,
    renderer: int,
    look: Look,
    focus: tuple[float, float, float],
) -> Shot:
    """A picture in which things shade themselves and each other; ``every``: pixels that share a value, a side;
    ``focus``: m, around which."""
    away, clear = shot.depth()[::every, ::every], shot.seen[::every, ::every] >= 0
    rows, columns = np.nonzero(clear)
    if not len(rows):
        return shot
    height, width = clear.shape
    left, top, right, bottom = shot.window
    half = math.tan(math.radians(camera.fov_deg) / 2)
    across = ((left + (columns + 0.5) / width * (right - left)) * 2 - 1) * half * shot.aspect
    up = (1 - (top + (rows + 0.5) / height * (bottom - top)) * 2) * half
    depth = away[rows, columns]
    axes = camera.axes()
    points = camera.eye() + depth[:, None] * (across[:, None] * axes[0] + up[:, None] * axes[1] - axes[2])
    lamp = Camera(focus, _AWAY, _YAW, _PITCH, _lens(_ON_THINGS), _NEAR)
    map_ = shoot(world.client, lamp, (_FINE, _FINE), renderer, look)
    seen_at = _deeper(np.where(map_.seen >= 0, map_.depth(), 0.0))
    seen_at[map_.seen < 0] = np.inf
    light = np.ones(clear.shape, dtype=np.float32)
    light[rows, columns] = _lit(seen_at, *lamp.project(points, 1.0), look)
    light = _softened(light, clear, max(1.0, height / (bottom - top) * _EVEN))
    whole = light.repeat(every, axis=0).repeat(every, axis=1)[: shot.seen.shape[0], : shot.seen.shape[1]]
    picture = (shot.picture * whole[..., None]).astype(np.uint8)
    return Shot(picture, shot.seen, shot.buffer, shot.near, shot.window, shot.aspect)


def _softened(light: Floats, clear: NDArray[np.bool_], radius: float) -> Floats:
    """Light (h, w) evened out over so many pixels among those that are ``clear``."""
    from PIL import Image, ImageFilter

    blur = ImageFilter.GaussianBlur(radius)
    parts = (np.where(clear, light, 0.0), clear)
    lit, weight = (np.asarray(Image.fromarray((255 * part).astype(np.uint8)).filter(blur)) for part in parts)
    return np.where(clear, lit / np.maximum(weight.astype(np.float32), 1.0), 1.0).clip(0.0, 1.0).astype(np.float32)


def _deeper(depth: NDArray[np.float64]) -> NDArray[np.float64]:
    """The greatest depth among each pixel and its neighbours: a surface in grazing light does not shade itself."""
    result = depth.copy()
    for axis in (0, 1):
        before = result.copy()
        for shift in (-1, 1):
            np.maximum(result, np.roll(before, shift, axis), out=result)
    return result


def _lit(lamp: NDArray[np.float64], places: NDArray[np.float64], depth: NDArray[np.float64], look: Look) -> Floats:
    """(n,) what is left of the light of points at ``places`` in the lamp's picture, ``depth`` m from it."""
    inside = ((places > 0.01) & (places < 0.99)).all(axis=1)
    total = np.zeros(len(depth), dtype=np.float32)
    for i, j in _TAPS:
        column, row = np.clip(places * _FINE + [1.4 * i, 1.4 * j], 0, _FINE - 1).astype(np.int64).T
        behind = depth - lamp[row, column] - _BIAS
        total += np.clip(behind / _SOFT + 0.5, 0.0, 1.0).astype(np.float32)
    return np.where(inside, 1 - np.float32(look.form) * total / len(_TAPS), 1).astype(np.float32)
