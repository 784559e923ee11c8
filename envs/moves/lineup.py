"""Lining up: walk round the things of a scene to a place and a heading there, touching nothing."""

from __future__ import annotations

import heapq
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from simonsays.envs.moves.skill import Command, Point, SkillContext, clip, hold_heading, to_heading
from simonsays.sim.rotations import wrap_angle

CLEARANCE = 0.40  # m, from a thing's surface to the base's path round it
_CORNERS = 10  # of the ring round a thing that detours go by
_NEAR = 0.35  # m: from here on the robot turns to the wanted heading and steps into place
_PLACE, _HEADING = 0.05, math.radians(6)
_TURN_FIRST = math.radians(35)


@dataclass(frozen=True)
class Stance:
    """Where to stand, (x, y) m, world, and where to look, rad."""

    place: Point
    yaw: float


def detour(start: Point, goal: Point, circles: Mapping[Point, float]) -> Point:
    """The first corner of the shortest way from start to goal that stays out of the circles.

    A start or a goal within a circle may be left or reached, but no way goes deeper into it.

    Args:
        start, goal: (x, y) m, world.
        circles: (x, y) of each centre to its radius, m.

    Returns:
        (x, y) m; the goal itself where the way is free, or where there is none.
    """
    if _free(start, goal, circles):
        return goal
    turns = [2 * math.pi * i / _CORNERS for i in range(_CORNERS)]
    nodes = [start, goal]
    for (x, y), radius in circles.items():
        ring = 1.02 * radius / math.cos(math.pi / _CORNERS)  # so that the polygon's sides stay outside too
        corners = [(x + ring * math.cos(turn), y + ring * math.sin(turn)) for turn in turns]
        nodes += [p for p in corners if all(math.dist(p, centre) >= size for centre, size in circles.items())]
    return _first_corner(nodes, circles)


def _first_corner(nodes: Sequence[Point], circles: Mapping[Point, float]) -> Point:
    """Dijkstra's search from the first node to the second over the free lines between all."""
    queue, done = [(0.0, 0, 0)], set[int]()
    while queue:
        length, here, first = heapq.heappop(queue)
        if here == 1:
            return nodes[first]
        if here in done:
            continue
        done.add(here)
        for there in range(1, len(nodes)):
            if there not in done and _free(nodes[here], nodes[there], circles):
                heapq.heappush(queue, (length + math.dist(nodes[here], nodes[there]), there, first or there))
    return nodes[1]


def _free(a: Point, b: Point, circles: Mapping[Point, float]) -> bool:
    for centre, radius in circles.items():
        allowed = min(radius, math.dist(a, centre), math.dist(b, centre))
        if distance_to_line(centre, a, b) < allowed - 1e-6:
            return False
    return True


def distance_to_line(point: Point, a: Point, b: Point) -> float:
    """m, from a point to the line from ``a`` to ``b``, its ends included."""
    dx, dy = b[0] - a[0], b[1] - a[1]
    square = dx * dx + dy * dy
    share = 0.0 if square == 0.0 else ((point[0] - a[0]) * dx + (point[1] - a[1]) * dy) / square
    share = min(1.0, max(0.0, share))
    return math.dist(point, (a[0] + share * dx, a[1] + share * dy))


def position(ctx: SkillContext) -> Point:
    """(x, y) m, world, of the base."""
    return ctx.state.base_position[0], ctx.state.base_position[1]


def place_of(ctx: SkillContext, name: str) -> Point:
    """(x, y) m, world, of a thing now."""
    x, y = ctx.props[name][:2].tolist()
    return x, y


def gap_between(ctx: SkillContext, one: str, other: str, radii: Mapping[str, float]) -> float:
    """m, between the circles (radii by name) round the footprints of two things now; negative: they overlap."""
    return math.dist(place_of(ctx, one), place_of(ctx, other)) - radii[one] - radii[other]


def line_up(ctx: SkillContext, stance: Stance, radii: Mapping[str, float], speed: float) -> Command | None:
    """The command that walks to a stance round all things; None when the robot stands there.

    Args:
        radii: m, of the circle round each thing's footprint, by name. speed: m/s, at most.
    """
    here = position(ctx)
    turn = wrap_angle(stance.yaw - ctx.state.yaw)
    distance = math.dist(here, stance.place)
    if distance < _PLACE and abs(turn) < _HEADING:
        return None
    circles = {place_of(ctx, name): radius + CLEARANCE for name, radius in radii.items()}
    target = detour(here, stance.place, circles)
    if target == stance.place and distance < _NEAR:
        return _step_into(ctx, stance, turn)
    bearing = wrap_angle(math.atan2(target[1] - here[1], target[0] - here[0]) - ctx.state.yaw)
    if abs(bearing) > _TURN_FIRST:
        return 0.0, 0.0, math.copysign(0.8, bearing)
    ahead = max(0.15, min(speed, 0.9 * math.dist(here, target) + (0.2 if target != stance.place else 0.0)))
    return ahead * math.cos(bearing) ** 2, 0.0, clip(1.6 * bearing, 0.8)


def _step_into(ctx: SkillContext, stance: Stance, turn: float) -> Command:
    """Turn on the spot first, then step in any direction, holding the heading."""
    if abs(turn) > _TURN_FIRST:
        return 0.0, 0.0, math.copysign(0.8, turn)
    here = position(ctx)
    ahead, left = to_heading((stance.place[0] - here[0], stance.place[1] - here[1]), ctx.state.yaw)
    return clip(1.2 * ahead, 0.22), clip(1.2 * left, 0.2), hold_heading(ctx.state.yaw, stance.yaw)
