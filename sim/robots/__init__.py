"""Robots by name: every module of this package registers one."""

from __future__ import annotations

from simonsays.assets.registry import Registry
from simonsays.sim.specs import RobotSpec

ROBOTS = Registry[RobotSpec]("robot", __name__)


def register_robot(spec: RobotSpec) -> RobotSpec:
    """Make a robot known by its name."""
    return ROBOTS.register(spec.name, spec)


def get_robot(name: str) -> RobotSpec:
    """The robot of that name.

    Raises:
        InputError: there is none; the message suggests the nearest.
    """
    return ROBOTS[name]
