"""The typed meaning of an instruction: frozen, independent of language, with the JSON form of the contract."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

VERBS = (
    *(
        "walk",
        "run",
        "turn",
        "jump",
        "look",
        "stop",
        "crouch",
        "stand",
        "sit",
        "wave",
        "raise_arm",
        "lower_arm",
    ),
    *(
        "reach",
        "point",
        "kick",
        "push",
        "pickup",
        "put_next",
        "open",
        "go_to",
        "follow",
        "step",
        "nod",
        "bow",
    ),
    *("punch", "squat"),
)
DIRECTIONS = ("forward", "backward", "left", "right", "around")
SIDES = ("left", "right", "both")
SPEEDS = ("slow", "normal", "fast")
LOCATIONS = ("left", "right", "front", "behind")


class InstructionError(ValueError):
    """An Instruction JSON that breaks the contract; the message names the field."""


@dataclass(frozen=True)
class ObjectRef:
    """A thing that was named: "the red ball". ``type`` "start" is the place where the robot began."""

    type: str
    color: str | None = None
    location: str | None = None
    """left, right, front or behind, as the robot sees it"""
    definite: bool = True
    """"the red ball" (True) must be one; "a red ball" (False) is the nearest"""

    def to_json(self) -> dict[str, Any]:
        """Plain data; absent fields are left out."""
        return _present(self, skip=("definite",) if self.definite else ())

    @classmethod
    def from_json(cls, data: Any, where: str) -> ObjectRef:
        """From plain data.

        Raises:
            InstructionError: an unknown field or value.
        """
        _check(data, cls, where)
        for field, allowed in (("type", None), ("color", None), ("location", LOCATIONS)):
            _check_text(data, field, allowed, where)
        if "type" not in data:
            raise InstructionError(f"{where}: field 'type' is missing")
        if not isinstance(data.get("definite", True), bool):
            raise InstructionError(f"{where}.definite: needs true or false")
        return cls(**data)


@dataclass(frozen=True)
class Step:
    """One thing to do. Absent slots are None."""

    verb: str
    direction: str | None = None
    angle_deg: float | None = None
    distance_m: float | None = None
    steps: int | None = None
    duration_s: float | None = None
    count: int | None = None
    speed: str | float | None = None
    side: str | None = None
    object: ObjectRef | None = None

    def to_json(self) -> dict[str, Any]:
        """Plain data; absent fields are left out."""
        return _present(self)

    @classmethod
    def from_json(cls, data: Any, where: str) -> Step:
        """From plain data.

        Raises:
            InstructionError: an unknown field or verb, or an impossible value.
        """
        _check(data, cls, where)
        if data.get("verb") not in VERBS:
            raise InstructionError(f"{where}.verb: {data.get('verb')!r} is none of {', '.join(VERBS)}")
        for field, allowed in (("direction", DIRECTIONS), ("side", SIDES)):
            _check_text(data, field, allowed, where)
        if isinstance(data.get("speed"), str):
            _check_text(data, "speed", SPEEDS, where)
        for field in ("angle_deg", "distance_m", "duration_s", "speed", "steps", "count"):
            _check_number(data, field, where, whole=field in ("steps", "count"))
        values = dict(data)
        if "object" in values:
            values["object"] = ObjectRef.from_json(values["object"], f"{where}.object")
        return cls(**values)


@dataclass(frozen=True)
class Instruction:
    """Steps in order; ``unordered`` says that any order is meant."""

    steps: tuple[Step, ...]
    unordered: bool = False

    def to_json(self) -> dict[str, Any]:
        """The Instruction JSON of the contract."""
        data: dict[str, Any] = {"steps": [step.to_json() for step in self.steps]}
        return {**data, "unordered": True} if self.unordered else data

    @classmethod
    def from_json(cls, data: Any) -> Instruction:
        """Check and read an Instruction JSON.

        Raises:
            InstructionError: it breaks the contract; the message names the field.
        """
        _check(data, cls, "instruction")
        steps = data.get("steps")
        if not isinstance(steps, list) or not steps:
            raise InstructionError("instruction.steps: needs a list of at least one step")
        if not isinstance(data.get("unordered", False), bool):
            raise InstructionError("instruction.unordered: needs true or false")
        read = tuple(Step.from_json(step, f"steps[{i}]") for i, step in enumerate(steps))
        return cls(read, data.get("unordered", False))


def _present(node: Any, skip: tuple[str, ...] = ()) -> dict[str, Any]:
    found = {}
    for field in fields(node):
        value = getattr(node, field.name)
        if value is None or field.name in skip:
            continue
        found[field.name] = value.to_json() if isinstance(value, ObjectRef) else value
    return found


def _check(data: Any, kind: type, where: str) -> None:
    if not isinstance(data, Mapping):
        raise InstructionError(f"{where}: needs an object with named fields, not {data!r}")
    known = [field.name for field in fields(kind)]
    for key in data:
        if key not in known:
            raise InstructionError(f"{where}: unknown field {key!r}; known: {', '.join(known)}")


def _check_text(data: Mapping[str, Any], field: str, allowed: tuple[str, ...] | None, where: str) -> None:
    value = data.get(field)
    if value is None and field not in data:
        return
    if not isinstance(value, str) or (allowed is not None and value not in allowed):
        known = f"one of {', '.join(allowed)}" if allowed else "text"
        raise InstructionError(f"{where}.{field}: needs {known}, not {value!r}")


def _check_number(data: Mapping[str, Any], field: str, where: str, whole: bool) -> None:
    value = data.get(field)
    if field not in data or (field == "speed" and isinstance(value, str)):
        return
    number = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value) and value > 0
    if not number or (whole and value != int(value)):  # type: ignore[arg-type]
        raise InstructionError(f"{where}.{field}: needs a {'whole ' if whole else ''}number above 0, not {value!r}")
