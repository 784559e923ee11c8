"""Odometry of a step of an instruction: what has been walked and turned since it began, and so what is left to go."""

from __future__ import annotations

import math

from simonsays.assets.notes import dataclass
from simonsays.envs.instruction.encoding import Target
from simonsays.envs.language.instruction import Step
from simonsays.envs.moves.behavior import SkillContext
from simonsays.envs.moves.skill import goal_of
from simonsays.envs.moves.steering import Point, axis, seen_from, to_heading
from simonsays.sim.rotations import wrap_angle
from simonsays.sim.specs import PropSpec
from simonsays.sim.state import Reading

ToGo = tuple[float, float, float]
"""forward m, left m, angle rad, in the robot's heading frame"""
NOTHING: ToGo = (0.0, 0.0, 0.0)
STAND_OFF = 0.32  # m, from a thing's surface to the base in front of it
_DEFAULT_DISTANCE = 1.0  # m, of walking where nothing is said
_STRIDE, _PACE = 0.15, 0.3  # m that stand for a touchdown that is left, m/s for the time that is left
_FACES = 0.3  # m: nearer to a place than this, its bearing says nothing


@dataclass(frozen=True)
class Odometry:
    """How the base has moved since a step began; :meth:`advance` gives the next one, control step by control step."""

    origin: Point
    """m, world"""
    heading: float
    """rad, world, when the step began"""
    started: float
    """s"""
    state: Reading
    turned: float = 0.0
    """rad, left positive, more than a full turn too"""
    touchdowns: int = 0

    @classmethod
    def begin(cls, state: Reading) -> Odometry:
        """A step that begins now."""
        return cls(state.base_position[:2], state.yaw, state.time, state)

    def advance(self, state: Reading) -> Odometry:
        """One control step later."""
        before = self.state
        landed = sum(now and not then for now, then in zip(state.foot_contacts, before.foot_contacts, strict=True))
        turned = self.turned + wrap_angle(state.yaw - before.yaw)
        return Odometry(self.origin, self.heading, self.started, state, turned, self.touchdowns + landed)

    @property
    def time(self) -> float:
        """s since the step began."""
        return self.state.time - self.started

    @property
    def walked(self) -> Point:
        """m, forward and left of the origin along the first heading."""
        return seen_from(self.origin, self.heading, self.state.base_position[:2])


def seen(goal: PropSpec | Point | None, ctx: SkillContext) -> Target | None:
    """Where a prop or a place is now, seen from the robot."""
    if goal is None:
        return None
    there, radius = (ctx.place_of(goal.name), goal.radius) if isinstance(goal, PropSpec) else (goal, 0.0)
    return Target(*seen_from(ctx.position, ctx.state.yaw, there), radius)


def to_go(step: Step, target: Target | None, odometry: Odometry) -> ToGo:
    """What is left to go: forward m, left m, angle rad, in the robot's heading frame; zeros where nothing is.

    A step to a target: to a point in front of it, and its bearing (a place, of radius 0, is gone onto). One whose goal
    is a line: to its end, or as far as the steps or seconds that are left may take, and back to the first heading. One
    whose goal is a heading: the angle that is left, and back to where it began.
    """
    goal = goal_of(step)
    if goal == "heading":
        state = odometry.state
        forward, left = seen_from(state.base_position[:2], state.yaw, odometry.origin)
        angle = turn_of(step) - odometry.turned if target is None else math.atan2(target.left, target.forward)
        return forward, left, angle
    if target is not None:
        return _approach(target)
    return _travel(step, odometry) if goal == "line" else NOTHING


def _approach(target: Target) -> ToGo:
    forward, left, radius = target
    distance, bearing = math.hypot(forward, left), math.atan2(left, forward)
    excess = distance - (radius + STAND_OFF if radius else 0.0)
    share = excess / max(distance, 1e-6)
    return share * forward, share * left, bearing if radius or distance > _FACES else 0.0


def turn_of(step: Step) -> float:
    """rad, left positive, that a step turns."""
    degrees = step.angle_deg or (180.0 if step.direction == "around" else 90.0)
    return math.copysign(math.radians(degrees), -1.0 if step.direction == "right" else 1.0)


def _travel(step: Step, odometry: Odometry) -> ToGo:
    ahead, aside = axis(step.direction, step.side)
    forward, left = odometry.walked
    if step.steps is not None:
        length = _STRIDE * max(0, step.steps - odometry.touchdowns)
    elif step.duration_s is not None:
        length = _PACE * max(0.0, step.duration_s - odometry.time)
    else:
        length = (step.distance_m or _DEFAULT_DISTANCE) - (forward * ahead + left * aside)
    across = left * ahead - forward * aside
    to_end = length * ahead + across * aside, length * aside - across * ahead
    error = wrap_angle(odometry.heading - odometry.state.yaw)
    forward, left = to_heading(to_end, -error)
    return forward, left, error
