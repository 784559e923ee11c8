"""Scenes as files: the tables of a TOML file, read strictly."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from simonsays.assets import InputError, did_you_mean
from simonsays.assets.registry import SCENES
from simonsays.sim.specs.scene import GroundSpec, PropSpec, RobotStart, SceneSpec, finite

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


def scene_from_dict(data: Mapping[str, Any], name: str = "scene", where: str = "scene") -> SceneSpec:
    """A scene from the tables of a scene file.

    Raises:
        InputError: an unknown key, a missing or an impossible value; the message names ``where`` and the field.
    """
    _check_keys(data, tuple(KEYS), where)
    if "robot" in data and "robots" in data:
        raise InputError(f"{where}: [robot] and [[robots]] both say where robots start: leave one of them out")
    ground, viewer = (_table(data.get(key, {}), key, f"{where} [{key}]") for key in ("ground", "viewer"))
    try:
        if "robots" in data:
            robots = [_robot(table, at) for table, at in _tables(data, "robots", where)]
        else:
            robots = [_robot(_table(data.get("robot", {}), "robot", f"{where} [robot]"), f"{where} [robot]")]
        if not robots:
            raise InputError(f"{where}: robots is empty: name one, or leave it out")
        first, *others = robots
        return SceneSpec(
            name=name,
            robot_position=first.position,
            robot_yaw_deg=first.yaw_deg,
            props=tuple(_prop(table, at) for table, at in _tables(data, "props", where)),
            ground=GroundSpec(**{key: _number(ground, key, 0.0, f"{where} [ground]") for key in ground}),
            viewer=_point(viewer["position"], f"{where} [viewer], field position") if viewer else None,
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
    try:
        data = tomllib.loads(file.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError, RecursionError) as error:
        raise InputError(f"{file}: not valid TOML: {error}") from error
    return scene_from_dict(data, name=file.stem, where=str(file))


def _check_keys(table: Any, allowed: tuple[str, ...], where: str) -> None:
    if not isinstance(table, Mapping):
        raise InputError(f"{where}: needs a table")
    for key in table:
        if key not in allowed:
            raise InputError(f"{where}: unknown key {key!r}{did_you_mean(str(key), allowed)}")


def _table(table: Any, kind: str, where: str) -> Mapping[str, Any]:
    """A table with the keys and words that its kind may have."""
    _check_keys(table, KEYS[kind], where)
    for key in _MUST.get(kind, ()) if table or kind != "viewer" else ():
        if key not in table:
            raise InputError(f"{where}: {key!r} is missing")
    for key in _WORDS:
        if not isinstance(table.get(key, ""), str):
            raise InputError(f"{where}, field {key}: needs text, not {table[key]!r}")
    return dict(table)


def _tables(data: Mapping[str, Any], kind: str, where: str) -> list[tuple[Mapping[str, Any], str]]:
    """Each of a list of tables, and where it stands."""
    listed = data.get(kind, [])
    if not isinstance(listed, list):
        raise InputError(f"{where}: {kind} must be written as [[{kind}]]")
    places = [f"{where} [[{kind}]] {i + 1}" for i in range(len(listed))]
    return [(_table(table, kind, at), at) for table, at in zip(listed, places, strict=True)]


def _numbers(value: Any, counts: tuple[int, ...], where: str) -> tuple[float, ...]:
    listed = value if isinstance(value, list) else [value]
    if len(listed) not in counts or any(isinstance(x, bool) or not isinstance(x, int | float) for x in listed):
        wanted = " or ".join(str(count) for count in counts)
        raise InputError(f"{where}: needs {wanted} number(s), not {value!r}")
    if not finite(*listed):
        raise InputError(f"{where}: {value!r} is not finite, or far too large")
    return tuple(float(x) for x in listed)


def _number(table: Mapping[str, Any], key: str, default: float, where: str) -> float:
    return _numbers(table.get(key, default), (1,), f"{where}, field {key}")[0]


def _point(value: Any, where: str) -> tuple[float, float]:
    x, y = _numbers(value, (2,), where)
    return x, y


def _robot(table: Mapping[str, Any], where: str) -> RobotStart:
    place, yaw = (
        _point(table.get("position", [0.0, 0.0]), f"{where}, field position"),
        _number(table, "yaw_deg", 0, where),
    )
    return RobotStart(table.get("name", ""), table.get("robot", ""), place, yaw)


def _prop(table: Mapping[str, Any], where: str) -> PropSpec:
    size, points = None, table.get("path", [])
    if "size" in table:
        numbers = _numbers(table["size"], (1, 3), f"{where}, field size")
        size = numbers * 3 if len(numbers) == 1 else numbers
    if not isinstance(points, list):
        raise InputError(f"{where}, field path: needs [[x, y], ...] in metres, not {points!r}")
    if "speed" in table and not points:
        raise InputError(f"{where}, field speed: says how fast it moves along its path, and there is no path")
    try:
        return PropSpec(
            shape=table["shape"],
            color=table["color"],
            position=_numbers(table["position"], (2, 3), f"{where}, field position"),
            name=table.get("name", ""),
            size=size,  # type: ignore[arg-type]
            mass=_number(table, "mass", 0.0, where) if "mass" in table else None,
            yaw_deg=_number(table, "yaw_deg", 0.0, where),
            path=tuple(_point(point, f"{where}, field path") for point in points),
            speed=_number(table, "speed", 0.3, where),
        )
    except InputError as error:
        raise InputError(f"{where}: {error}" if where not in str(error) else str(error)) from error
