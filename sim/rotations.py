"""Quaternions as (x, y, z, w), rotation matrices and yaw angles. Pure functions of NumPy arrays."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TypeVar

import numpy as np

from simonsays.sim.state import Array, Quaternion, Vector

Angles = TypeVar("Angles", float, Array)


def rotation_rows(quaternion: Sequence[float] | Array) -> tuple[Vector, Vector, Vector]:
    """Rows of the rotation matrix of a unit quaternion (4,) xyzw."""
    x, y, z, w = quaternion
    return (
        (1 - 2 * (y * y + z * z), 2 * (x * y - z * w), 2 * (x * z + y * w)),
        (2 * (x * y + z * w), 1 - 2 * (x * x + z * z), 2 * (y * z - x * w)),
        (2 * (x * z - y * w), 2 * (y * z + x * w), 1 - 2 * (x * x + y * y)),
    )


def matrix_from_quaternion(quaternion: Sequence[float] | Array) -> Array:
    """Rotation matrix (3, 3) of a unit quaternion (4,) xyzw: columns are the rotated axes."""
    return np.array(rotation_rows(quaternion))


def quaternion_from_rpy(roll: float, pitch: float, yaw: float) -> Array:
    """Quaternion (4,) xyzw of URDF's roll-pitch-yaw angles, rad (fixed axes x, then y, then z)."""
    cr, sr = math.cos(roll / 2), math.sin(roll / 2)
    cp, sp = math.cos(pitch / 2), math.sin(pitch / 2)
    cy, sy = math.cos(yaw / 2), math.sin(yaw / 2)
    return np.array(
        [
            sr * cp * cy - cr * sp * sy,
            cr * sp * cy + sr * cp * sy,
            cr * cp * sy - sr * sp * cy,
            cr * cp * cy + sr * sp * sy,
        ]
    )


def rpy_from_matrix(matrix: Array) -> Vector:
    """URDF's roll-pitch-yaw angles, rad, of a rotation matrix (3, 3); yaw is 0 where only its sum with roll is told."""
    pitch = math.atan2(-matrix[2, 0], math.hypot(matrix[0, 0], matrix[1, 0]))
    if math.hypot(matrix[0, 0], matrix[1, 0]) < 1e-9:
        return math.atan2(math.copysign(1.0, pitch) * matrix[0, 1], matrix[1, 1]), pitch, 0.0
    return math.atan2(matrix[2, 1], matrix[2, 2]), pitch, math.atan2(matrix[1, 0], matrix[0, 0])


def multiply(a: Sequence[float], b: Sequence[float]) -> Quaternion:
    """The rotation ``b`` followed by ``a``, quaternions (4,) xyzw."""
    ax, ay, az, aw = a
    bx, by, bz, bw = b
    return (
        aw * bx + ax * bw + ay * bz - az * by,
        aw * by - ax * bz + ay * bw + az * bx,
        aw * bz + ax * by - ay * bx + az * bw,
        aw * bw - ax * bx - ay * by - az * bz,
    )


def conjugate(quaternion: Sequence[float]) -> Quaternion:
    """The inverse rotation of a unit quaternion (4,) xyzw."""
    x, y, z, w = quaternion
    return (-x, -y, -z, w)


def yaw_from_quaternion(quaternion: Sequence[float] | Array) -> float:
    """Heading (rad, -pi to pi) of a quaternion (4,) xyzw: the angle of its x axis in the ground plane."""
    x, y, z, w = (float(value) for value in quaternion)
    return math.atan2(2 * (x * y + z * w), 1 - 2 * (y * y + z * z))


def wrap_angle(angle: Angles) -> Angles:
    """The same angle, or angles, (rad) in [-pi, pi)."""
    return (angle + math.pi) % (2 * math.pi) - math.pi
