"""Stage: where an env's robot stands: the world, the robot in it, the episode that runs there, and who looks on."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.random import Generator

from simonsays.assets import InputError
from simonsays.envs.context import Episode, JointLayout
from simonsays.sim.pictures.live_view import LiveView, Window
from simonsays.sim.robot import Robot
from simonsays.sim.rotations import multiply, quaternion_from_rpy
from simonsays.sim.specs import RobotSpec, SceneSpec
from simonsays.sim.world import World

PHYSICS_DT = 1 / 200
SUBSTEPS = 4
RENDER_MODES = ("human", "rgb_array")
Hooks = Mapping[str, list[Callable[..., None]]]


class Stage:
    """One world with one robot.

    Args:
        scene: where it stands unless an episode has another.
        reset_mode, render_mode: as HumanoidEnv has them.

    Raises:
        InputError: an unknown mode, or "human" where there is no display.
    """

    def __init__(
        self, spec: RobotSpec, scene: SceneSpec, reset_mode: str, render_mode: str | None, rng: Generator
    ) -> None:
        if render_mode not in (None, *RENDER_MODES):
            raise InputError(f"render_mode {render_mode!r}: use None, 'rgb_array' or 'human'")
        if reset_mode not in ("exact", "fast"):
            raise InputError(f"reset_mode {reset_mode!r}: use 'exact' or 'fast'")
        self.spec, self.dt = spec, PHYSICS_DT * SUBSTEPS
        self._exact, self._pictures = reset_mode == "exact", render_mode == "rgb_array"
        self._picture: LiveView | None = None
        self.viewers: list[Any] = [Window(spec)] if render_mode == "human" else []
        """``show(world, reading)`` of each is called after a reset and after every control step"""
        self._own_scene = self._ground_scene = scene
        self.world = World(scene, physics_dt=PHYSICS_DT)
        self.robot: Robot = self.world.spawn(spec)
        self.layout = JointLayout.of(spec, self.robot.joint_names, self.robot.axes)
        self.now = self._episode(None, rng, scene.ground.friction, 0.0)

    def _episode(self, scene: SceneSpec | None, rng: Generator, friction: float, payload: float) -> Episode:
        return Episode(
            self.world,
            self.robot,
            self.layout,
            rng,
            self.dt,
            self._own_scene,
            scene or self._ground_scene,
            scene is not None,
            friction,
            payload,
        )

    def prepare(self, scene: SceneSpec | None, rng: Generator, happens: Hooks) -> None:
        """A world for the next episode; ``scene``: that of a reset's options."""
        now = self.now = self._episode(scene, rng, self.now.friction, self.now.payload)
        for event in happens["on_scene"]:
            event(now)
        if scene is None:
            self._ground_scene = now.scene
        if self._exact or now.scene != self.world.scene:
            self.world.scene = now.scene
            self.world.reset()
            self.robot = now.robot = self.world.spawn(self.spec)
            now.friction, now.payload = now.scene.ground.friction, 0.0
        else:
            self.world.reset_props()
        for event in happens["on_world"]:
            event(now)

    def stand(self, lean: float, happens: Hooks) -> None:
        """Put the robot into its pose at the scene's start, pitched by ``lean`` rad, its lowest foot on the ground."""
        now, robot, world = self.now, self.robot, self.world
        for event in happens["on_pose"]:
            event(now)
        position, orientation = world.start_pose(self.spec.base_height)
        tilted = multiply(orientation, quaternion_from_rpy(0.0, lean, 0.0).tolist())
        robot.reset(position, tilted, np.clip(now.pose, robot.lower, robot.upper).tolist())
        lift = self.spec.gait.sole_height + world.ground_height(position[0]) + world.scene.ground.roughness
        position[2] -= robot.lowest_foot() - lift
        robot.reset(position, tilted, robot.read_joints()[0].tolist())
        now.arm_rest = robot.arm_lever()
        for event in happens["on_reset"]:
            event(now)
        now.begin(robot.reading())

    def show(self) -> None:
        """Show this moment to all who look on."""
        for viewer in self.viewers:
            viewer.show(self.world, self.now.reading)

    def render(self) -> Any:
        """(480, 640, 3) uint8 picture of this moment where ``render_mode`` is "rgb_array", else None."""
        if not self._pictures:
            return None
        if self._picture is None:
            self._picture = LiveView(self.spec)
        return self._picture.picture(self.world, self.now.reading)

    def close(self) -> None:
        """Free the physics client, the pictures and the window; a second call does nothing."""
        self.world.close()
        for view in (self._picture, *self.viewers):
            if view is not None:
                view.close()
