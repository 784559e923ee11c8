"""Forward kinematics from a URDF, over all instants of a recording at once. NumPy; no physics client."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from simonsays.sim.rotations import matrix_from_quaternion, quaternion_from_rpy
from simonsays.sim.specs.urdf import Joint, read_urdf
from simonsays.sim.state import Array


@dataclass(frozen=True, eq=False)
class Frames:
    """The frame of a link at T instants, world."""

    position: Array
    """(T, 3) m"""
    rotation: Array
    """(T, 3, 3)"""


def link_frames(
    urdf: Path, base: Frames, names: Sequence[str], angles: Array, links: Sequence[str]
) -> dict[str, Frames]:
    """Frames of links by name.

    Args:
        urdf: the robot's description. base: frame of its root link at T instants.
        names: (J,) joints. angles: (T, J) rad of them; a joint that is not among them stays at 0.
    """
    column = {name: angles[:, i] for i, name in enumerate(names)}
    joints, found = read_urdf(urdf).above, dict[str, Frames]()

    def frame(link: str) -> Frames:
        if link not in found:
            found[link] = _carried(joints[link], frame(joints[link].parent), column) if link in joints else base
        return found[link]

    return {link: frame(link) for link in links}


def _carried(joint: Joint, parent: Frames, angles: Mapping[str, Array]) -> Frames:
    position = parent.position + parent.rotation @ np.array(joint.origin.xyz)
    rotation = parent.rotation @ matrix_from_quaternion(quaternion_from_rpy(*joint.origin.rpy))
    if joint.kind in ("revolute", "continuous") and joint.name in angles:
        rotation = rotation @ _about(np.array(joint.axis), angles[joint.name])
    return Frames(position, rotation)


def _about(axis: Array, angle: Array) -> Array:
    """(T, 3, 3) rotations by ``angle`` (T,) rad about ``axis`` (3,): Rodrigues' formula."""
    x, y, z = axis / np.linalg.norm(axis)
    cross = np.array([[0.0, -z, y], [z, 0.0, -x], [-y, x, 0.0]])
    sine, cosine = np.sin(angle)[:, None, None], np.cos(angle)[:, None, None]
    turned: Array = np.eye(3) + sine * cross + (1.0 - cosine) * (cross @ cross)
    return turned


def rotations(quaternions: Array) -> Array:
    """(T, 3, 3) of quaternions (T, 4) xyzw."""
    return np.array([matrix_from_quaternion(quaternion.tolist()) for quaternion in quaternions]).reshape(-1, 3, 3)
