"""Unitree G1, 23 joints. Figures and their sources: assets/robots/g1/SOURCE.md."""

from __future__ import annotations

from simonsays.assets import path
from simonsays.sim.robots import register_robot
from simonsays.sim.specs import GaitSpec, JointSpec, RobotSpec
from simonsays.sim.specs.sides import limbs, pair

# kp (N m/rad), kd (N m s/rad), armature (kg m^2), standing angle (rad)
_LEG = {
    "hip_pitch": (100.0, 2.0, 0.01018, -0.115),
    "hip_roll": (100.0, 2.0, 0.02510, 0.0),
    "hip_yaw": (100.0, 2.0, 0.01018, 0.0),
    "knee": (150.0, 4.0, 0.02510, 0.17),
    "ankle_pitch": (40.0, 1.2, 0.00722, -0.055),
    "ankle_roll": (40.0, 1.2, 0.00722, 0.0),
}
ARM = {
    "shoulder_pitch": (30.0, 0.8, 0.00361, 0.0),
    "shoulder_roll": (30.0, 0.8, 0.00361, 0.15),
    "shoulder_yaw": (30.0, 0.65, 0.00361, 0.0),
    "elbow": (30.0, 0.8, 0.00361, 1.2),
    "wrist_roll": (10.0, 0.2, 0.00361, 0.0),
}

LEGS, _ARMS = limbs(_LEG), limbs(ARM)

ROBOT = RobotSpec(
    name="g1",
    title="Unitree G1 (23 joints)",
    urdf=path("robots", "g1", "g1.urdf"),
    joints=(*LEGS, JointSpec("waist_yaw_joint", 100.0, 3.0, 0.01018), *_ARMS),
    base_height=0.7892,
    base="pelvis",
    feet=pair("ankle_roll_link"),
    hands=pair("wrist_roll_rubber_hand"),
    shoulders=pair("shoulder_pitch_link"),
    head="head_link",
    torso="torso_link",
    leg_joints=tuple(each.name for each in LEGS),
    gait=GaitSpec(
        hip_pitch=pair("hip_pitch_joint"),
        hip_roll=pair("hip_roll_joint"),
        hip_yaw=pair("hip_yaw_joint"),
        knee=pair("knee_joint"),
        ankle_pitch=pair("ankle_pitch_joint"),
        ankle_roll=pair("ankle_roll_joint"),
        arm_swing=pair("shoulder_pitch_joint"),
        leg_length=0.637,
        hip_width=0.1185,
        period=0.95,
        idle_period=0.7,
        lift=0.45,
        sole_height=0.035,
        acceleration=(0.6, 0.5, 2.0),
        start_speed=0.25,
        stop_speed=0.15,
        lately=0.33,
        walk_speed=0.55,
        walks_below=1.3,
        runs_above=1.6,
        catch_speed=0.3,
        wider=0.03,
        sway=0.04,
        foot_lift=0.08,
        sag=0.001,
        lowest=0.50,
        crouch_lean=0.40,
        crouch_shift=-0.074,
        crouch_leg=0.65,
        crouch_sag=0.045,
    ),
    policies=(("gait", "g1-locomotion"), ("run", "g1-run"), ("crouch", "g1-crouch"), ("jump", "g1-jump")),
)

register_robot(ROBOT)
