"""Shapes of props and of uneven ground as numbers: for engines to touch, and for pictures to draw."""

from __future__ import annotations

import math
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simonsays.sim.specs import GroundSpec, PropSpec
from simonsays.sim.state import Array
from simonsays.sim.things import Part

BUMP_SPACING, BUMPS = 0.25, 241  # m, and how many a side: 60 m of uneven ground


def bump_heights(ground: GroundSpec) -> Array:
    """(241, 241) m above the ground's plane, rows along y, ``BUMP_SPACING`` m apart, the origin in the middle."""
    heights = np.random.default_rng(int(ground.seed)).uniform(0.0, ground.roughness, (BUMPS, BUMPS))
    heights[0, 0], heights[-1, -1] = 0.0, ground.roughness  # Bullet centres the shape between its extremes
    return heights


def box_mesh(x: float, y: float, z: float) -> dict[str, Any]:
    """Vertices, normals and triangle indices of a box of these half extents (m), four vertices a side."""
    vertices: list[list[float]] = []
    normals: list[list[float]] = []
    indices: list[int] = []
    for axis in range(3):
        for sign in (-1.0, 1.0):
            normal = [0.0, 0.0, 0.0]
            normal[axis] = sign
            first = len(vertices)
            for a, b in ((-1, -1), (1, -1), (1, 1), (-1, 1)):
                corner = [0.0, 0.0, 0.0]
                corner[axis], corner[(axis + 1) % 3], corner[(axis + 2) % 3] = sign, sign * a, b
                vertices.append([corner[0] * x, corner[1] * y, corner[2] * z])
                normals.append(normal)
            indices += [first, first + 1, first + 2, first, first + 2, first + 3]
    return {"vertices": vertices, "normals": normals, "indices": indices}


# Outlines from bottom to top: radius and height, both -1 to 1 of the half extents, and the normal's two parts.
_PROFILES = {
    "ball": tuple((math.sin(a), -math.cos(a)) * 2 for a in (math.pi * i / 20 for i in range(21))),
    "pillar": ((0, -1, 0, -1), (1, -1, 0, -1), (1, -1, 1, 0), (1, 1, 1, 0), (1, 1, 0, 1), (0, 1, 0, 1)),
    "cone": ((0, -1, 0, -1), (1, -1, 0, -1), (1, -1, 0.95, 0.31), (0.06, 1, 0.95, 0.31), (0, 1, 0, 1)),
}


def _turned(profile: tuple[tuple[float, ...], ...], radius: float, half: float, sides: int = 40) -> dict[str, Any]:
    """Vertices, normals and triangle indices of an outline turned about the z axis."""
    vertices, normals, indices = [], [], []
    for i in range(sides + 1):
        c, s = math.cos(2 * math.pi * i / sides), math.sin(2 * math.pi * i / sides)
        for r, z, out, up in profile:
            vertices.append([radius * r * c, radius * r * s, half * z])
            normals.append([out * c, out * s, up])
    n = len(profile)
    for i in range(sides):
        for j in range(n - 1):
            a, b = i * n + j, (i + 1) * n + j
            indices += [a, b, b + 1, a, b + 1, a + 1]
    return {"vertices": vertices, "normals": normals, "indices": indices}


def ball_mesh() -> tuple[Array, NDArray[np.int64]]:
    """Points (P, 3) and triangles (F, 3) of a ball of radius 1."""
    made = _turned(_PROFILES["ball"], 1.0, 1.0, 24)
    return np.array(made["vertices"]), np.array(made["indices"]).reshape(-1, 3)


def prop_mesh(spec: PropSpec) -> dict[str, Any]:
    """Vertices, normals and triangle indices of a prop."""
    return _joined(spec.parts)


def inertia(spec: PropSpec) -> list[float]:
    """(3,) kg m^2, about its middle, of a thing of several parts: that of a solid box of its extents, in any engine."""
    x, y, z = (extent**2 for extent in spec.extents)
    return [spec.weight * sides / 12 for sides in (y + z, x + z, x + y)]


def hull(part: Part) -> list[list[float]]:
    """Vertices (m, around its middle) whose convex hull is a cone or a wedge: engines have no such shapes."""
    return _hull(part.kind, *part.size)


# PyBullet never lets go of lists of vertices that it is given: with the same ones again and again, that is no loss.
@cache
def _joined(parts: tuple[Part, ...]) -> dict[str, Any]:
    whole: dict[str, list[Any]] = {"vertices": [], "normals": [], "indices": []}
    for part in parts:
        mesh, first = _mesh(part.kind, *part.size), len(whole["vertices"])
        whole["vertices"] += [[a + b for a, b in zip(point, part.centre, strict=True)] for point in mesh["vertices"]]
        whole["normals"] += mesh["normals"]
        whole["indices"] += [first + i for i in mesh["indices"]]
    return whole


def _mesh(kind: str, x: float, y: float, z: float) -> dict[str, Any]:
    if kind == "box":
        return box_mesh(x / 2, y / 2, z / 2)
    return _wedge(x / 2, y / 2, z / 2) if kind == "wedge" else _turned(_PROFILES[kind], x / 2, z / 2)


def _wedge(x: float, y: float, z: float) -> dict[str, Any]:
    """Vertices, normals and triangle indices of a wedge of these half extents (m) that rises along x."""
    a, b, c, d = (-x, -y, -z), (x, -y, -z), (x, y, -z), (-x, y, -z)
    e, f = (x, -y, z), (x, y, z)
    slope = math.hypot(x, z)
    made: dict[str, list[Any]] = {"vertices": [], "normals": [], "indices": []}
    for normal, corners in (
        ((0, 0, -1), (a, d, c, b)), ((1, 0, 0), (b, c, f, e)), ((-z / slope, 0, x / slope), (a, e, f, d)),
        ((0, -1, 0), (a, b, e)), ((0, 1, 0), (d, f, c)),
    ):  # fmt: skip
        first = len(made["vertices"])
        made["vertices"] += map(list, corners)
        made["normals"] += [list(normal)] * len(corners)
        made["indices"] += [first + i for k in range(1, len(corners) - 1) for i in (0, k, k + 1)]
    return made


@cache
def _hull(kind: str, x: float, y: float, z: float) -> list[list[float]]:
    made = _wedge(x / 2, y / 2, z / 2) if kind == "wedge" else _turned(_PROFILES["cone"], x / 2, z / 2, 16)
    vertices: list[list[float]] = made["vertices"]
    return vertices
