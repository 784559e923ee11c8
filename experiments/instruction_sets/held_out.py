"""What meets in the split ``composition`` alone."""

from __future__ import annotations

from functools import cache

from simonsays.envs.language.instruction import ObjectRef, Step
from simonsays.experiments.instruction_sets.usage import usages
from simonsays.sim.specs import COLORS, SHAPES

HELD_OUT_EVERY = 5
"""A verb with a coloured object is held out where the sum of the three places in the usages, SHAPES and COLORS divides
by this."""


@cache
def held_out_slots() -> frozenset[tuple[str, str]]:
    """Verb and field of a Step that meet in ``composition`` alone."""
    return frozenset((verb, name) for verb, usage in usages().items() for name in usage.held_out)


def held_out(step: Step) -> bool:
    """Whether a verb meets an object or a field in it that it meets in ``composition`` alone."""
    return held_out_by_objects(step) or any((step.verb, name) in held_out_slots() for name in said_fields(step))


def said_fields(step: Step) -> list[str]:
    """What a step says beside its verb."""
    return [name for name in step.to_json() if name not in ("verb", "parallel_with_prev")]


def held_out_by_objects(step: Step) -> bool:
    """Whether a verb meets an object that it meets in ``composition`` alone."""
    return any(held_out_object(step.verb, ref) for ref in (step.object, step.object2) if ref is not None)


def held_out_object(verb: str, ref: ObjectRef) -> bool:
    """Whether a verb meets an object, or one that a place is told by, in ``composition`` alone."""
    if ref.type not in SHAPES:
        return any(held_out_object(verb, inner) for inner in (ref.object, ref.object2) if inner is not None)
    if usages()[verb].held_out_type == ref.type:
        return True
    if ref.color is None:
        return False
    places = list(usages()).index(verb), list(SHAPES).index(ref.type), list(COLORS).index(ref.color)
    return sum(places) % HELD_OUT_EVERY == 0
