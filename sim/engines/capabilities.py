"""What engines can do, and how well."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple


class Support(StrEnum):
    """How well an engine does something."""

    EXACT = "exact"
    APPROXIMATE = "approximate"
    UNSUPPORTED = "unsupported"


class Capability(NamedTuple):
    """What an engine can do, and how well."""

    support: Support
    about: str


COMMON = {
    "determinism": Capability(Support.EXACT, "bit for bit, on one machine and version"),
    "props": Capability(Support.EXACT, "boxes, balls, pillars, cones; moved ones push as if nothing held them"),
    "slopes": Capability(Support.EXACT, "a plane"),
    "bumps": Capability(Support.EXACT, "a height field of 60 m by 60 m"),
    "self-collision": Capability(Support.EXACT, "all pairs of links but those that overlap when standing"),
}
"""what both engines can do alike"""
