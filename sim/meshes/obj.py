"""Wavefront OBJ: vertices, normals and faces of any corners."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from simonsays.assets.reading import read_bytes
from simonsays.sim.meshes.mesh import MOST, Mesh
from simonsays.sim.state import Array


def read(file: Path) -> Mesh:
    """Faces of more corners become fans; corners without a normal get that of their triangle.

    Raises:
        ValueError, IndexError: a number that is none, or a face names a vertex that is not there.
    """
    points: list[list[float]] = []
    directions: list[list[float]] = []
    corners: dict[tuple[int, int, int], int] = {}
    triangles: list[tuple[int, int, int]] = []
    for line in read_bytes(file, MOST).decode(errors="replace").splitlines():
        kind, *words = line.split() or [""]
        if kind == "v":
            points.append([float(word) for word in words[:3]])
        elif kind == "vn":
            directions.append([float(word) for word in words[:3]])
        elif kind == "f":
            face = [_corner(word, len(points), len(directions), len(triangles)) for word in words]
            places = [corners.setdefault(corner, len(corners)) for corner in face]
            triangles += [(places[0], a, b) for a, b in pairwise(places[1:])]
    keys = list(corners)
    vertices = np.array([points[vertex] for vertex, _, _ in keys], dtype=np.float64).reshape(-1, 3)
    normals = np.array([directions[n] if n >= 0 else [0.0, 0.0, 0.0] for _, n, _ in keys]).reshape(-1, 3)
    faces = np.array(triangles, dtype=np.int64).reshape(-1, 3)
    return Mesh(vertices, _with_normals(vertices, normals, faces), faces)


def _corner(word: str, points: int, directions: int, face: int) -> tuple[int, int, int]:
    """Places of a corner's vertex and normal (-1: none), and the face that it must not share then."""
    parts = word.split("/")
    vertex = _place(parts[0], points)
    if len(parts) > 2 and parts[2]:
        return vertex, _place(parts[2], directions), -1
    return vertex, -1, face


def _place(word: str, count: int) -> int:
    """OBJ counts from 1, or backwards from the end with negative numbers."""
    number = int(word)
    place = number - 1 if number > 0 else count + number
    if not 0 <= place < count:
        raise ValueError(f"a face names number {number} of {count}")
    return place


def _with_normals(vertices: Array, normals: Array, faces: NDArray[np.int64]) -> Array:
    missing = np.linalg.norm(normals, axis=1) < 1e-9
    if missing.any():
        a, b, c = (vertices[faces[:, k]] for k in range(3))
        flat = np.cross(b - a, c - a)
        summed = np.zeros_like(vertices)
        for k in range(3):
            np.add.at(summed, faces[:, k], flat)
        normals = np.where(missing[:, None], summed, normals)
    return np.asarray(normals / np.maximum(np.linalg.norm(normals, axis=1, keepdims=True), 1e-12))
