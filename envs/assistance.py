"""Helping forces on the base that fade as a policy learns (after Yu, Turk and Liu, ACM TOG 37(4), 2018)."""

from __future__ import annotations

import math

from simonsays.sim.robot import Robot
from simonsays.sim.state import Vector

_UPRIGHT, _DAMPING = 250.0, 25.0  # N m per unit of tilt, N m s/rad
_YAW, _YAW_LIMIT = 12.0, 8.0  # N m s/rad, N m: the pelvis alone has little yaw inertia
_PLANE = 150.0  # N s/m


def assist(robot: Robot, factor: float, command: Vector, filtered_yaw_rate: float, lean: float = 0.0) -> None:
    """Apply, until it is called again, ``factor`` (0 to 1) times the helping force and torque.

    They hold the base upright, or pitched forward by ``lean`` (rad) in a crouch, and pull it towards the commanded
    velocity (3,), given in the heading frame.
    """
    _, _, rows, (vx, vy, _), (wx, wy, _) = robot.physics.base()
    up_x, up_y, up_z = (row[2] for row in rows)
    forward, sideways, yaw = command
    turn = max(-_YAW_LIMIT, min(_YAW_LIMIT, _YAW * (yaw - filtered_yaw_rate)))
    heading = math.atan2(rows[1][0], rows[0][0])
    c, s = math.cos(heading), math.sin(heading)
    to_x, to_y, to_z = c * math.sin(lean), s * math.sin(lean), math.cos(lean)
    roll, pitch = up_y * to_z - up_z * to_y, up_z * to_x - up_x * to_z
    torque = (_UPRIGHT * roll - _DAMPING * wx, _UPRIGHT * pitch - _DAMPING * wy, turn)
    force = (_PLANE * (c * forward - s * sideways - vx), _PLANE * (s * forward + c * sideways - vy), 0.0)
    robot.push([factor * x for x in force], [factor * x for x in torque])
