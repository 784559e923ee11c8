"""The way to a thing or a place, around what stands in it, planned anew twice a second; and lining up there."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from simonsays.envs.language.instruction import PLACE, ObjectRef
from simonsays.envs.moves.behavior import SkillContext, SkillOutput
from simonsays.envs.moves.paths import Footprint, footprint, outline, path_length, shortest_path
from simonsays.envs.moves.skill import GroundingError, Surroundings
from simonsays.envs.moves.steering import Command, Point, braking, clip, coasting, hold_heading, seen_from, turning_rate
from simonsays.sim.rotations import wrap_angle
from simonsays.sim.specs import PropSpec

CLEARANCES = (0.45, 0.38)
"""m, from a thing's surface to the path of the base: the wider one wherever there is a way with it"""
SOMEBODY = 0.25
"""m, radius of what whoever watches takes of the ground: the scene has no body there"""
BESIDE = 0.3
"""m, from a thing's surface to the base at the end of the way"""
NO_WAY = "no way leads there: what stands in it leaves no room"
_REPLAN = 0.5  # s
_PATIENCE = 5.0  # s
_REACHED = 0.12  # m, from a corner of the path
_TURN_FIRST, _BENDS = math.radians(40), math.radians(20)
_AHEAD, _RUNNING_RATE = 0.2, 0.5  # rad, rad/s: it runs where the way is straight ahead
_NEAR = 0.35  # m: from here on the robot turns to the wanted heading and steps into place
_PLACE, _HEADING = 0.05, math.radians(6)
_ALIGN_FIRST = math.radians(35)  # as _TURN_FIRST, once it is near


def footprints(props: Mapping[str, PropSpec], ctx: SkillContext) -> dict[str, Footprint]:
    """What the props take of the ground now, by name."""
    return {name: footprint(prop, ctx.place_of(name)) for name, prop in props.items()}


def ring(target: Footprint, gap: float, start: Point, obstacles: Sequence[Footprint]) -> list[Point]:
    """Places ``gap`` m from a thing where nothing else is in the way of the body; on the straight way first."""
    x, y = target.centre
    away = math.dist(start, target.centre) or 1.0
    towards = ((start[0] - x) / away, (start[1] - y) / away)
    # Along the line from the centre, the distance grows by no more than it goes: a few corrections find the gap.
    reach = gap + target.rounding
    for _ in range(8):
        reach += gap - target.distance((x + reach * towards[0], y + reach * towards[1]))
    direct = (x + reach * towards[0], y + reach * towards[1])
    places = [direct, *outline(target, gap)]
    return [place for place in places if all(shape.clear(place) >= BESIDE for shape in obstacles)]


def standing_places(place: Point, obstacles: Sequence[Footprint]) -> list[Point]:
    """A place where the body has room, or those next to it that have."""

    def free(points: Iterable[Point]) -> list[Point]:
        return [point for point in points if all(shape.clear(point) >= BESIDE for shape in obstacles)]

    around = (k * math.pi / 4 for k in range(8))
    return free([place]) or free((place[0] + 0.15 * math.cos(a), place[1] + 0.15 * math.sin(a)) for a in around)


def is_beside(ref: ObjectRef) -> bool:
    """Whether a place lies beside a thing, so that a distance says how far from it."""
    return ref.type == PLACE and ref.relation != "between"


def find_way(start: Point, goals: Sequence[Point], obstacles: Sequence[Footprint]) -> list[Point] | None:
    """The shortest path, with the widest clearance that leaves one; None: there is none."""
    found = (shortest_path(start, goals, obstacles, clearance) for clearance in CLEARANCES)
    return next((path for path in found if path is not None), None)


def check_reachable(surroundings: Surroundings, goal: Point | PropSpec, gap: float, said: str) -> None:
    """Refuse what things that cannot be moved shut off.

    Raises:
        GroundingError: no way leads there.
    """
    fixed = [footprint(prop) for prop in surroundings.props if prop.fixed and prop is not goal]
    start = surroundings.robot_position
    if isinstance(goal, PropSpec):
        if goal.path:
            return  # it may come out
        goals = ring(footprint(goal), gap, start, fixed)
        if goal.fixed:
            fixed.append(footprint(goal))
    else:
        goals = [goal]
    if find_way(start, goals, fixed) is None:
        raise GroundingError(f"no way leads to {said}: what stands around it leaves no room", "impossible_amount")


class Guide:
    """Walks along the shortest path, which it plans anew as things move."""

    def __init__(self, speed: float, props: Mapping[str, PropSpec]) -> None:
        self._speed = speed
        self._patience = _PATIENCE if any(prop.path for prop in props.values()) else 0.0
        self._path: list[Point] | None = None
        self._planned = -math.inf
        self._blocked: float | None = None
        self.arriving = False
        """it has told the robot to stand, so that it comes to rest where the way ends; false again: go on"""

    def walk(
        self, ctx: SkillContext, goals: Sequence[Point], obstacles: Sequence[Footprint], speed: float | None = None
    ) -> SkillOutput:
        """Towards the nearest goal, with a ``speed`` (m/s) other than its own; a failure where no way leads to any.

        Where things move of their own it waits for a while first.
        """
        if ctx.time - self._planned >= _REPLAN:
            self._path, self._planned = find_way(ctx.position, goals, obstacles), ctx.time
        if self._path is not None:
            self._blocked = None
            return SkillOutput(self._command(ctx, speed))
        self._blocked = ctx.time if self._blocked is None else self._blocked
        if ctx.time - self._blocked >= self._patience:
            return SkillOutput(status="failure", reason=NO_WAY)
        return SkillOutput()

    def _command(self, ctx: SkillContext, speed: float | None) -> Command:
        """Towards the next corner of the path; slower in bends and towards the end, unless a ``speed`` is given."""
        assert self._path is not None
        here = ctx.position
        while len(self._path) > 2 and math.dist(here, self._path[1]) < _REACHED:
            del self._path[1]
        bearing = ctx.bearing(self._path[1])
        if abs(bearing) > _TURN_FIRST:
            return 0.0, 0.0, turning_rate(bearing)
        rate = turning_rate(bearing)
        if speed is None:
            self.arriving = path_length([here, *self._path[1:]]) <= coasting(ctx.follows[0])
            speed = 0.0 if self.arriving else min(self._speed, self._bend(here))
            if speed > ctx.walks:  # in a run it turns little
                speed, rate = speed if abs(bearing) < _AHEAD else ctx.walks, clip(rate, _RUNNING_RATE)
        return speed * math.cos(bearing) ** 2, 0.0, rate

    def _bend(self, position: Point) -> float:
        """m/s, at most, before a corner: as fast as it likes where the path goes straight on."""
        assert self._path is not None
        if len(self._path) < 3:
            return math.inf
        corner, after = self._path[1:3]
        before = math.atan2(corner[1] - position[1], corner[0] - position[0])
        turn = abs(wrap_angle(math.atan2(after[1] - corner[1], after[0] - corner[0]) - before))
        return max(0.3, min(0.9 * (far := math.dist(position, corner)), braking(far))) if turn > _BENDS else math.inf


@dataclass(frozen=True)
class Stance:
    """Where to stand, (x, y) m, world, and where to look, rad."""

    place: Point
    yaw: float


class LineUp:
    """Walks round all ``props`` to a stance, at most ``speed`` m/s; a success once the robot stands there."""

    def __init__(self, speed: float, props: Mapping[str, PropSpec]) -> None:
        self._guide, self._props = Guide(speed, props), props

    def update(self, ctx: SkillContext, stance: Stance) -> SkillOutput:
        """One control step; a failure where no way leads there."""
        turn = wrap_angle(stance.yaw - ctx.state.yaw)
        distance = math.dist(ctx.position, stance.place)
        if distance < _PLACE and abs(turn) < _HEADING:
            return SkillOutput(status="success")
        if distance < _NEAR:
            return SkillOutput(_step_into(ctx, stance, turn))
        return self._guide.walk(ctx, [stance.place], list(footprints(self._props, ctx).values()))


def _step_into(ctx: SkillContext, stance: Stance, turn: float) -> Command:
    """Turn on the spot first, then step in any direction, holding the heading."""
    if abs(turn) > _ALIGN_FIRST:
        return 0.0, 0.0, math.copysign(0.8, turn)
    ahead, left = seen_from(ctx.position, ctx.state.yaw, stance.place)
    return clip(1.2 * ahead, 0.22), clip(1.2 * left, 0.2), hold_heading(ctx.state.yaw, stance.yaw)
