"""Meshes for the browser: Wavefront OBJ files, quantised and packed as base64."""

from __future__ import annotations

import base64
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simonsays.assets import InputError
from simonsays.sim.state import Array

_WIDEST = 32767  # of an int16


def packed(array: NDArray[Any]) -> str:
    """The array's bytes, little-endian, as base64."""
    return base64.b64encode(np.ascontiguousarray(array, dtype=array.dtype.newbyteorder("<")).tobytes()).decode()


def packed_mesh(file: Path, scale: Array) -> dict[str, Any]:
    """A mesh as JSON-able data: ``position = centre + unit * int16``, normals as int8, triangles.

    ``scale`` (3,) multiplies the file's coordinates; the result is in m.

    Raises:
        InputError: the file is not a readable OBJ with triangles.
    """
    positions, normals, triangles = read_obj(file)
    positions, normals = positions * scale, normals / scale
    normals /= np.maximum(np.linalg.norm(normals, axis=1, keepdims=True), 1e-12)
    if np.prod(scale) < 0:
        triangles = triangles[:, ::-1]
    low, high = positions.min(axis=0), positions.max(axis=0)
    centre, unit = (low + high) / 2, max(float((high - low).max()), 1e-9) / 2 / _WIDEST
    wide = len(positions) > 65535
    return {
        "centre": centre.round(6).tolist(),
        "unit": unit,
        "positions": packed(np.rint((positions - centre) / unit).clip(-_WIDEST, _WIDEST).astype(np.int16)),
        "normals": packed(np.rint(normals * 127).astype(np.int8)),
        "indices": packed(triangles.astype(np.uint32 if wide else np.uint16)),
        "wide": wide,
    }


def read_obj(file: Path) -> tuple[Array, Array, NDArray[np.int64]]:
    """Vertices (V, 3), their unit normals (V, 3) and triangles (F, 3) of a Wavefront OBJ.

    Faces of more corners become fans; corners without a normal get that of their triangle.

    Raises:
        InputError: it cannot be read, or a face names a vertex that is not there.
    """
    points: list[list[float]] = []
    directions: list[list[float]] = []
    corners: dict[tuple[int, int, int], int] = {}
    triangles: list[tuple[int, int, int]] = []
    try:
        for line in file.read_text(encoding="utf-8", errors="replace").splitlines():
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
    except (OSError, ValueError, IndexError) as error:
        raise InputError(f"{file}: not a readable OBJ mesh: {error}") from error
    if not triangles:
        raise InputError(f"{file}: a mesh without faces")
    faces = np.array(triangles)
    return vertices, _with_normals(vertices, normals, faces), faces


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
