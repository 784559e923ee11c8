"""Paths on the ground around things: a visibility graph, searched by A*. Pure functions of positions.

Points are (x, y) in m, world. A thing is a rounded rectangle on the ground; a path keeps a clearance from all of them.
The shortest path around convex shapes turns only at their outlines (Lozano-Perez and Wesley, 1979), so the graph's
nodes are corners of polygons around the outlines, and an edge is where one sees another.
"""

from __future__ import annotations

import heapq
import math
from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from simonsays.assets.notes import dataclass
from simonsays.envs.moves.steering import Point
from simonsays.sim.specs import PropSpec
from simonsays.sim.state import Array
from simonsays.sim.things import Part, stands_in_the_way

Flags = NDArray[np.bool_]
_FAN = (math.radians(15), math.radians(45), math.radians(75))  # directions of the nodes around a corner
_STRETCH = 1.0 / math.cos(_FAN[0])  # so that edges between neighbouring nodes touch the outline
_MARGIN = 1e-3  # m
_SLACK = 1e-6  # m


@dataclass(frozen=True)
class Footprint:
    """A rounded rectangle on the ground: all points within ``rounding`` m of a rectangle."""

    centre: Point
    half: Point = (0.0, 0.0)
    """m, half of the rectangle's extents along its own axes"""
    yaw: float = 0.0
    """rad"""
    rounding: float = 0.0
    """m"""
    solid: tuple[Footprint, ...] = ()
    """what of it is in the way, where there is a way through it"""

    @property
    def hindering(self) -> tuple[Footprint, ...]:
        """What of it is in the way."""
        return self.solid or (self,)

    def clear(self, point: Point) -> float:
        """m from a point to what of it is in the way."""
        return min(shape.distance(point) for shape in self.hindering)

    def distance(self, point: Point) -> float:
        """m from a point to the shape; negative inside it by no more than ``rounding``."""
        x, y = _local(self, np.array(point)).tolist()
        return math.hypot(max(abs(x) - self.half[0], 0.0), max(abs(y) - self.half[1], 0.0)) - self.rounding


def footprint(prop: PropSpec, place: Point | None = None) -> Footprint:
    """What a prop takes of the ground, where the scene has it or at ``place``.

    How a thing that was moved is turned is not known: it then takes the circle around it.
    """
    x, y = prop.position[:2]
    centre = (x, y) if place is None else place
    if prop.round or math.dist(centre, (x, y)) >= 0.05:
        return Footprint(centre, rounding=prop.radius)
    yaw, (wide, deep, height) = math.radians(prop.yaw_deg), prop.extents
    solid = [] if prop.gate is None else [part for part in prop.parts if stands_in_the_way(part, height)]
    parts = (_part(part, centre, yaw) for part in solid)
    return Footprint(centre, (wide / 2, deep / 2), yaw, solid=tuple(parts))


def _part(part: Part, centre: Point, yaw: float) -> Footprint:
    """Of a part of a thing that is turned by ``yaw`` rad about its centre."""
    (x, y, _), c, s = part.centre, math.cos(yaw), math.sin(yaw)
    return Footprint((centre[0] + c * x - s * y, centre[1] + s * x + c * y), (part.size[0] / 2, part.size[1] / 2), yaw)


def outline(shape: Footprint, gap: float) -> list[Point]:
    """Twelve points around a shape, ``gap`` m from it or slightly more."""
    reach = (shape.rounding + gap) * _STRETCH + _MARGIN
    c, s = math.cos(shape.yaw), math.sin(shape.yaw)
    points = []
    for quadrant, (i, j) in enumerate(((1, 1), (-1, 1), (-1, -1), (1, -1))):
        for direction in _FAN:
            angle = direction + quadrant * math.pi / 2
            x = i * shape.half[0] + reach * math.cos(angle)
            y = j * shape.half[1] + reach * math.sin(angle)
            points.append((shape.centre[0] + c * x - s * y, shape.centre[1] + s * x + c * y))
    return points


def shortest_path(
    start: Point, goals: Sequence[Point], obstacles: Sequence[Footprint], clearance: float
) -> list[Point] | None:
    """The shortest path from ``start`` to the nearest reachable goal; None if none can be reached.

    It comes no nearer to an obstacle than ``clearance`` m; out of a start and into a goal that are nearer, no nearer
    than these.
    """
    if not goals:
        return None
    obstacles = [part for shape in obstacles for part in shape.hindering]
    corners = [point for shape in obstacles for point in outline(shape, clearance)]
    nodes = np.array([start, *goals, *corners])
    away = np.stack([_distances(shape, nodes) for shape in obstacles]) if obstacles else np.zeros((0, len(nodes)))
    away = np.minimum(away, clearance)
    count = len(goals)
    usable = np.asarray((away >= clearance - _SLACK).all(axis=0))
    usable[: 1 + count] = True
    ahead = np.linalg.norm(nodes[:, None] - nodes[None, 1 : 1 + count], axis=2).min(axis=1)
    cost = np.full(len(nodes), math.inf)
    came = np.zeros(len(nodes), dtype=np.intp)
    closed = np.zeros(len(nodes), dtype=bool)
    cost[0] = 0.0
    queue = [(float(ahead[0]), 0)]
    while queue:
        _, node = heapq.heappop(queue)
        if closed[node]:
            continue
        closed[node] = True
        if 1 <= node <= count:
            path = [node]
            while path[-1] != 0:
                path.append(int(came[path[-1]]))
            return [(x, y) for x, y in nodes[path[::-1]].tolist()]
        length = cost[node] + np.linalg.norm(nodes - nodes[node], axis=1)
        better = np.flatnonzero(usable & ~closed & (length < cost - _SLACK))
        for near in better[_sees(nodes, node, better, obstacles, away)].tolist():
            cost[near], came[near] = length[near], node
            heapq.heappush(queue, (float(length[near] + ahead[near]), near))
    return None


def path_length(path: Sequence[Point]) -> float:
    """m along a path."""
    return sum(math.dist(a, b) for a, b in pairwise(path))


def point_along(path: Sequence[Point], distance: float) -> Point:
    """The point ``distance`` m along a path; its end if that is farther."""
    for here, there in pairwise(path):
        length = math.dist(here, there)
        if distance < length:
            share = distance / length
            return here[0] + share * (there[0] - here[0]), here[1] + share * (there[1] - here[1])
        distance -= length
    return path[-1]


def distance_to_line(point: Point, a: Point, b: Point) -> float:
    """m, from a point to the line from ``a`` to ``b``, its ends included."""
    dx, dy = b[0] - a[0], b[1] - a[1]
    square = dx * dx + dy * dy
    share = 0.0 if square == 0.0 else ((point[0] - a[0]) * dx + (point[1] - a[1]) * dy) / square
    share = min(1.0, max(0.0, share))
    return math.dist(point, (a[0] + share * dx, a[1] + share * dy))


def line_distance(shape: Footprint, a: Point, b: Point) -> float:
    """m, from the line from ``a`` to ``b``, its ends included, to what of a shape is in the way."""
    ends = np.array([b])
    return float(min(_segment_distances(part, np.array(a), ends)[0] for part in shape.hindering))


def _sees(nodes: Array, start: int, ends: NDArray[np.intp], obstacles: Sequence[Footprint], away: Array) -> Flags:
    """(E,) bool: which ends a node sees, with the clearance kept on the way."""
    free: Flags = np.ones(len(ends), dtype=bool)
    for shape, distances in zip(obstacles, away, strict=True):
        needed = np.minimum(distances[ends], distances[start]) - _SLACK
        free &= _segment_distances(shape, nodes[start], nodes[ends]) >= needed
    return free


def _local(shape: Footprint, points: Array) -> Array:
    """(..., 2) points in a shape's own frame."""
    c, s = math.cos(shape.yaw), math.sin(shape.yaw)
    moved = points - np.array(shape.centre)
    return np.stack([c * moved[..., 0] + s * moved[..., 1], c * moved[..., 1] - s * moved[..., 0]], axis=-1)


def _distances(shape: Footprint, points: Array) -> Array:
    """(N,) m from points (N, 2) to a shape."""
    return _rectangle_distances(np.array(shape.half), _local(shape, points)) - shape.rounding


def _segment_distances(shape: Footprint, start: Array, ends: Array) -> Array:
    """(N,) m from the segments between ``start`` (2,) and ``ends`` (N, 2) to a shape."""
    a, b = _local(shape, start), _local(shape, ends)
    half = np.array(shape.half)
    along = b - a
    squared = np.maximum((along**2).sum(axis=1), 1e-18)
    near = np.minimum(_rectangle_distances(half, a[None]), _rectangle_distances(half, b))
    for corner in (half * (i, j) for i in (-1, 1) for j in (-1, 1)):
        share = np.clip(((corner - a) * along).sum(axis=1) / squared, 0.0, 1.0)
        near = np.minimum(near, np.linalg.norm(a + share[:, None] * along - corner, axis=1))
    return np.where(_crosses(half, a, along), 0.0, near) - shape.rounding


def _rectangle_distances(half: Array, points: Array) -> Array:
    outside = np.maximum(np.abs(points) - half, 0.0)
    return np.asarray(np.hypot(outside[:, 0], outside[:, 1]))


def _crosses(half: Array, a: Array, along: Array) -> Flags:
    """(N,) bool: segments that pass through a rectangle around the origin (slab test)."""
    step = np.where(np.abs(along) < 1e-12, 1e-12, along)
    first, second = (-half - a) / step, (half - a) / step
    enter = np.minimum(first, second).max(axis=1)
    leave = np.maximum(first, second).min(axis=1)
    return np.asarray((enter <= leave) & (leave >= 0.0) & (enter <= 1.0))
