"""Joints above the legs by what they do: as the robot's spec tells them, else found by places and axes."""

from __future__ import annotations

import math
from functools import cache
from typing import Literal, NamedTuple

import numpy as np

from simonsays.assets.notes import documented
from simonsays.envs.moves.arms import arm
from simonsays.envs.moves.poses import BOTH
from simonsays.sim.rotations import matrix_from_quaternion, quaternion_from_rpy
from simonsays.sim.specs import RobotSpec
from simonsays.sim.specs.urdf import read_urdf

ARM = "arms"
"""what a skill names as a joint that it needs where it needs arms"""
Role = Literal["waist_yaw", "waist_pitch", "neck_pitch"]
_ABOUT = {"pitch": 1, "yaw": 2}
_ALONG = 0.9  # cosine


@documented
class Turning(NamedTuple):
    """A joint, and which way it turns."""

    name: str
    sign: float
    """-1 where its axis points back or down: angles about y and z are to be told with it"""

    def to(self, angle: float) -> dict[str, float]:
        """rad by its name: to an angle about y or z."""
        return {self.name: self.sign * angle}


@cache
def joint_of(robot: RobotSpec, role: Role) -> Turning | None:
    """The first joint between base and torso (the waist's), or above the torso (the neck's), that turns so.

    ``yaw`` about the vertical, ``pitch`` about y, with all joints at zero. None: it has none.
    """
    told: str | None = getattr(robot.body, role)
    urdf, (part, turn) = read_urdf(robot.urdf), role.split("_")
    waist = urdf.chain(robot.base, robot.torso)
    rotation = np.eye(3)
    for joint in waist if part == "waist" else urdf.chain(robot.base, robot.head):
        rotation = rotation @ matrix_from_quaternion(quaternion_from_rpy(*joint.origin.rpy))
        axis = rotation @ np.array(joint.axis) / np.linalg.norm(joint.axis) if joint.moves else np.zeros(3)
        along, fits = float(axis[_ABOUT[turn]]), part == "waist" or joint not in waist
        if joint.name == told or (told is None and fits and abs(along) > _ALONG):
            return Turning(joint.name, math.copysign(1.0, along))
    return None if told is None else Turning(told, 1.0)


def lacks(robot: RobotSpec, joint: str) -> bool:
    """Whether a robot has nothing that a skill needs: ``arms``, a role above, or a joint by its own name."""
    if joint == ARM:
        return any(not arm(robot, side).reach for side in BOTH)
    if joint in _ROLES:
        return joint_of(robot, joint) is None
    return all(own.name != joint for own in robot.joints)


_ROLES: tuple[Role, ...] = ("waist_yaw", "waist_pitch", "neck_pitch")
