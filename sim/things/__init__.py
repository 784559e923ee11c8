"""Things of several parts, by the name of their shape: every module of this package registers one.

A thing is told as plain solids in its own frame: its origin in the middle of its extents, x where it faces, z up.
Engines touch these solids and pictures draw them, so that what is seen is what is bumped into.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from simonsays.assets.notes import dataclass
from simonsays.assets.registry import Registry

Extents = tuple[float, float, float]
SOLIDS = ("ball", "box", "cone", "pillar", "wedge")
"""kinds of parts; a wedge rises along x, a pillar stands upright"""
_OVERHEAD = 1.5
"""m: what begins higher than this leaves room for a robot below it"""


@dataclass(frozen=True)
class Part:
    """A solid of a thing."""

    kind: str
    """one of SOLIDS"""
    size: Extents
    """m, full extents along x, y, z"""
    centre: Extents = (0.0, 0.0, 0.0)
    """m, from the middle of the thing"""


@dataclass(frozen=True)
class Thing:
    """A shape of props that is made of parts."""

    name: str
    size: Extents
    """m, where a scene says nothing: full extents along x, y, z"""
    parts: Callable[[float, float, float], Sequence[Part]]
    """its parts, of extents x, y, z (m)"""
    color: str = "grey"
    """where a description says none"""
    mass: float = 0.0
    """kg, where a scene says nothing; 0: nothing moves it"""
    gate: bool = False
    """a way leads through it along x, between its first two parts"""
    touched: int = 0
    """place of the part that a hand goes to"""
    walks: bool = False
    """it faces where its path leads"""
    rises: bool = False
    """it rises along x: who comes to it comes to its low end"""


THINGS: Registry[Thing] = Registry("shape", __name__)


def register_thing(thing: Thing) -> Thing:
    """Make a shape of several parts known by its name."""
    return THINGS.register(thing.name, thing)


def block(low: Extents, high: Extents, kind: str = "box") -> Part:
    """A part between two corners (m, the thing's frame)."""
    x, y, z = ((a + b) / 2 for a, b in zip(low, high, strict=True))
    a, b, c = (b - a for a, b in zip(low, high, strict=True))
    return Part(kind, (a, b, c), (x, y, z))


def posts(x: float, y: float, z: float, wide: float, bar: float) -> tuple[Part, ...]:
    """Two posts ``wide`` m wide at the ends of y, and what joins them on top, ``bar`` m high."""
    a, b, c = x / 2, y / 2, z / 2
    return (
        block((-a, b - wide, -c), (a, b, c)),
        block((-a, -b, -c), (a, wide - b, c)),
        block((-a, wide - b, c - bar), (a, b - wide, c)),
    )


def stands_in_the_way(part: Part, height: float) -> bool:
    """Whether a part of a thing of that height (m) begins low enough to be bumped into by one who walks."""
    return part.centre[2] - part.size[2] / 2 + height / 2 < _OVERHEAD
