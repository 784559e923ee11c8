"""What the objects of an Instruction mean in a scene, by name: fixed once, so that nothing later can mean another."""

from __future__ import annotations

from simonsays.assets.notes import dataclass
from simonsays.envs.language.instruction import Instruction, ObjectRef, Step
from simonsays.envs.moves.steering import Point
from simonsays.envs.plan.grounding import find, find_object, is_place
from simonsays.sim.specs import SceneSpec


@dataclass(frozen=True)
class Aim:
    """What a step is aimed at: props by name, or a place (x, y) m, world."""

    prop: str | None = None
    place: Point | None = None
    prop2: str | None = None
    """what the first one is moved to"""
    place2: Point | None = None
    """where the first one is moved to"""


def find_aims(instruction: Instruction, scene: SceneSpec) -> tuple[Aim, ...]:
    """The aim of each step.

    Raises:
        GroundingError: an object is not there, or several are.
    """
    return tuple(_aim(step, scene) for step in instruction.steps)


def _aim(step: Step, scene: SceneSpec) -> Aim:
    # The distance that is said is that to the place, unless it is that of what is moved to a second one.
    prop, place = find(step.object, scene, step.distance_m if step.object2 is None else None)
    prop2, place2 = find(step.object2, scene)
    return Aim(prop.name if prop else None, place, prop2.name if prop2 else None, place2)


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
