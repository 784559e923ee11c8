"""Unitree G1, 29 joints: the legs of the one with 23. Figures and their sources: assets/robots/g1_29/SOURCE.md."""

from __future__ import annotations

from dataclasses import replace

from simonsays.assets import path
from simonsays.sim.robots import register_robot
from simonsays.sim.robots.g1 import ARM, LEGS, ROBOT
from simonsays.sim.specs import JointSpec
from simonsays.sim.specs.sides import limbs, pair

# kp (N m/rad), kd (N m s/rad), armature (kg m^2), standing angle (rad)
_WRIST = {"wrist_pitch": (10.0, 0.2, 0.00425, 0.0), "wrist_yaw": (10.0, 0.2, 0.00425, 0.0)}
_WAIST = (
    JointSpec("waist_yaw_joint", 100.0, 3.0, 0.01018),
    JointSpec("waist_roll_joint", 150.0, 3.0, 0.00722),
    JointSpec("waist_pitch_joint", 150.0, 3.0, 0.00722),
)

register_robot(
    replace(
        ROBOT,
        name="g1-29",
        title="Unitree G1 (29 joints)",
        urdf=path("robots", "g1_29", "g1_29.urdf"),
        joints=(*LEGS, *_WAIST, *limbs(ARM | _WRIST)),
        hands=pair("wrist_yaw_link"),
        policies=(("gait", "g1-29-locomotion"), ("crouch", "g1-29-crouch"), ("jump", "g1-29-jump")),
        rising=None,
    )
)
