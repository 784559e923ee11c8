"""What policy.json says of a policy, and whether an env fits it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from simonsays.assets import InputError

FORMAT = 2
_REQUIRED = ("format", "robot", "robot_hash", "observation", "action", "network", "control_rate_hz")


def read_description(folder: Path) -> dict[str, Any]:
    """What a bundle's policy.json says; of format 1 as format 2 says it.

    Raises:
        InputError: it is damaged or of another format.
    """
    file = folder / "policy.json"
    try:
        said = json.loads(file.read_text(encoding="utf-8"))
    except ValueError as error:
        raise InputError(f"{file}: not valid JSON: {error}") from error
    if not isinstance(said, dict) or said.get("format") not in (1, FORMAT):
        raise InputError(f"{file}: field format: this version of simonsays reads 1 and {FORMAT}")
    for field in _REQUIRED:
        if field not in said:
            raise InputError(f"{file}: field {field!r} is missing")
    return {**second_edition(said), "format": FORMAT}


_FIRST_G1 = "19debadf19eec36c"  # the G1 of bundles of format 1, whose hash covered all of the spec at once
_FIRST_PARTS = {"links": "3ed1beaa", "joints": "b49343a7", "gains": "0c4b3d2e", "pose": "fbe6c24a", "rate": "27badc98"}

_FIRST_BLOCKS = (  # what an env of the first edition showed by default
    "base_linear_velocity",
    "base_angular_velocity",
    "gravity",
    "command",
    "height_command",
    "gait_phase",
    "leg_positions",
    "leg_velocities",
    "last_action",
)


def second_edition(described: Mapping[str, Any]) -> dict[str, Any]:
    """What an env of the first edition told of itself, in a bundle, a checkpoint or data, as it tells it now.

    That is the blocks that were shown by default, and the parts of the robot as it was then, so that what has changed
    since is told part by part.
    """
    found = dict(described)
    settings, seen = found.get("settings", {}), tuple(map(_named, found.get("observation", ())))
    if seen == _FIRST_BLOCKS and "blocks" not in settings:
        found["settings"] = {**settings, "blocks": list(seen)}
    if "robot_parts" not in found and found.get("robot_hash") == _FIRST_G1:
        found["robot_parts"] = dict(_FIRST_PARTS)
    return found


def _named(part: Any) -> Any:
    return part.get("block") if isinstance(part, Mapping) else None


def describe_env(env: Any, **seen: Any) -> dict[str, Any]:
    """The fields of policy.json that an env fixes; ``seen`` is for its ``describe``."""
    described: dict[str, Any] = env.unwrapped.describe(**seen)
    return described


Difference = tuple[str, Any, Any]
"""a field, and what one and the other has of it"""


def differences(one: Any, other: Any, field: str = "") -> list[Difference]:
    """Where two descriptions differ: the field as ``a.b``, and what each has there; of lists what is in one alone.

    Another robot differs in all else, and another part of a robot in the hash: neither is said twice.
    """
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        keys = {**one, **other}
        if one.get("robot") != other.get("robot"):
            keys = {"robot": None}
        elif one.get("robot_parts") != other.get("robot_parts"):
            keys.pop("robot_hash" if one.get("robot_parts") else "robot_parts", None)
        named = [(f"{field}.{key}".strip("."), one.get(key), other.get(key)) for key in keys]
        return [each for key, a, b in named for each in differences(a, b, key)]
    if isinstance(one, Sequence) and isinstance(other, Sequence) and not isinstance(one, str):
        if len(one) == len(other):
            places = [f"{field}.{i}" for i in range(len(one))]
            return [each for place, a, b in zip(places, one, other, strict=True) for each in differences(a, b, place)]
        return [(field, [a for a in one if a not in other], [b for b in other if b not in one])]
    return [] if one == other else [(field, one, other)]
