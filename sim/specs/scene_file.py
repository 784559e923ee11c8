"""Scenes as files: the tables of a TOML file, read strictly."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

from simonsays.assets import InputError, did_you_mean
from simonsays.assets.reading import read_toml
from simonsays.assets.registry import SCENES
from simonsays.sim.specs.scene import GroundSpec, PropSpec, RobotStart, SceneSpec, finite

Spec = TypeVar("Spec")

KEYS = {
    "robot": ("position", "yaw_deg"),
    "robots": ("name", "robot", "position", "yaw_deg"),
    "viewer": ("position",),
    "ground": ("friction", "slope_deg", "roughness", "seed"),
    "props": ("shape", "color", "position", "name", "size", "mass", "yaw_deg", "path", "speed"),
}
"""what each table of a scene file may have; docs/scenes.md says what it means"""
_MUST = {"robots": ("name", "robot"), "viewer": ("position",), "props": ("shape", "color", "position")}
_WORDS = ("name", "robot", "shape", "color")
_COUNTS = {"position": (2,), "size": (1, 3)}  # how many numbers; of other keys one


def scene_from_dict(data: Mapping[str, Any], name: str = "scene", where: str = "scene") -> SceneSpec:
    """A scene from the tables of a scene file.

    Raises:
        InputError: an unknown key, a missing or an impossible value; the message names ``where`` and the field.
    """
    _check_keys(data, tuple(KEYS), where)
    if "robot" in data and "robots" in data:
        raise InputError(f"{where}: [robot] and [[robots]] both say where robots start: leave one of them out")
    if "robots" in data:
        robots = _listed(RobotStart, data, "robots", where)
    else:
        robots = [_made(RobotStart, data.get("robot", {}), "robot", f"{where} [robot]")]
    if not robots:
        raise InputError(f"{where}: robots is empty: name one, or leave it out")
    first, *others = robots
    table = data.get("viewer", {})
    viewer = {} if table == {} else _made(dict[str, Any], table, "viewer", f"{where} [viewer]")
    try:
        return SceneSpec(
            name=name,
            robot_position=first.position,
            robot_yaw_deg=first.yaw_deg,
            props=tuple(_listed(_prop, data, "props", where)),
            ground=_made(GroundSpec, data.get("ground", {}), "ground", f"{where} [ground]"),
            viewer=viewer.get("position"),
            robot_name=first.name,
            robot=first.robot,
            others=tuple(others),
        )
    except InputError as error:
        raise InputError(f"{where}: {error}" if where not in str(error) else str(error)) from error


def load_scene(name_or_path: str | Path) -> SceneSpec:
    """A scene by its name, ours or a plug-in's, or by the path of a TOML file.

    Raises:
        InputError: no such scene or file, malformed TOML, an unknown key or an impossible value.
    """
    file = SCENES.find(name_or_path)
    return scene_from_dict(read_toml(file), name=file.stem, where=str(file))


def _check_keys(table: Any, allowed: tuple[str, ...], where: str) -> None:
    if not isinstance(table, Mapping):
        raise InputError(f"{where}: needs a table")
    for key in table:
        if key not in allowed:
            raise InputError(f"{where}: unknown key {key!r}{did_you_mean(str(key), allowed)}")


def _listed(make: Callable[..., Spec], data: Mapping[str, Any], kind: str, where: str) -> list[Spec]:
    """What each of a list of tables says."""
    listed = data.get(kind, [])
    if not isinstance(listed, list):
        raise InputError(f"{where}: {kind} must be written as [[{kind}]]")
    return [_made(make, table, kind, f"{where} [[{kind}]] {i + 1}") for i, table in enumerate(listed)]


def _made(make: Callable[..., Spec], table: Any, kind: str, where: str) -> Spec:
    """What a table says, with the keys and the kinds of values that it may have."""
    _check_keys(table, KEYS[kind], where)
    for key in _MUST.get(kind, ()):
        if key not in table:
            raise InputError(f"{where}: {key!r} is missing")
    values = {key: _value(kind, key, value, f"{where}, field {key}") for key, value in table.items()}
    try:
        return make(**values)
    except InputError as error:
        raise InputError(f"{where}: {error}") from error


def _value(kind: str, key: str, value: Any, where: str) -> Any:
    if key in _WORDS:
        if not isinstance(value, str):
            raise InputError(f"{where}: needs text, not {value!r}")
        return value
    if key == "path":
        if not isinstance(value, list):
            raise InputError(f"{where}: needs [[x, y], ...] in metres, not {value!r}")
        return tuple(_numbers(point, (2,), where) for point in value)
    numbers = _numbers(value, (2, 3) if (kind, key) == ("props", "position") else _COUNTS.get(key, (1,)), where)
    if key == "size" and len(numbers) == 1:
        return numbers * 3
    return numbers if key in _COUNTS else numbers[0]


def _numbers(value: Any, counts: tuple[int, ...], where: str) -> tuple[float, ...]:
    listed = value if isinstance(value, list) else [value]
    if len(listed) not in counts or any(isinstance(x, bool) or not isinstance(x, int | float) for x in listed):
        raise InputError(f"{where}: needs {' or '.join(map(str, counts))} number(s), not {value!r}")
    if not finite(*listed):
        raise InputError(f"{where}: {value!r} is not finite, or far too large")
    return tuple(float(x) for x in listed)


def _prop(**values: Any) -> PropSpec:
    if "speed" in values and not values.get("path"):
        raise InputError("field speed: says how fast it moves along its path, and there is no path")
    return PropSpec(**values)
