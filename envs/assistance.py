"""Helping forces on the base that fade as a policy learns (after Yu, Turk and Liu, ACM TOG 37(4), 2018)."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from simonsays.assets.notes import documented
from simonsays.sim.engines.quantities import GRAVITY
from simonsays.sim.engines.rotors import with_rotors
from simonsays.sim.kinematics import Tree
from simonsays.sim.robot import Robot
from simonsays.sim.specs import RobotSpec
from simonsays.sim.state import Vector

# Of a body of mass m whose base is h above the ground, under gravity g. A G1 learned to walk with 250 N m and 25 N m s
# about its horizontal axes, 12 N m s (8 N m at most) about the vertical one, 150 N s/m in the plane: these shares.
_UPRIGHT = 1.0  # of m g h, a unit of tilt: as much as weight pulls it over with
_DAMPING = 0.355  # of sqrt(stiffness m h^2)
_YAW, _YAW_LIMIT = 0.6, 0.032  # 1/s, of m h^2; of m g h
_PLANE = 4.67  # 1/s, of m
# The base alone may have little inertia, as the joints around it let go. Explicit steps of a damping d on an inertia I
# are stable below d dt / I = 2, those of a stiffness k below k dt^2 / I = 4. At half of it the 29 joints of a G1 still
# threw its pelvis about in Bullet, at a third they are held.
_STABLE_DAMPING, _STABLE_STIFFNESS = 0.65, 1.0


@documented
class Assistance(NamedTuple):
    """The gains of the helping forces of one robot at a factor of 1."""

    upright: float
    """N m a unit of tilt (sine)"""
    damping: float
    """N m s/rad, of roll and pitch"""
    yaw: float
    """N m s/rad"""
    yaw_limit: float
    """N m"""
    plane: float
    """N s/m"""

    @classmethod
    def of(cls, spec: RobotSpec, tree: Tree, dt: float) -> Assistance:
        """By mass and height, and by the inertia that the base has while its joints let go; ``dt``: s, of physics."""
        mass, height = float(tree.mass.sum()), spec.base_height
        weight, turned = mass * GRAVITY * height, mass * height * height
        armature = np.array([joint.armature for joint in spec.joints])
        standing = tree.mass_matrix(tree.poses(tree.standing[None]))
        own = 1.0 / np.diag(np.linalg.inv(with_rotors(standing, armature)[0]))
        level, upright, plane = (float(min(own[part])) for part in (slice(3, 5), slice(5, 6), slice(2)))
        stiff = min(_UPRIGHT * weight, _STABLE_STIFFNESS * level / dt**2)
        return cls(
            upright=stiff,
            damping=min(_DAMPING * math.sqrt(stiff * turned), _STABLE_DAMPING * level / dt),
            yaw=min(_YAW * turned, _STABLE_DAMPING * upright / dt),
            yaw_limit=_YAW_LIMIT * weight,
            plane=min(_PLANE * mass, _STABLE_DAMPING * plane / dt),
        )

    def apply(self, robot: Robot, factor: float, command: Vector, filtered_yaw_rate: float, lean: float = 0.0) -> None:
        """Apply, until it is called again, ``factor`` (0 to 1) times the helping force and torque.

        They hold the base upright, or pitched forward by ``lean`` (rad) in a crouch, and pull it towards the commanded
        velocity (3,), given in the heading frame.
        """
        _, _, rows, (vx, vy, _), (wx, wy, _) = robot.physics.base()
        up_x, up_y, up_z = (row[2] for row in rows)
        forward, sideways, yaw = command
        turn = max(-self.yaw_limit, min(self.yaw_limit, self.yaw * (yaw - filtered_yaw_rate)))
        heading = math.atan2(rows[1][0], rows[0][0])
        c, s = math.cos(heading), math.sin(heading)
        to_x, to_y, to_z = c * math.sin(lean), s * math.sin(lean), math.cos(lean)
        roll, pitch = up_y * to_z - up_z * to_y, up_z * to_x - up_x * to_z
        torque = (self.upright * roll - self.damping * wx, self.upright * pitch - self.damping * wy, turn)
        push = self.plane
        force = (push * (c * forward - s * sideways - vx), push * (s * forward + c * sideways - vy), 0.0)
        robot.push([factor * x for x in force], [factor * x for x in torque])
