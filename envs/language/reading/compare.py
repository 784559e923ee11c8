"""How steps compare: what one adds to another, repeats of it or overrides in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields, replace
from typing import Any

from simonsays.envs.language.instruction import Step

_DETAILS = tuple(entry.name for entry in fields(Step) if entry.name not in ("verb", "span", "parallel_with_prev"))
_AMOUNTS = {"distance_m", "steps", "duration_s", "angle_deg", "speed", "count"}


def _said(step: Step, name: str) -> Any:
    """What a step says in a slot; None where that is nothing."""
    return getattr(step, name) or None


def covers(done: Step, said: Step) -> bool:
    """Whether a step says nothing that the one before did not."""
    return done.verb == said.verb and all(
        _said(said, name) in (None, _said(done, name)) for name in _DETAILS if name != "speed"
    )


def adds_to(old: Step, new: Step) -> bool:
    """Whether a fragment after a comma says more of the step before: "walk forward, slowly"."""
    pairs = [(_said(old, name), _said(new, name)) for name in _DETAILS]
    return all(before is None or after in (None, before) for before, after in pairs)


def adds_amounts(before: Step, steps: Sequence[Step]) -> bool:
    """Whether the verb is said again with an amount."""
    if len(steps) != 1 or steps[0].verb != before.verb:
        return False
    said = {name for name in _DETAILS if _said(steps[0], name) not in (None, _said(before, name))}
    return bool(said) and said <= _AMOUNTS


def elaborates(before: Step, steps: Sequence[Step]) -> bool:
    """Whether a verb is said again only to say how much: "walk left, walk three steps"."""
    placed = before.direction is not None or before.side is not None
    return placed and adds_amounts(before, steps) and not any(_said(before, name) is not None for name in _AMOUNTS)


def is_bare(steps: Sequence[Step]) -> bool:
    return len(steps) == 1 and all(_said(steps[0], name) is None for name in _DETAILS)


def said_already(steps: Sequence[Step], verb: str) -> bool:
    return bool(steps) and (steps[-1].verb == verb or {steps[-1].verb, verb} == {"walk", "go_to"})


def overridden(old: Step, new: Step) -> Step:
    """The old step with what the correction says."""
    changes = {name: _said(new, name) for name in _DETAILS if _said(new, name) is not None}
    if "object" in changes and old.object is not None and old.verb != "put_next":
        changes["object"] = new.object
    amounts = ("distance_m", "steps", "duration_s")
    if any(name in changes for name in amounts):
        changes = {**dict.fromkeys(amounts), **changes}
    return replace(old, **changes)


def same_steps(a: Sequence[Step], b: Sequence[Step]) -> bool:
    return [replace(step, speed=None) for step in a] == [replace(step, speed=None) for step in b]


def turned(step: Step) -> bool:
    """Whether a step is half a turn."""
    return step.verb == "turn" and (step.direction == "around" or step.angle_deg == 180.0)
