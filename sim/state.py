"""What is measured of a robot at one instant: a Reading in plain floats, a RobotState in arrays."""

from __future__ import annotations

import math
from dataclasses import fields

import numpy as np
from numpy.typing import NDArray

from simonsays.assets.notes import dataclass

Array = NDArray[np.float64]
Vector = tuple[float, float, float]
Quaternion = tuple[float, float, float, float]


@dataclass(frozen=True, eq=False)
class RobotState:
    """The state of a robot as arrays; fields named as in a Recording mean the same there, but for the torques.

    World frame: x, y in the ground plane, z up; base frame: x forward, y left.
    """

    time: float
    """s since the reset"""
    base_position: Array
    """(3,) m, world: origin of the base link"""
    base_orientation: Array
    """(4,) quaternion xyzw, base frame to world"""
    base_linear_velocity: Array
    """(3,) m/s, world, of the base link's origin"""
    base_angular_velocity: Array
    """(3,) rad/s, world"""
    joint_positions: Array
    """(J,) rad"""
    joint_velocities: Array
    """(J,) rad/s"""
    joint_torques: Array
    """(J,) N m, applied in the last physics step"""
    foot_contacts: NDArray[np.bool_]
    """(2,) left, right: the foot presses on something with more than 5 N"""
    foot_positions: Array
    """(2, 3) m, world: origin of each foot's link"""
    foot_velocities: Array
    """(2, 3) m/s, world: centre of mass of each foot's link"""
    leg_odometry: Array
    """(2, 3) m/s, base frame: the base's velocity over each foot, its own if that foot stands still. A function of
    joint positions, joint velocities and the base's angular velocity alone: all that a robot measures"""
    rotation: Array
    """(3, 3) base frame to world, of base_orientation"""
    local_linear_velocity: Array
    """(3,) m/s, base frame"""
    local_angular_velocity: Array
    """(3,) rad/s, base frame"""
    gravity: Array
    """(3,) unit vector of gravity in the base frame; (0, 0, -1) when upright"""
    heading_velocity: Array
    """(3,) forward m/s, sideways m/s (left positive), yaw rate rad/s: the frame of a velocity command"""

    @property
    def yaw(self) -> float:
        """Heading, rad in -pi to pi, world."""
        return math.atan2(self.rotation[1, 0], self.rotation[0, 0])


@dataclass(slots=True, eq=False)  # not frozen: that costs 1.5 us a control step; nothing writes to it
class Reading:
    """A RobotState, field by field, in plain floats, never changed after it was made.

    Rewards, observations and skills see this one: beside a physics step, small arrays are what costs.
    """

    time: float
    base_position: Vector
    base_orientation: Quaternion
    base_linear_velocity: Vector
    base_angular_velocity: Vector
    joint_positions: list[float]
    joint_velocities: list[float]
    joint_torques: list[float]
    foot_contacts: tuple[bool, bool]
    foot_positions: tuple[Vector, Vector]
    foot_velocities: tuple[Vector, Vector]
    leg_odometry: tuple[Vector, Vector]
    rotation: tuple[Vector, Vector, Vector]
    local_linear_velocity: Vector
    local_angular_velocity: Vector
    gravity: Vector
    heading_velocity: Vector

    @property
    def yaw(self) -> float:
        """Heading, rad in -pi to pi, world."""
        return math.atan2(self.rotation[1][0], self.rotation[0][0])

    def arrays(self) -> RobotState:
        """The same as arrays."""
        values = {field.name: getattr(self, field.name) for field in fields(self)}
        return RobotState(values.pop("time"), **{name: np.array(value) for name, value in values.items()})
