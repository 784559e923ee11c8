"""DeepMimic's JSON: the humanoid of Peng et al. (2018), 44 numbers a frame: how long it lasts, and a pose of 43.

Order of the numbers and lengths of the bones are those that PyBullet's package has them in
(``pybullet_envs/deep_mimic/env/humanoid_pose_interpolator.py``, ``pybullet_data/humanoid/humanoid.urdf`` by a quarter).
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

from simonsays.assets import InputError
from simonsays.assets.reading import read_table
from simonsays.sim.clips.figure import SIDES, Figure, Skeleton, check_finite, check_frames, figure, rotations
from simonsays.sim.clips.reading import clip_format
from simonsays.sim.state import Array

# Name, parent, offset (m; x forward, y up, z to the right), numbers a frame: a quaternion wxyz, an angle about z, none.
_BONES: tuple[tuple[str, str, tuple[float, float, float], int], ...] = (
    ("root", "", (0.0, 0.0, 0.0), 4),
    ("chest", "root", (0.0, 0.236151, 0.0), 4),
    ("neck", "chest", (0.0, 0.223894, 0.0), 4),
    ("right_hip", "root", (0.0, 0.0, 0.084887), 4),
    ("right_knee", "right_hip", (0.0, -0.421546, 0.0), 1),
    ("right_ankle", "right_knee", (0.0, -0.409870, 0.0), 4),
    ("right_shoulder", "chest", (-0.02405, 0.24350, 0.18311), 4),
    ("right_elbow", "right_shoulder", (0.0, -0.274788, 0.0), 1),
    ("left_hip", "root", (0.0, 0.0, -0.084887), 4),
    ("left_knee", "left_hip", (0.0, -0.421546, 0.0), 1),
    ("left_ankle", "left_knee", (0.0, -0.409870, 0.0), 4),
    ("left_shoulder", "chest", (-0.02405, 0.24350, -0.18311), 4),
    ("left_elbow", "left_shoulder", (0.0, -0.274788, 0.0), 1),
    ("right_wrist", "right_elbow", (0.0, -0.258947, 0.0), 0),
    ("left_wrist", "left_elbow", (0.0, -0.258947, 0.0), 0),
)
_AXES = np.array([[1.0, 0.0, 0.0], [0.0, 0.0, -1.0], [0.0, 1.0, 0.0]])
"""of x forward, y up, z right, to x forward, y left, z up"""
_NAMES = tuple(name for name, *_ in _BONES)
_SKELETON = Skeleton(
    _NAMES,
    tuple(_NAMES.index(parent) if parent else -1 for _, parent, *_ in _BONES),
    np.array([offset for *_, offset, _ in _BONES]) @ _AXES.T,
)
_ROLES = {"pelvis": "root", "chest": "chest"} | {
    f"{side}_{point}": f"{side}_{point}"
    for side in SIDES
    for point in ("hip", "knee", "ankle", "shoulder", "elbow", "wrist")
}
_WIDTH = 1 + 3 + sum(width for *_, width in _BONES)
_LOOPS = {"wrap": True, "none": False}


@clip_format(".json", ".txt")
def deepmimic(file: Path, fps: float | None) -> Figure:
    """DeepMimic's JSON, of its humanoid: the clips of ``pybullet_data``.

    Raises:
        InputError: no such document, frames of another width, not finite, without a duration, a rotation that is none.
    """
    if fps is not None:
        raise InputError(f"{file}: --fps: each of its frames says how long it lasts")
    data = read_table(file)
    loop = data.get("Loop", "none")
    if not isinstance(loop, str) or loop not in _LOOPS:
        raise InputError(f'{file}: field \'Loop\': {json.dumps(loop)[:40]}: needs "wrap" or "none"')
    frames = _frames(file, data.get("Frames"))
    check_frames(str(file), len(frames))
    check_finite(f"{file}: field 'Frames'", frames)
    lasts = frames[:-1, 0]
    if (lasts <= 0).any():
        at = int(np.argmax(lasts <= 0))
        raise InputError(f"{file}: field 'Frames', frame {at}, number 0: {lasts[at]:g} s: a frame lasts longer than 0")
    turned = np.broadcast_to(np.eye(3), (len(frames), len(_BONES), 3, 3)).copy()
    place = 4
    for bone, (name, _, _, width) in enumerate(_BONES):
        if width:
            turned[:, bone] = _AXES @ _turned(file, name, place, frames[:, place : place + width]) @ _AXES.T
        place += width
    time = np.concatenate([[0.0], np.cumsum(lasts)])
    return figure(str(file), time, _SKELETON, _ROLES, turned, frames[:, 1:4] @ _AXES.T, _LOOPS[loop])


def _frames(file: Path, given: Any) -> Array:
    if not isinstance(given, list) or not given:
        raise InputError(f"{file}: field 'Frames' needs a list of lists of {_WIDTH} numbers")
    check_frames(str(file), len(given))
    for number, frame in enumerate(given):
        count = len(frame) if isinstance(frame, list) else 0
        if count != _WIDTH or not all(type(value) in (int, float) for value in frame):
            told = f"{count} numbers" if count != _WIDTH else "no numbers alone"
            raise InputError(f"{file}: field 'Frames', frame {number}: {told}; of the humanoid it has {_WIDTH} numbers")
    return np.array(given, dtype=np.float64)


def _turned(file: Path, name: str, place: int, values: Array) -> Array:
    """(T, 3, 3) rotations of a bone of quaternions wxyz (T, 4) or angles about z (T, 1) rad."""
    if values.shape[1] == 1:
        half = 0.5 * values[:, 0]
        values = np.stack([np.cos(half), 0.0 * half, 0.0 * half, np.sin(half)], axis=1)
    length = np.linalg.norm(values, axis=1, keepdims=True)
    off = np.flatnonzero(np.abs(length[:, 0] - 1.0) > 0.5)
    if len(off):
        at = int(off[0])
        told = f"{file}: field 'Frames', frame {at}, numbers {place} to {place + 3} ({name})"
        raise InputError(f"{told}: a quaternion w x y z of length {float(length[at, 0]):g}, not 1")
    return rotations((values / length)[:, [1, 2, 3, 0]])
