"""point: a stretched arm at a thing or in a direction; the base turns first if the arm does not get there."""

from __future__ import annotations

import math
from functools import partial

import numpy as np

from simonsays.envs.language.instruction import VIEWER, Step
from simonsays.envs.moves.arms import HandServo, arm, measured_angles
from simonsays.envs.moves.behavior import SkillContext, SkillOutput
from simonsays.envs.moves.gestures.roles import ARM
from simonsays.envs.moves.poses import BOTH, Glide, Held, in_base, in_world, rest
from simonsays.envs.moves.skill import (
    GroundedStep,
    GroundingError,
    Skill,
    Surroundings,
    called,
    held_seconds,
    register_skill,
)
from simonsays.envs.moves.steering import Point
from simonsays.envs.skills.gestures.look import Gaze
from simonsays.envs.skills.legs.turn import Turn, said_bearing
from simonsays.sim.specs import RobotSpec
from simonsays.sim.state import Array

TOLERANCE = math.radians(8)
_INWARD, _OUTWARD = math.radians(-20), math.radians(100)  # bearings of an arm, towards its own side positive
_STRETCHED = 0.99  # of the arm's reach
_SECONDS, _HOLD = 1.2, 1.0
_CHEST = 1.2  # m, of whoever watches: where one points


class PointAt:
    """Holds the line from shoulder to fingertip, as measured, on what is pointed at for ``hold`` s without a break."""

    def __init__(self, robot: RobotSpec, gaze: Gaze, sides: tuple[str, ...], hold: float) -> None:
        self._robot, self._gaze, self._sides = robot, gaze, sides
        self._hold, self._held = hold, Held()
        self._there, self._back = Glide(_SECONDS), Glide(_SECONDS)
        self._turn: Turn | None = None
        self._first_yaw: float | None = None
        self._shown = False

    def update(self, ctx: SkillContext) -> SkillOutput:
        if self._first_yaw is None:
            self._begin(ctx)
        if self._turn is not None:
            output = self._turn.update(ctx)
            if output.status != "success":
                return output
            self._turn = None
        if self._shown:
            down = self._back.update(ctx, rest(self._robot, (self._side,)))
            done = self._back.done
            return SkillOutput(joint_targets={} if done else down, status="success" if done else "running")
        return self._aim(ctx)

    def _begin(self, ctx: SkillContext) -> None:
        self._first_yaw = ctx.state.yaw
        bearing = self._gaze.bearing(ctx, self._first_yaw)
        self._side = self._sides[0] if len(self._sides) == 1 else BOTH[0 if bearing > 0 else 1]
        self._arm = arm(self._robot, self._side)
        self._servo = HandServo(self._arm)
        excess = bearing - _within(bearing, self._side)
        if self._gaze.turns and abs(excess) > 1e-6:
            self._turn = Turn(bearing - _within(bearing, self._side, margin=math.radians(15)))

    def _aim(self, ctx: SkillContext) -> SkillOutput:
        shoulder = ctx.shoulders[BOTH.index(self._side)]
        wanted = self._direction(ctx, shoulder)
        measured = measured_angles(self._arm, {name: ctx.joint(name) for name in self._arm.names})
        tip = in_world(ctx.state, self._arm.tip(measured))
        goal = shoulder + _STRETCHED * self._arm.reach * wanted
        targets = self._servo.update(measured, in_base(ctx.state, goal), arrived=self._there.done)
        line = (tip - shoulder) / max(float(np.linalg.norm(tip - shoulder)), 1e-9)
        angle = math.acos(max(-1.0, min(1.0, float(line @ wanted))))
        self._shown = self._held.update(self._there.done and angle <= TOLERANCE, ctx.dt) >= self._hold
        return SkillOutput(joint_targets=self._there.update(ctx, targets))

    def _direction(self, ctx: SkillContext, shoulder: Array) -> Array:
        """(3,) unit vector, world, from the shoulder to what is pointed at."""
        assert self._first_yaw is not None
        goal = self._gaze.goal
        if isinstance(goal, float):
            heading = ctx.state.yaw + self._gaze.bearing(ctx, self._first_yaw)
            return np.array([math.cos(heading), math.sin(heading), 0.0])
        way = (ctx.props[goal] if isinstance(goal, str) else np.array([*goal, self._gaze.height])) - shoulder
        return np.asarray(way / max(float(np.linalg.norm(way)), 1e-9))


def _within(bearing: float, side: str, margin: float = 0.0) -> float:
    """The nearest bearing (rad, left positive) that the arm of a side can point at."""
    sign = 1.0 if side == "left" else -1.0
    return sign * max(_INWARD + margin, min(_OUTWARD - margin, sign * bearing))


def _ground(step: Step, surroundings: Surroundings) -> GroundedStep:
    hold, free = held_seconds(step, _HOLD), not surroundings.legs_taken
    goal: str | Point | float
    if step.object is not None:
        if step.direction is not None:
            raise GroundingError("'point': say a direction or an object, not both", "contradiction")
        place = surroundings.goal
        goal = surroundings.target.name if surroundings.target is not None else place if place is not None else 0.0
        where = f"at {called(step.object, surroundings.target)}"
        sides: tuple[str, ...] = BOTH
    elif step.direction is None:
        raise GroundingError("'point' needs something to point at, or a direction: left, right, forward, behind you")
    else:
        goal = said_bearing(step)
        where, sides = step.direction, (("left",) if step.direction == "left" else ("right",))
    if step.side == "both":
        raise GroundingError("'point': with one hand at a time, left or right")
    if step.side or surroundings.busy_arms:
        sides = surroundings.arms(step, sides[-1])
    turns = free and (not isinstance(goal, float) or abs(goal - _within(goal, sides[0])) > 1e-6)
    if isinstance(goal, float) and not turns and abs(goal - _within(goal, sides[0])) > 1e-6:
        message = f"the {sides[0]} arm does not point {where} by itself, and the legs do something else"
        raise GroundingError(message, "contradiction")
    whoever = step.object is not None and step.object.type == VIEWER
    gaze = Gaze(goal, turns, _CHEST if whoever else 0.0)
    hand = f" with the {sides[0]} hand" if len(sides) == 1 else ""
    within = f"{math.degrees(TOLERANCE):.0f}° for {hold:g} s"
    success = f"the line from shoulder to fingertip passes its centre within {within}"
    start = partial(PointAt, surroundings.robot, gaze, sides, hold)
    arms = sides if len(sides) == 1 else ()
    return GroundedStep("point", f"point {where}{hand}", 20.0 + hold, start, success, turns, arms=arms)


SKILL = register_skill(
    Skill(
        "point",
        "point at the red ball",
        _ground,
        (ARM,),
        takes=("object", "side", "direction", "duration"),
        legs=False,
        stays=True,
        looks_like="reach",
        cameras=("front",),
    )
)
