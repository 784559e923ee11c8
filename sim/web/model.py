"""A robot and a scene as plain data for assets/web/scene.js: the link tree, the ground, the props and the looks."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from simonsays.assets import InputError, did_you_mean, path
from simonsays.sim.meshes import read_mesh
from simonsays.sim.meshes.mesh import MOST_TRIANGLES
from simonsays.sim.rotations import quaternion_from_rpy
from simonsays.sim.shapes import BUMP_SPACING, bump_heights, prop_mesh
from simonsays.sim.specs import COLORS, GroundSpec, PropSpec, RobotSpec, SceneSpec
from simonsays.sim.specs.urdf import Joint, Shape, Urdf, Vector, read_urdf
from simonsays.sim.web.meshes import packed, packed_mesh, quantised

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
    urdf, meshes, colors = read_urdf(robot.urdf), dict[tuple[str, Vector], int](), dict[str, tuple[float, ...]]()
    places = {joint.name: i for i, joint in enumerate(robot.joints)}
    order = _parents_first(urdf)
    links = [
        {
            "name": name,
            **_joint(urdf.above.get(name), order, places),
            "visuals": [_visual(visual, meshes, colors) for visual in urdf.link(name).visuals],
        }
        for name in order
    ]
    return {
        "name": robot.name,
        "title": robot.title,
        "joints": list(places),
        "links": links,
        "meshes": _packed(robot.urdf.parent, list(meshes)),
        "materials": {name: hex_color(color) for name, color in colors.items()},
        "base_pose": [0.0, 0.0, robot.base_height, 0.0, 0.0, 0.0, 1.0],
        "default_joints": [joint.default for joint in robot.joints],
    }


def _packed(folder: Path, meshes: list[tuple[str, Vector]]) -> list[dict[str, Any]]:
    """The meshes, thinned alike where they have too many triangles together."""
    total = sum(len(read_mesh(folder / file).triangles) for file, _ in meshes)
    share = min(1.0, MOST_TRIANGLES / max(total, 1))
    most = [math.ceil(share * len(read_mesh(folder / file).triangles)) for file, _ in meshes]
    return [packed_mesh(folder / file, np.array(scale), n) for (file, scale), n in zip(meshes, most, strict=True)]


def _parents_first(urdf: Urdf) -> list[str]:
    order: list[str] = []

    def add(name: str) -> None:
        if name not in order:
            if name in urdf.above:
                add(urdf.above[name].parent)
            order.append(name)

    for link in urdf.links:
        add(link.name)
    return order


def _joint(joint: Joint | None, order: list[str], places: dict[str, int]) -> dict[str, Any]:
    if joint is None:
        return {"parent": -1, "joint": -1, "kind": "fixed", "origin": [0, 0, 0, 0, 0, 0, 1], "axis": [1, 0, 0]}
    return {
        "parent": order.index(joint.parent),
        "joint": places.get(joint.name, -1),
        "kind": joint.kind,
        "origin": _origin(joint),
        "axis": list(joint.axis),
    }


def _origin(placed: Joint | Shape) -> list[float]:
    return [*placed.origin.xyz, *quaternion_from_rpy(*placed.origin.rpy).round(7).tolist()]


def _visual(
    visual: Shape, meshes: dict[tuple[str, Vector], int], colors: dict[str, tuple[float, ...]]
) -> dict[str, Any]:
    """A visual; the mesh (file and scale, with its place) and the colour that it names are added to the others."""
    color = visual.color or _PLAIN
    name = visual.material or hex_color(color)
    colors.setdefault(name, color)
    made: dict[str, Any] = {"origin": _origin(visual), "material": name}
    if visual.kind == "mesh":
        return {**made, "mesh": meshes.setdefault((visual.mesh, visual.scale), len(meshes))}
    if visual.kind == "box":
        return {**made, "shape": "box", "size": list(visual.size)}
    wide, length = 2 * visual.size[0], visual.size[-1]
    kind, height = {
        "sphere": ("ball", wide),
        "cylinder": ("pillar", length),
        "capsule": ("capsule", length + wide),
    }[visual.kind]
    return {**made, "shape": kind, "size": [wide, wide, height]}


@cache
def looks() -> dict[str, dict[str, Any]]:
    """Colours and light by look, as assets/web/looks.json has them; do not change what is returned."""
    return dict(json.loads(path("web", "looks.json").read_text(encoding="utf-8")))


def scene_model(
    robot: RobotSpec, scene: SceneSpec, look: str = "light", others: Sequence[RobotSpec] = ()
) -> dict[str, Any]:
    """The scene as JSON-able data; m, rad, world frame, quaternions xyzw. ``others``: the robots beside the first.

    Raises:
        InputError: there is no such look, or the robot's files cannot be read.
    """
    if look not in looks():
        raise InputError(f"no look {look!r}{did_you_mean(look, looks())}")
    x, y = scene.robot_position
    turned = quaternion_from_rpy(0.0, 0.0, math.radians(scene.robot_yaw_deg)).tolist()
    return {
        "robot": {**robot_model(robot), "base_pose": [x, y, robot.base_height + scene.ground.gradient * x, *turned]},
        "others": [robot_model(other) for other in others],
        "ground": {"slope_deg": scene.ground.slope_deg, "heights": _heights(scene.ground)},
        "props": [_prop(scene, i) for i in range(len(scene.props))],
        "looks": looks(),
        "look": look,
    }


def _prop(scene: SceneSpec, place: int) -> dict[str, Any]:
    prop = scene.props[place]
    x, y, z = prop.centre
    turned = quaternion_from_rpy(0.0, 0.0, math.radians(prop.yaw_deg)).tolist()
    return {
        "name": prop.name,
        "shape": prop.shape,
        "color": hex_color(COLORS[prop.color]),
        "size": list(prop.extents),
        "mesh": _mesh(prop),
        "pose": [x, y, z + scene.ground.gradient * x, *turned],
    }


@lru_cache(maxsize=64)
def _mesh(prop: PropSpec) -> dict[str, Any]:
    made = prop_mesh(prop)
    return quantised(np.array(made["vertices"]), np.array(made["normals"]), np.array(made["indices"]).reshape(-1, 3))


_SHOWN = 121  # bumps a side that the browser draws: 15 m each way


def _heights(ground: GroundSpec) -> dict[str, Any] | None:
    """Heights of uneven ground around the origin, in 1/255 of the roughness; None where it is smooth."""
    if not ground.roughness:
        return None
    heights = bump_heights(ground)
    edge = (len(heights) - _SHOWN) // 2
    middle = heights[edge : edge + _SHOWN, edge : edge + _SHOWN]
    return {
        "count": _SHOWN,
        "spacing": BUMP_SPACING,
        "unit": ground.roughness / 255,
        "data": packed(np.rint(middle / ground.roughness * 255).astype(np.uint8)),
    }
