"""Meshes for the browser: quantised and packed as base64."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simonsays.sim.meshes import read_mesh
from simonsays.sim.meshes.mesh import thinned_mesh
from simonsays.sim.state import Array

_WIDEST = 32767  # of an int16


def packed(array: NDArray[Any]) -> str:
    """The array's bytes, little-endian, as base64."""
    return base64.b64encode(np.ascontiguousarray(array, dtype=array.dtype.newbyteorder("<")).tobytes()).decode()


def packed_mesh(file: Path, scale: Array, most: int) -> dict[str, Any]:
    """A mesh as JSON-able data: ``position = centre + unit * int16``, normals as int8, triangles.

    ``scale`` (3,) multiplies the file's coordinates; the result is in m. ``most``: triangles, to which it is thinned.

    Raises:
        InputError: the file is not a readable mesh.
    """
    positions, normals, triangles = thinned_mesh(read_mesh(file), most)
    positions, normals = positions * scale, normals / scale
    normals /= np.maximum(np.linalg.norm(normals, axis=1, keepdims=True), 1e-12)
    if np.prod(scale) < 0:
        triangles = triangles[:, ::-1]
    return quantised(positions, normals, triangles)


def quantised(positions: Array, normals: Array, triangles: NDArray[Any]) -> dict[str, Any]:
    """As :func:`packed_mesh`: points (N, 3) m, unit normals (N, 3), triangles (F, 3)."""
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
