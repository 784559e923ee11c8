"""What meets in the split ``composition`` alone."""

from __future__ import annotations

from simonsays.envs.language.instruction import VERBS, ObjectRef, Step
from simonsays.sim.specs import COLORS, SHAPES

HELD_OUT_TYPES = {
    "bow": "ball",
    "follow": "cone",
    "kick": "box",
    "look": "pillar",
    "nod": "cone",
    "pickup": "cone",
    "point": "box",
    "push": "cone",
    "reach": "cone",
    "turn": "pillar",
    "wave": "box",
}
"""Verb and type of object that meet in ``composition`` alone, in whatever colour."""
HELD_OUT_EVERY = 5
"""So is a verb with a coloured object where the sum of the three places in VERBS, SHAPES and COLORS divides by this."""
HELD_OUT_SLOTS = frozenset(
    {
        ("bow", "count"),
        ("crouch", "speed"),
        ("follow", "duration_s"),
        ("go_to", "speed"),
        ("jump", "distance_m"),
        ("kick", "count"),
        ("lower_arm", "speed"),
        ("nod", "speed"),
        ("point", "duration_s"),
        ("punch", "speed"),
        ("push", "side"),
        ("reach", "speed"),
        ("run", "steps"),
        ("squat", "speed"),
        ("step", "speed"),
        ("turn", "speed"),
        ("walk", "duration_s"),
        ("wave", "duration_s"),
    }
)
"""Verb and field of a Step that meet in ``composition`` alone."""


def held_out(step: Step) -> bool:
    """Whether a verb meets an object or a field in it that it meets in ``composition`` alone."""
    return held_out_by_objects(step) or any((step.verb, name) in HELD_OUT_SLOTS for name in said_fields(step))


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
    if HELD_OUT_TYPES.get(verb) == ref.type:
        return True
    if ref.color is None:
        return False
    return (VERBS.index(verb) + list(SHAPES).index(ref.type) + list(COLORS).index(ref.color)) % HELD_OUT_EVERY == 0
