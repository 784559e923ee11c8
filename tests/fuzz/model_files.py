"""Damaged models of robots, URDF and MJCF, and what makes robots of them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import damage
from hypothesis import strategies as st

from simonsays.sim.drafting.draft import draft
from simonsays.sim.robots import get_robot
from simonsays.sim.specs.urdf import read_urdf

G1 = get_robot("g1")
URDF = G1.urdf.read_text()
MJCF = (Path(__file__).resolve().parent.parent / "fixtures" / "humanoid.xml").read_text()


def _models(text: str) -> st.SearchStrategy[bytes]:
    bomb = "".join(f'<!ENTITY e{i} "{f"&e{i - 1};" * 10}">' for i in range(1, 10))
    whole = st.sampled_from(
        [
            "<robot>" + "<link>" * damage.DEEP + "</link>" * damage.DEEP + "</robot>",
            "<mujoco><worldbody>" + "<body>" * damage.DEEP + "</body>" * damage.DEEP + "</worldbody></mujoco>",
            f'<!DOCTYPE robot [<!ENTITY e0 "x">{bomb}]><robot name="&e9;"/>',
        ]
    )
    texts = damage.texts(text) | damage.texts(text) | damage.texts(text) | whole
    return texts.map(lambda each: each.encode(errors="replace")) | damage.spoiled(text.encode())


def urdfs() -> st.SearchStrategy[bytes]:
    """The G1's."""
    return _models(URDF)


def mjcfs() -> st.SearchStrategy[bytes]:
    """A small humanoid's."""
    return _models(MJCF)


def read(folder: Path, data: bytes) -> None:
    """As every robot's is: read, and checked with its spec."""
    _with_meshes(folder).write_bytes(data)
    urdf = read_urdf(folder / "a.urdf")
    urdf.chain(urdf.root.name, urdf.links[-1].name)
    replace(G1, urdf=folder / "a.urdf").validate()


def draft_urdf(folder: Path, data: bytes) -> None:
    """As a robot of a stranger's URDF is made."""
    _drafted(_with_meshes(folder), data)


def _with_meshes(folder: Path) -> Path:
    """A URDF's file, the G1's meshes beside it."""
    if not (folder / "meshes").exists():
        (folder / "meshes").symlink_to(G1.urdf.parent / "meshes")
    return folder / "a.urdf"


def draft_mjcf(folder: Path, data: bytes) -> None:
    """As a robot of a stranger's MJCF is made."""
    _drafted(folder / "a.xml", data)


def _drafted(file: Path, data: bytes) -> None:
    file.write_bytes(data)
    (file.parent / "drafted").mkdir(exist_ok=True)
    draft(file, file.parent / "drafted", "drafted").spec.validate()
