"""The corners and extents of what links touch with: points whose convex hull is the shape, read once a file."""

from __future__ import annotations

import math
from functools import lru_cache
from itertools import product
from pathlib import Path

import numpy as np

from simonsays.sim.meshes import read_mesh
from simonsays.sim.rotations import matrix_from_quaternion, quaternion_from_rpy
from simonsays.sim.specs import RobotSpec
from simonsays.sim.specs.urdf import Shape, read_urdf
from simonsays.sim.state import Array

_AROUND = 24  # corners of a circle: its edge is cut by less than one percent of the radius


def corners(shape: Shape, folder: Path) -> Array:
    """(N, 3) m, in the link's frame: corners of a shape; round ones have some along their outline.

    Raises:
        InputError: the mesh file cannot be read here.
    """
    turned = matrix_from_quaternion(quaternion_from_rpy(*shape.origin.rpy))
    found: Array = _own(shape, folder) @ turned.T + np.array(shape.origin.xyz)
    return found


@lru_cache(maxsize=64)
def extents(spec: RobotSpec, link: str) -> tuple[Array, Array]:
    """(3,) m each, in the link's frame: the low and the high end of what a link touches with, or else looks like; of
    what does neither, its origin.

    Raises:
        InputError: a mesh file of it cannot be read here.
    """
    urdf = read_urdf(spec.urdf)
    shapes = urdf.link(link).collisions or urdf.link(link).visuals
    points = np.concatenate([np.zeros((0, 3)), *(corners(shape, spec.urdf.parent) for shape in shapes)])
    return (points.min(axis=0), points.max(axis=0)) if len(points) else (np.zeros(3), np.zeros(3))


def middle(spec: RobotSpec, link: str) -> Array:
    """(3,) m, in the link's frame: the middle of its extents."""
    low, high = extents(spec, link)
    return np.asarray((low + high) / 2)


def _own(shape: Shape, folder: Path) -> Array:
    if shape.kind == "mesh":
        scaled: Array = read_mesh(folder / shape.mesh).vertices * np.array(shape.scale)
        return scaled
    if shape.kind == "box":
        return np.array(list(product(*((-extent / 2, extent / 2) for extent in shape.size))))
    radius, angles = shape.size[0], np.arange(_AROUND) * 2 * math.pi / _AROUND
    ring = np.stack([np.cos(angles), np.sin(angles), np.zeros(_AROUND)], axis=1)
    if shape.kind == "cylinder":
        half = shape.size[1] / 2
        return np.concatenate([radius * ring - np.array([0, 0, half]), radius * ring + np.array([0, 0, half])])
    latitudes = np.linspace(-math.pi / 2, math.pi / 2, 13)
    ball = np.concatenate([radius * (math.cos(t) * ring + [0, 0, math.sin(t)]) for t in latitudes])
    half = shape.size[1] / 2 if shape.kind == "capsule" else 0.0
    return np.concatenate([ball - np.array([0, 0, half]), ball + np.array([0, 0, half])])
