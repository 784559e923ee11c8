"""Of check_engine: things of several parts are touched where they are drawn, stand, and are carried as one."""

from __future__ import annotations

import math

import numpy as np

from simonsays.sim.specs import PropSpec, SceneSpec
from simonsays.sim.things import THINGS
from simonsays.sim.world import World
from simonsays.testing._holding import holds

_DT, _CUBE = 0.005, 0.04  # s, and m
_LEVEL, _SUNK = 0.03, 0.01  # m: how near to a top a cube comes to rest, and how deep a thing may be in the ground


def _surface(prop: PropSpec, x: float, y: float) -> float:
    """m, the height of a thing's highest part at a place of its own frame; 0: the ground."""
    over = [
        part.centre[2] + part.size[2] / 2
        for part in prop.parts
        if part.kind != "wedge"
        and abs(x - part.centre[0]) < part.size[0] / 2 - _CUBE
        and abs(y - part.centre[1]) < part.size[1] / 2 - _CUBE
    ]
    return max((top + prop.extents[2] / 2 for top in over), default=0.0)


def _check_touch(engine: str) -> None:
    """Small cubes that fall on a thing come to rest on its parts, and through where it has none."""
    for name in THINGS:
        thing = PropSpec(name, "red", (0.0, 0.0), yaw_deg=90.0, mass=0.0)
        wide, deep, _ = thing.extents
        spots = [(0.0, 0.0), (0.0, 0.38 * deep), (-0.35 * wide, 0.0)]
        spots = [spot for spot in spots if _flat(thing, *spot)]
        cubes = tuple(
            PropSpec(
                "box", "blue", (-y, x, _surface(thing, x, y) + 0.06), name=f"cube {i}", size=(_CUBE,) * 3, mass=0.1
            )
            for i, (x, y) in enumerate(spots)
        )
        with World(SceneSpec(props=(thing, *cubes)), engine=engine, physics_dt=_DT) as world:
            for _ in range(round(0.6 / _DT)):
                world.step()
            heights = world.prop_positions()[1:, 2] - _CUBE / 2
        for (x, y), height in zip(spots, heights.tolist(), strict=True):
            wanted = _surface(thing, x, y)
            message = (
                f"engine {engine!r}: a cube on a {name} at ({x:.2f}, {y:.2f}) is at {height:.3f} m, not {wanted:.3f}"
            )
            holds(abs(height - wanted) <= _LEVEL, message)


def _flat(thing: PropSpec, x: float, y: float) -> bool:
    """Whether a cube can lie at a place: no part begins or ends below it, and none is round or slanted."""
    near = [_surface(thing, x + dx, y + dy) for dx in (-_CUBE, 0.0, _CUBE) for dy in (-_CUBE, 0.0, _CUBE)]
    below = [
        part
        for part in thing.parts
        if abs(x - part.centre[0]) < part.size[0] / 2 + _CUBE and abs(y - part.centre[1]) < part.size[1] / 2 + _CUBE
    ]
    top = max(below, key=lambda part: part.centre[2] + part.size[2] / 2, default=None)
    return max(near) - min(near) < 1e-6 and (top is None or top.kind == "box")


def _check_weight(engine: str) -> None:
    """A thing with a mass stands where it stood, upright, and one with a path is carried, turned where it faces."""
    stood = tuple(PropSpec(name, "red", (3.0 * i, 4.0), mass=5.0) for i, name in enumerate(THINGS))
    walker = PropSpec("person", "blue", (0.0, -3.0), path=((0.0, -1.0), (1.0, -1.0)), speed=2.0)
    with World(SceneSpec(props=(*stood, walker)), engine=engine, physics_dt=_DT) as world:
        before = world.prop_positions()
        for _ in range(round(0.75 / _DT)):
            world.move_props(_DT)
            world.step()
            if world.prop_positions()[-1, 1] < -1.5:
                turned = world.prop_poses()[1][-1]
        after, turns = world.prop_poses()
    for i, prop in enumerate(stood):
        moved = float(np.abs(after[i] - before[i]).max())
        holds(moved <= _SUNK, f"engine {engine!r}: a {prop.shape} that stands moved by {moved:.3f} m")
        upright = 1.0 - 2.0 * float(turns[i][0] ** 2 + turns[i][1] ** 2)
        holds(upright > 0.999, f"engine {engine!r}: a {prop.shape} that stands fell over")
    yaw = 2.0 * math.atan2(turned[2], turned[3])
    holds(abs(after[-1, 1] + 1.5) < 0.02, f"engine {engine!r}: a person is not where its path has it")
    holds(abs(yaw - math.pi / 2) < 0.01, f"engine {engine!r}: a person does not look where it walks")


CHECKS = (_check_touch, _check_weight)
