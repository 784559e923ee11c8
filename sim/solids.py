"""The corners of what links touch with: points whose convex hull is the shape, read once a file."""

from __future__ import annotations

import math
import struct
from functools import lru_cache
from itertools import product
from pathlib import Path

import numpy as np

from simonsays.assets import InputError
from simonsays.sim.rotations import matrix_from_quaternion, quaternion_from_rpy
from simonsays.sim.specs.urdf import Shape
from simonsays.sim.state import Array

_AROUND = 24  # corners of a circle: its edge is cut by less than one percent of the radius
MESHES = (".obj", ".stl")
"""kinds of mesh files that are read"""


def corners(shape: Shape, folder: Path) -> Array:
    """(N, 3) m, in the link's frame: corners of a shape; round ones have some along their outline.

    Raises:
        InputError: the mesh file cannot be read here.
    """
    turned = matrix_from_quaternion(quaternion_from_rpy(*shape.origin.rpy))
    found: Array = _own(shape, folder) @ turned.T + np.array(shape.origin.xyz)
    return found


def _own(shape: Shape, folder: Path) -> Array:
    if shape.kind == "mesh":
        file = folder / shape.mesh
        scaled: Array = mesh_points(file, file.stat().st_mtime_ns) * np.array(shape.scale)
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


@lru_cache(maxsize=256)
def mesh_points(file: Path, _changed: int) -> Array:
    """(N, 3) the vertices of an OBJ or STL file, in its own unit, none twice.

    Raises:
        InputError: it is of another kind, or not readable.
    """
    if file.suffix.lower() not in MESHES:
        raise InputError(f"{file}: {file.suffix} is not read here: convert it to STL or OBJ, or use primitives")
    try:
        points = _obj(file) if file.suffix.lower() == ".obj" else _stl(file.read_bytes())
    except (OSError, ValueError, IndexError, struct.error) as error:
        raise InputError(f"{file}: not a readable mesh: {error}") from error
    if not len(points) or not np.isfinite(points).all():
        raise InputError(f"{file}: a mesh without vertices, or with some that are no numbers")
    found: Array = np.unique(points, axis=0)
    return found


def _obj(file: Path) -> Array:
    lines = file.read_text(encoding="utf-8", errors="replace").splitlines()
    return np.array([line.split()[1:4] for line in lines if line.startswith("v ")], dtype=float).reshape(-1, 3)


def _stl(data: bytes) -> Array:
    """Binary, as its length tells, or text: some binary ones begin with ``solid``, too."""
    count = struct.unpack_from("<I", data, 80)[0] if len(data) >= 84 else -1
    if len(data) == 84 + 50 * count:
        kind = np.dtype([("floats", "<f4", 12), ("attribute", "<u2")])
        return np.frombuffer(data, kind, count, 84)["floats"][:, 3:].reshape(-1, 3).astype(float)
    lines = data.decode("ascii", errors="replace").split("\n")
    return np.array([line.split()[1:4] for line in lines if line.strip().startswith("vertex ")], dtype=float)
