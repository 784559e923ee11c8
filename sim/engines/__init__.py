"""Physics engines by name: every module of this package registers what it has."""

from __future__ import annotations

from simonsays.assets.registry import Registry
from simonsays.sim.engines.base import Engine

ENGINES = Registry[type[Engine]]("engine", __name__)
DEFAULT = "bullet"


def register_engine(kind: type[Engine]) -> type[Engine]:
    """Make an engine known by its name."""
    ENGINES.register(kind.name, kind)
    return kind
