"""The typed meaning of an instruction: frozen, independent of language, with the JSON form of the contract."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import MISSING, dataclass, field, fields
from difflib import get_close_matches
from typing import Any, Self

from simonsays.envs.language.vocabulary import NOT_OF_EVERY_VERB, verbs

DIRECTIONS = ("forward", "backward", "left", "right", "around")
SIDES = ("left", "right", "both")
SPEEDS = ("slow", "normal", "fast")
LOCATIONS = ("left", "right", "front", "behind")
SIZES = ("big", "small")
RANKS = ("nearest", "farthest")
EFFORTS = ("gentle", "normal", "full")
STYLES = ("cautious", "sneaky", "proud", "tired", "drunk", "happy", "robotic", "elderly")
SHAPES = ("circle", "arc", "figure_eight", "square", "triangle", "zigzag", "through")
TURNS = ("left", "right")
RELATIONS = ("left_of", "right_of", "behind", "in_front_of", "next_to", "on_top_of", "inside", "under", "between")
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
VERSIONS = (1, 2, 2.1)
"""of the JSON: 2 adds fields and verbs to 1, 2.1 verbs to 2 (``since`` of verbs.toml); what they share is the same"""
MAX_STEPS = 200
VALUES: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "ObjectRef": {"size": SIZES, "rank": RANKS, "location": LOCATIONS, "relation": RELATIONS},
    "PathShape": {"shape": SHAPES, "side": TURNS},
    "Step": {"direction": DIRECTIONS, "side": SIDES, "speed": SPEEDS, "style": STYLES, "effort": EFFORTS},
}
"""class to its fields that have a word of a list; a speed and a rank may be a number, too"""
_LARGEST = 1e12
_DEEPEST = 8  # relations within relations


class InstructionError(ValueError):
    """An Instruction JSON that breaks the contract; the message names the field."""


@dataclass(frozen=True)
class _Node:
    """A part of an Instruction: its fields are those of its JSON."""

    def to_json(self) -> dict[str, Any]:
        """Plain data of the contract; absent fields are left out."""
        names = [entry.name for entry in fields(self) if entry.name not in ("definite", "span")]
        kept = {name: value for name in names if (value := getattr(self, name)) is not None and value is not False}
        return {name: value.to_json() if isinstance(value, _Node) else value for name, value in kept.items()}

    @classmethod
    def from_json(cls, data: Any, where: str, depth: int = 0) -> Self:
        """From plain data; ``where`` it stands, for messages.

        Raises:
            InstructionError: an unknown field or verb, or an impossible value.
        """
        if depth > _DEEPEST:
            raise InstructionError(f"{where}: more than {_DEEPEST} relations inside each other")
        known = {entry.name: entry for entry in fields(cls) if entry.name != "span"}
        _check_names(data, tuple(known), where)
        values = dict(data)
        for name, entry in known.items():
            types, place = str(entry.type), f"{where}.{name}"
            nested = _NESTED.get(types)
            if name not in data:
                if entry.default is MISSING:
                    raise InstructionError(f"{where}: field {name!r} is missing")
            elif nested is not None:
                values[name] = nested.from_json(data[name], place, depth + 1)
            else:
                _value(data[name], types, VALUES[cls.__name__].get(name), place)
        cls._check(data, where)
        return cls(**values)

    @classmethod
    def _check(cls, data: Mapping[str, Any], where: str) -> None:
        """Refuse fields that do not go together."""


@dataclass(frozen=True)
class ObjectRef(_Node):
    """A thing that was named: "the red ball". ``type`` "start" is the place where the robot began.

    Attributes:
        size: big or small: compared with the others of its kind
        rank: nearest, farthest, or n: the n-th nearest
        location: left, right, front or behind, as the robot sees it
        relation: left_of, right_of, behind, in_front_of, next_to, on_top_of, inside or under ``object``, or between
            it and ``object2``
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

    @classmethod
    def _check(cls, data: Mapping[str, Any], where: str) -> None:
        if ("name" in data) != (data["type"] == ROBOT):
            raise InstructionError(f"{where}.name: an object of type {ROBOT!r} has one, and no other")
        needed = {"between": 2}.get(str(data.get("relation")), 1) if "relation" in data else 0
        for i, name in enumerate(("object", "object2")):
            if (name in data) != (i < needed):
                raise InstructionError(f"{where}: relation {data.get('relation')!r} needs {needed} objects")


@dataclass(frozen=True)
class PathShape(_Node):
    """The way that is walked where it is no straight one.

    Attributes:
        shape: around the step's object, where it has one; "through" it, or what lies between two things
        side: the sense of turning: left or right
        angle_deg: of a part of a circle: 180 is half of it; a whole one is 360, which may be left out
    """

    shape: str
    side: str | None = None
    angle_deg: float | None = None
    radius_m: float | None = None


@dataclass(frozen=True)
class Step(_Node):
    """One thing to do. Absent slots are None.

    Attributes:
        object2: where the first one is put, pushed or kicked to
        parallel_with_prev: to be done during the step before
        robot: the name of the robot that is spoken to, where there are several
        in_place: on the spot: of walk, run, march and jump
        style: how it is walked, run, danced or waved
        effort: how hard
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

    @classmethod
    def _check(cls, data: Mapping[str, Any], where: str) -> None:
        verb, known = data["verb"], verbs()
        if verb not in known:
            near = get_close_matches(verb, known, 1)
            hint = f"did you mean {near[0]!r}?" if near else f"it is none of {', '.join(known)}"
            raise InstructionError(f"{where}.verb: {verb!r:.80} is no verb that is known; {hint}")
        for slot in NOT_OF_EVERY_VERB:
            if slot in data and slot not in known[verb].slots:
                takers = ", ".join(name for name, words in known.items() if slot in words.slots)
                raise InstructionError(f"{where}.{slot}: {verb!r} takes none; it goes with {takers}")


_NESTED: Mapping[str, type[_Node]] = {"ObjectRef | None": ObjectRef, "PathShape | None": PathShape}


@dataclass(frozen=True)
class Instruction:
    """Steps in order; ``unordered`` says that any order is meant.

    Attributes:
        notes: words of the text that it passes over or takes back, and what was read otherwise: "forwrd → forward"
    """

    steps: tuple[Step, ...]
    unordered: bool = False
    notes: tuple[str, ...] = field(default=(), compare=False)

    def to_json(self) -> dict[str, Any]:
        """The Instruction JSON of the contract."""
        steps = [step.to_json() for step in self.steps]
        more = {"unordered": self.unordered, "notes": list(self.notes)}
        return {"steps": steps, **{name: value for name, value in more.items() if value}}

    @classmethod
    def from_json(cls, data: Any) -> Instruction:
        """Check and read an Instruction JSON.

        Raises:
            InstructionError: it breaks the contract; the message names the field.
        """
        _check_names(data, ("steps", "unordered", "notes", "version"), "instruction")
        if data.get("version", 1) not in VERSIONS:
            known = ", ".join(map(str, VERSIONS))
            raise InstructionError(f"instruction.version: {data['version']!r:.80} is not read; known: {known}")
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
        for i, step in enumerate(read):
            since = verbs()[step.verb].since
            if data.get("version", since) < since > VERSIONS[1]:
                mend = f"say so in 'version', or leave that out; the document says {data['version']}"
                raise InstructionError(f"steps[{i}].verb: {step.verb!r} is of version {since}: {mend}")
        if read[0].parallel_with_prev:
            raise InstructionError("steps[0].parallel_with_prev: there is no step before")
        return cls(read, data.get("unordered", False), tuple(notes))


def _check_names(data: Any, known: Sequence[str], where: str) -> None:
    if not isinstance(data, Mapping):
        raise InstructionError(f"{where}: needs an object with named fields, not {data!r:.80}")
    for key in data:
        if key not in known:
            raise InstructionError(f"{where}: unknown field {key!r:.80}; known: {', '.join(known)}")


def _value(value: Any, types: str, allowed: tuple[str, ...] | None, where: str) -> None:
    """Refuse a value that a field of such types, as they are written, cannot have."""
    number = isinstance(value, int | float) and not isinstance(value, bool) and 0 < value < _LARGEST
    measured = "float" in types
    if "bool" in types:
        fits, needs = isinstance(value, bool), "true or false"
    elif (measured or "int" in types) and not ("str" in types and isinstance(value, str)):
        fits = number and (measured or value == int(value))
        needs = "a number above 0" if measured else "a whole number above 0"
    else:
        fits = isinstance(value, str) and (value in allowed if allowed is not None else bool(value.strip()))
        needs = f"one of {', '.join(allowed)}" if allowed else "text"
    if not fits:
        raise InstructionError(f"{where}: needs {needs}, not {value!r:.80}")
