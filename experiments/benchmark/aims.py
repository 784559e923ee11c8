"""What the objects of an Instruction mean in a scene, by name: fixed once, so that nothing later can mean another."""

from __future__ import annotations

from dataclasses import dataclass

from simonsays.envs.grounding import find_object, find_place, is_place
from simonsays.envs.language.instruction import Instruction, ObjectRef
from simonsays.envs.skills.base import Point
from simonsays.sim.spec import SceneSpec


@dataclass(frozen=True)
class Aim:
    """What a step is aimed at: props by name, or a place (x, y) m, world."""

    prop: str | None = None
    place: Point | None = None
    prop2: str | None = None
    """what the first one is moved to"""


def find_aims(instruction: Instruction, scene: SceneSpec) -> tuple[Aim, ...]:
    """The aim of each step.

    Raises:
        GroundingError: an object is not there, or several are.
    """
    return tuple(
        Aim(
            find_object(step.object, scene).name if step.object is not None and not is_place(step.object) else None,
            find_place(step.object, scene) if step.object is not None and is_place(step.object) else None,
            find_object(step.object2, scene).name if step.object2 is not None and not is_place(step.object2) else None,
        )
        for step in instruction.steps
    )


def meant(instruction: Instruction, scene: SceneSpec) -> tuple[str, ...]:
    """Names of all props that are meant, also those by which others are told, in the order of the Instruction.

    Raises:
        GroundingError: an object is not there, or several are.
    """
    return tuple(
        name for step in instruction.steps for ref in (step.object, step.object2) for name in _names(ref, scene)
    )


def _names(ref: ObjectRef | None, scene: SceneSpec) -> tuple[str, ...]:
    if ref is None:
        return ()
    own = () if is_place(ref) else (find_object(ref, scene).name,)
    return (*own, *_names(ref.object, scene), *_names(ref.object2, scene))
