"""What an env is made with, as plain data: it goes through JSON and into processes, and makes the same env again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from pydantic import BaseModel, TypeAdapter, ValidationError

from simonsays.assets import InputError
from simonsays.envs.language.instruction import Instruction
from simonsays.envs.settings import reason
from simonsays.sim.robots import get_robot
from simonsays.sim.specs import RobotSpec, SceneSpec, load_scene, scene_from_dict

_NAME = "name"


def plain(value: Any) -> Any:
    """An argument of an env as JSON has it; what is of another kind stays what it is.

    Scenes become tables, which :func:`read_scene` takes, robots too (:func:`read_robot`), paths whole ones.
    """
    if isinstance(value, SceneSpec):
        return {_NAME: value.name, **plain(value.to_dict())}
    if isinstance(value, RobotSpec):
        return _robots().dump_python(value, mode="json")
    if isinstance(value, Instruction):
        return value.to_json()
    if isinstance(value, BaseModel):
        return plain(value.model_dump())
    if isinstance(value, Path):
        return str(value.resolve())
    if isinstance(value, np.ndarray | np.generic):
        return plain(value.tolist())
    if isinstance(value, Mapping):
        return {key: plain(each) for key, each in value.items()}
    if isinstance(value, Sequence | set | frozenset) and not isinstance(value, str | bytes):
        return [plain(each) for each in value]
    return value


def read_scene(scene: SceneSpec | Mapping[str, Any] | str | Path | None) -> SceneSpec | None:
    """A scene from itself, a table, which may have its ``name``, a name or a file; None stays None.

    Raises:
        InputError: no such scene, or as of scene_from_dict.
    """
    if scene is None or isinstance(scene, SceneSpec):
        return scene
    if not isinstance(scene, Mapping):
        return load_scene(scene)
    name = scene.get(_NAME, "scene")
    if not isinstance(name, str):
        raise InputError(f"scene, field {_NAME}: needs text, not {name!r}")
    return scene_from_dict({key: value for key, value in scene.items() if key != _NAME}, name)


def read_robot(robot: RobotSpec | Mapping[str, Any] | str | Path) -> RobotSpec:
    """A robot from its spec, that as a table, a name or a file.

    Raises:
        InputError: no such robot or file, or a table that is none of a robot; the message names the field.
    """
    if isinstance(robot, RobotSpec):
        return robot
    if not isinstance(robot, Mapping):
        return get_robot(robot)
    try:
        return _robots().validate_python(dict(robot))
    except ValidationError as error:
        first = error.errors()[0]
        raise InputError(f"robot, field {'.'.join(map(str, first['loc']))}: {reason(first)}") from error


@lru_cache
def _robots() -> TypeAdapter[RobotSpec]:
    return TypeAdapter(RobotSpec)
