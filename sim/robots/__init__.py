"""Robots by name: every module of this package registers one."""

from __future__ import annotations

import pkgutil
from pathlib import Path

from simonsays.assets import InputError
from simonsays.assets.plugins import load_plugins, use_plugin
from simonsays.assets.registry import Registry
from simonsays.sim.specs import RobotSpec

ROBOTS = Registry[RobotSpec]("robot", __name__)
SHIPPED = sorted(module.name.replace("_", "-") for module in pkgutil.iter_modules(__path__))
"""names of the robots of this package, a module each, known before any is made"""


def register_robot(spec: RobotSpec) -> RobotSpec:
    """Make a robot known by its name."""
    return ROBOTS.register(spec.name, spec)


def get_robot(name_or_file: str | Path) -> RobotSpec:
    """A robot by its name, or the one that a ``.py`` file registers, which is known from then on, here and in processes
    that this one starts.

    Raises:
        InputError: no such robot or file, the message suggests the nearest; or a file that registers none, or several.
    """
    given = str(name_or_file)
    if not given.endswith(".py"):
        return ROBOTS[given]
    use_plugin(given)
    load_plugins()
    theirs = ROBOTS.of_module(Path(given).stem)
    if len(theirs) != 1:
        told = f"several: {', '.join(theirs)}" if theirs else "none; end it with register_robot(ROBOT)"
        raise InputError(f"{given}: a robot's file registers one robot, this one {told}")
    return ROBOTS[theirs[0]]
