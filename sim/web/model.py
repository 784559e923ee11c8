"""A scene as plain data for assets/web/scene.js: the robot's link tree, the ground, the props and the looks."""

from __future__ import annotations

import json
import math
from functools import cache
from typing import Any

import numpy as np

from simonsays.assets import InputError, did_you_mean, path
from simonsays.sim.rotations import quaternion_from_rpy
from simonsays.sim.specs import COLORS, GroundSpec, RobotSpec, SceneSpec
from simonsays.sim.web.meshes import packed
from simonsays.sim.web.robot_model import hex_color, robot_model


@cache
def looks() -> dict[str, dict[str, Any]]:
    """Colours and light by look, as assets/web/looks.json has them; do not change what is returned."""
    told: dict[str, dict[str, Any]] = json.loads(path("web", "looks.json").read_text(encoding="utf-8"))
    return told


def scene_model(robot: RobotSpec, scene: SceneSpec, look: str = "light") -> dict[str, Any]:
    """The scene as JSON-able data; m, rad, world frame, quaternions xyzw.

    Raises:
        InputError: there is no such look, or the robot's files cannot be read.
    """
    if look not in looks():
        raise InputError(f"no look {look!r}{did_you_mean(look, looks())}")
    x, y = scene.robot_position
    turned = quaternion_from_rpy(0.0, 0.0, math.radians(scene.robot_yaw_deg)).tolist()
    height = robot.base_height + scene.ground.gradient * x
    return {
        "robot": {**robot_model(robot), "base_pose": [x, y, height, *turned]},
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
        "pose": [x, y, z + scene.ground.gradient * x, *turned],
    }


_SHOWN = 121  # bumps a side that the browser draws: 15 m each way


def _heights(ground: GroundSpec) -> dict[str, Any] | None:
    """Heights of uneven ground around the origin, in 1/255 of the roughness; None where it is smooth."""
    if not ground.roughness:
        return None
    from simonsays.sim.world import BUMP_SPACING, bump_heights

    heights = bump_heights(ground)
    edge = (len(heights) - _SHOWN) // 2
    middle = heights[edge : edge + _SHOWN, edge : edge + _SHOWN]
    return {
        "count": _SHOWN,
        "spacing": BUMP_SPACING,
        "unit": ground.roughness / 255,
        "data": packed(np.rint(middle / ground.roughness * 255).astype(np.uint8)),
    }
