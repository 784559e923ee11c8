"""What World and Robot hand to a physics engine, and what it hands back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from simonsays.assets.notes import documented
from simonsays.sim.kinematics import Tree
from simonsays.sim.specs import RobotSpec
from simonsays.sim.state import Array, Quaternion, Vector

GRAVITY = 9.81
"""m/s^2"""
Rows = tuple[Vector, Vector, Vector]
Torques = Sequence[float] | Array


@documented
class BaseState(NamedTuple):
    """The base link's frame: where it is and how it moves, world."""

    position: Vector
    """m"""
    orientation: Quaternion
    """xyzw"""
    rows: Rows
    """of the rotation matrix of ``orientation``"""
    linear: Vector
    """m/s, of the frame's origin"""
    angular: Vector
    """rad/s"""


@documented
class Feet(NamedTuple):
    """Left and right foot, world."""

    positions: tuple[Vector, Vector]
    """m, origins of the links' frames"""
    velocities: tuple[Vector, Vector]
    """m/s, of the links' centres of mass"""
    forces: tuple[float, float]
    """N, pressing on the foot in the last physics step"""


Contact = tuple[int, int, Vector]
"""places of two bodies that touched (links of one robot after the other, props, ground, in this order) and the force
(N, world) on the first"""


@documented
class Member(NamedTuple):
    """A robot that is to stand in a world."""

    spec: RobotSpec
    tree: Tree
    apart: Sequence[tuple[int, int]] = ()
    """pairs of its links, by their places, that never touch"""
    name: str = ""
    """what stands, with a slash, before the names of its links; empty where it is alone"""
