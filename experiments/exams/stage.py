"""A scene for a sentence, so that what it speaks of is there, once each."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace
from itertools import takewhile

from simonsays.envs.language.errors import Refusal
from simonsays.envs.language.instruction import THING, Instruction, ObjectRef
from simonsays.envs.moves.skill import skills
from simonsays.envs.plan.grounding import find_object, is_place
from simonsays.sim.specs import COLORS, SHAPES, PropSpec, SceneSpec

_EMPTY = SceneSpec("exam")
_RINGS = (2.0, 3.2)  # m, from the robot
_BESIDE = (0.8, 2.0)  # m, from a thing to the one beside it
_ROOM = 0.6  # m, between the centres of two things
_AROUND = [index * math.tau / 12 for index in (*range(0, 12, 2), *range(1, 12, 2))]
"""rad; a third thing has room between two neighbours of the first half"""


def stage(instruction: Instruction) -> SceneSpec:
    """A scene with the things that an instruction speaks of, each where it is said to be.

    The robot starts at the origin and looks along +x. What no scene can have, such as a door, is left out, and so is
    what only steps speak of from the first on that no skill does: there the plan ends.
    """
    scene, placed = _EMPTY, list[ObjectRef]()
    for ref in sorted(_things(instruction), key=_said, reverse=True):
        if not _is_there(ref, scene):
            scene = _with(ref, scene, placed)
        placed.append(ref)
    return scene


def _things(instruction: Instruction) -> Iterator[ObjectRef]:
    known = skills()
    for step in takewhile(lambda step: step.verb in known, instruction.steps):
        yield from _within(step.object)
        yield from _within(step.object2)


def _within(ref: ObjectRef | None) -> Iterator[ObjectRef]:
    """The things of which a reference speaks: itself, where it is no place, and those that it is told by."""
    if ref is not None:
        yield from _within(ref.object)
        yield from _within(ref.object2)
        if not is_place(ref):
            yield ref


def _said(ref: ObjectRef) -> tuple[bool, int]:
    """How much is said of a thing: what most is said of comes first, but what others are told by before these."""
    told = (ref.color, ref.location, ref.size, ref.rank, None if ref.type == THING else ref.type)
    return ref.relation is None, sum(part is not None for part in told)


def _is_there(ref: ObjectRef, scene: SceneSpec) -> bool:
    try:
        find_object(ref, scene)
    except Refusal:
        return False
    return True


def _with(ref: ObjectRef, scene: SceneSpec, placed: list[ObjectRef]) -> SceneSpec:
    """A scene with a thing more: as many of it as its rank asks for, and where no other becomes unclear by it."""
    shape = next(iter(SHAPES)) if ref.type == THING else ref.type
    if shape not in SHAPES or ref.color not in (None, *COLORS):
        return scene
    color = ref.color or next(iter(COLORS))
    for rank in range(1, ref.rank + 1) if isinstance(ref.rank, int) else (ref.rank,):
        now = replace(ref, rank=rank)
        tried = [
            replace(scene, props=(*scene.props, PropSpec(shape, color, spot)))
            for spot in _spots(scene)
            if all(math.dist(spot, prop.position[:2]) >= _ROOM for prop in scene.props)
        ]
        clear = (each for each in tried if all(_is_there(other, each) for other in [now, *placed]))
        scene = next(clear, tried[0] if tried else scene)
    return scene


def _spots(scene: SceneSpec) -> Iterator[tuple[float, float]]:
    """(x, y) m, world: around the robot, beside the things that are there, and between them."""
    for radius in _RINGS:
        for angle in _AROUND:
            yield radius * math.cos(angle), radius * math.sin(angle)
    for place, prop in enumerate(scene.props):
        x, y = prop.position[:2]
        for away in _BESIDE:
            for angle in _AROUND:
                yield x + away * math.cos(angle), y + away * math.sin(angle)
        for other in scene.props[:place]:
            yield (x + other.position[0]) / 2, (y + other.position[1]) / 2
