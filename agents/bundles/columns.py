"""Where the numbers of one observation stand in another, with more blocks or of a robot with more joints."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from simonsays.assets import InputError
from simonsays.envs.observations import BLOCKS, JOINTS
from simonsays.sim.robots import get_robot
from simonsays.sim.specs import RobotSpec

Described = Mapping[str, Any]
"""what policy.json says of a policy, or an env of itself"""


def columns(where: str, said: Described, here: Described, robot: RobotSpec | None) -> list[int]:
    """The place in the observation that ``here`` describes of each number that ``said`` describes, all frames of both.

    Blocks are known by their names, joints in them by theirs. ``robot``: that of ``here``, if it is one of ours.

    Raises:
        InputError: ``here`` lacks a block or a joint; the message begins with ``where``.
    """
    start, places = 0, dict[str, tuple[int, int]]()
    for block in here["observation"]:
        places[block["block"]] = (start, block["width"])
        start += block["width"]
    found: list[int] = []
    for block in said["observation"]:
        name, width = block["block"], block["width"]
        if name not in places:
            raise InputError(f"{where}: observation block {name!r} is not in the environment")
        first, own = places[name]
        same = said["robot"] == here["robot"]
        known = BLOCKS[name].mirror in JOINTS if name in BLOCKS else False
        if known and not same and robot is not None:
            found += [first + place for place in _joints(where, name, get_robot(said["robot"]), robot)]
        elif width == own:
            found += range(first, first + width)
        else:
            raise InputError(f"{where}: observation block {name!r} is {width} numbers wide, {own} in the environment")
    return [place + start * frame for frame in range(here.get("history", 1)) for place in found]


def _joints(where: str, block: str, said: RobotSpec, here: RobotSpec) -> list[int]:
    """The places of one robot's joints in a block of another's."""
    ours, theirs = (_named(robot, BLOCKS[block].mirror == "legs") for robot in (said, here))
    for name in ours:
        if name not in theirs:
            raise InputError(f"{where}: observation block {block!r}: robot {here.name!r} has no joint {name!r}")
    return [theirs.index(name) for name in ours]


def _named(robot: RobotSpec, legs: bool) -> list[str]:
    upper = [joint.name for joint in robot.joints if joint.name not in robot.leg_joints]
    return list(robot.leg_joints) if legs else upper


def widened(value: np.ndarray, places: Sequence[int], width: int, what: str) -> np.ndarray:
    """A first layer's weights (rows, columns) for an observation ``width`` numbers wide; a critic's own come last.

    Raises:
        InputError: they take something else than observations.
    """
    own = value.shape[1] - len(places)
    if own < 0:
        raise InputError(f"{what} does not fit the recipe's network: it takes features")
    wide = np.zeros((len(value), width + own), dtype=np.float32)
    wide[:, [*places, *range(width, width + own)]] = value
    return wide
