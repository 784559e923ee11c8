"""Unitree G1, 23 joints. Figures and their sources: assets/robots/g1/SOURCE.md."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from simonsays.assets import path
from simonsays.sim.robots import register_robot
from simonsays.sim.specs import GaitSpec, JointSpec, Keyframe, Rising, RobotSpec
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


def _frame(seconds: float, left: Mapping[str, float], balance: bool = False) -> Keyframe:
    """A pose by parts of the left side (rad), or of a side where that is said; the right side is its mirror image."""
    sided = {part if part.startswith(("left", "right")) else f"left_{part}": angle for part, angle in left.items()}
    return Keyframe(seconds, tuple((f"{part}_joint", angle) for part, angle in sided.items()), balance)


# The ways were found by hand, the roll by a search (CMA-ES), in MuJoCo; how the arms open then, in Bullet.
# docs/skills.md has what they do.
_REST = {"shoulder_pitch": -0.5, "shoulder_roll": 0.4, "elbow": 1.5}
_REACH = {"shoulder_pitch": -1.2, "shoulder_roll": 0.2, "elbow": 1.4}
_STRETCH = {"shoulder_pitch": -1.5, "shoulder_roll": 0.2, "elbow": 1.55}
_HOLD = {"shoulder_pitch": -1.0, "shoulder_roll": 0.3, "elbow": 0.8}
_PROP = {"shoulder_pitch": 1.2, "shoulder_roll": 0.45, "elbow": 0.5}
_SIT = {"hip_pitch": -2.0, "hip_roll": 0.35, "knee": 0.0, "ankle_pitch": 0.3, **_REST}
_SQUAT = {"hip_pitch": -1.9, "hip_roll": 0.3, "knee": 2.1, "ankle_pitch": -0.7, "ankle_roll": -0.26, **_HOLD}
_HALF = _frame(1.0, {"hip_pitch": -1.35, "knee": 1.5, "ankle_pitch": -0.55, **_HOLD}, balance=True)
_OVER = {
    "left_hip_pitch": -1.2, "left_hip_roll": 0.2, "left_hip_yaw": 0.9, "left_knee": 0.0, "left_ankle_pitch": 0.5,
    "right_hip_pitch": 0.0, "right_hip_roll": -1.6, "right_hip_yaw": 0.5, "right_knee": 0.4, "right_ankle_pitch": -0.85,
    "left_shoulder_pitch": 1.4, "left_shoulder_roll": 0.1, "left_shoulder_yaw": 0.0, "left_elbow": 1.3,
    "right_shoulder_pitch": -1.0, "right_shoulder_roll": 0.35, "right_shoulder_yaw": 0.4, "right_elbow": 1.0,
}  # fmt: skip
_WIDE = {"shoulder_roll": 0.8}  # arms clear of the thighs
_OPEN = {"shoulder_pitch": -2.8, "shoulder_roll": 0.2, "elbow": 0.3}  # no arm props it on its side
_DRAWN = ("hip_pitch", "hip_roll", "hip_yaw", "knee", "ankle_pitch", "ankle_roll")


def _drawn(seconds: float, angles: tuple[float, ...], arms: dict[str, float]) -> Keyframe:
    """Seated, with the feet somewhat nearer."""
    return _frame(seconds, {**dict(zip(_DRAWN, angles, strict=True)), **arms})


_RISING = Rising(
    back=(
        _frame(0.4, {**_SIT, "hip_pitch": -0.1}),
        _frame(1.0, _SIT),
        _frame(0.1, _SIT),
        _drawn(0.3, (-2.5, 0.38, -0.02, 1.39, 0.5, 0.24), _REACH),
        _drawn(0.3, (-2.5, -0.04, -0.4, 1.89, 0.5, -0.24), _REACH),
        _drawn(0.3, (-2.51, -0.04, -0.57, 2.38, 0.22, -0.24), _REACH),
        _drawn(0.4, (-2.51, -0.01, -0.76, 2.75, -0.03, -0.24), _REACH),
        _drawn(0.4, (-2.51, 0.1, -0.99, 2.86, -0.14, -0.2), _STRETCH),
        _drawn(0.3, (-2.51, 0.17, -0.69, 2.85, -0.46, -0.24), _STRETCH),
        _frame(0.5, _SQUAT, balance=True),
        _frame(0.3, _SQUAT, balance=True),
        replace(_HALF, seconds=0.7),
        _frame(0.8, {}, balance=True),
        _frame(0.3, {}, balance=True),
    ),
    front=(_frame(0.78, _OVER), _frame(0.35, _OPEN)),
    down=(
        _HALF,
        _frame(1.0, {"hip_pitch": -1.9, "knee": 2.1, "ankle_pitch": -0.7, **_HOLD}, balance=True),
        _frame(0.4, {"hip_pitch": -2.0, "knee": 2.6, "ankle_pitch": -0.3, **_HOLD, **_WIDE}),
        _frame(0.4, {"hip_pitch": -2.1, "knee": 1.8, "ankle_pitch": 0.0, **_PROP, **_WIDE}),
        _frame(0.6, {"hip_pitch": -2.0, "hip_roll": 0.2, "knee": 0.8, "ankle_pitch": 0.3, **_PROP}),
        _frame(1.4, {"hip_pitch": -1.0, "hip_roll": 0.2, "knee": 0.1, "ankle_pitch": 0.1, **_PROP}),
        _frame(1.6, {"hip_pitch": -0.3, "knee": 0.1, "shoulder_pitch": 0.3, "shoulder_roll": 0.4, "elbow": 1.0}),
        _frame(0.5, {}),
    ),
)

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
        # less on its heel and harder off than by default: feet slip 0.048 instead of 0.054 m a metre at 0.6 m/s
        lift=0.43,
        push=0.23,
        heel=0.8,
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
        # stronger than it needs to: 11% instead of 9% of the time with no foot down at 2 m/s, and no fall more
        run_push=0.7,
        lowest=0.50,
        crouch_lean=0.40,
        crouch_shift=-0.074,
        crouch_leg=0.65,
        crouch_sag=0.045,
    ),
    policies=(("gait", "g1-locomotion"), ("run", "g1-run"), ("crouch", "g1-crouch"), ("jump", "g1-jump")),
    rising=_RISING,
)

register_robot(ROBOT)
