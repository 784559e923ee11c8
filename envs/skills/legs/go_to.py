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
from simonsays.envs.moves.behavior import SHORTLY, Behavior, Settled, SkillContext, SkillOutput, Speedometer
from simonsays.envs.moves.pace import fastest, pace, speeds
from simonsays.envs.moves.paths import path_length, point_along
from simonsays.envs.moves.skill import GroundedStep, GroundingError, Skill, Surroundings, called, register_skill
from simonsays.envs.moves.steering import STEERS, Point, peak, turning_rate
from simonsays.envs.moves.styles import PLAIN, in_style, style_of
from simonsays.envs.skills.legs.run import running_pace
from simonsays.envs.skills.legs.walk import NORMAL
from simonsays.sim.rotations import wrap_angle
from simonsays.sim.specs import PropSpec

GAP = 0.32
"""m, from the object's surface to the robot's base at the end"""
DISTANCE_TOLERANCE = 0.1  # m
PLACE_TOLERANCE = 0.25  # m
BEARING_TOLERANCE = math.radians(15)
RUNS = 0.6
"""of the speed that its way leaves room for, which one who runs must reach for a moment"""
_BEND = math.radians(25)
_GOOD, _BACK = 0.07, 0.15  # m, of the gap, that is near enough to stop at; m/s, back from what it is too near
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
            self._resting, self._guide.arriving = None, False
        arriving = self._guide.arriving
        if (arriving or abs(excess) < _GOOD) and abs(bearing) < math.radians(7) and ctx.follows[0] <= STEERS:
            self._resting = Settled(limit=SHORTLY)
            return SkillOutput()
        if arriving or excess < _GOOD:
            back = -_BACK if excess < -_GOOD and abs(bearing) < math.radians(30) and not arriving else 0.0
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
            self._resting, self._guide.arriving = None, False
        elif away < _AT_PLACE or (self._guide.arriving and ctx.follows[0] <= STEERS):
            self._resting = Settled(limit=SHORTLY)
            return SkillOutput()
        if self._guide.arriving:
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
    """What goes somewhere at ``speed`` m/s, and must have been nearly as fast where its way was straight for long."""

    def __init__(self, inner: Behavior, speed: float) -> None:
        self._inner, self._speed = inner, speed
        self._pace, self._straight = Speedometer(), 0.0
        self._bend: tuple[Point, float] | None = None

    def update(self, ctx: SkillContext) -> SkillOutput:
        output, yaw = self._inner.update(ctx), ctx.state.yaw
        self._pace.update(ctx)
        if self._bend is None or abs(wrap_angle(yaw - self._bend[1])) > _BEND:
            self._bend = ctx.position, yaw
        self._straight = max(self._straight, math.dist(ctx.position, self._bend[0]))
        fastest, least = self._pace.fastest, RUNS * min(self._speed, peak(self._straight))
        if output.status == "success" and fastest < least:
            return replace(output, status="failure", reason=f"went at {fastest:.2f} m/s, which is no running")
        return output


def walk_up(target: PropSpec, surroundings: Surroundings, gap: float) -> tuple[Callable[[], GoTo], float]:
    """What walks to ``gap`` m from a prop's surface, for skills that begin so, and its time limit (s).

    Raises:
        GroundingError: the prop cannot be walked up to.
    """
    speed = speeds(surroundings.robot, NORMAL)["forward"]
    props = surroundings.by_name
    check_reachable(surroundings, target, gap, target.called)
    return partial(GoTo, target.name, props, speed, gap), _limit(target.position, surroundings, speed)


def _limit(position: Sequence[float], surroundings: Surroundings, speed: float) -> float:
    return 20.0 + 3.0 * (math.dist(position[:2], surroundings.robot_position) + 6.0) / speed


def _ground(step: Step, surroundings: Surroundings) -> GroundedStep:
    target, place = surroundings.target, surroundings.goal
    if step.object is None or (target is None and place is None):
        raise GroundingError("'go to' needs an object of the scene", "no_such_object")
    runs = step.speed == "fast"
    robot, style = surroundings.robot, style_of(step, PLAIN, runs=runs)
    normal = speeds(robot, {way: style.share * share for way, share in NORMAL.items()})
    chosen = running_pace(robot) if runs else pace(normal, "forward", step.speed, fastest(robot))
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
        success += f", for a moment at {RUNS:.0%} of {chosen.speed:g} m/s or of what its way leaves room for"
        start = lambda: Running(go(), chosen.speed)  # noqa: E731
    text += f" in a {step.style} way" if step.style else ""
    made = GroundedStep("go_to", text + chosen.note, limit, start, success)
    return in_style(made, style, robot)


SKILL = register_skill(
    Skill(
        "go_to",
        "go to the red ball",
        _ground,
        takes=("object", "speed", "distance", "style"),
        goal="object",
        walks_up=True,
        cameras=("follow", "side"),
    )
)
