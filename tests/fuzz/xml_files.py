"""Damaged URDFs, and what reads them."""

from __future__ import annotations

import re
from pathlib import Path

import damage
from hypothesis import strategies as st

from simonsays.sim.robots import get_robot
from simonsays.sim.specs.urdf import read_urdf

TEXT = get_robot("g1").urdf.read_text()
_VALUE = re.compile(r'"([^"]*)"')
_OTHERS = [
    "nan",
    "inf",
    "-1",
    "0",
    "3,813",
    "1e400",
    "${m}",
    "",
    "1 2",
    "1 2 3",
    "9" * 5000,
    "ü",
    "pelvis",
    "fixed",
    "&lt;",
]


@st.composite
def urdfs(draw: st.DrawFn) -> bytes:
    """The G1's, with other values, elements that are gone or doubled, other bytes, or elements within each other."""
    text = TEXT
    how = draw(st.sampled_from(["value", "value", "value", "element", "bytes", "deep", "bomb"]))
    if how == "deep":
        return ("<robot>" + "<link>" * damage.DEEP + "</link>" * damage.DEEP + "</robot>").encode()
    if how == "bomb":
        entities = "".join(f'<!ENTITY e{i} "{f"&e{i - 1};" * 10}">' for i in range(1, 10))
        return f'<!DOCTYPE robot [<!ENTITY e0 "x">{entities}]><robot name="&e9;"/>'.encode()
    if how == "bytes":
        return draw(damage.spoiled(text.encode()))
    for _ in range(draw(st.integers(1, 3))):
        if how == "value":
            found = draw(st.sampled_from(list(_VALUE.finditer(text))))
            text = f"{text[: found.start(1)]}{draw(st.sampled_from(_OTHERS))}{text[found.end(1) :]}"
        else:
            lines = text.split("\n")
            place = draw(st.integers(0, len(lines) - 1))
            lines[place : place + 1] = draw(st.sampled_from([[], [lines[place]] * 2, ["<x>"], ["<limit/>"]]))
            text = "\n".join(lines)
    return text.encode()


def read(folder: Path, data: bytes) -> None:
    """As every robot is."""
    (folder / "a.urdf").write_bytes(data)
    urdf = read_urdf(folder / "a.urdf")
    urdf.chain(urdf.root.name, urdf.links[-1].name)
