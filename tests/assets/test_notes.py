"""Notes on fields reach help(), whatever kind of class they stand in."""

from __future__ import annotations

import ast
import importlib
import pydoc
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import is_dataclass
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import pytest
from pydantic import BaseModel

import simonsays
from simonsays.assets.notes import Documented, dataclass, documented, field_notes

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = ("sim", "envs", "agents", "experiments", "assets")


@dataclass(frozen=True)
class Size:
    """How large a thing is."""

    width: float
    """m, from side
    to side"""
    name: str = ""


@dataclass(frozen=True, slots=True)
class Box(Size):
    height: float = 1.0
    """m"""


@documented
class Place(NamedTuple):
    x: float
    """m, east"""


class Model(Documented, BaseModel):
    """Checked."""

    mass: float = 1.0
    """kg"""


def test_notes_stand_below_the_docstring() -> None:
    assert Size.__doc__ == "How large a thing is.\n\nwidth: m, from side to side" == Size(1.0).__doc__
    assert "width: m, from side to side\nheight: m" in (Box.__doc__ or "") and Box(2.0).height == 1.0
    assert "x: m, east" in pydoc.render_doc(Place) and field_notes(Size) == {"width": "m, from side to side"}

    assert Model.__doc__ == "Checked.\n\nmass: kg" and Model(mass=2).mass == 2 and "mass: kg" in pydoc.render_doc(Model)

    class Own(Size):
        """Another's."""

    assert Own.__doc__ == "Another's."


@pytest.mark.parametrize("flags", [[], ["-OO"]])
def test_what_has_no_source_keeps_its_docstring(flags: list[str]) -> None:
    code = (
        "from simonsays.assets.notes import dataclass\n"
        "@dataclass\nclass A:\n    '''What.'''\n    x: int = 0\n    '''m'''\n"
        "from simonsays.sim.specs import RobotSpec\n"
        "print(A.__doc__); print('base above the ground' in RobotSpec.__doc__)"
    )
    done = subprocess.run([sys.executable, *flags, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split("\n")[:2] == ["What." if not flags else "A(x: int = 0)", "True"]


def _noted() -> Iterator[tuple[str, str, list[str]]]:
    """Module, class and fields, wherever a note stands beneath a field."""
    for file in sorted(path for folder in FOLDERS for path in (ROOT / folder).rglob("*.py")):
        for node in ast.parse(file.read_text()).body:
            body = node.body if isinstance(node, ast.ClassDef) else []
            fields = [
                field.target.id
                for field, note in pairwise(body)
                if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name)
                if isinstance(note, ast.Expr) and isinstance(note.value, ast.Constant)
            ]
            if isinstance(node, ast.ClassDef) and fields:
                yield ".".join(("simonsays", *file.relative_to(ROOT).with_suffix("").parts)), node.name, fields


@pytest.mark.parametrize(("module", "name", "fields"), list(_noted()), ids=lambda value: str(value)[:60])
def test_every_note_reaches_help(module: str, name: str, fields: list[str]) -> None:
    if module.startswith("simonsays.agents"):
        pytest.importorskip("torch")
    cls = getattr(importlib.import_module(module), name)
    if not (is_dataclass(cls) or issubclass(cls, tuple | BaseModel)):
        return
    said = pydoc.getdoc(cls)
    missing = [field for field in fields if f"{field}: " not in said]
    assert not missing, f"{cls}: use the dataclass of simonsays.assets.notes, or its `documented`"


def test_help_of_the_facade() -> None:
    assert "joint_torques: (T, J) N m" in pydoc.render_doc(simonsays.Recording)
