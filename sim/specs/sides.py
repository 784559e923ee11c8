"""Left and right: names and joints of both sides from what is said of one."""

from __future__ import annotations

from collections.abc import Mapping

from simonsays.sim.specs.robot import JointSpec

Figures = tuple[float, float, float, float]
"""kp N m/rad, kd N m s/rad, armature kg m^2, standing angle rad of the left side"""


def pair(part: str) -> tuple[str, str]:
    """Names of a part of both sides."""
    return (f"left_{part}", f"right_{part}")


def limbs(parts: Mapping[str, Figures]) -> tuple[JointSpec, ...]:
    """The joints of the left limb, then of the right one, by the names of their parts; shoulders roll mirrored."""
    return tuple(_joint(side, part, figures) for side in ("left", "right") for part, figures in parts.items())


def _joint(side: str, part: str, figures: Figures) -> JointSpec:
    kp, kd, armature, default = figures
    mirrored = -1.0 if side == "right" and part == "shoulder_roll" else 1.0
    return JointSpec(f"{side}_{part}_joint", kp, kd, armature, default * mirrored)
