"""What is to be done, and where: sets of sentences, and scenes drawn at random for an instruction.

A set is a list, or a TOML file in the layout of the instruction sets. In a drawn scene the things of an instruction are
there and can be told apart, and its way is clear.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from simonsays.assets import InputError
from simonsays.assets.reading import read_toml
from simonsays.assets.registry import INSTRUCTION_SETS
from simonsays.envs.instruction.encoding import check_encoded
from simonsays.envs.instruction.odometry import STAND_OFF, turn_of
from simonsays.envs.language import Instruction, InstructionError, ObjectRef, ParseError, Step, parse, render
from simonsays.envs.language.instruction import THING
from simonsays.envs.moves.paths import distance_to_line
from simonsays.envs.moves.skill import GroundingError, goal_of, skills
from simonsays.envs.moves.steering import Point, axis
from simonsays.envs.plan.grounding import find_object, find_place, is_place
from simonsays.envs.plan.plan import ground
from simonsays.sim.specs import COLORS, SHAPES, PropSpec, RobotSpec, SceneSpec

_NEAREST, _FARTHEST = 1.2, 3.6  # m, from the robot's start to a prop's centre
_APART = 1.2  # m, between the centres of props
_BESIDE = 1.2, 2.0  # m, from the thing that another is told by
_CLEAR = 0.55  # m, from the robot's way to the surface of what it is not going to
_SCALES = {"big": 1.4, "small": 0.7}
_TRIES = 600
_TOLD = 5  # sentences that a message tells of


def referred(instruction: Instruction) -> tuple[ObjectRef, ...]:
    """The things, each once, that an instruction names: those that places and relations are told by too."""
    found = (ref for step in instruction.steps for ref in (step.object, step.object2) if ref is not None)
    return tuple(dict.fromkeys(thing for ref in found for thing in _things(ref)))


def _things(ref: ObjectRef) -> Iterator[ObjectRef]:
    for inner in (ref.object, ref.object2):
        if inner is not None:
            yield from _things(inner)
    if not is_place(ref):
        yield ref


def draw_scene(rng: np.random.Generator, instruction: Instruction, distractors: int = 0) -> SceneSpec:
    """A scene for an instruction: what it names, ``distractors`` other things, and the robot with a random heading.

    Every reference means exactly one prop, props are apart, and the way that the instruction takes (turns on the
    spot and straight lines) keeps clear of all that it does not go to. Where the distractors are in the way again and
    again, they are left out.

    Raises:
        GroundingError: no such scene was found, such as for a thing of a type that there are no props of.
    """
    refs = referred(instruction)
    error = GroundingError("no scene was found in which this can be done", "no_such_object")
    for attempt in range(_TRIES):
        props = _draw_props(rng, refs, distractors if attempt < _TRIES // 2 else 0)
        if props is None:
            continue
        scene = SceneSpec("drawn", (0.0, 0.0), float(rng.uniform(-180.0, 180.0)), props)
        try:
            found = [find_object(ref, scene) for ref in refs]
            plain = {ref: prop for ref, prop in zip(refs, found, strict=True) if ref.relation is None}
            if len({prop.name for prop in plain.values()}) == len(plain) and _is_clear(instruction, scene):
                return scene
        except GroundingError as failure:
            error = failure
    raise error


def _draw_props(rng: np.random.Generator, refs: Sequence[ObjectRef], distractors: int) -> tuple[PropSpec, ...] | None:
    props: list[PropSpec] = []
    placed: dict[ObjectRef, Point] = {}
    for ref in (*refs, *[ObjectRef(THING)] * distractors):
        shape = str(rng.choice(list(SHAPES))) if ref.type == THING else ref.type
        if shape not in SHAPES:
            raise GroundingError(f"there is no prop of the type {ref.type!r}", "no_such_object", ref.span)
        anchor = placed.get(ref.object) if ref.object is not None else None
        position = _around(rng, (0.0, 0.0), _NEAREST, _FARTHEST) if anchor is None else _around(rng, anchor, *_BESIDE)
        far = math.hypot(*position)
        if any(math.dist(position, prop.position) < _APART for prop in props) or not _NEAREST <= far <= _FARTHEST:
            return None
        placed[ref] = position
        scale = _SCALES.get(ref.size or "", 1.0)
        x, y, z = (scale * extent for extent in SHAPES[shape][0])
        props.append(PropSpec(shape, ref.color or str(rng.choice(list(COLORS))), position, size=(x, y, z)))
    return tuple(props)


def _around(rng: np.random.Generator, centre: Point, nearest: float, farthest: float) -> Point:
    """A point (x, y) m at a random distance and angle from another."""
    distance, angle = float(rng.uniform(nearest, farthest)), float(rng.uniform(-math.pi, math.pi))
    return centre[0] + distance * math.cos(angle), centre[1] + distance * math.sin(angle)


def _is_clear(instruction: Instruction, scene: SceneSpec) -> bool:
    """Whether the way keeps clear of all things but the one that it starts at or ends at."""
    place, heading, left_from = scene.robot_position, math.radians(scene.robot_yaw_deg), ""
    for step in instruction.steps:
        end, heading, goal = _after(step, scene, place, heading)
        if end == place:
            continue
        needed = {left_from: STAND_OFF - 0.1, goal: -math.inf}
        for prop in scene.props:
            away = distance_to_line((prop.position[0], prop.position[1]), place, end)
            if away - prop.radius < needed.get(prop.name, _CLEAR):
                return False
        place, left_from = end, goal or ""
    return True


def _after(step: Step, scene: SceneSpec, place: Point, heading: float) -> tuple[Point, float, str | None]:
    """Where the robot is after a step, its heading, and the prop that it went to."""
    goal = goal_of(step)
    if step.object is not None and goal == "heading":
        x, y = find_object(step.object, scene).position[:2]
        return place, math.atan2(y - place[1], x - place[0]), None
    if step.object is not None and is_place(step.object):
        end = find_place(step.object, scene)
        by = find_object(step.object.object, scene).name if step.object.object is not None else None
        return end, math.atan2(end[1] - place[1], end[0] - place[0]), by
    if step.object is not None:
        prop = find_object(step.object, scene)
        x, y = prop.position[0] - place[0], prop.position[1] - place[1]
        distance = math.hypot(x, y)
        share = (distance - prop.radius - STAND_OFF) / distance
        return (place[0] + share * x, place[1] + share * y), math.atan2(y, x), prop.name
    if goal == "heading":
        return place, heading + turn_of(step), None
    if goal == "line":
        ahead, left = axis(step.direction, step.side)
        length = step.distance_m or 0.3 * (step.steps or 0) + 0.6 * (step.duration_s or 0.0) or 1.0
        c, s = math.cos(heading), math.sin(heading)
        return (place[0] + length * (c * ahead - s * left), place[1] + length * (s * ahead + c * left)), heading, None
    return place, heading, None


@dataclass(frozen=True)
class Sentence:
    """A text and what it means."""

    text: str
    instruction: Instruction

    @property
    def verbs(self) -> frozenset[str]:
        """The verbs of its steps."""
        return frozenset(step.verb for step in self.instruction.steps)

    @property
    def trivial(self) -> bool:
        """Whoever does nothing does it; what an arm does must be chosen."""
        known = skills()
        return all(verb in known and known[verb].at_rest and known[verb].legs for verb in self.verbs)


def read_sentence(said: Any) -> Sentence:
    """A sentence from a text, an Instruction or its JSON.

    Raises:
        ParseError: the text was not understood. InputError: it is none of these, or breaks the contract.
    """
    if isinstance(said, Sentence):
        return said
    if isinstance(said, str):
        return Sentence(said, parse(said))
    try:
        instruction = said if isinstance(said, Instruction) else Instruction.from_json(said)
    except InstructionError as error:
        raise InputError(f"instruction: {error}") from error
    return Sentence(render(instruction), instruction)


def load_sentences(name_or_path: str | Path) -> list[Sentence]:
    """A set by its name, ours or a plug-in's, or by its file's path: [[examples]] with ``text``, and ``expect`` where
    they say what it means; other fields of the layout are not looked at.

    Raises:
        InputError: no such set, malformed TOML, or an entry that says no instruction; the message names the entry.
    """
    file = INSTRUCTION_SETS.find(name_or_path)
    data = read_toml(file)
    examples = data.get("examples")
    if not isinstance(examples, list) or not examples:
        raise InputError(f"{file}: needs [[examples]]")
    return [_example(entry, f"{file} [[examples]] {i + 1}") for i, entry in enumerate(examples)]


def _example(entry: Any, where: str) -> Sentence:
    if not isinstance(entry, dict) or not isinstance(entry.get("text"), str):
        raise InputError(f"{where}: needs a text")
    try:
        if "expect" in entry:
            return Sentence(entry["text"], Instruction.from_json(entry["expect"]))
        return read_sentence(entry["text"])
    except (InstructionError, ParseError) as error:
        raise InputError(f"{where}: {error}") from error


def gather(
    given: str | Path | Sequence[Any], robot: RobotSpec, verbs: Sequence[str] | None, most_steps: int
) -> list[Sentence]:
    """The sentences that can be drawn.

    Of a file, those that the skills can do and the encoding tells, that are not trivial, that have no other ``verbs``
    and at most ``most_steps`` steps. Of a list the same, but what cannot be done or is not understood is an error.

    Raises:
        InputError: a bad set, or nothing is left. GroundingError, ParseError: of a list.
    """
    strict = not isinstance(given, str | Path)
    found = [read_sentence(said) for said in given] if not isinstance(given, str | Path) else load_sentences(given)
    wanted = [
        sentence
        for sentence in found
        if (strict or not sentence.trivial)
        and (verbs is None or sentence.verbs <= set(verbs))
        and len(sentence.instruction.steps) <= most_steps
    ]
    refused = dict[str, str]()
    left = list(_doable(wanted, robot, strict, refused))
    if not left:
        where = "the list" if strict else given
        told = f": they have other verbs, more than {most_steps} steps, or ask for nothing but to stand"
        why = "".join(f"\n  {text!r}: {reason}" for text, reason in list(refused.items())[:_TOLD]) or told
        raise InputError(f"instructions: none of the {len(found)} sentences of {where} can be drawn here{why}")
    return left


def _doable(
    sentences: Sequence[Sentence], robot: RobotSpec, strict: bool, refused: dict[str, str]
) -> Iterator[Sentence]:
    """Those that can be done; ``refused``: why others cannot, by their texts."""
    for sentence in sentences:
        try:
            for verb in sentence.verbs:
                check_encoded(verb)
            ground(sentence.instruction, draw_scene(np.random.default_rng(0), sentence.instruction), robot)
        except GroundingError as error:
            if strict:
                raise
            refused[sentence.text] = str(error)
        else:
            yield sentence
