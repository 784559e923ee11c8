"""What the sets make of each verb, as ``verbs.toml`` tells it, and what meets in the split ``composition`` alone."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from simonsays.assets.notes import dataclass
from simonsays.envs.language.instruction import ObjectRef, Step
from simonsays.sim.specs import COLORS, SHAPES


@dataclass(frozen=True)
class Usage:
    """How a verb is drawn."""

    weight: int
    roles: tuple[str, ...]
    """what a sentence may use it as: comes, at_object, goal, aim, travel, gesture"""
    types: tuple[str, ...]
    """of object that it can be done to"""
    held_out: tuple[str, ...]
    """fields of a Step that it meets in ``composition`` alone"""
    held_out_type: str | None
    """of object that it meets in ``composition`` alone, in whatever colour"""
    choices: Mapping[str, Sequence[Any]]
    """by field of a Step: what is drawn from"""


@cache
def usages() -> Mapping[str, Usage]:
    """Usage of every verb that is in the sets, by verb, in the order that the rule of what is held out hangs on."""
    data = tomllib.loads(Path(__file__).with_name("verbs.toml").read_text(encoding="utf-8"))
    common, found = data.pop("any"), dict[str, Usage]()
    for verb, told in data.items():
        roles, held_out = tuple(told.pop("roles", ())), tuple(told.pop("held_out", ()))
        types, held_out_type = tuple(told.pop("types", SHAPES)), told.pop("held_out_type", None)
        found[verb] = Usage(told.pop("weight"), roles, types, held_out, held_out_type, common | told)
    return found


def verbs_as(role: str) -> tuple[str, ...]:
    """The verbs that a sentence may use as something."""
    return tuple(verb for verb, usage in usages().items() if role in usage.roles)


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
