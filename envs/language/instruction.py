"""The typed meaning of an instruction: frozen, independent of language, with the JSON form of the contract."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from difflib import get_close_matches
from typing import Any

from simonsays.envs.language.vocabulary import NOT_OF_EVERY_VERB, verbs

DIRECTIONS = ("forward", "backward", "left", "right", "around")
SIDES = ("left", "right", "both")
SPEEDS = ("slow", "normal", "fast")
LOCATIONS = ("left", "right", "front", "behind")
SIZES = ("big", "small")
EFFORTS = ("gentle", "normal", "full")
STYLES = ("cautious", "sneaky", "proud", "tired", "drunk", "happy", "robotic", "elderly")
SHAPES = ("circle", "arc", "figure_eight", "square", "triangle", "zigzag")
TURNS = ("left", "right")
RELATIONS = ("left_of", "right_of", "behind", "in_front_of", "next_to", "between")
START = "start"
"""type of the place where the robot began"""
PLACE = "place"
"""type of a place that is known by its relation alone, such as behind the box"""
THING = "object"
"""type of an object that is not said"""
VIEWER = "viewer"
"""type of whoever watches or speaks"""
ROBOT = "robot"
"""type of a robot, which has a name"""
VERSIONS = (1, 2)
"""of the JSON: the second adds fields and verbs, and means the same by those of the first"""
MAX_STEPS = 200
VALUES: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "ObjectRef": {"size": SIZES, "location": LOCATIONS, "relation": RELATIONS},
    "PathShape": {"shape": SHAPES, "side": TURNS},
    "Step": {"direction": DIRECTIONS, "side": SIDES, "speed": SPEEDS, "style": STYLES, "effort": EFFORTS},
}
"""class to its fields that have a word of a list; a speed may be a number, too"""
_LARGEST = 1e12
_DEEPEST = 8  # relations within relations


class InstructionError(ValueError):
    """An Instruction JSON that breaks the contract; the message names the field."""


@dataclass(frozen=True)
class ObjectRef:
    """A thing that was named: "the red ball". ``type`` "start" is the place where the robot began.

    Attributes:
        size: big or small: compared with the others of its kind
        rank: nearest, farthest, or n: the n-th nearest
        location: left, right, front or behind, as the robot sees it
        relation: left_of, right_of, behind, in_front_of or next_to ``object``, or between it and ``object2``
        name: of a robot
        definite: "the red ball" (True) must be one; "a red ball" (False) is the nearest. Not part of the JSON: it is
            True there unless it is given.
        span: first and last character + 1 in the text
    """

    type: str
    color: str | None = None
    size: str | None = None
    rank: str | int | None = None
    location: str | None = None
    relation: str | None = None
    object: ObjectRef | None = None
    object2: ObjectRef | None = None
    name: str | None = None
    definite: bool = True
    span: tuple[int, int] | None = field(default=None, compare=False, repr=False)

    def to_json(self) -> dict[str, Any]:
        """Plain data of the contract; absent fields are left out."""
        return _present(self, skip=("definite", "span"))

    @classmethod
    def from_json(cls, data: Any, where: str, depth: int = 0) -> ObjectRef:
        """From plain data.

        Raises:
            InstructionError: an unknown field or value.
        """
        if depth > _DEEPEST:
            raise InstructionError(f"{where}: more than {_DEEPEST} relations inside each other")
        _check(data, cls, where)
        _check_words(data, cls, where)
        for name in ("type", "color", "name"):
            _check_text(data, name, None, where)
        if "type" not in data:
            raise InstructionError(f"{where}: field 'type' is missing")
        if ("name" in data) != (data["type"] == ROBOT):
            raise InstructionError(f"{where}.name: an object of type {ROBOT!r} has one, and no other")
        if not isinstance(data.get("definite", True), bool):
            raise InstructionError(f"{where}.definite: needs true or false")
        if isinstance(data.get("rank"), str):
            _check_text(data, "rank", ("nearest", "farthest"), where)
        else:
            _check_number(data, "rank", where, whole=True)
        needed = {"between": 2}.get(str(data.get("relation")), 1) if "relation" in data else 0
        for i, name in enumerate(("object", "object2")):
            if (name in data) != (i < needed):
                raise InstructionError(f"{where}: relation {data.get('relation')!r} needs {needed} objects")
        values = dict(data)
        for name in ("object", "object2"):
            if name in values:
                values[name] = cls.from_json(values[name], f"{where}.{name}", depth + 1)
        return cls(**values)


@dataclass(frozen=True)
class PathShape:
    """The way that is walked where it is no straight one.

    Attributes:
        side: the sense of turning: left or right
        angle_deg: of a part of a circle: 180 is half of it; a whole one is 360, which may be left out
    """

    shape: str
    side: str | None = None
    angle_deg: float | None = None
    radius_m: float | None = None

    def to_json(self) -> dict[str, Any]:
        """Plain data; absent fields are left out."""
        return _present(self, skip=())

    @classmethod
    def from_json(cls, data: Any, where: str) -> PathShape:
        """From plain data.

        Raises:
            InstructionError: an unknown field, or an impossible value.
        """
        _check(data, cls, where)
        if "shape" not in data:
            raise InstructionError(f"{where}: field 'shape' is missing")
        _check_words(data, cls, where)
        for name in ("angle_deg", "radius_m"):
            _check_number(data, name, where, whole=False)
        return cls(**data)


@dataclass(frozen=True)
class Step:
    """One thing to do. Absent slots are None.

    Attributes:
        object2: where the first one is put, pushed or kicked to
        parallel_with_prev: to be done during the step before
        robot: the name of the robot that is spoken to, where there are several
        in_place: on the spot
        approx: its amount was vague
        name: of what is performed
        span: first and last character + 1 in the text
    """

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
    object2: ObjectRef | None = None
    parallel_with_prev: bool = False
    robot: str | None = None
    path: PathShape | None = None
    in_place: bool = False
    style: str | None = None
    effort: str | None = None
    approx: bool = False
    name: str | None = None
    span: tuple[int, int] | None = field(default=None, compare=False, repr=False)

    def to_json(self) -> dict[str, Any]:
        """Plain data; absent fields are left out."""
        return _present(self, skip=("span",))

    @classmethod
    def from_json(cls, data: Any, where: str) -> Step:
        """From plain data.

        Raises:
            InstructionError: an unknown field or verb, or an impossible value.
        """
        _check(data, cls, where)
        _check_verb(data.get("verb"), where)
        for slot in NOT_OF_EVERY_VERB:
            if slot in data and slot not in verbs()[data["verb"]].slots:
                takers = ", ".join(verb for verb, words in verbs().items() if slot in words.slots)
                raise InstructionError(f"{where}.{slot}: {data['verb']!r} takes none; it goes with {takers}")
        _check_words(data, cls, where)
        for name in ("robot", "name"):
            _check_text(data, name, None, where)
        for name in ("angle_deg", "distance_m", "duration_s", "speed", "steps", "count"):
            _check_number(data, name, where, whole=name in ("steps", "count"))
        for name in ("parallel_with_prev", "in_place", "approx"):
            if not isinstance(data.get(name, False), bool):
                raise InstructionError(f"{where}.{name}: needs true or false")
        values = dict(data)
        for name, kind in (("object", ObjectRef), ("object2", ObjectRef), ("path", PathShape)):
            if name in values:
                values[name] = kind.from_json(values[name], f"{where}.{name}")
        return cls(**values)


@dataclass(frozen=True)
class Instruction:
    """Steps in order; ``unordered`` says that any order is meant.

    Attributes:
        notes: words of the text that it passes over
    """

    steps: tuple[Step, ...]
    unordered: bool = False
    notes: tuple[str, ...] = field(default=(), compare=False)

    def to_json(self) -> dict[str, Any]:
        """The Instruction JSON of the contract."""
        data: dict[str, Any] = {"steps": [step.to_json() for step in self.steps]}
        return (
            data | ({"unordered": True} if self.unordered else {}) | ({"notes": list(self.notes)} if self.notes else {})
        )

    @classmethod
    def from_json(cls, data: Any) -> Instruction:
        """Check and read an Instruction JSON.

        Raises:
            InstructionError: it breaks the contract; the message names the field.
        """
        _check(data, cls, "instruction", "version")
        if data.get("version", 1) not in VERSIONS:
            raise InstructionError(f"instruction.version: {data['version']!r:.80} is not read; known: 1 and 2")
        steps = data.get("steps")
        if not isinstance(steps, list) or not steps:
            raise InstructionError("instruction.steps: needs a list of at least one step")
        if len(steps) > MAX_STEPS:
            raise InstructionError(f"instruction.steps: {len(steps)} steps; at most {MAX_STEPS}")
        if not isinstance(data.get("unordered", False), bool):
            raise InstructionError("instruction.unordered: needs true or false")
        notes = data.get("notes", [])
        if not isinstance(notes, list) or not all(isinstance(note, str) for note in notes):
            raise InstructionError("instruction.notes: needs a list of texts")
        read = tuple(Step.from_json(step, f"steps[{i}]") for i, step in enumerate(steps))
        if read[0].parallel_with_prev:
            raise InstructionError("steps[0].parallel_with_prev: there is no step before")
        return cls(read, data.get("unordered", False), tuple(notes))


def _present(node: Any, skip: tuple[str, ...]) -> dict[str, Any]:
    found = {}
    for entry in fields(node):
        value = getattr(node, entry.name)
        if value is None or value is False or entry.name in skip:
            continue
        found[entry.name] = value.to_json() if isinstance(value, ObjectRef | PathShape) else value
    return found


def _check(data: Any, kind: type, where: str, *also: str) -> None:
    if not isinstance(data, Mapping):
        raise InstructionError(f"{where}: needs an object with named fields, not {data!r:.80}")
    known = [entry.name for entry in fields(kind) if entry.name != "span"] + [*also]
    for key in data:
        if key not in known:
            raise InstructionError(f"{where}: unknown field {key!r:.80}; known: {', '.join(known)}")


def _check_verb(verb: Any, where: str) -> None:
    known = verbs()
    if not isinstance(verb, str) or verb not in known:
        near = get_close_matches(str(verb), known, 1)
        hint = f"did you mean {near[0]!r}?" if near else f"it is none of {', '.join(known)}"
        raise InstructionError(f"{where}.verb: {verb!r:.80} is no verb that is known; {hint}")


def _check_words(data: Mapping[str, Any], kind: type, where: str) -> None:
    for name, allowed in VALUES[kind.__name__].items():
        if name != "speed" or isinstance(data.get(name), str):
            _check_text(data, name, allowed, where)


def _check_text(data: Mapping[str, Any], name: str, allowed: tuple[str, ...] | None, where: str) -> None:
    value = data.get(name)
    if value is None and name not in data:
        return
    if not isinstance(value, str) or (value not in allowed if allowed is not None else not value.strip()):
        known = f"one of {', '.join(allowed)}" if allowed else "text"
        raise InstructionError(f"{where}.{name}: needs {known}, not {value!r:.80}")


def _check_number(data: Mapping[str, Any], name: str, where: str, whole: bool) -> None:
    value = data.get(name)
    if name not in data or (name == "speed" and isinstance(value, str)):
        return
    number = isinstance(value, int | float) and not isinstance(value, bool) and 0 < value < _LARGEST
    if not number or (whole and value != int(value)):  # type: ignore[arg-type]
        raise InstructionError(f"{where}.{name}: needs a {'whole ' if whole else ''}number above 0, not {value!r:.80}")
