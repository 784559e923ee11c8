"""Texts that do not mean what a scene was made for: does the robot follow the words, or does it move all the same?

- swapped: another sentence of the suite, for the same scene, that is about other verbs;
- contradicted: the sentence with one thing changed to its opposite or to another, said anew from its Instruction;
- blank: no text; the robot is left standing.
"""

from __future__ import annotations

import random
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from simonsays.envs.language import Instruction, ParseError, parse
from simonsays.envs.language.instruction import START, ObjectRef, Step
from simonsays.envs.language.render import render
from simonsays.envs.plan.plan import ground
from simonsays.envs.skills import GroundingError, skills
from simonsays.envs.skills.legs.stand import SKILL as STAND
from simonsays.experiments.benchmark.aims import Aim
from simonsays.experiments.benchmark.suite import Case
from simonsays.experiments.instruction_sets import Language
from simonsays.sim.robots import get_robot
from simonsays.sim.specs import SceneSpec

MISMATCHES = ("swapped", "contradicted", "blank")
BLANK = Instruction((Step(STAND.verb, duration_s=6.0),))
"""what a robot does that is told nothing"""
_OPPOSITE = {"left": "right", "right": "left", "forward": "backward", "backward": "forward"}
_CANDIDATES = 12


@dataclass(frozen=True)
class Mismatch:
    """A text for the robot, and what it reads in it."""

    text: str
    instruction: Instruction


def at_rest(instruction: Instruction) -> bool:
    """Whether a robot that does nothing does it: such a sentence says nothing about language."""
    return all(
        skills()[step.verb].at_rest or (step.object is not None and step.object.type == START)
        for step in instruction.steps
    )


def families(instruction: Instruction) -> tuple[str, ...]:
    """Its verbs, those that may look alike as one."""
    alike = {verb: skill.looks_like for verb, skill in skills().items() if skill.looks_like is not None}
    return tuple(alike.get(step.verb, step.verb) for step in instruction.steps)


def candidates(case: Case, cases: Sequence[Case]) -> tuple[Case, ...]:
    """Sentences for the same scene that are about other verbs: those with as many steps first, in an order drawn once.

    Whatever can be satisfied by standing still is left out.
    """
    example = case.example
    mine = families(example.instruction)
    fitting = [
        other
        for other in cases
        if other.example.scene == example.scene
        and not other.refusal
        and not at_rest(other.example.instruction)
        and families(other.example.instruction) != mine
    ]
    random.Random(zlib.crc32(example.text.encode())).shuffle(fitting)
    fitting.sort(key=lambda other: len(other.example.instruction.steps) != len(mine))
    return tuple(fitting[:_CANDIDATES])


def swapped(case: Case, others: Sequence[Case], scene: SceneSpec, robot: str) -> Mismatch | None:
    """The first of the candidates that can be done in the scene as it was drawn."""
    for other in others:
        heard = _heard(other.example.text, scene, robot)
        if heard is not None and families(heard) != families(case.example.instruction):
            return Mismatch(other.example.text, heard)
    return None


def contradicted(
    instruction: Instruction, aims: Sequence[Aim], scene: SceneSpec, robot: str, language: Language
) -> Mismatch | None:
    """The Instruction with one slot changed, said anew; None where nothing can be changed that would be seen."""
    for changed in _changes(instruction, aims, scene):
        if _heard(render(changed, language), scene, robot) == changed:
            return Mismatch(render(changed, language), changed)
    return None


def _heard(text: str, scene: SceneSpec, robot: str) -> Instruction | None:
    """What is read in a text, if it can be done in the scene."""
    try:
        instruction = parse(text)
        ground(instruction, scene, get_robot(robot))
    except (ParseError, GroundingError):
        return None
    return instruction


def _changes(instruction: Instruction, aims: Sequence[Aim], scene: SceneSpec) -> Iterator[Instruction]:
    steps = instruction.steps
    for change in (_direction, _object, _side, _number):
        for i, step in enumerate(steps):
            if skills()[step.verb].at_rest:
                continue
            for changed in change(step, aims[i], scene):
                yield replace(instruction, steps=(*steps[:i], changed, *steps[i + 1 :]))


def _direction(step: Step, aim: Aim, scene: SceneSpec) -> Iterator[Step]:
    if step.direction in _OPPOSITE:
        yield replace(step, direction=_OPPOSITE[step.direction])


def _object(step: Step, aim: Aim, scene: SceneSpec) -> Iterator[Step]:
    """Another prop, the farthest from the one that is meant first."""
    if step.object is None:
        return
    mine = next((prop.position[:2] for prop in scene.props if prop.name == aim.prop), aim.place)
    if mine is None:
        return
    others = [prop for prop in scene.props if prop.name not in (aim.prop, aim.prop2)]
    x, y = mine[0], mine[1]
    others.sort(key=lambda prop: -((prop.position[0] - x) ** 2 + (prop.position[1] - y) ** 2))
    for prop in others:
        yield replace(step, object=ObjectRef(prop.shape, prop.color))


def _side(step: Step, aim: Aim, scene: SceneSpec) -> Iterator[Step]:
    if step.side in _OPPOSITE:
        yield replace(step, side=_OPPOSITE[step.side])


def _number(step: Step, aim: Aim, scene: SceneSpec) -> Iterator[Step]:
    if step.count is not None:
        yield replace(step, count=step.count + 3)
    if step.angle_deg is not None:
        yield replace(step, angle_deg=step.angle_deg / 2 if step.angle_deg > 90 else step.angle_deg + 60)
    if step.distance_m is not None:
        yield replace(step, distance_m=step.distance_m + 1.0)
    if step.steps is not None:
        yield replace(step, steps=step.steps + 6)
