"""STL: triangles, binary or as text."""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np

from simonsays.assets.reading import read_bytes
from simonsays.sim.meshes.mesh import MOST, Faces, Mesh, creased
from simonsays.sim.state import Array

_TRIANGLE = np.dtype([("floats", "<f4", 12), ("attribute", "<u2")])


def stl_bytes(points: Array, faces: Faces) -> bytes:
    """Points (P, 3) and triangles (F, 3) as binary STL, the normals left at zero, as readers work them out."""
    triangles = np.zeros(len(faces), _TRIANGLE)
    triangles["floats"][:, 3:] = points[faces].reshape(-1, 9)
    return bytes(80) + struct.pack("<I", len(triangles)) + triangles.tobytes()


def read(file: Path) -> Mesh:
    """Binary, as its length tells, or text: some binary ones begin with ``solid``, too."""
    data = read_bytes(file, MOST)
    count = struct.unpack_from("<I", data, 80)[0] if len(data) >= 84 else -1
    if len(data) == 84 + 50 * count:
        corners = np.frombuffer(data, _TRIANGLE, count, 84)["floats"][:, 3:].reshape(-1, 3).astype(float)
    else:
        lines = data.decode("ascii", errors="replace").split("\n")
        words = [line.split()[1:4] for line in lines if line.strip().startswith("vertex ")]
        corners = np.array(words, dtype=float).reshape(-1, 3)
    return creased(corners, np.arange(len(corners) // 3 * 3).reshape(-1, 3))
