"""Triangles with normals, however a file has them: creases from their angles, fewer of them where there are many."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from simonsays.assets.notes import documented
from simonsays.sim.state import Array

Faces = NDArray[np.int64]
MOST = 1 << 28
"""bytes of a mesh's file that is read"""
MOST_TRIANGLES = 150_000
"""of a robot that is drawn: 2 to 3 MB of a page"""
_CREASE = math.cos(math.radians(40))
"""of the angle between faces, from which on their edge is drawn as one"""
_PAIRS = 20_000_000  # of corners at one vertex, that are compared at a time
_SEARCHES = 8  # halvings of the logarithm of the cell's size


@documented
class Mesh(NamedTuple):
    """A surface, in the file's own unit."""

    vertices: Array
    """(V, 3)"""
    normals: Array
    """(V, 3) of length 1"""
    triangles: Faces
    """(F, 3) places of vertices, anticlockwise as seen from outside"""


def creased(points: Array, triangles: Faces) -> Mesh:
    """A mesh of points (P, 3) and triangles (F, 3), its edges sharp from 40 degrees on; triangles of no size are left
    out."""
    points, places = np.unique(points, axis=0, return_inverse=True)
    triangles = places.reshape(-1)[triangles]
    a, b, c = (points[triangles[:, k]] for k in range(3))
    across = np.cross(b - a, c - a)
    size = np.linalg.norm(across, axis=1)
    triangles, across, size = triangles[size > 0], across[size > 0], size[size > 0]
    if not len(triangles):
        return Mesh(np.empty((0, 3)), np.empty((0, 3)), triangles)
    normals = _unit(_corner_normals(triangles.ravel(), np.repeat(across, 3, axis=0), np.repeat(size, 3)))
    keys = np.column_stack([triangles.ravel(), np.rint(normals * 100)])
    _, first, place = np.unique(keys, axis=0, return_index=True, return_inverse=True)
    return Mesh(points[triangles.ravel()[first]], normals[first], place.reshape(-1, 3))


def _corner_normals(at: Faces, across: Array, size: Array) -> Array:
    """(C, 3) of each corner, at a point (C,): the sum of the faces there that turn by less than a crease."""
    order = np.argsort(at, kind="stable")
    counts = np.bincount(at)
    pairs = counts[at[order]]
    if pairs.sum() > _PAIRS:
        return across
    firsts = (np.cumsum(counts) - counts)[at[order]]
    mine = np.repeat(np.arange(len(at)), pairs)
    theirs = np.repeat(firsts, pairs) + np.arange(pairs.sum()) - np.repeat(np.cumsum(pairs) - pairs, pairs)
    mine, theirs = order[mine], order[theirs]
    alike = np.einsum("ij,ij->i", across[mine], across[theirs]) > _CREASE * size[mine] * size[theirs]
    mine, theirs = mine[alike], theirs[alike]
    return np.stack([np.bincount(mine, across[theirs, k], len(at)) for k in range(3)], axis=1)


def thinned(points: Array, triangles: Faces, most: int) -> tuple[Array, Faces]:
    """At most ``most`` triangles: points in one cell of a grid become one (Rossignac and Borrel, 1993).

    About the finest grid that does it is taken; points (P, 3) and triangles (F, 3) few enough are as they were.
    """
    if len(triangles) <= most:
        return points, triangles
    low, extent = points.min(axis=0), float(np.ptp(points, axis=0).max())
    coarse, fine, best = 1.0, 2048.0, (points[:0], triangles[:0])
    for _ in range(_SEARCHES):
        cells = math.sqrt(coarse * fine)
        keys = np.floor((points - low) / (extent / cells)).astype(np.int64)
        _, place = np.unique(keys @ np.array([1, 4096, 4096**2]), return_inverse=True)
        kept = place[triangles]
        kept = kept[(kept != np.roll(kept, 1, axis=1)).all(axis=1)]
        if len(kept) > most:
            fine = cells
            continue
        coarse, counts = cells, np.bincount(place)
        best = np.stack([np.bincount(place, points[:, k]) for k in range(3)], axis=1) / counts[:, None], kept
    return best


def thinned_mesh(mesh: Mesh, most: int) -> Mesh:
    """A mesh of at most ``most`` triangles, its creases found anew; as it was if it has no more."""
    if len(mesh.triangles) <= most:
        return mesh
    return creased(*thinned(mesh.vertices, mesh.triangles, most))


def obj_text(mesh: Mesh) -> str:
    """Wavefront OBJ of a mesh."""
    lines = [f"v {x:.5g} {y:.5g} {z:.5g}" for x, y, z in mesh.vertices.tolist()]
    lines += [f"vn {x:.3f} {y:.3f} {z:.3f}" for x, y, z in mesh.normals.tolist()]
    lines += ["f " + " ".join(f"{place}//{place}" for place in face) for face in (mesh.triangles + 1).tolist()]
    return "\n".join(lines) + "\n"


def _unit(vectors: Array) -> Array:
    return np.asarray(vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12))
