"""go_to: walk up to an object of the scene and face it, or onto a place, around what stands in the way."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial

from simonsays.envs.language.instruction import Step
from simonsays.envs.language.render import render_step
from simonsays.envs.moves.approach import (
    NO_WAY,
    Guide,
    check_reachable,
    find_way,
    footprints,
    is_beside,
    ring,
    standing_places,
)
from simonsays.envs.moves.behavior import Behavior, Settled, SkillContext, SkillOutput, Speedometer
from simonsays.envs.moves.pace import fastest, pace, speeds
from simonsays.envs.moves.paths import path_length, point_along
from simonsays.envs.moves.skill import GroundedStep, GroundingError, Skill, Surroundings, called, register_skill
from simonsays.envs.moves.steering import Point, clip, turning_rate
from simonsays.envs.skills.legs.run import NORMAL as RUNNING
from simonsays.envs.skills.legs.walk import NORMAL
from simonsays.sim.specs import PropSpec

GAP = 0.32
"""m, from the object's surface to the robot's base at the end"""
DISTANCE_TOLERANCE = 0.1  # m
PLACE_TOLERANCE = 0.25  # m
BEARING_TOLERANCE = math.radians(15)
LONG, RUNS = 3.0, 0.7
"""m, and m/s: on a way that is as long, it runs where it is as fast for a moment"""
_AT_PLACE = 0.14  # m, at which it stops to look whether it is there
_WIDER = (0.0, 0.15, 0.3, 0.45)  # m, more than the gap, where what stands beside the object leaves no room


class GoTo:
    """Walks up to a prop and faces it: ``gap`` m from its surface, or a little more where there is no room."""

    def __init__(self, name: str, props: Mapping[str, PropSpec], speed: float, gap: float = GAP) -> None:
        self._name, self._props, self._gap = name, props, gap
        self._guide = Guide(speed, props)
        self._resting: Settled | None = None
        self._chosen: float | None = None

    def update(self, ctx: SkillContext) -> SkillOutput:
        shapes = footprints(self._props, ctx)
        target, others = shapes[self._name], [shape for name, shape in shapes.items() if name != self._name]
        here = ctx.position
        if self._chosen is None:
            wider = (self._gap + more for more in _WIDER)
            self._chosen = next((gap for gap in wider if ring(target, gap, here, others)), self._gap)
        excess = target.distance(here) - self._chosen
        bearing = ctx.bearing(target.centre)
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
            back = clip(0.9 * excess, 0.2) if excess < -0.05 and abs(bearing) < math.radians(30) else 0.0
            return SkillOutput((back, 0.0, turning_rate(bearing)))
        return self._guide.walk(ctx, ring(target, self._chosen, here, others), list(shapes.values()))


class GoToPlace:
    """Walks onto a place (x, y) m, world. A place has no side to face: near is enough."""

    def __init__(self, place: Point, props: Mapping[str, PropSpec], speed: float) -> None:
        self._place, self._props = place, props
        self._guide = Guide(speed, props)
        self._resting: Settled | None = None

    def update(self, ctx: SkillContext) -> SkillOutput:
        away = math.dist(ctx.position, self._place)
        if self._resting is not None:
            if not self._resting.update(ctx):
                return SkillOutput()
            if away <= PLACE_TOLERANCE:
                return SkillOutput(status="success")
            self._resting = None
        elif away < _AT_PLACE:
            self._resting = Settled()
            return SkillOutput()
        obstacles = list(footprints(self._props, ctx).values())
        return self._guide.walk(ctx, standing_places(self._place, obstacles), obstacles)


class Towards:
    """Walks so many metres of the way to a prop or a place."""

    def __init__(self, goal: str | Point, distance: float, props: Mapping[str, PropSpec], speed: float) -> None:
        self._goal, self._distance, self._props, self._speed = goal, distance, props, speed
        self._rest: GoToPlace | None = None

    def update(self, ctx: SkillContext) -> SkillOutput:
        if self._rest is None:
            end = self._end(ctx)
            if isinstance(end, str):
                return SkillOutput(status="failure", reason=end)
            self._rest = GoToPlace(end, self._props, self._speed)
        return self._rest.update(ctx)

    def _end(self, ctx: SkillContext) -> Point | str:
        """Where the way ends, or why it cannot be gone."""
        shapes, here = footprints(self._props, ctx), ctx.position
        if isinstance(self._goal, str):
            others = [shape for name, shape in shapes.items() if name != self._goal]
            goals = ring(shapes[self._goal], GAP, here, others)
        else:
            goals = standing_places(self._goal, list(shapes.values()))
        path = find_way(here, goals, list(shapes.values()))
        if path is None:
            return NO_WAY
        length = path_length(path)
        if length < self._distance - DISTANCE_TOLERANCE:
            return f"there are only {length:.2f} m to go"
        return point_along(path, self._distance)


class Running:
    """What goes somewhere, which must have run meanwhile: a way of ``LONG`` m leaves room to speed up in."""

    def __init__(self, inner: Behavior) -> None:
        self._inner = inner
        self._pace, self._way = Speedometer(), 0.0

    def update(self, ctx: SkillContext) -> SkillOutput:
        output = self._inner.update(ctx)
        self._way += self._pace.update(ctx) * ctx.dt
        if output.status == "success" and self._way >= LONG and self._pace.fastest < RUNS:
            return replace(
                output, status="failure", reason=f"went at {self._pace.fastest:.2f} m/s, which is no running"
            )
        return output


def walk_up(target: PropSpec, surroundings: Surroundings, gap: float) -> tuple[Callable[[], GoTo], float]:
    """What walks to ``gap`` m from a prop's surface, for skills that begin so, and its time limit (s).

    Raises:
        GroundingError: the prop cannot be walked up to.
    """
    speed = speeds(surroundings.robot, NORMAL)["forward"]
    props = surroundings.by_name
    check_reachable(surroundings, target, gap, f"the {target.name}")
    return partial(GoTo, target.name, props, speed, gap), _limit(target.position, surroundings, speed)


def _limit(position: Sequence[float], surroundings: Surroundings, speed: float) -> float:
    return 20.0 + 3.0 * (math.dist(position[:2], surroundings.robot_position) + 6.0) / speed


def _ground(step: Step, surroundings: Surroundings) -> GroundedStep:
    target, place = surroundings.target, surroundings.goal
    if step.object is None or (target is None and place is None):
        raise GroundingError("'go to' needs an object of the scene", "no_such_object")
    runs = step.speed == "fast"
    robot = surroundings.robot
    usual, said = (RUNNING, None) if runs else (NORMAL, step.speed)
    chosen = pace(speeds(robot, usual), "forward", said, fastest(robot))
    props = surroundings.by_name
    position = place if target is None else (target.position[0], target.position[1])
    goal = target or place
    assert position is not None and goal is not None
    said = called(step.object, surroundings.target)
    check_reachable(surroundings, goal, GAP, said)
    limit = _limit(position, surroundings, chosen.speed)
    text = f"go to {said}" if target is not None else render_step(Step("go_to", object=step.object))
    start: Callable[[], Behavior]
    if step.distance_m is not None and not is_beside(step.object):
        distance, end = step.distance_m, target.name if target is not None else position
        text = f"go {distance:g} m towards {said}"
        success = f"at rest within {PLACE_TOLERANCE:g} m of the point {distance:g} m along the way"
        start = partial(Towards, end, distance, props, chosen.speed)
    elif target is not None:
        facing = f"{math.degrees(BEARING_TOLERANCE):.0f}°"
        success = f"at rest {GAP:g} m from its surface, to within {DISTANCE_TOLERANCE:g} m, facing it within {facing}"
        start = partial(GoTo, target.name, props, chosen.speed)
    else:
        if step.distance_m is not None:
            text = text.replace("go ", f"go {step.distance_m:g} m ", 1)
        success = f"at rest within {PLACE_TOLERANCE:g} m of the place"
        start = partial(GoToPlace, position, props, chosen.speed)
    if runs:
        go, text = start, text.replace("go ", "run ", 1)
        success += f", at {RUNS:g} m/s or more for a moment if the way is {LONG:g} m or longer"
        return GroundedStep("go_to", text + chosen.note, limit, lambda: Running(go()), success)
    return GroundedStep("go_to", text + chosen.note, limit, start, success)


SKILL = register_skill(
    Skill(
        "go_to",
        "go to the red ball",
        _ground,
        takes=("object", "speed", "distance"),
        goal="object",
        walks_up=True,
        cameras=("follow", "side"),
    )
)
