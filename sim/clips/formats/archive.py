"""Joint angles as NPZ, by the names of a recording's fields: any recording is a clip, as ``simon clip`` writes it."""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np

from simonsays.assets import InputError
from simonsays.sim.arrays import Arrays, open_arrays
from simonsays.sim.clips.figure import MOST_FRAMES, JointAngles, check_finite, check_frames, check_times
from simonsays.sim.clips.reading import clip_format
from simonsays.sim.state import Array

_MOST_JOINTS = 400


@clip_format(".npz")
def archive(file: Path, fps: float | None) -> JointAngles:
    """NPZ: joint_names (J,), joint_positions (T, J); time (T,) or --fps; base_position (T, 3), base_orientation (T, 4).

    Raises:
        InputError: a field is missing, of another shape, not finite, or times do not go on; the message names it.
    """
    with open_arrays(file) as data:
        for name in ("joint_names", "joint_positions"):
            if name not in data:
                raise InputError(f"{file}: field {name!r} is missing")
        if ("time" in data) == (fps is not None):
            told = "--fps, and a field 'time': name one" if fps else "no field 'time' (s): give --fps, frames a second"
            raise InputError(f"{file}: {told}")
        names = tuple(str(name) for name in data["joint_names"].reshape(-1)[:_MOST_JOINTS])
        angles = _field(file, data, "joint_positions", (None, len(names)), names)
        count = len(angles)
        time = np.arange(count) / fps if fps else _field(file, data, "time", (count,))
        optional = {"base_position": (count, 3), "base_orientation": (count, 4)}
        base = {name: _field(file, data, name, shape) if name in data else None for name, shape in optional.items()}
        loops = _loops(str(data["meta"])) if "meta" in data else False
    check_times(f"{file}: field 'time'", time)
    turns = base["base_orientation"]
    if turns is not None:
        turns = checked_turns(f"{file}: field 'base_orientation'", turns)
    return JointAngles(str(file), time - time[0], names, angles, base["base_position"], turns, loops)


def _field(file: Path, data: Arrays, name: str, shape: tuple[int | None, ...], columns: tuple[str, ...] = ()) -> Array:
    """An array (T, ...) of real numbers. Raises InputError."""
    array, where = data[name], f"{file}: field {name!r}"
    fits = array.ndim == len(shape) and all(want in (None, size) for want, size in zip(shape, array.shape, strict=True))
    if not fits or array.dtype.kind not in "fiu":
        wanted = ", ".join("T" if size is None else str(size) for size in shape)
        raise InputError(f"{where} has shape {array.shape} of {array.dtype}, needs ({wanted}) numbers")
    if len(array) > MOST_FRAMES or not len(array):
        check_frames(where, len(array))
    numbers = array.astype(np.float64)
    check_frames(where, len(numbers))
    check_finite(where, numbers, columns)
    return numbers


def checked_turns(where: str, given: Array) -> Array:
    """(T, 4) quaternions of length 1. Raises InputError where one is none."""
    length = np.linalg.norm(given, axis=1)
    off = np.flatnonzero(np.abs(length - 1.0) > 0.2)
    if len(off):
        at = int(off[0])
        raise InputError(f"{where}, frame {at}: a quaternion x y z w of length {length[at]:g}, not 1")
    turned: Array = given / length[:, None]
    return turned


def _loops(meta: str) -> bool:
    """Whether the file was written as a loop."""
    told: Any = None
    with suppress(ValueError, RecursionError):
        told = json.loads(meta)
    clip = told.get("clip") if isinstance(told, dict) else None
    return isinstance(clip, dict) and clip.get("loops") is True
