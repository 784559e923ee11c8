"""Write ``ROBOT/ROBOT.urdf`` from ``figures.json`` (published figures), ``shapes.toml`` and the meshes beside it.

Run ``python assets/robots/build_urdf.py ROBOT`` after changing the figures, the collision shapes or the meshes.
``shapes.toml`` may name another robot, ``like``, whose shapes and meshes count where it has none of its own, and
``[frames]``: links without a mass that are fixed to others; ``[meshes]``: another link's, there.
The file that is loaded is the committed URDF: nothing is generated at run time.
"""

from __future__ import annotations

import json
import sys
import tomllib
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

ROBOTS = Path(__file__).resolve().parent


def _text(values: Any) -> str:
    return " ".join(f"{value:.10g}" for value in values)


def _origin(parent: ET.Element, xyz: Any, rpy: Any) -> None:
    ET.SubElement(parent, "origin", xyz=_text(xyz), rpy=_text(rpy))


def _meshes(robot: str, like: str, link: str) -> list[tuple[str, str]]:
    """File as the URDF names it, and material, of each mesh of a link."""
    for folder, named in ((robot, "meshes"), (like, f"../{like}/meshes")):
        found = sorted((ROBOTS / folder / "meshes").glob(f"{link}.*.obj"))
        if found:
            return [(f"{named}/{mesh.name}", mesh.name.split(".")[1]) for mesh in found]
    return []


def _add_link(robot: ET.Element, link: dict[str, Any], told: dict[str, Any]) -> None:
    name = link["name"]
    element, shape = ET.SubElement(robot, "link", name=name), told["collisions"].get(name)
    if "mass" in link:
        inertial = ET.SubElement(element, "inertial")
        _origin(inertial, link["com"], link["com_rpy"])
        ET.SubElement(inertial, "mass", value=f"{link['mass']:.10g}")
        ET.SubElement(inertial, "inertia", {key: f"{value:.10g}" for key, value in link["inertia"].items()})
    of, place = told["meshes"].get(name, (name, (0, 0, 0)))
    for mesh, material in _meshes(robot.get("name", ""), told["like"], of):
        visual = ET.SubElement(element, "visual")
        _origin(visual, place, (0, 0, 0))
        ET.SubElement(ET.SubElement(visual, "geometry"), "mesh", filename=mesh)
        ET.SubElement(visual, "material", name=material)
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


def _sided(told: dict[str, Any]) -> dict[str, Any]:
    """What is told of the body's links and of the limbs' left ones, of both sides."""
    sides = {f"{side}_{link}": _of(side, each) for side in ("left", "right") for link, each in told["limbs"].items()}
    return {**told.get("body", {}), **sides}


def _of(side: str, told: dict[str, Any]) -> dict[str, Any]:
    """The mirror image of what is told of the left side; links are named without their side."""
    mirrored = dict(told)
    if side == "right" and "xyz" in told:
        x, y, z = told["xyz"]
        mirrored["xyz"] = [x, 0.0 - y, z]
    return {key: f"{side}_{value}" if key in ("on", "of") else value for key, value in mirrored.items()}


def _told(robot: str) -> dict[str, Any]:
    """The shapes of a robot, by link: ``like``, ``materials``, ``collisions``, ``meshes`` and ``frames``."""
    own = tomllib.loads((ROBOTS / robot / "shapes.toml").read_text(encoding="utf-8"))
    base = _told(own["like"]) if "like" in own else {"materials": {}, "collisions": {}}
    collisions = _sided(own["collisions"]) if "collisions" in own else {}
    none: dict[str, Any] = {"limbs": {}}
    return {
        "like": own.get("like", robot),
        "materials": {**base["materials"], **own.get("materials", {})},
        "collisions": {**base["collisions"], **collisions},
        "meshes": {name: (each["of"], each["xyz"]) for name, each in _sided(own.get("meshes", none)).items()},
        "frames": _sided(own.get("frames", none)),
    }


def build(name: str) -> ET.ElementTree[ET.Element]:
    """The URDF of a robot, a folder beside this file, as an XML tree."""
    figures, told = json.loads((ROBOTS / name / "figures.json").read_text(encoding="utf-8")), _told(name)
    robot = ET.Element("robot", name=name)
    for material, rgba in told["materials"].items():
        ET.SubElement(ET.SubElement(robot, "material", name=material), "color", rgba=rgba)
    for link in (*figures["links"], *({"name": frame} for frame in told["frames"])):
        _add_link(robot, link, told)
    for joint in figures["joints"]:
        _add_joint(robot, joint)
    for frame, each in told["frames"].items():
        joint = {"name": frame.replace("_link", "_joint"), "type": "fixed", "parent": each["on"], "child": frame}
        _add_joint(robot, {**joint, "xyz": each["xyz"], "rpy": (0.0, 0.0, 0.0)})
    ET.indent(robot)
    return ET.ElementTree(robot)


if __name__ == "__main__":
    build(sys.argv[1]).write(ROBOTS / sys.argv[1] / f"{sys.argv[1]}.urdf", encoding="utf-8", xml_declaration=True)
