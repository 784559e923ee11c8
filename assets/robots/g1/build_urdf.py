"""Write ``g1.urdf`` from ``figures.json`` (published figures), ``shapes.toml`` and the meshes beside it.

Run ``python assets/robots/g1/build_urdf.py`` after changing the figures, the collision shapes or the meshes.
The file that is loaded is the committed URDF: nothing is generated at run time.
"""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

FOLDER = Path(__file__).resolve().parent


def _text(values: Any) -> str:
    return " ".join(f"{value:.10g}" for value in values)


def _origin(parent: ET.Element, xyz: Any, rpy: Any) -> None:
    ET.SubElement(parent, "origin", xyz=_text(xyz), rpy=_text(rpy))


def _add_link(robot: ET.Element, link: dict[str, Any], shape: dict[str, Any] | None) -> None:
    element = ET.SubElement(robot, "link", name=link["name"])
    inertial = ET.SubElement(element, "inertial")
    _origin(inertial, link["com"], link["com_rpy"])
    ET.SubElement(inertial, "mass", value=f"{link['mass']:.10g}")
    ET.SubElement(inertial, "inertia", {key: f"{value:.10g}" for key, value in link["inertia"].items()})
    for mesh in sorted((FOLDER / "meshes").glob(f"{link['name']}.*.obj")):
        visual = ET.SubElement(element, "visual")
        _origin(visual, (0, 0, 0), (0, 0, 0))
        ET.SubElement(ET.SubElement(visual, "geometry"), "mesh", filename=f"meshes/{mesh.name}")
        ET.SubElement(visual, "material", name=mesh.name.split(".")[1])
    if shape is not None:
        collision = ET.SubElement(element, "collision")
        _origin(collision, shape["xyz"], shape.get("rpy", (0.0, 0.0, 0.0)))
        kind, size = shape["kind"], shape["size"]
        said = {"box": {"size": size}, "sphere": {"radius": size}}.get(kind, {"radius": size[:1], "length": size[1:]})
        figures = {name: _text(numbers) for name, numbers in said.items()}
        ET.SubElement(ET.SubElement(collision, "geometry"), kind, figures)
    # Bullet multiplies the friction of the two bodies: 1 here makes the ground's figure the pair's.
    ET.SubElement(ET.SubElement(element, "contact"), "lateral_friction", value="1.0")


def _add_joint(robot: ET.Element, joint: dict[str, Any]) -> None:
    element = ET.SubElement(robot, "joint", name=joint["name"], type=joint["type"])
    ET.SubElement(element, "parent", link=joint["parent"])
    ET.SubElement(element, "child", link=joint["child"])
    _origin(element, joint["xyz"], joint["rpy"])
    if joint["type"] == "fixed":
        return
    ET.SubElement(element, "axis", xyz=_text(joint["axis"]))
    ET.SubElement(element, "limit", {key: f"{joint[key]:.10g}" for key in ("lower", "upper", "effort", "velocity")})


def build() -> ET.ElementTree[ET.Element]:
    """The URDF as an XML tree."""
    figures = json.loads((FOLDER / "figures.json").read_text(encoding="utf-8"))
    shapes = tomllib.loads((FOLDER / "shapes.toml").read_text(encoding="utf-8"))
    limbs, collisions = shapes["collisions"]["limbs"], shapes["collisions"]["body"]
    collisions |= {f"{side}_{link}": shape for side in ("left", "right") for link, shape in limbs.items()}
    robot = ET.Element("robot", name="g1")
    for name, rgba in shapes["materials"].items():
        ET.SubElement(ET.SubElement(robot, "material", name=name), "color", rgba=rgba)
    for link in figures["links"]:
        _add_link(robot, link, collisions.get(link["name"]))
    for joint in figures["joints"]:
        _add_joint(robot, joint)
    ET.indent(robot)
    return ET.ElementTree(robot)


if __name__ == "__main__":
    build().write(FOLDER / "g1.urdf", encoding="utf-8", xml_declaration=True)
