"""The scene as it is now: what an instruction is grounded in while the robot is under way."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

from simonsays.envs.env import HumanoidEnv
from simonsays.sim.specs import PropSpec, SceneSpec


def scene_now(env: HumanoidEnv, start: tuple[float, float] | None = None) -> SceneSpec:
    """The env's scene with the robot and the props where they are now.

    ``start``: (x, y) m, world, a place that counts as the robot's, for an instruction that begins by going there.
    """
    world, scene = env.world, env.world.scene
    positions, orientations = world.prop_poses()
    x, y, _ = env.reading.base_position
    props = tuple(
        _moved(prop, position, orientation, world.ground_height(position[0]))
        for prop, position, orientation in zip(scene.props, positions.tolist(), orientations.tolist(), strict=True)
    )
    place = (x, y) if start is None else start
    yaw, viewer = math.degrees(env.reading.yaw), scene.viewer_position  # who watches stays where they were
    return replace(scene, robot_position=place, robot_yaw_deg=yaw, props=props, viewer=viewer)


def _moved(prop: PropSpec, position: Sequence[float], orientation: Sequence[float], ground: float) -> PropSpec:
    x, y, z = position
    qx, qy, qz, qw = orientation
    yaw = math.atan2(2 * (qw * qz + qx * qy), 1 - 2 * (qy * qy + qz * qz))
    return replace(prop, position=(x, y, z - ground), yaw_deg=math.degrees(yaw))
