"""Robots by name: every module of this package registers one."""

from __future__ import annotations

import pkgutil
import warnings
from pathlib import Path

from simonsays.assets import InputError, InputNote
from simonsays.assets.plugins import load_plugins, use_plugin
from simonsays.assets.registry import Registry
from simonsays.sim.specs import RobotSpec

ROBOTS = Registry[RobotSpec]("robot", __name__)
SHIPPED = sorted(module.name.replace("_", "-") for module in pkgutil.iter_modules(__path__))
"""names of the robots of this package, a module each, known before any is made"""
MODELS = (".urdf", ".xml")
"""suffixes of models that robots are drafted from: URDF, and MuJoCo's MJCF"""


def register_robot(spec: RobotSpec) -> RobotSpec:
    """Make a robot known by its name."""
    return ROBOTS.register(spec.name, spec)


def get_robot(name_or_file: str | Path) -> RobotSpec:
    """A robot by its name, the one that a ``.py`` file registers, or one drafted from a URDF or an MJCF (``.xml``).

    A file's is known from then on, here and in processes that this one starts. What of a drafted one is doubtful, a
    warning says (InputNote), once in a process.

    Raises:
        InputError: no such robot or file, the message suggests the nearest; a file that registers none, or several; or
            a model from which no robot can be drafted.
    """
    given = str(name_or_file)
    if Path(given).suffix in MODELS:
        given = str(_drafted(Path(given)))
    if not given.endswith(".py"):
        return ROBOTS[given]
    use_plugin(given)
    load_plugins()
    theirs = ROBOTS.of_module(Path(given).stem)
    if len(theirs) != 1:
        told = f"several: {', '.join(theirs)}" if theirs else "none; end it with register_robot(ROBOT)"
        raise InputError(f"{given}: a robot's file registers one robot, this one {told}")
    return ROBOTS[theirs[0]]


def _drafted(model: Path) -> Path:
    """The file that registers the robot of a model."""
    from simonsays.sim.drafting.on_the_fly import drafted_file

    name, file, said = drafted_file(model, SHIPPED)
    if name in ROBOTS and name not in ROBOTS.of_module(file.stem):
        raise InputError(
            f"{model}: there is a robot {name!r} already, of {ROBOTS.origin(name)}: rename the file; where it is an "
            "earlier state of this one, start anew"
        )
    if use_plugin(file):
        warnings.warn(said, InputNote, stacklevel=3)
    return file
