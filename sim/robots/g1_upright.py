"""Unitree G1, 23 joints, that stands and walks on nearly straight legs, its weight over its ankles."""

from __future__ import annotations

from dataclasses import replace

from simonsays.sim.robots import register_robot
from simonsays.sim.robots.g1 import ROBOT as G1

_STANDS = {  # rad, as far as it differs; shoulders are mirrored
    "hip_pitch": -0.115,
    "knee": 0.17,
    "ankle_pitch": -0.055,
    "shoulder_roll": 0.15,
    "elbow": 1.2,
}


def _angle(name: str, default: float) -> float:
    side, _, part = name.removesuffix("_joint").partition("_")
    angle = _STANDS.get(part, default)
    return -angle if part == "shoulder_roll" and side == "right" else angle


ROBOT = replace(
    G1,
    name="g1-upright",
    title="Unitree G1 (23 joints), upright",
    joints=tuple(replace(joint, default=_angle(joint.name, joint.default)) for joint in G1.joints),
    base_height=0.7892,
    gait=replace(
        G1.gait,
        pattern="stride",
        leg_length=0.637,
        period=0.95,
        idle_period=0.7,
        lift=0.45,
        acceleration=(0.8, 0.6, 2.0),
        still=0.01,
        lead=0.05,
        foot_lift=0.08,
        sag=0.001,
    ),
    policies=(("gait", "g1-upright"), ("crouch", "g1-upright-crouch")),
)

register_robot(ROBOT)
