"""Frozen descriptions of props and scenes; each is validated when it is made or loaded."""

from __future__ import annotations

import math
import tomllib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from simonsays.assets import InputError, did_you_mean
from simonsays.assets.registry import SCENES

COLORS: dict[str, tuple[float, float, float, float]] = {
    "red": (0.84, 0.15, 0.16, 1.0),
    "green": (0.18, 0.63, 0.26, 1.0),
    "blue": (0.13, 0.37, 0.82, 1.0),
    "yellow": (0.96, 0.79, 0.13, 1.0),
    "orange": (0.96, 0.50, 0.10, 1.0),
    "purple": (0.52, 0.26, 0.70, 1.0),
    "pink": (0.95, 0.48, 0.66, 1.0),
    "white": (0.93, 0.93, 0.93, 1.0),
    "grey": (0.55, 0.57, 0.60, 1.0),
    "black": (0.10, 0.10, 0.12, 1.0),
    "brown": (0.47, 0.31, 0.19, 1.0),
}

# Default size (m) and mass (kg): ball (diameter), others (x, y, z extents).
SHAPES: dict[str, tuple[tuple[float, float, float], float]] = {
    "ball": ((0.22, 0.22, 0.22), 0.43),
    "box": ((0.30, 0.30, 0.30), 2.0),
    "cone": ((0.26, 0.26, 0.40), 0.5),
    "pillar": ((0.24, 0.24, 1.00), 0.0),
}


@dataclass(frozen=True)
class PropSpec:
    """A thing on the ground. Position (m, world) is that of its centre; without z it stands on the ground."""

    shape: str
    color: str
    position: tuple[float, ...]
    name: str = ""
    size: tuple[float, float, float] | None = None
    mass: float | None = None
    yaw_deg: float = 0.0
    path: tuple[tuple[float, float], ...] = ()
    """(x, y) m, world: where its centre moves to, one after the other, from the start on; it stops at the last"""
    speed: float = 0.3
    """m/s along the path"""

    def __post_init__(self) -> None:
        where = f"prop {self.name or f'{self.color} {self.shape}'!r}"
        if self.shape not in SHAPES:
            raise InputError(f"{where}, field shape: {self.shape!r}{did_you_mean(self.shape, SHAPES)}")
        if self.color not in COLORS:
            raise InputError(f"{where}, field color: {self.color!r}{did_you_mean(self.color, COLORS)}")
        if len(self.position) not in (2, 3) or not all(math.isfinite(x) for x in self.position):
            raise InputError(f"{where}, field position: needs [x, y] or [x, y, z] in metres")
        if self.size is not None and not all(0.01 <= x <= 10 for x in self.size):
            raise InputError(f"{where}, field size: each extent must be 0.01 to 10 m")
        if self.mass is not None and not 0 <= self.mass <= 1000:
            raise InputError(f"{where}, field mass: 0 (fixed) to 1000 kg")
        if not all(len(point) == 2 and all(math.isfinite(x) for x in point) for point in self.path):
            raise InputError(f"{where}, field path: needs [[x, y], ...] in metres")
        if not 0 < self.speed <= 5:
            raise InputError(f"{where}, field speed: above 0 to 5 m/s")

    @property
    def extents(self) -> tuple[float, float, float]:
        """(3,) m, full extents along x, y, z."""
        return self.size or SHAPES[self.shape][0]

    @property
    def weight(self) -> float:
        """kg; 0: it is fixed to the ground, or carried along its path."""
        if self.path:
            return 0.0
        return SHAPES[self.shape][1] if self.mass is None else self.mass

    @property
    def centre(self) -> tuple[float, float, float]:
        """(3,) m, world: position of the centre."""
        x, y = self.position[:2]
        return (x, y, self.position[2] if len(self.position) == 3 else self.extents[2] / 2)

    @property
    def fixed(self) -> bool:
        """Whether nothing moves it: it has no mass and no path."""
        mass = SHAPES[self.shape][1] if self.mass is None else self.mass
        return mass == 0 and not self.path

    def place_at(self, time: float) -> tuple[float, float]:
        """(x, y) m, world: where its path has brought its centre ``time`` s after the start."""
        here, left = (self.position[0], self.position[1]), self.speed * time
        for there in self.path:
            length = math.dist(here, there)
            if left < length:
                share = left / length
                return here[0] + share * (there[0] - here[0]), here[1] + share * (there[1] - here[1])
            here, left = there, left - length
        return here

    @property
    def radius(self) -> float:
        """m, of the circle around its footprint."""
        x, y, _ = self.extents
        return max(x, y) / 2 if self.shape != "box" else math.hypot(x, y) / 2


@dataclass(frozen=True)
class GroundSpec:
    """The ground plane through the origin, rising towards +x by ``slope_deg``, smooth or uneven."""

    friction: float = 1.0
    slope_deg: float = 0.0
    roughness: float = 0.0
    """m, height of random bumps, a quarter of a metre apart, above the plane; 0: smooth"""
    seed: float = 0
    """of the bumps, a whole number"""

    def __post_init__(self) -> None:
        if not 0 < self.friction <= 5:
            raise InputError(f"ground, field friction: {self.friction} is outside 0 to 5")
        if not -30 <= self.slope_deg <= 30:
            raise InputError(f"ground, field slope_deg: {self.slope_deg} is outside -30 to 30")
        if not 0 <= self.roughness <= 0.2:
            raise InputError(f"ground, field roughness: {self.roughness} is outside 0 to 0.2")

    @property
    def gradient(self) -> float:
        """Rise (m) of the plane for each metre along +x."""
        return math.tan(math.radians(self.slope_deg))


@dataclass(frozen=True)
class SceneSpec:
    """Where the robot starts and what stands around it."""

    name: str = "empty"
    robot_position: tuple[float, float] = (0.0, 0.0)
    robot_yaw_deg: float = 0.0
    props: tuple[PropSpec, ...] = ()
    ground: GroundSpec = field(default_factory=GroundSpec)

    def __post_init__(self) -> None:
        object.__setattr__(self, "props", _with_unique_names(self.props))

    def to_dict(self) -> dict[str, Any]:
        """The scene as plain data, in the layout of a scene file."""
        return {
            "robot": {"position": list(self.robot_position), "yaw_deg": self.robot_yaw_deg},
            "props": [
                {
                    "shape": prop.shape,
                    "color": prop.color,
                    "position": list(prop.position),
                    "name": prop.name,
                    "size": list(prop.extents),
                    "mass": prop.weight,
                    "yaw_deg": prop.yaw_deg,
                    **({"path": [list(point) for point in prop.path], "speed": prop.speed} if prop.path else {}),
                }
                for prop in self.props
            ],
            "ground": asdict(self.ground),
        }


def _with_unique_names(props: tuple[PropSpec, ...]) -> tuple[PropSpec, ...]:
    given = [prop.name for prop in props if prop.name]
    for name in given:
        if given.count(name) > 1:
            raise InputError(f"two props are named {name!r}: names must differ")
    taken = set(given)
    named = []
    for prop in props:
        name, number = prop.name or f"{prop.color} {prop.shape}", 1
        while not prop.name and name in taken:
            number += 1
            name = f"{prop.color} {prop.shape} {number}"
        taken.add(name)
        named.append(PropSpec(**{**prop.__dict__, "name": name}))
    return tuple(named)


def _check_keys(table: Mapping[str, Any], allowed: tuple[str, ...], where: str) -> None:
    if not isinstance(table, Mapping):
        raise InputError(f"{where}: needs a table")
    for key in table:
        if key not in allowed:
            raise InputError(f"{where}: unknown key {key!r}{did_you_mean(key, allowed)}")


def _numbers(value: Any, counts: tuple[int, ...], where: str) -> tuple[float, ...]:
    listed = value if isinstance(value, list) else [value]
    if len(listed) not in counts or any(isinstance(x, bool) or not isinstance(x, int | float) for x in listed):
        wanted = " or ".join(str(count) for count in counts)
        raise InputError(f"{where}: needs {wanted} number(s), not {value!r}")
    return tuple(float(x) for x in listed)


def _prop(table: Mapping[str, Any], where: str) -> PropSpec:
    _check_keys(table, ("shape", "color", "position", "name", "size", "mass", "yaw_deg", "path", "speed"), where)
    for key in ("shape", "color", "position"):
        if key not in table:
            raise InputError(f"{where}: {key!r} is missing")
    for key in ("shape", "color", "name"):
        if not isinstance(table.get(key, ""), str):
            raise InputError(f"{where}, field {key}: needs text, not {table[key]!r}")
    size = None
    if "size" in table:
        numbers = _numbers(table["size"], (1, 3), f"{where}, field size")
        size = numbers * 3 if len(numbers) == 1 else numbers
    try:
        return PropSpec(
            shape=table["shape"],
            color=table["color"],
            position=_numbers(table["position"], (2, 3), f"{where}, field position"),
            name=table.get("name", ""),
            size=size,  # type: ignore[arg-type]
            mass=_numbers(table["mass"], (1,), f"{where}, field mass")[0] if "mass" in table else None,
            yaw_deg=_numbers(table.get("yaw_deg", 0.0), (1,), f"{where}, field yaw_deg")[0],
            path=_path(table, where),
            speed=_numbers(table.get("speed", 0.3), (1,), f"{where}, field speed")[0],
        )
    except InputError as error:
        raise InputError(f"{where}: {error}" if where not in str(error) else str(error)) from error


def _path(table: Mapping[str, Any], where: str) -> tuple[tuple[float, float], ...]:
    points = table.get("path", [])
    if not isinstance(points, list):
        raise InputError(f"{where}, field path: needs [[x, y], ...] in metres, not {points!r}")
    if "speed" in table and not points:
        raise InputError(f"{where}, field speed: says how fast it moves along its path, and there is no path")
    listed = [_numbers(point, (2,), f"{where}, field path") for point in points]
    return tuple((point[0], point[1]) for point in listed)


def scene_from_dict(data: Mapping[str, Any], name: str = "scene", where: str = "scene") -> SceneSpec:
    """A scene from the tables of a scene file.

    Raises:
        InputError: an unknown key, a missing or an impossible value; the message names ``where`` and the field.
    """
    _check_keys(data, ("robot", "props", "ground"), where)
    robot, ground = data.get("robot", {}), data.get("ground", {})
    _check_keys(robot, ("position", "yaw_deg"), f"{where} [robot]")
    _check_keys(ground, ("friction", "slope_deg", "roughness", "seed"), f"{where} [ground]")
    props = data.get("props", [])
    if not isinstance(props, list):
        raise InputError(f"{where}: props must be written as [[props]]")
    position = _numbers(robot.get("position", [0.0, 0.0]), (2,), f"{where} [robot], field position")
    floor = {key: _numbers(value, (1,), f"{where} [ground], field {key}")[0] for key, value in ground.items()}
    try:
        return SceneSpec(
            name=name,
            robot_position=(position[0], position[1]),
            robot_yaw_deg=_numbers(robot.get("yaw_deg", 0.0), (1,), f"{where} [robot], field yaw_deg")[0],
            props=tuple(_prop(prop, f"{where} [[props]] {i + 1}") for i, prop in enumerate(props)),
            ground=GroundSpec(**floor),
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
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InputError(f"{file}: not valid TOML: {error}") from error
    return scene_from_dict(data, name=file.stem, where=str(file))
