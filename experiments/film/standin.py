"""Stands in for the stage."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
from simonsays.sim.camera import Camera, Picture, Renderer, follow, occluders
from simonsays.sim.recording import Recording
from simonsays.sim.robots import get_robot
from simonsays.sim.rotations import yaw_from_quaternion
from simonsays.sim.spec import scene_from_dict
from simonsays.sim.world import World

CAMERAS = ("follow", "orbit", "front", "side", "top", "first-person", "static", "close-up", "director")
LOOKS = ("light", "dark")


class Stage:
    def __init__(
        self,
        recording: Recording,
        *,
        renderer: str = "auto",
        look: str = "light",
        trail: bool = True,
        rings: bool = True,
    ) -> None:
        self._recording = recording
        self._world = World(scene_from_dict(recording.meta.get("scene", {})), visuals=True)
        self._robot = self._world.spawn(get_robot(recording.meta.get("robot", "g1")))
        self._renderer = Renderer(self._world.client)
        self.renderer = SimpleNamespace(name="tiny", reason=Renderer.reason)

    def cameras(self, name: str) -> list[Camera]:
        rec: Any = self._recording
        yaws = np.array([yaw_from_quaternion(q) for q in rec.base_orientation])
        return follow(rec.time, rec.base_position, yaws)

    def draw(self, index: int, camera: Camera, size: tuple[int, int]) -> Picture:
        rec = self._recording
        self._robot.reset(
            rec.base_position[index].tolist(), rec.base_orientation[index].tolist(), rec.joint_positions[index].tolist()
        )
        self._world.set_prop_poses(rec.prop_positions[index], rec.prop_orientations[index])
        return self._renderer.picture(camera, *size, occluders(self._world, self._robot))

    def close(self) -> None:
        self._world.close()
