"""go_to: walk up to an object of the scene and face it, around what stands in the way."""

from __future__ import annotations

import math
from collections.abc import Mapping

from simonsays.envs.language.instruction import Step
from simonsays.envs.language.render import render_step
from simonsays.envs.language.vocabulary import verb_words
from simonsays.envs.skills.base import (
    GroundedStep,
    GroundingError,
    Point,
    Settled,
    Skill,
    SkillContext,
    SkillOutput,
    Surroundings,
    clip,
    register_skill,
)
from simonsays.envs.skills.walk import walking_speed
from simonsays.sim.rotations import wrap_angle

_GAP = 0.32  # m, from the object's surface to the robot's base at the end
DISTANCE_TOLERANCE = 0.1  # m
PLACE_TOLERANCE = 0.25  # m
BEARING_TOLERANCE = math.radians(15)
_CLEARANCE = 0.42  # m, from an obstacle's surface to the base's path
_TURN_FIRST = math.radians(40)


def waypoint(position: Point, goal: Point, obstacles: Mapping[Point, float]) -> Point:
    """Where to walk next: the goal, or a point beside the nearest obstacle on the way.

    Args:
        position, goal: (x, y) m, world.
        obstacles: (x, y) of each to its radius, m.
    """
    dx, dy = goal[0] - position[0], goal[1] - position[1]
    length = math.hypot(dx, dy)
    if length < 1e-6:
        return goal
    ux, uy = dx / length, dy / length
    nearest, chosen = math.inf, goal
    for (x, y), radius in obstacles.items():
        along = (x - position[0]) * ux + (y - position[1]) * uy
        across = (y - position[1]) * ux - (x - position[0]) * uy  # obstacle to the left of the line: positive
        clearance = radius + _CLEARANCE
        if 0.0 < along < min(length, nearest) and abs(across) < clearance:
            side = -1.0 if across >= 0 else 1.0  # pass where there is more room
            nearest = along
            chosen = (x - side * uy * (clearance + 0.08), y + side * ux * (clearance + 0.08))
    return chosen


class GoTo:
    """Walks to a stand-off distance from a prop and faces it, or onto a place (x, y), world."""

    def __init__(self, goal: str | Point, stand_off: float, radii: Mapping[str, float], speed: float) -> None:
        self._goal, self._stand_off, self._radii, self._speed = goal, stand_off, radii, speed
        self._resting: Settled | None = None

    def _where(self, ctx: SkillContext) -> Point:
        if isinstance(self._goal, str):
            x, y, _ = ctx.props[self._goal].tolist()
            return x, y
        return self._goal

    def update(self, ctx: SkillContext) -> SkillOutput:
        x, y, _ = ctx.state.base_position
        goal_x, goal_y = self._where(ctx)
        if not isinstance(self._goal, str):
            return self._onto(ctx, (x, y))
        distance = math.hypot(goal_x - x, goal_y - y)
        bearing = wrap_angle(math.atan2(goal_y - y, goal_x - x) - ctx.state.yaw)
        excess = distance - self._stand_off
        if self._resting is not None:
            if not self._resting.update(ctx):
                return SkillOutput()
            if abs(excess) <= DISTANCE_TOLERANCE and abs(bearing) <= BEARING_TOLERANCE:
                return SkillOutput(status="success")
            self._resting = None
        if abs(excess) < 0.05 and abs(bearing) < math.radians(7):
            self._resting = Settled()
            return SkillOutput()
        if excess < 0.05:
            return SkillOutput((clip(0.9 * excess, 0.2) if excess < -0.05 else 0.0, 0.0, _yaw_rate(bearing)))
        return SkillOutput(self._approach(ctx, (x, y), (goal_x, goal_y), excess))

    def _onto(self, ctx: SkillContext, position: Point) -> SkillOutput:
        """A place has no side to face: near is enough."""
        distance = math.dist(position, self._where(ctx))
        if self._resting is not None:
            if not self._resting.update(ctx):
                return SkillOutput()
            if distance <= PLACE_TOLERANCE:
                return SkillOutput(status="success")
            self._resting = None
        elif distance < 0.1:
            self._resting = Settled()
            return SkillOutput()
        return SkillOutput(self._approach(ctx, position, self._where(ctx), distance))

    def _approach(self, ctx: SkillContext, position: Point, goal: Point, excess: float) -> tuple[float, float, float]:
        obstacles = {
            (float(place[0]), float(place[1])): self._radii[name]
            for name, place in ctx.props.items()
            if name != self._goal
        }
        target = waypoint(position, goal, obstacles)
        heading = math.atan2(target[1] - position[1], target[0] - position[0])
        bearing = wrap_angle(heading - ctx.state.yaw)
        if abs(bearing) > _TURN_FIRST:
            return (0.0, 0.0, _yaw_rate(bearing))
        speed = max(0.12, min(self._speed, 0.9 * excess)) * math.cos(bearing) ** 2
        return (speed, 0.0, _yaw_rate(bearing))


def _yaw_rate(bearing: float) -> float:
    return math.copysign(max(0.15, min(0.8, 1.6 * abs(bearing))), bearing)


def _ground(step: Step, surroundings: Surroundings) -> GroundedStep:
    target, place = surroundings.target, surroundings.goal
    radii = {prop.name: prop.radius for prop in surroundings.props}
    speed = walking_speed("forward", step.speed)
    if target is not None:
        name, stand_off, position = target.name, target.radius + _GAP, target.position[:2]
        goal: str | Point = name
        text = f"go to the {name}"
    elif place is not None and step.object is not None:
        goal, stand_off, position = place, 0.0, place
        text = render_step(Step("go_to", object=step.object))
    else:
        raise GroundingError("'go to' needs an object of the scene", "no_such_object")
    travel = math.dist(position, surroundings.robot_position) + 4.0
    limit = 20.0 + 3.0 * travel / speed
    success = f"at rest within {PLACE_TOLERANCE:g} m of the place"
    if isinstance(goal, str):
        facing = f"{math.degrees(BEARING_TOLERANCE):.0f}°"
        success = (
            f"at rest {stand_off:.2f} m from its centre, to within {DISTANCE_TOLERANCE:g} m, facing it within {facing}"
        )
    return GroundedStep("go_to", text, limit, lambda: GoTo(goal, stand_off, radii, speed), success)


SKILL = register_skill(
    Skill(
        verb_words(
            "go_to",
            "object direction speed distance",
            "approach|visit|return|come back|go home|come back|get (over |up |back |)to|(make|find) your way|"
            "(bring|get|take|move|position|place|put|station) yourself (back|over|)|join|swing by|drop by|"
            "(go|walk|run|head|move|jog|nip|pop|come|stroll|hop) (right |on |)(over|up|across|down)|nip|come|arrive|"
            "(head|make) (straight |right |)for|go and stand|take up (a |your |)position|close in on",
            "去|走到|靠近|前往|返回|回到|回|到|走向|来到|走回|跑到|跑向|回去|走回来|走回去|跑回来|跑回去|回来|跑回",
        ),
        "go to the red ball",
        _ground,
        takes=("object", "speed"),
    )
)
