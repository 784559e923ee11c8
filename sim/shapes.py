"""Shapes of props and of uneven ground as numbers: for engines to touch, and for pictures to draw."""

from __future__ import annotations

import math
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simonsays.sim.specs import GroundSpec, PropSpec
from simonsays.sim.state import Array

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
    return _mesh(spec.shape, *spec.extents)


def cone_hull(spec: PropSpec) -> list[list[float]]:
    """Vertices (m) whose convex hull is a cone: engines have no such shape."""
    x, _, z = spec.extents
    return _hull(x / 2, z / 2)


# PyBullet never lets go of lists of vertices that it is given: with the same ones again and again, that is no loss.
@cache
def _mesh(shape: str, x: float, y: float, z: float) -> dict[str, Any]:
    return box_mesh(x / 2, y / 2, z / 2) if shape == "box" else _turned(_PROFILES[shape], x / 2, z / 2)


@cache
def _hull(radius: float, half: float) -> list[list[float]]:
    vertices: list[list[float]] = _turned(_PROFILES["cone"], radius, half, 16)["vertices"]
    return vertices
