"""Recordings that no physics made: motions written down, so that a test knows what they show."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from simonsays.sim.recording import Recording
from simonsays.sim.robots import get_robot
from simonsays.sim.rotations import quaternion_from_rpy
from simonsays.sim.specs import PropSpec, SceneSpec

DT = 0.02
STANDING = 0.7886
Pose = tuple[float, float, float, float]
"""x, y, z m and yaw rad"""


def standing(t: float) -> Pose:
    return 0.0, 0.0, STANDING, 0.0


def still(t: float) -> Mapping[str, float]:
    return {}


def on_both_feet(t: float) -> tuple[bool, bool]:
    return True, True


def stepping(t: float) -> tuple[bool, bool]:
    """A step every 0.36 s, left and right by turns."""
    phase = t % 0.72
    return phase >= 0.3, not 0.36 <= phase < 0.66


def record(
    seconds: float,
    base: Callable[[float], Pose] = standing,
    joints: Callable[[float], Mapping[str, float]] = still,
    contacts: Callable[[float], tuple[bool, bool]] = on_both_feet,
    scene: SceneSpec | None = None,
    moves: Mapping[str, Callable[[float], tuple[float, float]]] | None = None,
) -> Recording:
    """A G1 that moves as told: base pose, joints (rad, without ``_joint``), touching feet and props over time (s)."""
    robot, scene = get_robot("g1"), scene or SceneSpec()
    times = np.arange(0.0, seconds + DT / 2, DT)
    poses = [base(t) for t in times]
    wanted = [joints(t) for t in times]
    names = [joint.name for joint in robot.joints]
    angles = [[w.get(j.name.removesuffix("_joint"), j.default) for j in robot.joints] for w in wanted]
    props = [[_place(prop, moves or {}, t) for prop in scene.props] for t in times]
    count = len(times)
    return Recording(
        time=times,
        base_position=np.array([pose[:3] for pose in poses]),
        base_orientation=np.array([quaternion_from_rpy(0, 0, pose[3]) for pose in poses]),
        base_linear_velocity=np.zeros((count, 3)),
        base_angular_velocity=np.zeros((count, 3)),
        joint_names=np.array(names),
        joint_positions=np.array(angles),
        joint_velocities=np.zeros((count, len(names))),
        joint_torques=np.zeros((count, len(names))),
        foot_contacts=np.array([contacts(t) for t in times]),
        prop_names=np.array([prop.name for prop in scene.props], dtype=np.str_),
        prop_positions=np.array(props).reshape(count, len(scene.props), 3),
        prop_orientations=np.tile([0.0, 0.0, 0.0, 1.0], (count, len(scene.props), 1)),
        step_index=np.zeros(count, dtype=np.int64),
        meta={"robot": "g1", "scene": scene.to_dict()},
    )


def _place(prop: PropSpec, moves: Mapping[str, Any], t: float) -> tuple[float, ...]:
    x, y, z = prop.centre
    return (*moves[prop.name](t), z) if prop.name in moves else (x, y, z)


def ramp(t: float, start: float, end: float) -> float:
    """From 0 to 1 between two times, smoothly."""
    x = min(1.0, max(0.0, (t - start) / (end - start)))
    return x * x * (3 - 2 * x)


def walking(x: float, y: float = 0.0, seconds: float = 4.0) -> Callable[[float], Pose]:
    """A straight way to (x, y), with a second of rest after it."""
    return lambda t: (x * ramp(t, 0, seconds - 1), y * ramp(t, 0, seconds - 1), STANDING, 0.0)


def turning(degrees: float, seconds: float = 4.0) -> Callable[[float], Pose]:
    return lambda t: (0.0, 0.0, STANDING, math.radians(degrees) * ramp(t, 0, seconds - 1))


def dipping(depth: float, times: int, period: float = 2.0) -> Callable[[float], Pose]:
    """Down by ``depth`` and up again."""
    return lambda t: (0, 0, STANDING - depth * (math.sin(math.pi * t / period) ** 2 if t < times * period else 0), 0)


def waving(side: str, count: int, height: float = 2.0) -> Callable[[float], Mapping[str, float]]:
    """An arm up in a second, swung, and down again."""
    sign = -1.0 if side == "right" else 1.0

    def joints(t: float) -> Mapping[str, float]:
        end = 1.0 + 0.9 * count
        up = ramp(t, 0, 1) - ramp(t, end, end + 1)
        swing = math.sin(2 * math.pi * (t - 1) / 0.9) if 1 <= t < end else 0.0
        raised = {"shoulder_roll": height - 0.1 * swing, "shoulder_yaw": 1.57, "elbow": 0.5 * swing}
        rest = {"shoulder_roll": 0.2, "shoulder_yaw": 0.0, "elbow": 0.9}
        blended = {part: rest[part] + up * (raised[part] - rest[part]) for part in rest}
        return {f"{side}_{part}": angle * (1.0 if part == "elbow" else sign) for part, angle in blended.items()}

    return joints


def stretching(
    side: str, times: int = 1, period: float = 3.0, back: bool = True, roll: float = 0.0
) -> Callable[[float], Mapping[str, float]]:
    """An arm stretched out forward, ``times`` times; drawn back unless told otherwise."""

    def joints(t: float) -> Mapping[str, float]:
        phase, last = t % period, t >= (times - 1) * period
        out = ramp(phase, 0, 0.15 * period)
        if back or not last:
            out -= ramp(phase, 0.5 * period, 0.8 * period)
        out = out if t < times * period else float(not back)
        return {
            f"{side}_shoulder_pitch": -1.57 * out,
            f"{side}_elbow": 0.9 + 0.67 * out,
            f"{side}_shoulder_yaw": roll * out,
        }

    return joints
