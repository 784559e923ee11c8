"""What the sets make of each verb, as ``verbs.toml`` tells it."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from simonsays.sim.specs import SHAPES


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
