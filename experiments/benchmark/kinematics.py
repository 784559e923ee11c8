"""Forward kinematics from a URDF, over all instants of a recording at once. NumPy; no physics client."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from xml.etree import ElementTree as ET

import numpy as np

from simonsays.sim.rotations import matrix_from_quaternion, quaternion_from_rpy
from simonsays.sim.state import Array


@dataclass(frozen=True, eq=False)
class Frames:
    """The frame of a link at T instants, world."""

    position: Array
    """(T, 3) m"""
    rotation: Array
    """(T, 3, 3)"""


@dataclass(frozen=True, eq=False)
class _Joint:
    name: str
    parent: str
    origin: Array
    rotation: Array
    axis: Array
    moves: bool


@lru_cache(maxsize=4)
def _joints(urdf: Path) -> Mapping[str, _Joint]:
    """Joints by the link that they carry."""
    found = {}
    for element in ET.parse(urdf).getroot().findall("joint"):
        ends = {end: element.find(end) for end in ("parent", "child", "origin", "axis")}
        parent, child = ends["parent"], ends["child"]
        assert parent is not None and child is not None  # RobotSpec.check has seen to it
        rpy = _vector(ends["origin"], "rpy", "0 0 0")
        found[child.get("link", "")] = _Joint(
            element.get("name", ""),
            parent.get("link", ""),
            _vector(ends["origin"], "xyz", "0 0 0"),
            matrix_from_quaternion(quaternion_from_rpy(*rpy.tolist())),
            _vector(ends["axis"], "xyz", "1 0 0"),
            element.get("type") in ("revolute", "continuous"),
        )
    return found


def _vector(element: ET.Element | None, key: str, default: str) -> Array:
    text = default if element is None else element.get(key, default)
    return np.array([float(number) for number in text.split()])


def link_frames(
    urdf: Path, base: Frames, names: Sequence[str], angles: Array, links: Sequence[str]
) -> dict[str, Frames]:
    """Frames of links by name.

    Args:
        urdf: the robot's description. base: frame of its root link at T instants.
        names: (J,) joints. angles: (T, J) rad of them; a joint that is not among them stays at 0.
    """
    column = {name: angles[:, i] for i, name in enumerate(names)}
    joints, found = _joints(urdf), {}

    def frame(link: str) -> Frames:
        if link not in found:
            found[link] = _carried(joints[link], frame(joints[link].parent), column) if link in joints else base
        return found[link]

    return {link: frame(link) for link in links}


def _carried(joint: _Joint, parent: Frames, angles: Mapping[str, Array]) -> Frames:
    position = parent.position + parent.rotation @ joint.origin
    rotation = parent.rotation @ joint.rotation
    if joint.moves and joint.name in angles:
        rotation = rotation @ _about(joint.axis, angles[joint.name])
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
