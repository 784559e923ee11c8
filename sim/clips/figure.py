"""What is read of a clip: a figure of limbs, a body that moves, or the angles of a robot's joints."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from simonsays.assets import InputError
from simonsays.assets.notes import dataclass, documented
from simonsays.sim.state import Array

SIDES = ("left", "right")
POINTS = ("hip", "knee", "ankle", "shoulder", "elbow", "wrist")
MOST_FRAMES = 20_000
"""of a clip that is read: some minutes"""


@dataclass(frozen=True, eq=False)
class Figure:
    """A moving body, x forward, y left and z up as it stands in its first frame, lengths in its own unit."""

    source: str
    time: Array
    """(T,) s"""
    points: Array
    """(T, 2, 6, 3) of the left and the right side: ``POINTS``"""
    pelvis: Array
    """(T, 3, 3) its frame; that of a body that stands upright, facing x, is the identity"""
    chest: Array
    """(T, 3, 3)"""
    feet: Array
    """(T, 2, 3, 3)"""
    loops: bool = False
    """the last frame goes on with the first"""

    def at(self, point: str) -> Array:
        """(T, 2, 3) of the left and the right side."""
        return self.points[:, :, POINTS.index(point)]

    @property
    def hips(self) -> Array:
        """(T, 3) the middle between both hips."""
        middle: Array = self.at("hip").mean(axis=1)
        return middle

    @property
    def leg(self) -> float:
        """Length of a stretched leg."""
        hip, knee, ankle = (self.at(name) for name in ("hip", "knee", "ankle"))
        return float(np.mean(np.linalg.norm(hip - knee, axis=-1) + np.linalg.norm(knee - ankle, axis=-1)))

    def facing_ahead(self) -> Figure:
        """The same where it begins over the origin and faces x."""
        ahead = self.pelvis[0, :, 0]
        yaw = np.arctan2(ahead[1], ahead[0])
        turn = np.array([[np.cos(yaw), np.sin(yaw), 0.0], [-np.sin(yaw), np.cos(yaw), 0.0], [0.0, 0.0, 1.0]])
        origin = np.array([*self.hips[0, :2], 0.0])
        frames = (turn @ self.pelvis, turn @ self.chest, turn @ self.feet)
        return Figure(self.source, self.time, (self.points - origin) @ turn.T, *frames, self.loops)


@dataclass(frozen=True, eq=False)
class JointAngles:
    """Angles of a robot's joints, with or without where its base is."""

    source: str
    time: Array
    """(T,) s"""
    joint_names: tuple[str, ...]
    joint_positions: Array
    """(T, J) rad"""
    base_position: Array | None = None
    """(T, 3) m"""
    base_orientation: Array | None = None
    """(T, 4) quaternion xyzw"""
    loops: bool = False


Clip = Figure | JointAngles


@documented
class Skeleton(NamedTuple):
    """Bones of a figure, parents first. In its rest pose it stands upright, facing x, y to its left, z up."""

    names: tuple[str, ...]
    parents: tuple[int, ...]
    """-1 of the first"""
    offsets: Array
    """(B, 3) each bone's origin in its parent's frame"""


def figure(
    source: str,
    time: Array,
    skeleton: Skeleton,
    roles: Mapping[str, str],
    rotations: Array,
    root: Array,
    loops: bool = False,
) -> Figure:
    """The figure of a skeleton in T poses.

    Args:
        roles: bone by role: pelvis, chest, and of each side left_hip (the thigh) to left_wrist (the hand).
        rotations: (T, B, 3, 3) of each bone in its parent's frame. root: (T, 3) of the first bone.
    """
    turned, placed = np.empty_like(rotations), np.empty((*rotations.shape[:2], 3))
    for bone, parent in enumerate(skeleton.parents):
        if parent < 0:
            turned[:, bone], placed[:, bone] = rotations[:, bone], root
            continue
        turned[:, bone] = turned[:, parent] @ rotations[:, bone]
        placed[:, bone] = placed[:, parent] + turned[:, parent] @ skeleton.offsets[bone]
    bone_of = {role: skeleton.names.index(name) for role, name in roles.items()}
    points = np.stack([[placed[:, bone_of[f"{side}_{point}"]] for point in POINTS] for side in SIDES])
    feet = np.stack([turned[:, bone_of[f"{side}_ankle"]] for side in SIDES], axis=1)
    pelvis, chest = turned[:, bone_of["pelvis"]], turned[:, bone_of["chest"]]
    return Figure(source, time, np.moveaxis(points, 2, 0), pelvis, chest, feet, loops).facing_ahead()


def check_frames(source: str, count: int) -> None:
    """Refuse a clip that is no motion, or too long. Raises InputError."""
    if count < 2:
        raise InputError(f"{source}: it has {count} frame{'s' * (count != 1)}: a motion needs 2")
    if count > MOST_FRAMES:
        raise InputError(f"{source}: it has {count:,} frames, at most {MOST_FRAMES:,} are read: cut it")


def check_finite(where: str, values: Array, columns: NDArray[np.str_] | tuple[str, ...] = ()) -> None:
    """Refuse what is not finite, or can be no length, angle or time, with its place. Raises InputError."""
    bad = np.argwhere(~(np.abs(values) < 1e6))
    if len(bad):
        frame, *rest = (int(place) for place in bad[0])
        column = f", {columns[rest[0]]}" if rest and len(columns) > rest[0] else f", number {rest[0]}" if rest else ""
        raise InputError(f"{where}, frame {frame}{column}: {values[tuple(bad[0])]} is not finite, or far too large")


def check_times(where: str, time: Array) -> None:
    """Refuse times that do not go on. Raises InputError."""
    back = np.flatnonzero(np.diff(time) <= 0)
    if len(back):
        at = int(back[0]) + 1
        raise InputError(
            f"{where}, frame {at}: at {time[at]:g} s it is not later than the one before: order the frames"
        )


def rotations(quaternions: Array) -> Array:
    """(..., 3, 3) of quaternions (..., 4) xyzw of length 1."""
    x, y, z, w = np.moveaxis(quaternions, -1, 0)
    rows = (
        (1 - 2 * (y * y + z * z), 2 * (x * y - z * w), 2 * (x * z + y * w)),
        (2 * (x * y + z * w), 1 - 2 * (x * x + z * z), 2 * (y * z - x * w)),
        (2 * (x * z - y * w), 2 * (y * z + x * w), 1 - 2 * (x * x + y * y)),
    )
    return np.stack([np.stack(row, axis=-1) for row in rows], axis=-2)


def quaternions(matrices: Array) -> Array:
    """(T, 4) xyzw, each on the side of the one before, of rotations (T, 3, 3)."""
    m = matrices
    trace = [1 + m[:, 0, 0] - m[:, 1, 1] - m[:, 2, 2], 1 - m[:, 0, 0] + m[:, 1, 1] - m[:, 2, 2]]
    trace += [1 - m[:, 0, 0] - m[:, 1, 1] + m[:, 2, 2], 1 + m[:, 0, 0] + m[:, 1, 1] + m[:, 2, 2]]
    xy, xz, yz = m[:, 0, 1] + m[:, 1, 0], m[:, 0, 2] + m[:, 2, 0], m[:, 1, 2] + m[:, 2, 1]
    wx, wy, wz = m[:, 2, 1] - m[:, 1, 2], m[:, 0, 2] - m[:, 2, 0], m[:, 1, 0] - m[:, 0, 1]
    # Each row is the quaternion times four times one of its own numbers: the largest is divided by (Shepperd, 1978).
    rows = np.array([[trace[0], xy, xz, wx], [xy, trace[1], yz, wy], [xz, yz, trace[2], wz], [wx, wy, wz, trace[3]]])
    best = np.argmax(np.array(trace), axis=0)
    found = rows[best, :, np.arange(len(m))]
    found /= np.linalg.norm(found, axis=1, keepdims=True)
    flips = np.cumprod(np.where((found[1:] * found[:-1]).sum(axis=1) < 0, -1.0, 1.0))
    found[1:] *= flips[:, None]
    return found


def nearest_rotations(matrices: Array) -> Array:
    """(..., 3, 3) the rotations that are nearest to matrices, as means of rotations are."""
    left, _, right = np.linalg.svd(matrices)
    found = left @ right
    left[..., -1] *= np.sign(np.linalg.det(found))[..., None]
    nearest: Array = left @ right
    return nearest
