"""Pictures of a world: what a renderer draws, before sky and ground, with shadows and without jagged edges."""

from __future__ import annotations

import numpy as np

from simonsays.sim.pictures.backdrop import backdrop
from simonsays.sim.pictures.camera import Camera, Picture
from simonsays.sim.pictures.ground_textures import Shade, Trail
from simonsays.sim.pictures.looks import LOOKS, Look
from simonsays.sim.pictures.renderers import FLAGS, Shot, shoot, window_of
from simonsays.sim.pictures.shading import ground_light, shade_things
from simonsays.sim.world import World

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
    focus: tuple[float, float, float] | None = None,
) -> Picture:
    """A picture (height, width, 3) of a world with sky, ground and shadows.

    ``world`` must have been built with ``visuals=True``; ``trail`` and ``goal`` as of backdrop(). ``focus``: m,
    around which things shade each other, by default what the camera looks at. ``fine``: 1, or 2 to
    draw at twice the size, for finer edges, with the shadows of things on things and of what touches the ground.
    """
    shade = Shade(ground_light(world, camera, renderer, look, fine > 1), camera)
    ground = backdrop(look, camera, size, world.scene.ground, shade, trail, goal, focus)
    if fine == 1:
        return _smoothed(ground, shoot(world.client, camera, size, renderer, look))
    left, top, right, bottom = window_of(world.client, camera, size, renderer, look)
    if left < right:
        (width, height), drawn = size, (fine * (right - left), fine * (bottom - top))
        part = left / width, top / height, right / width, bottom / height
        shot = shoot(world.client, camera, drawn, renderer, look, part)
        shot = shade_things(world, camera, shot, fine, renderer, look, focus or camera.target)
        ground[top:bottom, left:right] = _reduced(ground[top:bottom, left:right], shot, fine)
    return ground


def _reduced(ground: Picture, shot: Shot, fine: int) -> Picture:
    """The ground (height, width, 3) with what was drawn ``fine`` times as large before it."""
    total, drawn = np.zeros(ground.shape, dtype=np.uint16), shot.seen >= 0
    for i in range(fine):
        for j in range(fine):
            total += np.where(drawn[i::fine, j::fine, None], shot.picture[i::fine, j::fine], ground)
    return (total // fine**2).astype(np.uint8)


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
