"""A robot's link tree, from its URDF, as data for the browser."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import numpy as np

from simonsays.assets import InputError
from simonsays.sim.rotations import quaternion_from_rpy
from simonsays.sim.specs import RobotSpec
from simonsays.sim.state import Array
from simonsays.sim.web.meshes import packed_mesh

_PLAIN = (0.75, 0.77, 0.79)  # of a visual without a colour


def hex_color(rgb: tuple[float, ...]) -> str:
    """``#rrggbb`` of a colour (3 or more numbers, 0 to 1)."""
    return "#" + "".join(f"{round(255 * min(max(part, 0.0), 1.0)):02x}" for part in rgb[:3])


@lru_cache(maxsize=8)
def robot_model(robot: RobotSpec) -> dict[str, Any]:
    """Links (parents before children), their visuals, meshes and colours; do not change what is returned.

    A link's ``origin`` is [x, y, z, qx, qy, qz, qw] in its parent's frame with its joint at zero; ``joint`` is the
    place of that joint in the order of ``robot.joints``, -1 for a fixed one.

    Raises:
        InputError: the URDF lacks a name of the spec, or a mesh cannot be read.
    """
    robot.validate()
    root = ET.parse(robot.urdf).getroot()
    places = {joint.name: i for i, joint in enumerate(robot.joints)}
    above = {_end(joint, "child"): joint for joint in root.findall("joint")}
    reader = _VisualReader(robot.urdf, root)
    order = _parents_first([link.get("name", "") for link in root.findall("link")], above)
    visuals = {link.get("name", ""): link.findall("visual") for link in root.findall("link")}
    links = [
        {
            "name": name,
            **_joint(above.get(name), order, places),
            "visuals": [reader.read(visual) for visual in visuals[name]],
        }
        for name in order
    ]
    return {
        "name": robot.name,
        "title": robot.title,
        "joints": list(places),
        "links": links,
        "meshes": reader.meshes,
        "materials": {name: hex_color(color) for name, color in reader.colors.items()},
        "base_pose": [0.0, 0.0, robot.base_height, 0.0, 0.0, 0.0, 1.0],
        "default_joints": [joint.default for joint in robot.joints],
    }


def _end(joint: ET.Element, which: str) -> str:
    element = joint.find(which)
    return "" if element is None else element.get("link", "")


def _parents_first(names: list[str], above: dict[str, ET.Element]) -> list[str]:
    order: list[str] = []

    def add(name: str) -> None:
        if name not in order:
            if name in above:
                add(_end(above[name], "parent"))
            order.append(name)

    for name in names:
        add(name)
    return order


def _joint(joint: ET.Element | None, order: list[str], places: dict[str, int]) -> dict[str, Any]:
    if joint is None:
        return {"parent": -1, "joint": -1, "kind": "fixed", "origin": [0, 0, 0, 0, 0, 0, 1], "axis": [1, 0, 0]}
    axis = joint.find("axis")
    return {
        "parent": order.index(_end(joint, "parent")),
        "joint": places.get(joint.get("name", ""), -1),
        "kind": joint.get("type", "fixed"),
        "origin": _origin(joint),
        "axis": _numbers(None if axis is None else axis.get("xyz"), [1.0, 0.0, 0.0]).tolist(),
    }


def _numbers(text: str | None, otherwise: list[float]) -> Array:
    return np.array([float(word) for word in text.split()] if text else otherwise)


def _origin(element: ET.Element) -> list[float]:
    origin = element.find("origin")
    place = _numbers(None if origin is None else origin.get("xyz"), [0.0] * 3)
    roll, pitch, yaw = _numbers(None if origin is None else origin.get("rpy"), [0.0] * 3).tolist()
    return [*place.tolist(), *quaternion_from_rpy(roll, pitch, yaw).round(7).tolist()]


class _VisualReader:
    """Reads visuals; collects the meshes and colours that they name."""

    def __init__(self, urdf: Path, root: ET.Element) -> None:
        self._urdf = urdf
        self._named = {m.get("name", ""): color for m in root.findall("material") if (color := _rgba(m))}
        self._files: dict[tuple[str, str], int] = {}
        self.meshes: list[dict[str, Any]] = []
        self.colors: dict[str, tuple[float, ...]] = {}

    def read(self, visual: ET.Element) -> dict[str, Any]:
        shape = next(iter(visual.find("geometry") or []), None)  # type: ignore[call-overload]
        if shape is None:
            raise InputError(f"{self._urdf}: a <visual> without a geometry")
        return {"origin": _origin(visual), "material": self._material(visual), **self._shape(shape)}

    def _material(self, visual: ET.Element) -> str:
        material = visual.find("material")
        name = "" if material is None else material.get("name", "")
        color = (None if material is None else _rgba(material)) or self._named.get(name, _PLAIN)
        name = name or hex_color(color)
        self.colors.setdefault(name, color)
        return name

    def _shape(self, shape: ET.Element) -> dict[str, Any]:
        if shape.tag == "mesh":
            return {"mesh": self._mesh(shape.get("filename", ""), shape.get("scale", "1 1 1"))}
        if shape.tag == "box":
            return {"shape": "box", "size": _numbers(shape.get("size"), [0.1] * 3).tolist()}
        wide, length = 2 * float(shape.get("radius", 0.05)), float(shape.get("length", 0.0))
        if shape.tag == "sphere":
            return {"shape": "ball", "size": [wide] * 3}
        if shape.tag == "cylinder":
            return {"shape": "pillar", "size": [wide, wide, length]}
        if shape.tag == "capsule":
            return {"shape": "capsule", "size": [wide, wide, length + wide]}
        raise InputError(f"{self._urdf}: a <visual> with the geometry <{shape.tag}>, which nothing draws")

    def _mesh(self, file: str, scale: str) -> int:
        key = (file, scale)
        if key not in self._files:
            self._files[key] = len(self.meshes)
            self.meshes.append(packed_mesh(self._urdf.parent / file, _numbers(scale, [1.0] * 3)))
        return self._files[key]


def _rgba(material: ET.Element) -> tuple[float, ...] | None:
    color = material.find("color")
    return None if color is None else tuple(_numbers(color.get("rgba"), [*_PLAIN, 1.0]).tolist())
