"""Scenes for the benchmark: the props of a sentence's own scene, drawn anew for each seed so that it means the same.

Seed 0 is the sentence's own scene. Every other seed keeps the props' types, colours and sizes, draws their places,
and adds distractors of other colours and types. A scene is taken only if nothing overlaps, there is room around each
prop and around the robot, every object of the Instruction still means the prop that it meant, also for a robot that
stands a little elsewhere, and the geometric oracle (routes.py) finds a way for every step.
"""

from __future__ import annotations

import math
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from simonsays.assets.notes import dataclass
from simonsays.envs.language.instruction import Instruction
from simonsays.envs.plan.grounding import gap
from simonsays.envs.plan.plan import ground
from simonsays.envs.skills import GroundingError
from simonsays.experiments.benchmark.aims import Aim, find_aims, meant
from simonsays.experiments.benchmark.routes import obstruction
from simonsays.experiments.instruction_sets import Example
from simonsays.sim.robots import get_robot
from simonsays.sim.specs import COLORS, SHAPES, PropSpec, SceneSpec

NEAREST, FARTHEST = 1.2, 5.0  # m, from the robot's start to a prop's centre
CLEARANCE = 0.7  # m, between the surfaces of two props
_SURE = 0.15  # m, how far the robot may stand elsewhere without an object meaning another
_TRIES = 400
_DISTRACTORS, _MOST_PROPS = 2, 10
_JITTER = 0.4  # m


@dataclass(frozen=True)
class Staged:
    """A scene in which an Instruction can be done, and what the Instruction is aimed at there."""

    scene: SceneSpec
    aims: tuple[Aim, ...]
    own: bool
    """the sentence's own scene, as its file has it"""


class NoScene(Exception):
    """No scene was found in which the Instruction can be done; the message is what is wrong with its own."""


def stage(example: Example, seed: int, robot: str | None = None) -> Staged:
    """The scene of a sentence for a seed; equal seeds give equal scenes.

    ``robot``: one that must be able to plan the Instruction there.

    Raises:
        NoScene: none was found in ``_TRIES`` draws.
    """
    scene, instruction = example.scene, example.instruction
    names = meant(instruction, scene)

    def unfit(drawn: SceneSpec, own: bool = False) -> str:
        return _unfit(drawn, instruction, names, own) or _unplanned(drawn, instruction, robot)

    wrong = unfit(scene, own=True)
    if seed == 0 and not wrong:
        return Staged(scene, find_aims(instruction, scene), True)
    rng = np.random.default_rng([seed, zlib.crc32(example.text.encode())])
    for drawn in _draws(scene, rng):
        if not unfit(drawn):
            return Staged(drawn, find_aims(instruction, drawn), False)
    raise NoScene(wrong or "nowhere else can its things stand as they must")


def _draws(scene: SceneSpec, rng: np.random.Generator) -> Iterator[SceneSpec]:
    """Draws of a scene: at first every prop on its own, then all turned together, which keeps most relations."""
    for number in range(_TRIES):
        props = _scattered(scene, rng) if number < _TRIES // 2 else _turned(scene, rng)
        if props is not None:
            yield replace(scene, props=props)


def _scattered(scene: SceneSpec, rng: np.random.Generator) -> tuple[PropSpec, ...] | None:
    placed: list[PropSpec] = []
    for prop in (*scene.props, *_distractors(scene, rng)):
        for _ in range(20):
            angle = rng.uniform(-math.pi, math.pi)
            # even over the ring's area
            away = math.sqrt(rng.uniform(NEAREST**2, FARTHEST**2))
            trial = _moved(prop, scene, away * math.cos(angle), away * math.sin(angle))
            if all(gap(trial, other) >= CLEARANCE for other in placed):
                placed.append(trial)
                break
        else:
            return None
    return tuple(placed)


def _turned(scene: SceneSpec, rng: np.random.Generator) -> tuple[PropSpec, ...]:
    angle = rng.uniform(-math.pi, math.pi)
    c, s = math.cos(angle), math.sin(angle)
    props = []
    for prop in scene.props:
        x, y = (a - b for a, b in zip(prop.position[:2], scene.robot_position, strict=True))
        dx, dy = rng.uniform(-_JITTER, _JITTER, 2)
        props.append(_moved(prop, scene, c * x - s * y + dx, s * x + c * y + dy))
    return tuple(props)


def _moved(prop: PropSpec, scene: SceneSpec, x: float, y: float) -> PropSpec:
    """A prop at (x, y) m from the robot's start; centimetres are enough."""
    x0, y0 = scene.robot_position
    return replace(prop, position=(round(x0 + float(x), 2), round(y0 + float(y), 2), *prop.position[2:]))


def _distractors(scene: SceneSpec, rng: np.random.Generator) -> list[PropSpec]:
    there = {(prop.shape, prop.color) for prop in scene.props}
    others = [(shape, color) for shape in SHAPES for color in COLORS if (shape, color) not in there]
    count = min(int(rng.integers(0, _DISTRACTORS + 1)), max(0, _MOST_PROPS - len(scene.props)))
    chosen = rng.choice(len(others), count, replace=False)
    return [PropSpec(shape, color, (0.0, 0.0), f"{color} {shape}") for shape, color in (others[i] for i in chosen)]


def _unfit(scene: SceneSpec, instruction: Instruction, names: Sequence[str], own: bool = False) -> str:
    """What is wrong with a scene; empty if nothing. Its own scene may be closer and wider than what is drawn."""
    least, farthest = (0.0, math.inf) if own else (CLEARANCE, FARTHEST + 2 * _JITTER)
    for i, prop in enumerate(scene.props):
        away = math.dist(prop.position[:2], scene.robot_position)
        if away - prop.radius < CLEARANCE or away > farthest:
            return f"the {prop.name} is {'too far' if away > farthest else 'where the robot starts'}"
        for other in scene.props[:i]:
            if gap(prop, other) < least:
                return f"the {prop.name} is too close to the {other.name}"
    if not _means(scene, instruction, names, shifted=not own):
        return "an object would mean another one"
    return obstruction(instruction, find_aims(instruction, scene), scene)


def _unplanned(scene: SceneSpec, instruction: Instruction, robot: str | None) -> str:
    try:
        if robot is not None:
            ground(instruction, scene, get_robot(robot))
    except GroundingError as error:
        return str(error)
    return ""


def _means(scene: SceneSpec, instruction: Instruction, names: Sequence[str], shifted: bool) -> bool:
    x, y = scene.robot_position
    places = [(x, y)] + [(x + dx * _SURE, y + dy * _SURE) for dx in (-1, 1) for dy in (-1, 1)] * shifted
    try:
        return all(meant(instruction, replace(scene, robot_position=place)) == tuple(names) for place in places)
    except GroundingError:
        return False
