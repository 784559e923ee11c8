"""The scenes in which sentences are said, and what can be named there."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from simonsays.envs.language.instruction import ObjectRef
from simonsays.sim.specs import SHAPES


@cache
def scenes() -> Mapping[str, Mapping[str, Any]]:
    """The tables of ``scenes.toml``, by name."""
    return tomllib.loads(Path(__file__).with_name("scenes.toml").read_text(encoding="utf-8"))


@cache
def named_by_color(scene: str) -> tuple[ObjectRef, ...]:
    """Every prop of a scene, by its type and colour."""
    return tuple(ObjectRef(prop["shape"], prop["color"]) for prop in scenes()[scene]["props"])


@cache
def named_otherwise(scene: str) -> tuple[ObjectRef, ...]:
    """Some props of a scene, by what tells them from those alike."""
    props = scenes()[scene]["props"]
    found = [ObjectRef(prop["shape"], prop["color"], definite=False) for prop in props[::3]]
    for kind in SHAPES:
        alike = [prop for prop in props if prop["shape"] == kind]
        if len(alike) == 1:
            found.append(ObjectRef(kind))
        elif alike:
            found += _told_apart(kind, alike)
    return tuple(found)


def _told_apart(kind: str, alike: Sequence[Mapping[str, Any]]) -> list[ObjectRef]:
    found = [ObjectRef(kind, rank=rank) for rank in ("nearest", "farthest")]
    found.append(ObjectRef(kind, definite=False))
    across = [prop["position"][1] for prop in alike]
    sides = {"left": [y for y in across if y > 0], "right": [y for y in across if y < 0]}
    found += [ObjectRef(kind, location=side) for side, there in sides.items() if len(there) == 1]
    if all("size" in prop for prop in alike):
        found += [ObjectRef(kind, size=size) for size in ("big", "small")]
    return found
