"""Robots by name: every module of this package that defines ``ROBOT`` is one."""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache

from simonsays.assets import InputError, did_you_mean
from simonsays.sim.specs import RobotSpec

_registered: dict[str, RobotSpec] = {}


def register_robot(spec: RobotSpec) -> RobotSpec:
    """Make a robot of another package known by its name."""
    _registered[spec.name] = spec
    return spec


def robot_names() -> list[str]:
    """Names of all robots: one module of this package each, and those that were registered."""
    return sorted({module.name for module in pkgutil.iter_modules(__path__)} | set(_registered))


@cache
def _load(name: str) -> RobotSpec:
    spec = importlib.import_module(f"{__name__}.{name}").ROBOT
    assert isinstance(spec, RobotSpec)
    return spec


def get_robot(name: str) -> RobotSpec:
    """The robot of that name.

    Raises:
        InputError: there is none; the message suggests the nearest.
    """
    if name in _registered:
        return _registered[name]
    if name not in robot_names():
        raise InputError(f"no robot {name!r}{did_you_mean(name, robot_names())}")
    return _load(name)
