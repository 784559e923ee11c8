"""Surfaces of props: how far a point is from one, and where a hand can touch one."""

from __future__ import annotations

import math
from collections.abc import Sequence

from simonsays.envs.moves.paths import distance_to_line
from simonsays.sim.specs import PropSpec

Point3 = tuple[float, float, float]
_EDGE = 0.02  # m, that a touch stays away from an edge
_SLOPE = 0.6  # of a ball's radius, how far above or below its middle it can be touched
_CONE = 0.8  # of a cone's height, where it still has a side


def surface_distance(prop: PropSpec, centre: Sequence[float], point: Sequence[float]) -> float:
    """m from a point to a prop's surface, 0 inside; the prop stands upright with its ``centre`` (3,) m, world."""
    x, y, z = _inside_frame(prop, centre, point)
    half_x, half_y, half_z = (extent / 2 for extent in prop.extents)
    if prop.shape == "box":
        return math.hypot(max(abs(x) - half_x, 0.0), max(abs(y) - half_y, 0.0), max(abs(z) - half_z, 0.0))
    if prop.shape == "ball":
        return max(0.0, math.hypot(x, y, z) - half_x)
    across = math.hypot(x, y)
    if prop.shape == "pillar":
        return math.hypot(max(across - half_x, 0.0), max(abs(z) - half_z, 0.0))
    if -half_z <= z <= half_z and across <= half_x * (half_z - z) / (2 * half_z):
        return 0.0
    rim = (half_x, -half_z)
    return min(distance_to_line((across, z), rim, end) for end in ((0.0, half_z), (0.0, -half_z)))


def touch_heights(prop: PropSpec) -> tuple[float, float]:
    """Lowest and highest place (m, from the prop's centre up) where a hand can touch its side."""
    half = prop.extents[2] / 2
    if prop.shape == "ball":
        return -_SLOPE * half, _SLOPE * half
    edge = min(_EDGE, half)
    return edge - half, (2 * _CONE - 1.0) * half if prop.shape == "cone" else half - edge


def touch_point(prop: PropSpec, centre: Sequence[float], height: float, seen_from: Sequence[float]) -> Point3:
    """The point (3,) m, world, of a prop's surface that faces a place, at a height (m, from its centre up)."""
    dx, dy = seen_from[0] - centre[0], seen_from[1] - centre[1]
    away = math.hypot(dx, dy) or 1.0
    ux, uy = dx / away, dy / away
    radius = _radius(prop, height, (ux, uy))
    return centre[0] + radius * ux, centre[1] + radius * uy, centre[2] + height


def _radius(prop: PropSpec, height: float, direction: tuple[float, float]) -> float:
    """m from the axis to the surface at a height, in a direction (unit, world)."""
    half_x, half_y, half_z = (extent / 2 for extent in prop.extents)
    if prop.shape == "ball":
        return math.sqrt(max(0.0, half_x**2 - height**2))
    if prop.shape == "cone":
        return half_x * (half_z - height) / (2 * half_z)
    if prop.shape == "pillar":
        return half_x
    x, y, _ = _inside_frame(prop, (0.0, 0.0, 0.0), (*direction, 0.0))
    return 1.0 / max(abs(x) / half_x, abs(y) / half_y)


def _inside_frame(prop: PropSpec, centre: Sequence[float], point: Sequence[float]) -> Point3:
    dx, dy, dz = (a - b for a, b in zip(point, centre, strict=True))
    c, s = math.cos(math.radians(prop.yaw_deg)), math.sin(math.radians(prop.yaw_deg))
    return c * dx + s * dy, c * dy - s * dx, dz
