"""Surfaces of props: how far a point is from one, and where a hand can touch one."""

from __future__ import annotations

import math
from collections.abc import Sequence

from simonsays.envs.moves.paths import distance_to_line
from simonsays.sim.specs import SHAPES, PropSpec
from simonsays.sim.things import THINGS, Part

Point3 = tuple[float, float, float]
_EDGE = 0.02  # m, that a touch stays away from an edge
_SLOPE = 0.6  # of a ball's radius, how far above or below its middle it can be touched
_CONE = 0.8  # of a cone's height, where it still has a side


def surface_distance(prop: PropSpec, centre: Sequence[float], point: Sequence[float]) -> float:
    """m from a point to a prop's surface, 0 inside; the prop stands upright with its ``centre`` (3,) m, world."""
    place = _inside_frame(prop, centre, point)
    return min(_part_distance(part, place) for part in prop.parts)


def _part_distance(part: Part, point: Point3) -> float:
    """m from a point, in the thing's frame, to a part; to a wedge: to the box around it."""
    x, y, z = (a - b for a, b in zip(point, part.centre, strict=True))
    half_x, half_y, half_z = (extent / 2 for extent in part.size)
    if part.kind in ("box", "wedge"):
        return math.hypot(max(abs(x) - half_x, 0.0), max(abs(y) - half_y, 0.0), max(abs(z) - half_z, 0.0))
    if part.kind == "ball":
        return max(0.0, math.hypot(x, y, z) - half_x)
    across = math.hypot(x, y)
    if part.kind == "pillar":
        return math.hypot(max(across - half_x, 0.0), max(abs(z) - half_z, 0.0))
    if -half_z <= z <= half_z and across <= half_x * (half_z - z) / (2 * half_z):
        return 0.0
    rim = (half_x, -half_z)
    return min(distance_to_line((across, z), rim, end) for end in ((0.0, half_z), (0.0, -half_z)))


def touch_heights(prop: PropSpec) -> tuple[float, float]:
    """Lowest and highest place (m, from the prop's centre up) where a hand can touch its side."""
    part = touched(prop)
    middle, half = part.centre[2], part.size[2] / 2
    if part.kind == "ball":
        return middle - _SLOPE * half, middle + _SLOPE * half
    edge = min(_EDGE, half)
    return middle + edge - half, middle + ((2 * _CONE - 1.0) * half if part.kind == "cone" else half - edge)


def touch_point(prop: PropSpec, centre: Sequence[float], height: float, seen_from: Sequence[float]) -> Point3:
    """The point (3,) m, world, of a prop's surface that faces a place, at a height (m, from its centre up)."""
    part = touched(prop)
    x, y, _ = part.centre
    c, s = math.cos(math.radians(prop.yaw_deg)), math.sin(math.radians(prop.yaw_deg))
    middle = (centre[0] + c * x - s * y, centre[1] + s * x + c * y)
    if part.kind in ("box", "wedge") and prop.shape not in SHAPES:  # the nearest point: a wall is no pillar
        ahead, left, _ = _inside_frame(prop, centre, (seen_from[0], seen_from[1], centre[2]))
        half_x, half_y = part.size[0] / 2, part.size[1] / 2
        px, py = min(max(ahead, x - half_x), x + half_x), min(max(left, y - half_y), y + half_y)
        return centre[0] + c * px - s * py, centre[1] + s * px + c * py, centre[2] + height
    dx, dy = seen_from[0] - middle[0], seen_from[1] - middle[1]
    away = math.hypot(dx, dy) or 1.0
    ux, uy = dx / away, dy / away
    radius = _radius(part, height - part.centre[2], (c * ux + s * uy, c * uy - s * ux))
    return middle[0] + radius * ux, middle[1] + radius * uy, centre[2] + height


def touched(prop: PropSpec) -> Part:
    """The part of a thing that a hand goes to."""
    return prop.parts[0] if prop.shape in SHAPES else prop.parts[THINGS[prop.shape].touched]


def _radius(part: Part, height: float, direction: tuple[float, float]) -> float:
    """m from a part's axis to its surface at a height above its middle, in a direction (unit, its own frame)."""
    half_x, half_y, half_z = (extent / 2 for extent in part.size)
    if part.kind == "ball":
        return math.sqrt(max(0.0, half_x**2 - height**2))
    if part.kind == "cone":
        return half_x * (half_z - height) / (2 * half_z)
    if part.kind == "pillar":
        return half_x
    x, y = direction
    return 1.0 / max(abs(x) / half_x, abs(y) / half_y)


def _inside_frame(prop: PropSpec, centre: Sequence[float], point: Sequence[float]) -> Point3:
    dx, dy, dz = (a - b for a, b in zip(point, centre, strict=True))
    c, s = math.cos(math.radians(prop.yaw_deg)), math.sin(math.radians(prop.yaw_deg))
    return c * dx + s * dy, c * dy - s * dx, dz
