"""Where the goal of a plan's current step lies and what is left to go: for captions and rings, not for policies."""

from __future__ import annotations

import math

from simonsays.envs.instruction.odometry import Odometry, ToGo, seen, to_go
from simonsays.envs.language.instruction import Step
from simonsays.envs.moves.approach import is_beside
from simonsays.envs.moves.behavior import SkillContext
from simonsays.envs.moves.skill import GroundedStep, goal_of, skills
from simonsays.envs.moves.steering import AXES, Point
from simonsays.sim.specs import PropSpec

Goal = tuple[float, float, float]
"""x, y m, world, and the radius (m) of a ring around it"""
NONE_LEFT: ToGo = (math.nan, math.nan, math.nan)
_AROUND = 0.15  # m, from a thing's footprint to the ring
_PLACE = 0.25  # m, radius of the ring on a place


def marked_thing(step: GroundedStep) -> PropSpec | None:
    """The prop that a step's goal marks: what it is about, or what something else is to be brought to."""
    return _marked(step)[0]


def _marked(step: GroundedStep) -> tuple[PropSpec | None, Point | None]:
    said = step.meant or step.said
    if said is None or _is_towards(said):
        return None, None
    moves = skills()[said.verb].moves and (step.target2, step.goal2) != (None, None)
    return (step.target2, step.goal2) if moves else (step.target, step.goal)


def find_goal(step: GroundedStep, ctx: SkillContext) -> Goal | None:
    """The goal of a step that begins now: where a thing is to come, the thing or the place that the step is about, or
    the end of its line."""
    thing, place = _marked(step)
    if thing is not None:
        return *ctx.place_of(thing.name), thing.radius + _AROUND
    if place is not None:
        return *place, _PLACE
    said = step.meant or step.said
    if said is not None and goal_of(said) == "line" and said.distance_m is not None:
        ahead, aside = (said.distance_m * part for part in AXES[said.direction or "forward"])
        (x, y), yaw = ctx.position, ctx.state.yaw
        c, s = math.cos(yaw), math.sin(yaw)
        return x + c * ahead - s * aside, y + s * ahead + c * aside, _PLACE
    return None


def _is_towards(said: Step) -> bool:
    """So many metres towards a thing: it ends on the way."""
    beside = said.object is not None and is_beside(said.object)
    return goal_of(said) == "object" and said.distance_m is not None and not beside


class GoalDistance:
    """Follows a plan's run, control step by control step; to be asked before the runner moves on."""

    def __init__(self) -> None:
        self._followed: tuple[int, GroundedStep] | None = None

    def update(self, current: tuple[int, GroundedStep] | None, ctx: SkillContext) -> ToGo:
        """What is left now: forward m, left m, angle rad in the robot's heading frame; NaN where nothing is to go.

        A turn has an angle alone, a walk a distance alone, and what goes on by number of steps or time has neither.
        ``current``: place in the plan and the step that moves the base, as :attr:`PlanRunner.moving` has it.
        """
        before, self._followed = self._followed, current
        if current is None:
            return NONE_LEFT
        place, step = current
        if before is None or before[0] != place or before[1] is not step:
            self._odometry, self._whole = Odometry.begin(ctx.state), math.nan
        else:
            self._odometry = self._odometry.advance(ctx.state)
        return self._left(step, ctx)

    def _left(self, step: GroundedStep, ctx: SkillContext) -> ToGo:
        said = step.meant or step.said
        if said is None or said.duration_s is not None or said.steps is not None:
            return NONE_LEFT
        forward, left, angle = to_go(said, seen(step.target or step.goal, ctx), self._odometry)
        goal = goal_of(said)
        if goal is None:
            return NONE_LEFT
        if goal == "heading":
            return math.nan, math.nan, angle
        if goal == "line":
            return forward, left, math.nan
        if _is_towards(said) and said.distance_m is not None:
            length = math.hypot(forward, left)
            self._whole = length if math.isnan(self._whole) else self._whole
            share = max(0.0, said.distance_m - (self._whole - length)) / max(length, 1e-6)
            forward, left = share * forward, share * left
        return forward, left, angle
