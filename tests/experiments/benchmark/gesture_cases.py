"""Gestures that are right, and wrong in one way each, for the judge's tests: poses written down from the words alone.

Of the left arm's joints (rad) a G1 has in each pose; the right one's roll and yaw are mirrored.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

import numpy as np

from simonsays.sim.recording import Recording
from simonsays.sim.rotations import quaternion_from_rpy
from simonsays.testing.recordings import ramp, record, waving

Pose = Mapping[str, float]
Joints = Callable[[float], Mapping[str, float]]

REST: Pose = {"shoulder_pitch": 0.0, "shoulder_roll": 0.15, "shoulder_yaw": 0.0, "elbow": 1.2}
AHEAD: Pose = {"shoulder_pitch": -0.5, "shoulder_roll": 0.2, "shoulder_yaw": 0.0, "elbow": 0.3}
INWARD: Pose = {"shoulder_pitch": -0.5, "shoulder_roll": 0.1, "shoulder_yaw": -0.7, "elbow": 0.2}
LIFTED: Pose = {**AHEAD, "shoulder_pitch": -0.8}
UP: Pose = {"shoulder_pitch": 0.0, "shoulder_roll": 2.2, "shoulder_yaw": 0.0, "elbow": 1.4}
BROW: Pose = {"shoulder_pitch": -1.1, "shoulder_roll": 1.55, "shoulder_yaw": -0.1, "elbow": -0.6}
HIP: Pose = {"shoulder_pitch": 0.6, "shoulder_roll": 1.1, "shoulder_yaw": -0.65, "elbow": -0.4}
PALM: Pose = {"shoulder_pitch": -1.0, "shoulder_roll": 0.65, "shoulder_yaw": 0.25, "elbow": -0.3}
HIGH: Pose = {"shoulder_pitch": -2.8, "shoulder_roll": 0.65, "shoulder_yaw": 0.0, "elbow": 1.35}
BEAT: Pose = {"shoulder_pitch": -0.5, "shoulder_roll": 0.3, "shoulder_yaw": -0.2, "elbow": 0.0}
ASIDE: Pose = {"shoulder_pitch": -0.8, "shoulder_roll": 0.4, "shoulder_yaw": 0.7, "elbow": -0.4}
DOWNBEAT: Pose = {"shoulder_pitch": -0.35, "shoulder_roll": 0.3, "shoulder_yaw": -0.2, "elbow": 0.4}
OUT: Pose = {"shoulder_pitch": 0.0, "shoulder_roll": 1.55, "shoulder_yaw": 0.0, "elbow": 1.5}
FIST: Pose = {"shoulder_pitch": 0.0, "shoulder_roll": 1.6, "shoulder_yaw": 1.57, "elbow": 0.0}
TIGHT: Pose = {**FIST, "elbow": -0.5}
OPEN: Pose = {**FIST, "elbow": 0.6}


def posing(*poses: Pose, sides: tuple[str, ...] = ("left", "right"), seconds: float = 0.5, hold: float = 0.0) -> Joints:
    """From pose to pose, each reached in some seconds and held, beginning at rest."""

    def joints(t: float) -> Mapping[str, float]:
        now: dict[str, float] = dict(REST)
        for i, pose in enumerate(poses):
            begin = i * (seconds + hold)
            share = ramp(t, begin, begin + seconds)
            now = {part: now[part] + share * (pose[part] - now[part]) for part in now}
        flip = {"left": 1.0, "right": -1.0}
        return {
            f"{side}_{part}": angle * (flip[side] if part in ("shoulder_roll", "shoulder_yaw") else 1.0)
            for side in sides
            for part, angle in now.items()
        }

    return joints


def held(pose: Pose, *sides: str, seconds: float = 1.5) -> Recording:
    """A pose of arms, taken and kept, and down again."""
    return record(seconds + 2.0, joints=posing(pose, REST, sides=sides or ("left", "right"), seconds=0.8, hold=seconds))


def by_turns(*poses: Pose, times: int, sides: tuple[str, ...] = ("left", "right"), seconds: float = 0.3) -> Recording:
    """Poses again and again, and down."""
    listed = (*poses * times, poses[0], REST)
    return record(seconds * (len(listed) + 1), joints=posing(*listed, sides=sides, seconds=seconds))


def leaning(angle: float, seconds: float = 1.0, up: bool = True) -> Recording:
    """A body that leans forward by an angle (rad), stays so for some seconds, and comes up again."""
    made = record(seconds + 2.5)
    lean = [angle * (ramp(t, 0.2, 1.0) - up * ramp(t, 1.0 + seconds, 1.8 + seconds)) for t in made.time.tolist()]
    return replace(made, base_orientation=np.array([quaternion_from_rpy(0.0, each, 0.0) for each in lean]))


def swaying(seconds: float, drift: float = 0.0) -> Recording:
    """Arms that go up and down by turns without an end, on the spot or away from it."""
    poses = (LIFTED, OPEN, AHEAD, OUT) * int(seconds / 2)
    return record(seconds, lambda t: (drift * t / seconds, 0.0, 0.7886, 0.0), posing(*poses, seconds=0.5))


GOOD = {
    "clap": [
        ("clap", by_turns(AHEAD, INWARD, times=1)),
        ("clap three times", by_turns(AHEAD, INWARD, times=3)),
    ],
    "salute": [("salute", held(BROW, "right")), ("salute with your left hand", held(BROW, "left"))],
    "cheer": [("cheer twice", by_turns(FIST, HIGH, times=2, seconds=0.6)), ("cheer", held(HIGH))],
    "hands_on_hips": [
        ("put your hands on your hips", held(HIP)),
        ("put your hands on your hips for four seconds", held(HIP, seconds=4.0)),
    ],
    "cross_arms": [("cross your arms", held(INWARD))],
    "shake_hands": [
        ("shake hands", by_turns(AHEAD, DOWNBEAT, times=3, sides=("right",))),
        ("shake hands with your left hand", by_turns(AHEAD, DOWNBEAT, times=3, sides=("left",))),
    ],
    "high_five": [("high five", held(PALM, "right")), ("high five with your left hand", held(PALM, "left"))],
    "conduct": [("conduct twice", by_turns(DOWNBEAT, BEAT, ASIDE, times=2, sides=("right",)))],
    "stretch": [("stretch", record(6, joints=posing(OUT, HIGH, OUT, REST, seconds=1.0, hold=0.5)))],
    "flex": [
        ("flex your muscles", by_turns(OPEN, TIGHT, times=2, seconds=0.5)),
        ("flex your left arm", by_turns(OPEN, TIGHT, times=2, sides=("left",), seconds=0.5)),
    ],
    "bow": [("bow", leaning(0.4)), ("bow for three seconds", leaning(0.4, 3.0))],
    "dance": [("dance for ten seconds", swaying(10.0)), ("dance", swaying(12.0))],
}

WRONG = {
    "clap": [
        ("clap three times", by_turns(AHEAD, INWARD, times=2)),
        ("clap", by_turns(AHEAD, LIFTED, times=2)),
        ("clap for six seconds", by_turns(AHEAD, INWARD, times=2)),
    ],
    "salute": [
        ("salute", record(4, joints=waving("right", 2))),
        ("salute with your left hand", held(BROW, "right")),
        ("salute", by_turns(BROW, REST, times=1, sides=("right",))),
    ],
    "cheer": [("cheer", held(HIGH, "right")), ("cheer three times", held(HIGH)), ("cheer", held(FIST))],
    "hands_on_hips": [
        ("put your hands on your hips", held(HIP, "left")),
        ("put your hands on your hips for four seconds", held(HIP)),
        ("put your hands on your hips", held(AHEAD)),
    ],
    "cross_arms": [("cross your arms", held(INWARD, "left")), ("cross your arms", held(AHEAD))],
    "shake_hands": [
        ("shake hands", held(AHEAD, "right", seconds=0.3)),
        ("shake hands", by_turns(UP, FIST, times=3, sides=("right",))),
        ("shake hands with your left hand", by_turns(AHEAD, DOWNBEAT, times=3, sides=("right",))),
    ],
    "high_five": [
        ("high five", held(AHEAD, "right")),
        ("high five with your left hand", held(PALM, "right")),
        ("high five for five seconds", held(PALM, "right")),
    ],
    "conduct": [
        ("conduct twice", by_turns(DOWNBEAT, BEAT, ASIDE, times=1, sides=("right",))),
        ("conduct", held(AHEAD, "right")),
    ],
    "stretch": [("stretch", held(HIGH)), ("stretch", held(OUT)), ("stretch twice", held(HIGH))],
    "flex": [
        ("flex your muscles", held(OPEN)),
        ("flex your left arm", by_turns(OPEN, TIGHT, times=2, seconds=0.5)),
        ("flex your left arm", by_turns(OPEN, TIGHT, times=2, sides=("right",), seconds=0.5)),
    ],
    "bow": [
        ("bow", leaning(0.05)),
        ("bow", leaning(0.4, up=False)),
        ("bow", leaning(-0.4)),
        ("bow for three seconds", leaning(0.4, 0.5)),
    ],
    "dance": [
        ("dance for ten seconds", swaying(4.0)),
        ("dance", record(12)),
        ("dance", swaying(12.0, drift=2.0)),
        ("dance like a robot", swaying(12.0)),
    ],
}
