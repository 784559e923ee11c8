"""What policy.json says of a policy, and whether an env fits it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from simonsays.assets import InputError
from simonsays.assets.reading import read_table
from simonsays.envs.settings import Positive, reason

FORMAT = 2
_REQUIRED = ("format", "robot", "robot_hash", "observation", "action", "network", "control_rate_hz")


class _Table(BaseModel):
    """Part of policy.json; there may be more in it."""

    model_config = ConfigDict(extra="allow", strict=True)


class _Block(_Table):
    block: str
    width: int = Field(gt=0)


class _Action(_Table):
    limit: Positive
    joints: list[str] = []


class _Mirror(_Table):
    observation: list[int]
    observation_sign: list[float]
    action: list[int]
    action_sign: list[float]


class _Lstm(_Table):
    layers: int = Field(gt=0, le=64)


class _Network(_Table):
    hidden: list[int]
    activation: str
    trunk: str = "mlp"
    streams: int = Field(4, gt=0, le=64)
    features: Literal["flat", "relative_goal"] = "flat"
    lstm: _Lstm | None = None
    mirror: _Mirror | None = None
    observation_clip: Positive | None = None
    squash: bool = False


class _Description(_Table):
    robot: str
    observation: list[_Block]
    action: _Action
    network: _Network
    control_rate_hz: Positive
    env_id: str = ""
    motion: str | None = None
    history: int = Field(1, gt=0)
    settings: dict[str, Any] = {}
    abilities: dict[str, float] = {}
    command: dict[str, tuple[float, float] | list[float]] = {}
    training: dict[str, Any] = {}


def read_description(folder: Path) -> dict[str, Any]:
    """What a bundle's policy.json says; of format 1 as format 2 says it.

    Raises:
        InputError: it is damaged or of another format.
    """
    file = folder / "policy.json"
    said = read_table(file)
    if said.get("format") not in (1, FORMAT):
        raise InputError(f"{file}: field format: this version of simonsays reads 1 and {FORMAT}")
    for field in _REQUIRED:
        if field not in said:
            raise InputError(f"{file}: field {field!r} is missing")
    try:
        _Description.model_validate(said)
    except ValidationError as error:
        first = error.errors()[0]
        raise InputError(f"{file}: field {'.'.join(map(str, first['loc']))}: {reason(first)}") from error
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
