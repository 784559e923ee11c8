"""Ways that are no straight line: circles, figures of eight, polygons, zigzags. Pure functions of sizes.

A curve is a list of points (x, y) m that begins at the origin and sets out along x; ``sign``: 1.0 where it turns left
at first, -1.0 to the right. Bends are drawn with a point every few centimetres, so that what turns by more than
``CORNER`` between two edges is a corner.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

from simonsays.envs.moves.steering import Point, to_heading

CORNER = math.radians(25)
_SPACING = 0.1  # m, at most, between points of a bend
_SLANT, _LEG = math.radians(35), 1.0  # of a zigzag, to both sides, and m along it


def arc(radius: float, angle: float, sign: float = 1.0) -> list[Point]:
    """A part of a circle by an angle (rad, > 0); two full turns are 4 pi."""
    count = max(2, math.ceil(radius * angle / _SPACING), math.ceil(angle / (0.8 * CORNER)))
    turns = [angle * k / count for k in range(count + 1)]
    return [(radius * math.sin(turn), sign * radius * (1.0 - math.cos(turn))) for turn in turns]


def polygon(corners: int, side: float, sign: float = 1.0) -> list[Point]:
    """Sides of equal length that come back to where they began."""
    points, heading = [(0.0, 0.0)], 0.0
    for _ in range(corners):
        x, y = points[-1]
        points.append((x + side * math.cos(heading), y + side * math.sin(heading)))
        heading += sign * math.tau / corners
    return points


def zigzag(length: float, sign: float = 1.0) -> list[Point]:
    """Straight legs aslant, to one side and the other, that come to ``length`` m and back to the middle."""
    legs = max(2, round(length / _LEG))
    pitch, points = length / legs, [(0.0, 0.0)]
    for k in range(legs):
        aside = sign * 0.5 * pitch * math.tan(_SLANT) * (1.0, -1.0)[k % 2]
        points.append(((k + 0.5) * pitch, aside))
    return [*points, (length, 0.0)]


def figure_eight(radius: float, sign: float = 1.0) -> list[Point]:
    """Two circles that touch, one to each side of where it begins."""
    return [*arc(radius, math.tau, sign), *arc(radius, math.tau, -sign)[1:]]


def laid(points: Sequence[Point], start: Point, yaw: float) -> list[Point]:
    """A curve that begins at a place (x, y) m and sets out along a heading ``yaw`` (rad), world."""
    moved = [to_heading(point, -yaw) for point in points]
    return [(start[0] + x, start[1] + y) for x, y in moved]


def winding(places: Sequence[Point], centre: Point) -> float:
    """rad, left positive: how far places, one after the other, go around a centre."""
    angles = [math.atan2(y - centre[1], x - centre[0]) for x, y in places]
    return sum((b - a + math.pi) % math.tau - math.pi for a, b in pairwise(angles))
