"""reach: a hand to a thing, walking up to it first, or out in a direction."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache, partial
from itertools import product

import numpy as np

from simonsays.assets.notes import dataclass
from simonsays.envs.language.instruction import Step
from simonsays.envs.motions.bent_legs import crouch_retreat, lean
from simonsays.envs.moves.arms import Arm, HandServo, arm, measured_angles
from simonsays.envs.moves.behavior import InOrder, SkillContext, SkillOutput
from simonsays.envs.moves.gestures.roles import ARM
from simonsays.envs.moves.poses import BOTH, Glide, Held, in_base, in_world, rest
from simonsays.envs.moves.shapes import surface_distance, touch_heights, touch_point
from simonsays.envs.moves.skill import (
    GroundedStep,
    GroundingError,
    Skill,
    Surroundings,
    held_seconds,
    register_skill,
    said_seconds,
)
from simonsays.envs.skills.legs.go_to import walk_up
from simonsays.sim.specs import SHAPES, PropSpec, RobotSpec
from simonsays.sim.state import Array

TOLERANCE = 0.06  # m
_GAPS = (0.34, 0.28, 0.17)  # m, from the thing's surface to the base; the last, where the toes are at it, if need be
_CLEAR, _PRESS = 0.015, 0.01  # m, off the surface, where the fingertip must get; within it, where it is sent
_BELOW_SHOULDER = 0.12  # m, where touching is easiest
_MISS = 0.02  # m, of the kinematics, that still counts as within reach
_STRETCHED, _STRAIGHT = 0.95, 0.99  # of the arm's reach
_SECONDS = {"slow": 2.6, "normal": 1.5, "fast": 1.0}
_HOLD, _PATIENCE = 0.6, 6.0  # s
_DIRECTIONS = {"forward": (1.0, 0.0), "left": (0.0, 1.0), "right": (0.0, -1.0)}


@dataclass(frozen=True)
class Stance:
    """How a thing can be touched."""

    height: float | None
    """m, of the base; None: standing"""
    touch: float
    """m, above the thing's centre"""
    gap: float
    """m, from the thing's surface to the base, before it crouches"""


@lru_cache(maxsize=256)
def find_stance(robot: RobotSpec, prop: PropSpec) -> Stance | None:
    """The farthest, then highest stance before a thing from which the hand gets there; None if none."""
    lowest = robot.gait.lowest or robot.standing_height
    limb, low, high = arm(robot, "right"), *touch_heights(prop)
    z = prop.centre[2]
    if prop.shape not in SHAPES:  # as it stands before it
        prop = replace(prop, yaw_deg=180.0)
    surface = prop.radius if prop.round or prop.shape in SHAPES else prop.extents[0] / 2
    heights = np.linspace(robot.standing_height, lowest, 8).tolist()
    for gap, height in product(_GAPS, heights):
        centre = (surface + gap + crouch_retreat(robot, height), 0.0, z)
        pitch = lean(robot, height)
        start = np.array([{joint.name: joint.default for joint in robot.joints}[name] for name in limb.names])
        shoulder = _upright(limb.shoulder(start), pitch, height)
        touch = max(low, min(high, float(shoulder[2]) - _BELOW_SHOULDER - z))
        point = _outside(prop, centre, touch, shoulder)
        wanted = _tilted(point, pitch, height)
        found = limb.tip(limb.towards(wanted, start, torso=True, iterations=40))
        if float(np.linalg.norm(found - wanted)) <= _MISS:
            return Stance(None if height == robot.standing_height else height, touch, gap)
    return None


def _upright(point: Array, pitch: float, height: float) -> Array:
    """A point of the frame of a base that leans forward by ``pitch`` (rad), seen from the ground below it."""
    c, s = math.cos(pitch), math.sin(pitch)
    return np.array([c * point[0] + s * point[2], point[1], height - s * point[0] + c * point[2]])


def _tilted(point: Array, pitch: float, height: float) -> Array:
    """The inverse of :func:`_upright`."""
    c, s, z = math.cos(pitch), math.sin(pitch), point[2] - height
    return np.array([c * point[0] - s * z, point[1], s * point[0] + c * z])


def _outside(
    prop: PropSpec, centre: tuple[float, float, float], touch: float, shoulder: Array, clear: float = _CLEAR
) -> Array:
    """The point (3,) m, world, ``clear`` m off the surface that the fingertip is to touch."""
    point = np.array(touch_point(prop, centre, touch, shoulder.tolist()))
    away = shoulder[:2] - point[:2]
    point[:2] += clear * away / max(float(np.linalg.norm(away)), 1e-9)
    return point


def _stretched(goal: Array, shoulder: Array, reach: float) -> Array:
    """A goal (3,) that is a little too far, brought within reach: towards it the arm is straight, and near it."""
    far = float(np.linalg.norm(goal - shoulder))
    return goal if far <= _STRAIGHT * reach else shoulder + (goal - shoulder) * (_STRAIGHT * reach / far)


class Reach:
    """Brings the fingertip, as measured, within TOLERANCE of what it reaches for, holds it there, and lets go.

    ``goal(ctx, shoulder)`` is where the tip is sent, ``miss(ctx, tip, shoulder)`` m how far it is from the thing.
    """

    def __init__(
        self,
        robot: RobotSpec,
        sides: tuple[str, ...],
        seconds: float,
        hold: float,
        goal: Callable[[SkillContext, Array], Array],
        miss: Callable[[SkillContext, Array, Array], float],
        height: float | None = None,
        torso: bool = False,
    ) -> None:
        self._robot, self._sides, self._goal, self._miss = robot, sides, goal, miss
        self._hold, self._held, self._height, self._torso = hold, Held(), height, torso
        self._there, self._back = Glide(seconds), Glide(seconds)
        self._limb: Arm | None = None
        self._got = False

    def update(self, ctx: SkillContext) -> SkillOutput:
        if self._limb is None:
            self._begin(ctx)
        limb = self._limb
        assert limb is not None
        if self._got:
            down = self._back.update(ctx, {**self._straight, **rest(self._robot, (limb.side,))})
            done = self._back.done
            return SkillOutput(joint_targets={} if done else down, status="success" if done else "running")
        measured = measured_angles(limb, {name: ctx.joint(name) for name in limb.names})
        shoulder, tip = ctx.shoulders[BOTH.index(limb.side)], in_world(ctx.state, limb.tip(measured))
        goal = in_base(ctx.state, _stretched(self._goal(ctx, shoulder), shoulder, limb.reach))
        targets = self._servo.update(measured, goal, arrived=self._there.done)
        targets = self._there.update(ctx, targets)
        miss = self._miss(ctx, tip, shoulder)
        self._got = self._held.update(self._there.done and miss <= TOLERANCE, ctx.dt) >= self._hold
        if ctx.time - self._began > _PATIENCE + self._hold:
            reason = f"the hand stayed {miss:.2f} m away"
            return SkillOutput(joint_targets=targets, height=self._height, status="failure", reason=reason)
        # First the arm, then down: a hand that hangs would be caught behind the thigh.
        return SkillOutput(joint_targets=targets, height=self._height if self._there.done else None)

    def _begin(self, ctx: SkillContext) -> None:
        self._began = ctx.time
        side = self._sides[0]
        if len(self._sides) == 2:
            goals = [self._goal(ctx, shoulder) for shoulder in ctx.shoulders]
            side = BOTH[int(np.argmin([np.linalg.norm(g - s) for g, s in zip(goals, ctx.shoulders, strict=True)]))]
        self._limb = arm(self._robot, side)
        self._servo = HandServo(self._limb, torso=self._torso)
        self._straight = dict.fromkeys(self._limb.names[: self._limb.own], 0.0) if self._torso else {}


def _ground(step: Step, surroundings: Surroundings) -> GroundedStep:
    if step.side == "both":
        raise GroundingError("'reach': with one hand at a time, left or right")
    seconds, hold = said_seconds(step, _SECONDS), held_seconds(step, _HOLD)
    if step.object is None:
        return _out(step, surroundings, seconds, hold)
    if step.direction is not None:
        raise GroundingError("'reach': say a direction or an object, not both", "contradiction")
    target, robot = surroundings.target, surroundings.robot
    if target is None:
        raise GroundingError("'reach' needs an object of the scene", "no_such_object")
    stance = find_stance(robot, target)
    if stance is None:
        raise GroundingError(_out_of_reach(robot, target))
    sides = surroundings.arms(step) if step.side or surroundings.busy_arms else BOTH

    def goal(ctx: SkillContext, shoulder: Array) -> Array:
        x, y, z = ctx.props[target.name].tolist()
        return _outside(target, (x, y, z), stance.touch, shoulder, -_PRESS)

    def miss(ctx: SkillContext, tip: Array, shoulder: Array) -> float:
        return surface_distance(target, ctx.props[target.name].tolist(), tip.tolist())

    go, seconds_there = walk_up(target, surroundings, stance.gap)

    def start() -> InOrder:
        return InOrder(go(), Reach(robot, sides, seconds, hold, goal, miss, stance.height, torso=True))

    text = f"reach for {target.called}" + (f" with the {step.side} hand" if step.side else "")
    success = f"the fingertip within {TOLERANCE * 100:g} cm of its surface for {hold:g} s"
    limit = seconds_there + _PATIENCE + hold
    return GroundedStep("reach", text, limit, start, success, True, arms=sides if len(sides) == 1 else ())


def _out_of_reach(robot: RobotSpec, target: PropSpec) -> str:
    lowest, highest = (target.centre[2] + height for height in touch_heights(target))
    low = highest < robot.standing_height
    height = highest if low else lowest
    message = f"{target.called} is too {'low' if low else 'high'} to reach"
    return f"{message}: {robot.title} does not get a hand to {height:.2f} m"


def _out(step: Step, surroundings: Surroundings, seconds: float, hold: float) -> GroundedStep:
    """Reach out in a direction."""
    if step.direction not in _DIRECTIONS:
        raise GroundingError("'reach' needs an object, or a direction: forward, left, right", "unsupported_skill")
    sides = surroundings.arms(step, "left" if step.direction == "left" else "right")
    if {"left": "right", "right": "left"}.get(step.direction) == sides[0]:
        raise GroundingError(f"the {sides[0]} arm does not reach out to the {step.direction}", "contradiction")
    forward, left = _DIRECTIONS[step.direction]
    robot = surroundings.robot
    far = _STRETCHED * arm(robot, sides[0]).reach

    def goal(ctx: SkillContext, shoulder: Array) -> Array:
        c, s = math.cos(ctx.state.yaw), math.sin(ctx.state.yaw)
        return shoulder + far * np.array([c * forward - s * left, s * forward + c * left, 0.0])

    def miss(ctx: SkillContext, tip: Array, shoulder: Array) -> float:
        return float(np.linalg.norm(tip - goal(ctx, shoulder)))

    text = f"reach {step.direction} with the {sides[0]} hand"
    success = f"the fingertip within {TOLERANCE * 100:g} cm of {far:.2f} m {step.direction} of the shoulder"
    success += f" for {hold:g} s"
    start = partial(Reach, robot, sides, seconds, hold, goal, miss)
    return GroundedStep("reach", text, 10.0 + _PATIENCE + hold, start, success, False, arms=sides)


SKILL = register_skill(
    Skill(
        "reach",
        "reach for the green pillar",
        _ground,
        (ARM,),
        takes=("object", "side", "speed", "direction", "duration"),
        legs=False,
        walks_up=True,
        cameras=("front",),
    )
)
