"""COLLADA 1.4: the triangles of a scene, its nodes placed, in m.

``up_axis`` is passed over, as rviz and MoveIt do: exporters write Y_UP whatever is up in the robot's frame.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree as ET

import numpy as np

from simonsays.assets.reading import parse_xml, read_bytes
from simonsays.sim.kinematics import turns
from simonsays.sim.meshes.mesh import MOST, Faces, Mesh, creased
from simonsays.sim.state import Array

_KINDS = ("triangles", "polylist", "polygons", "tristrips", "trifans")
_DEEPEST = 64  # nodes within nodes: one that instances itself has no end


def read(file: Path) -> Mesh:
    """All geometries that the scene shows; without a scene all that there are.

    Raises:
        ValueError, KeyError, IndexError: it is no COLLADA, or names what is not there.
    """
    root = parse_xml(read_bytes(file, MOST))
    for element in root.iter():
        element.tag = element.tag.rpartition("}")[2]  # of its namespace
    by_id = {f"#{element.get('id')}": element for element in root.iter() if element.get("id")}
    unit = root.find("asset/unit")
    scale = 1.0 if unit is None else float(unit.get("meter", "1"))
    shown = root.find("scene/instance_visual_scene")
    scene = None if shown is None else by_id[shown.get("url", "")]
    if scene is None:
        parts = [(np.eye(4), geometry) for geometry in root.iter("geometry")]
    else:
        parts = [part for node in scene.findall("node") for part in _placed(node, np.eye(4), by_id, 0)]
    points, triangles, count = [np.empty((0, 3))], [np.empty((0, 3), dtype=np.int64)], 0
    for placed, geometry in parts:
        for own, faces in _surfaces(geometry, by_id):
            turned = faces[:, ::-1] if np.linalg.det(placed[:3, :3]) < 0 else faces
            points.append(scale * (own @ placed[:3, :3].T + placed[:3, 3]))
            triangles.append(turned + count)
            count += len(own)
    return creased(np.concatenate(points), np.concatenate(triangles))


def _placed(
    node: ET.Element, above: Array, by_id: dict[str, ET.Element], depth: int
) -> Iterator[tuple[Array, ET.Element]]:
    """Geometries of a node and of those within it, each with its (4, 4) place."""
    if depth > _DEEPEST:
        raise ValueError("its nodes are nested without an end")
    here = above
    for element in node:
        here = here @ _transform(element)
    for instance in node.findall("instance_geometry"):
        yield here, by_id[instance.get("url", "")]
    for instance in node.findall("instance_node"):
        yield from _placed(by_id[instance.get("url", "")], here, by_id, depth + 1)
    for child in node.findall("node"):
        yield from _placed(child, here, by_id, depth + 1)


def _transform(element: ET.Element) -> Array:
    """(4, 4) of an element of a node; what is no transform changes nothing."""
    made = np.eye(4)
    if element.tag not in ("matrix", "translate", "scale", "rotate"):
        return made
    numbers = np.array((element.text or "").split(), dtype=float)
    if element.tag == "matrix":
        return numbers.reshape(4, 4)
    if element.tag == "translate":
        made[:3, 3] = numbers
    elif element.tag == "scale":
        made[:3, :3] = np.diag(numbers)
    else:
        made[:3, :3] = turns(numbers[:3].tolist(), np.array([math.radians(numbers[3])]))[0]
    return made


def _surfaces(geometry: ET.Element, by_id: dict[str, ET.Element]) -> Iterator[tuple[Array, Faces]]:
    """Points (P, 3) and triangles (F, 3) of each part of a geometry."""
    for part in (each for mesh in geometry.findall("mesh") for each in mesh if each.tag in _KINDS):
        inputs = {each.get("semantic"): each for each in part.findall("input")}
        stride = 1 + max(int(each.get("offset", "0")) for each in inputs.values())
        at, vertices = int(inputs["VERTEX"].get("offset", "0")), by_id[inputs["VERTEX"].get("source", "")]
        position = next(each for each in vertices.findall("input") if each.get("semantic") == "POSITION")
        floats = by_id[position.get("source", "")].findtext("float_array") or ""
        points = np.array(floats.split(), dtype=float).reshape(-1, 3)
        lists = [np.array((p.text or "").split(), dtype=np.int64)[at::stride] for p in part.findall("p")]
        faces = _triangles(part, lists)
        if len(faces) and not 0 <= faces.min() <= faces.max() < len(points):
            raise ValueError(f"a face names a vertex that is not among its {len(points)}")
        yield points, faces


def _triangles(part: ET.Element, lists: list[Faces]) -> Faces:
    """(F, 3) places of points; polygons become fans."""
    if part.tag == "triangles":
        return np.concatenate([np.empty(0, dtype=np.int64), *lists]).reshape(-1, 3)
    if part.tag == "polylist":
        sizes = np.array((part.findtext("vcount") or "").split(), dtype=np.int64)
        lists = np.split(lists[0], np.cumsum(sizes)[:-1]) if lists else []
    found: list[tuple[int, int, int]] = []
    for corners in (each.tolist() for each in lists):
        for i in range(len(corners) - 2):
            first = corners[0] if part.tag != "tristrips" else corners[i]
            pair = (corners[i + 1], corners[i + 2])
            found.append((first, *(pair[::-1] if part.tag == "tristrips" and i % 2 else pair)))
    return np.array(found, dtype=np.int64).reshape(-1, 3)
