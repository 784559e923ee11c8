"""Which module reads a mesh's file, by its suffix."""

from __future__ import annotations

import struct
from functools import lru_cache
from pathlib import Path

import numpy as np

from simonsays.assets import InputError
from simonsays.sim.meshes import dae, obj, stl
from simonsays.sim.meshes.mesh import Mesh

__all__ = ["MESHES", "Mesh", "read_mesh"]
_READERS = {".obj": obj.read, ".stl": stl.read, ".dae": dae.read}
_MOST = 1e9  # of a coordinate, in the file's own unit
MESHES = tuple(_READERS)
"""suffixes of the kinds that are read"""


def read_mesh(file: Path) -> Mesh:
    """A mesh's file: OBJ, STL (text or binary) or COLLADA; read once until it changes. Change no array of it.

    Raises:
        InputError: it is of another kind, cannot be read, or has no triangles.
    """
    if file.suffix.lower() not in MESHES:
        raise InputError(f"{file}: {file.suffix} is not read here: convert it to STL or OBJ, or use primitives")
    try:
        return _read(file, file.stat().st_mtime_ns)
    except (OSError, ValueError, IndexError, KeyError, struct.error) as error:
        if isinstance(error, InputError):
            raise
        raise InputError(f"{file}: not a readable mesh: {error}") from error


@lru_cache(maxsize=128)
def _read(file: Path, _changed: int) -> Mesh:
    with np.errstate(all="ignore"):  # of numbers that are refused then
        mesh = _READERS[file.suffix.lower()](file)
    if not len(mesh.triangles):
        raise InputError(f"{file}: a mesh without faces")
    if not (np.abs(mesh.vertices) <= _MOST).all() or not np.isfinite(mesh.normals).all():
        raise InputError(f"{file}: a mesh with coordinates or normals that are no finite numbers, or far too large")
    return mesh
