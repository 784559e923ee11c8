"""Frozen descriptions of props and scenes; each is validated when it is made or loaded."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import asdict, field, replace
from functools import cache
from typing import Any

from simonsays.assets import InputError, did_you_mean
from simonsays.assets.notes import dataclass
from simonsays.sim.things import THINGS, Part

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

_MOST = 1e15  # larger numbers are refused, as NaN and infinity are: nothing in a scene can mean them

# The plain solids. Default size (m) and mass (kg): ball (diameter), others (x, y, z extents). More shapes: sim/things.
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
        if self.shape not in SHAPES and self.shape not in THINGS:
            raise InputError(f"{where}, field shape: {self.shape!r}{did_you_mean(self.shape, [*SHAPES, *THINGS])}")
        if self.color not in COLORS:
            raise InputError(f"{where}, field color: {self.color!r}{did_you_mean(self.color, COLORS)}")
        if len(self.position) not in (2, 3) or not finite(*self.position):
            raise InputError(f"{where}, field position: needs [x, y] or [x, y, z] in metres")
        if not finite(self.yaw_deg):
            raise InputError(f"{where}, field yaw_deg: {self.yaw_deg} is no angle")
        if self.size is not None and not all(0.01 <= x <= 10 for x in self.size):
            raise InputError(f"{where}, field size: each extent must be 0.01 to 10 m")
        if self.mass is not None and not 0 <= self.mass <= 1000:
            raise InputError(f"{where}, field mass: 0 (fixed) to 1000 kg")
        if not all(len(point) == 2 and finite(*point) for point in self.path):
            raise InputError(f"{where}, field path: needs [[x, y], ...] in metres")
        if not 0 < self.speed <= 5:
            raise InputError(f"{where}, field speed: above 0 to 5 m/s")
        # What is left out becomes what it means, so that a scene read back from its own data equals itself.
        size, mass = SHAPES.get(self.shape) or (THINGS[self.shape].size, THINGS[self.shape].mass)
        object.__setattr__(self, "size", self.size or size)
        object.__setattr__(self, "mass", 0.0 if self.path else mass if self.mass is None else self.mass)

    @property
    def extents(self) -> tuple[float, float, float]:
        """(3,) m, full extents along x, y, z."""
        assert self.size is not None
        return self.size

    @property
    def parts(self) -> tuple[Part, ...]:
        """The solids that it is made of, in its own frame."""
        return _parts(self.shape, *self.extents)

    @property
    def gate(self) -> float | None:
        """m, the width of the way that leads through it along its x axis, in its middle; None: none does."""
        if self.shape in SHAPES or not THINGS[self.shape].gate:
            return None
        one, other = self.parts[:2]
        return one.centre[1] - other.centre[1] - (one.size[1] + other.size[1]) / 2

    @property
    def kind(self) -> str:
        """What an object's type says that means it: here its shape."""
        return self.shape

    @property
    def called(self) -> str:
        """What captions and messages call it."""
        return f"the {self.name}"

    @property
    def weight(self) -> float:
        """kg; 0: it is fixed to the ground, or carried along its path."""
        return self.mass or 0.0

    @property
    def centre(self) -> tuple[float, float, float]:
        """(3,) m, world: position of the centre."""
        x, y = self.position[:2]
        return (x, y, self.position[2] if len(self.position) == 3 else self.extents[2] / 2)

    @property
    def fixed(self) -> bool:
        """Whether nothing moves it: it has no mass and no path."""
        return not self.mass and not self.path

    def place_at(self, time: float) -> tuple[float, float]:
        """(x, y) m, world: where its path has brought its centre ``time`` s after the start."""
        return self.pose_at(time)[:2]

    def pose_at(self, time: float) -> tuple[float, float, float]:
        """As :meth:`place_at`, and how it is turned then (rad): one that walks looks where it goes."""
        here, left, yaw = (self.position[0], self.position[1]), self.speed * time, math.radians(self.yaw_deg)
        walks = self.shape not in SHAPES and THINGS[self.shape].walks
        for there in self.path:
            length = math.dist(here, there)
            if walks and length > 0.0:
                yaw = math.atan2(there[1] - here[1], there[0] - here[0])
            if left < length:
                share = left / length
                return here[0] + share * (there[0] - here[0]), here[1] + share * (there[1] - here[1]), yaw
            here, left = there, left - length
        return *here, yaw

    @property
    def radius(self) -> float:
        """m, of the circle around its footprint."""
        x, y, _ = self.extents
        return max(x, y) / 2 if self.round else math.hypot(x, y) / 2

    @property
    def round(self) -> bool:
        """Whether its footprint is a circle."""
        return self.shape != "box" if self.shape in SHAPES else THINGS[self.shape].walks


@cache
def _parts(shape: str, x: float, y: float, z: float) -> tuple[Part, ...]:
    return (Part(shape, (x, y, z)),) if shape in SHAPES else tuple(THINGS[shape].parts(x, y, z))


@dataclass(frozen=True)
class GroundSpec:
    """The ground plane through the origin, rising towards +x by ``slope_deg``, smooth or uneven."""

    friction: float = 1.0
    slope_deg: float = 0.0
    roughness: float = 0.0
    """m, height of random bumps, a quarter of a metre apart, above the plane; 0: smooth"""
    seed: float = 0
    """of the bumps, a whole number, 0 or more"""

    def __post_init__(self) -> None:
        if not 0 < self.friction <= 5:
            raise InputError(f"ground, field friction: {self.friction} is outside 0 to 5")
        if not -30 <= self.slope_deg <= 30:
            raise InputError(f"ground, field slope_deg: {self.slope_deg} is outside -30 to 30")
        if not 0 <= self.roughness <= 0.2:
            raise InputError(f"ground, field roughness: {self.roughness} is outside 0 to 0.2")
        if not (self.seed >= 0 and finite(self.seed) and self.seed == int(self.seed)):
            raise InputError(f"ground, field seed: {self.seed} is no whole number from 0 on")

    @property
    def gradient(self) -> float:
        """Rise (m) of the plane for each metre along +x."""
        return math.tan(math.radians(self.slope_deg))


@dataclass(frozen=True)
class RobotStart:
    """Where one of a scene's robots starts, and which it is."""

    name: str = ""
    """what sentences call it; it also stands before a slash in a recording's arrays"""
    robot: str = ""
    """the robot's name in ``simon list``; empty: whichever runs"""
    position: tuple[float, float] = (0.0, 0.0)
    """(x, y) m, world"""
    yaw_deg: float = 0.0

    def __post_init__(self) -> None:
        where = f"robot {self.name!r}" if self.name else "robot"
        if "/" in self.name:
            raise InputError(f"{where}, field name: a slash cannot be in it")
        if len(self.position) != 2 or not finite(*self.position):
            raise InputError(f"{where}, field position: needs [x, y] in metres")
        if not finite(self.yaw_deg):
            raise InputError(f"{where}, field yaw_deg: {self.yaw_deg} is no angle")


@dataclass(frozen=True)
class SceneSpec:
    """Where the robot starts, who watches, and what stands around."""

    name: str = "empty"
    robot_position: tuple[float, float] = (0.0, 0.0)
    """(x, y) m, world, of the first robot"""
    robot_yaw_deg: float = 0.0
    props: tuple[PropSpec, ...] = ()
    ground: GroundSpec = field(default_factory=GroundSpec)
    viewer: tuple[float, float] | None = None
    """(x, y) m, world, of whoever watches or speaks; None: see ``viewer_position``"""
    robot_name: str = ""
    """of the first robot, where the scene names its robots"""
    robot: str = ""
    """which the first robot is, where the scene says so"""
    others: tuple[RobotStart, ...] = ()
    """the robots beside the first"""

    def __post_init__(self) -> None:
        object.__setattr__(self, "props", _with_unique_names(self.props))
        names = [robot.name for robot in self.robots]
        if len(set(names)) < len(names) or ((self.robot or self.others) and "" in names):
            raise InputError(f"robots {', '.join(map(repr, names))}: each needs a name of its own")
        if taken := {*names} & {prop.name for prop in self.props}:
            raise InputError(f"robots, field name: {min(taken)!r} is a prop's name, too: names must differ")
        if self.viewer is not None and (len(self.viewer) != 2 or not finite(*self.viewer)):
            raise InputError("viewer, field position: needs [x, y] in metres")

    @property
    def robots(self) -> tuple[RobotStart, ...]:
        """All robots, the first one first."""
        return (RobotStart(self.robot_name, self.robot, self.robot_position, self.robot_yaw_deg), *self.others)

    @property
    def person(self) -> PropSpec | None:
        """Whoever watches or speaks where they have a body: no place of the viewer is said, and one person is there."""
        people = [prop for prop in self.props if prop.shape not in SHAPES and THINGS[prop.shape].walks]
        return people[0] if self.viewer is None and len(people) == 1 else None

    @property
    def names(self) -> tuple[str, ...]:
        """What sentences call the robots; empty where the one that there is has no name."""
        return tuple(robot.name for robot in self.robots if robot.name)

    @property
    def viewer_position(self) -> tuple[float, float]:
        """(x, y) m, world, of whoever watches or speaks, at the start: where nobody says, that of the only person, or
        3 m ahead of the robot."""
        if self.person is not None:
            return self.person.position[0], self.person.position[1]
        (x, y), yaw = self.robot_position, math.radians(self.robot_yaw_deg)
        return self.viewer or (x + 3.0 * math.cos(yaw), y + 3.0 * math.sin(yaw))

    def check_robots(self, kinds: Sequence[str]) -> None:
        """Raises InputError: the scene is for another number of robots, or for others, than those of these kinds."""
        if len(kinds) != len(self.robots):
            names, here = ", ".join(each.name for each in self.robots), len(kinds)
            raise InputError(
                f"scene {self.name!r} has {len(self.robots)} robots ({names}), and here {here} is simulated: `simon "
                "says` takes several"
            )
        for start, kind in zip(self.robots, kinds, strict=True):
            if start.robot not in ("", kind):
                raise InputError(f"scene {self.name!r} is for the robot {start.robot!r}, not for {kind!r}")

    def to_dict(self) -> dict[str, Any]:
        """The scene as plain data, in the layout of a scene file."""
        own = [list(map(asdict, self.robots)), list(map(asdict, self.props))]
        robots, props = json.loads(json.dumps(own, default=lambda number: number.item()))  # NumPy's become Python's
        start = {key: robots[0][key] for key in ("position", "yaw_deg")}
        return {
            **({"robots": robots} if self.robot_name else {"robot": start}),
            **({"viewer": {"position": list(self.viewer)}} if self.viewer else {}),
            "props": [
                {key: value for key, value in prop.items() if prop["path"] or key not in ("path", "speed")}
                for prop in props
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
        named.append(replace(prop, name=name))
    return tuple(named)


def finite(*values: float) -> bool:
    """Whether numbers are such as a scene may have: neither NaN nor infinite nor beyond all measure."""
    return all(-_MOST <= value <= _MOST for value in values)
