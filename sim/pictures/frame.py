"""Pictures of a world: what a renderer draws, before sky and ground, with shadows and without jagged edges."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from simonsays.sim.engines.native import pybullet
from simonsays.sim.pictures.backdrop import backdrop
from simonsays.sim.pictures.camera import Camera, Picture
from simonsays.sim.pictures.ground_textures import Shade, Trail, shadow_grid
from simonsays.sim.pictures.looks import LIGHT, LOOKS, Look
from simonsays.sim.pictures.renderers import FLAGS, Shot, shoot
from simonsays.sim.world import World

_LAMP_AWAY, _MASK = 40.0, 224  # m, far enough for parallel rays; pixels of its picture, a side
_LAMP_YAW = math.degrees(math.atan2(LIGHT[0], -LIGHT[1]))
_LAMP_PITCH = -math.degrees(math.atan2(LIGHT[2], math.hypot(LIGHT[0], LIGHT[1])))
_LAMP_FOV = 2 * math.degrees(math.atan2(3.6, _LAMP_AWAY))
_BLUR, _DEPTH = (1.1, 5.0), 0.62  # pixels, of a shadow's core and rim; the share of the light that it takes
_CONTRAST = 40  # of 255, between neighbouring pixels: an edge
_KERNEL = tuple((i, j, (2 - abs(i)) * (2 - abs(j))) for i in (-1, 0, 1) for j in (-1, 0, 1))


def compose(
    world: World,
    camera: Camera,
    size: tuple[int, int],
    *,
    renderer: int = FLAGS["tiny"],
    look: Look = LOOKS["light"],
    fine: int = 1,
    trail: tuple[Trail, int] | None = None,
    goal: tuple[float, float, float] | None = None,
) -> Picture:
    """A picture (height, width, 3) of a world with sky, ground and shadows.

    ``world`` must have been built with ``visuals=True``; ``trail`` and ``goal`` as of backdrop(). ``fine``: 1, or 2 to
    draw at twice the size, for finer edges.
    """
    width, height = size
    shot = shoot(world.client, camera, (fine * width, fine * height), renderer, look)
    shade = Shade(_light(world, camera, renderer, look), camera)
    ground = backdrop(look, camera, size, world.scene.ground, shade, trail, goal)
    return _smoothed(ground, shot) if fine == 1 else _reduced(ground, shot, fine)


def _reduced(ground: Picture, shot: Shot, fine: int) -> Picture:
    """The ground (height, width, 3) with what was drawn ``fine`` times as large before it."""
    drawn = shot.seen >= 0
    box = []
    for axis in (1, 0):
        found = np.flatnonzero(drawn.any(axis=axis))
        if not len(found):
            return ground
        box.append(slice(found[0] // fine, found[-1] // fine + 1))
    behind = ground[box[0], box[1]]
    total = np.zeros(behind.shape, dtype=np.uint16)
    rows, columns = (slice(part.start * fine, part.stop * fine) for part in box)
    picture, drawn = shot.picture[rows, columns], drawn[rows, columns]
    for i in range(fine):
        for j in range(fine):
            total += np.where(drawn[i::fine, j::fine, None], picture[i::fine, j::fine], behind)
    ground[box[0], box[1]] = total // fine**2
    return ground


def _light(world: World, camera: Camera, renderer: int, look: Look) -> NDArray[np.float32]:
    """(c, c): how much of the light (0 to 1) falls on the points of shadow_grid(): what the lamp sees is not in it."""
    from PIL import Image, ImageFilter

    x, y, _ = camera.target
    ground = world.scene.ground
    lamp = Camera((x, y, ground.gradient * x + 0.5), _LAMP_AWAY, _LAMP_YAW, _LAMP_PITCH, _LAMP_FOV)
    seen = shoot(world.client, lamp, (_MASK, _MASK), renderer, look).seen
    mask = Image.fromarray(np.where(seen >= 0, 255, 0).astype(np.uint8))
    core, rim = (np.asarray(mask.filter(ImageFilter.GaussianBlur(radius))) / 255.0 for radius in _BLUR)
    lens = pybullet.computeProjectionMatrixFOV(_LAMP_FOV, 1.0, 1.0, 2 * _LAMP_AWAY)
    to_clip = lamp.view_matrix().reshape(4, 4) @ np.array(lens).reshape(4, 4)
    clip = shadow_grid(camera, ground) @ to_clip[:3] + to_clip[3]
    column = ((clip[..., 0] / clip[..., 3] + 1) / 2 * _MASK).astype(np.int64).clip(0, _MASK - 1)
    row = ((1 - clip[..., 1] / clip[..., 3]) / 2 * _MASK).astype(np.int64).clip(0, _MASK - 1)
    return np.asarray((1 - _DEPTH * (0.6 * core[row, column] + 0.4 * rim[row, column])).astype(np.float32))


def _smoothed(ground: Picture, shot: Shot) -> Picture:
    """The ground with what was drawn before it, its edges softened: the renderers draw them in steps."""
    seen = shot.seen
    drawn = seen >= 0
    np.copyto(ground, shot.picture, where=drawn[..., None])
    green = shot.picture[..., 1].astype(np.int16)
    edge = np.zeros(seen.shape, dtype=bool)
    for here, there in ((np.s_[:, 1:], np.s_[:, :-1]), (np.s_[1:], np.s_[:-1])):
        both = drawn[here] & drawn[there]
        differs = (seen[here] != seen[there]) | (both & (np.abs(green[here] - green[there]) > _CONTRAST))
        edge[here] |= differs
        edge[there] |= differs
    edge[0] = edge[-1] = False
    edge[:, 0] = edge[:, -1] = False
    rows, columns = np.nonzero(edge)
    total = np.zeros((len(rows), 3), dtype=np.int64)
    for i, j, weight in _KERNEL:
        total += weight * ground[rows + i, columns + j].astype(np.int64)
    ground[rows, columns] = (total // 16).astype(np.uint8)
    return ground
