"""Unitree H1, 19 joints: its ankles turn about one axis. Figures and their sources: assets/robots/h1/SOURCE.md."""

from __future__ import annotations

from dataclasses import replace

from simonsays.assets import path
from simonsays.sim.robots import register_robot
from simonsays.sim.robots.g1 import ROBOT as G1
from simonsays.sim.specs import JointSpec, RobotSpec
from simonsays.sim.specs.sides import limbs, pair

# kp (N m/rad), kd (N m s/rad), armature (kg m^2), standing angle (rad)
_LEG = {
    "hip_yaw": (150.0, 2.0, 0.1, 0.0),
    "hip_roll": (150.0, 2.0, 0.1, 0.0),
    "hip_pitch": (150.0, 2.0, 0.1, -0.095),
    "knee": (200.0, 4.0, 0.1, 0.25),
    "ankle": (40.0, 2.0, 0.1, -0.155),
}
# Published for the arms are 150, 100 and 2: they reach their efforts of 40 and 18 N m at 0.3 and 0.2 rad, and swing on.
_ARM = {
    "shoulder_pitch": (100.0, 4.0, 0.1, 0.0),
    "shoulder_roll": (100.0, 4.0, 0.1, 0.1),
    "shoulder_yaw": (60.0, 3.0, 0.1, 0.0),
    "elbow": (60.0, 3.0, 0.1, 1.1),
}
_LEGS, _ARMS = limbs(_LEG), limbs(_ARM)

register_robot(
    RobotSpec(
        name="h1",
        title="Unitree H1",
        urdf=path("robots", "h1", "h1.urdf"),
        joints=(*_LEGS, JointSpec("torso_joint", 300.0, 6.0, 0.1), *_ARMS),
        base_height=1.0296,
        base="pelvis",
        feet=pair("ankle_link"),
        hands=pair("hand_link"),
        shoulders=pair("shoulder_pitch_link"),
        head="head_link",
        torso="torso_link",
        leg_joints=tuple(each.name for each in _LEGS),
        gait=replace(  # it is trained at the speeds, with the sway and the lift of feet of the G1
            G1.gait,
            hip_pitch=pair("hip_pitch_joint"),
            hip_roll=pair("hip_roll_joint"),
            hip_yaw=pair("hip_yaw_joint"),
            knee=pair("knee_joint"),
            ankle_pitch=pair("ankle_joint"),
            ankle_roll=None,
            arm_swing=pair("shoulder_pitch_joint"),
            leg_length=0.794,
            hip_width=0.2029,
            period=1.06,
            idle_period=0.78,
            lift=0.45,
            push=0.15,
            heel=1.0,
            run_push=0.6,
            lowest=None,
            crouch_lean=0.0,
            crouch_shift=0.0,
            crouch_leg=0.8,
            crouch_sag=0.0,
            sole_height=0.062,
        ),
        policies=(("gait", "h1-locomotion"),),
    )
)
