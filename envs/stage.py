"""Stage: the world, the robot in it and the episode that runs there, as motions and events see and change them."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.random import Generator

from simonsays.assets import InputError
from simonsays.assets.notes import documented
from simonsays.envs.context import JointLayout
from simonsays.sim.engines.base import Dynamics
from simonsays.sim.pictures.live_view import LiveView, Window
from simonsays.sim.robot import Robot
from simonsays.sim.rotations import multiply, quaternion_from_rpy
from simonsays.sim.specs import RobotSpec, SceneSpec
from simonsays.sim.state import Array, Reading, Vector
from simonsays.sim.world import World

CONTROL_HZ = 50
RENDER_MODES = ("human", "rgb_array")
_FILTER = 0.06  # a control step, of the velocity that tracking is judged by
_YAW_FILTER = 0.12
Hooks = Mapping[str, list[Callable[..., None]]]


@documented
class Seat(NamedTuple):
    """A robot's place in a world that others share: whoever made the world resets, steps and closes it."""

    world: World
    place: int
    """among the robots of the world"""


class Stage:
    """One world with one robot, or one robot's share of a world, episode after episode.

    Args:
        seat: where the world is there already; scene, engine and rates are then those that it was made with.
        scene: where it stands unless an episode has another.
        engine: name of the physics engine. physics_hz: physics steps a second, a multiple of 50; the PD acts at each.
        reset_mode, render_mode: as HumanoidEnv has them; InputError for an unknown one, and where there is no display.
        still: without a policy the legs just stand, whatever the command.
    """

    start_velocity: Vector = (0.0, 0.0, 0.0)
    """(3,) that the legs' motion starts with: forward m/s, sideways m/s, yaw rate rad/s"""
    pose: Array
    """(J,) rad, at the start"""
    reference: list[float]
    """(J,) rad, the targets at the start"""
    arm_rest: float
    """m, how far ahead the arms moved the centre of mass at the start"""
    waits: bool
    """the env's own motion stands, and waits for its cue"""
    reading: Reading
    """of the last control step"""
    velocity: Vector
    """(3,) forward and sideways m/s, yaw rate rad/s, in the heading frame, through a first-order low-pass"""
    yaw_rate: float
    """rad/s, through a quicker one"""

    def __init__(
        self,
        spec: RobotSpec,
        scene: SceneSpec,
        engine: str,
        physics_hz: int,
        reset_mode: str,
        render_mode: str | None,
        still: bool = False,
        seat: Seat | None = None,
    ) -> None:
        if render_mode not in (None, *RENDER_MODES):
            raise InputError(f"render_mode {render_mode!r}: use None, 'rgb_array' or 'human'")
        if reset_mode not in ("exact", "fast"):
            raise InputError(f"reset_mode {reset_mode!r}: use 'exact' or 'fast'")
        if physics_hz <= 0 or physics_hz % CONTROL_HZ:
            raise InputError(f"physics_hz {physics_hz}: use a multiple of {CONTROL_HZ}")
        self.spec, self.still, self.dt, self.substeps = spec, still, 1 / CONTROL_HZ, physics_hz // CONTROL_HZ
        self._exact, self._pictures = reset_mode == "exact", render_mode == "rgb_array"
        self._picture: LiveView | None = None
        self.viewers: list[Any] = [Window(spec)] if render_mode == "human" else []
        """``show(world, reading)`` of each is called after a reset and after every control step"""
        self.own_scene = self._ground_scene = scene
        self._seat = seat
        self.world = seat.world if seat else World(scene, engine=engine, physics_dt=1 / physics_hz)
        self.robot: Robot = seat.world.robots[seat.place] if seat else self.world.spawn(spec)
        self.layout = JointLayout.of(spec, self.robot.tree)
        self.standing: list[float] = self.robot.default_positions.tolist()
        """(J,) rad, the standing pose"""
        self.friction, self.payload = scene.ground.friction, 0.0
        """of the ground; kg, added to the torso"""
        self._begin(None, np.random.default_rng())

    def _begin(self, scene: SceneSpec | None, rng: Generator) -> None:
        self.rng, self.steps, self.memory = rng, 0, dict[str, Any]()
        """what draws; control steps since the start; what events remember within the episode, by their names"""
        self.scene, self.scene_given = scene or self._ground_scene, scene is not None
        """of this episode; whether a reset's options name it: its ground is not to be drawn then"""
        self.dynamics = Dynamics()
        """how the robot differs from what its files say, in this episode"""
        self.going = 0.0
        """share of the commanded velocity that the robot has at the start, if it does not stand"""
        self.cue = math.inf
        """s until the env's own motion begins, where it waits"""
        self.pending: deque[list[float]] = deque()
        """joint targets (J,) rad that have not arrived yet: as many as the control steps that they are late by"""
        self.pushed = (0.0, 0.0)
        """m/s, forward and sideways: what a push changed the base's velocity by in this step"""

    def prepare(self, scene: SceneSpec | None, rng: Generator, happens: Hooks) -> None:
        """A world for the next episode; ``scene``: that of a reset's options."""
        self._begin(scene, rng)
        for event in happens["on_scene"]:
            event(self)
        if scene is None:
            self._ground_scene = self.scene
        if self._seat is not None:
            self.robot = self.world.robots[self._seat.place]
        elif self._exact or self.scene != self.world.scene:
            self.world.scene = self.scene
            self.world.reset()
            self.robot = self.world.spawn(self.spec)
            self.friction, self.payload = self.scene.ground.friction, 0.0
        else:
            self.world.reset_props()
        for event in happens["on_world"]:
            event(self)
        self.robot.dynamics = self.dynamics

    def stand(self, lean: float, happens: Hooks) -> None:
        """Put the robot into its pose at the scene's start, pitched by ``lean`` rad, its lowest foot on the ground."""
        robot, world = self.robot, self.world
        for event in happens["on_pose"]:
            event(self)
        position, orientation = world.start_pose(self.spec.base_height, self._seat.place if self._seat else 0)
        tilted = multiply(orientation, quaternion_from_rpy(0.0, lean, 0.0).tolist())
        robot.reset(position, tilted, np.clip(self.pose, robot.lower, robot.upper).tolist())
        lift = self.spec.gait.sole_height + world.ground_height(position[0]) + world.scene.ground.roughness
        position[2] -= robot.lowest_foot() - lift
        robot.reset(position, tilted, robot.joint_positions)
        self.arm_rest = robot.arm_lever()
        for event in happens["on_reset"]:
            event(self)
        self.reading = robot.reading()
        self.velocity = self.reading.heading_velocity
        self.yaw_rate = self.velocity[2]

    def measure(self) -> None:
        """Read the robot after the physics of a control step."""
        self.steps += 1
        self.reading = self.robot.reading(self.steps * self.dt)
        (forward, sideways, yaw), (f, s, y) = self.reading.heading_velocity, self.velocity
        self.velocity = (f + _FILTER * (forward - f), s + _FILTER * (sideways - s), y + _FILTER * (yaw - y))
        self.yaw_rate += _YAW_FILTER * (yaw - self.yaw_rate)

    def show(self) -> None:
        """Show this moment to all who look on."""
        for viewer in self.viewers:
            viewer.show(self.world, self.reading)

    def render(self) -> Any:
        """(480, 640, 3) uint8 picture of this moment where ``render_mode`` is "rgb_array", else None."""
        if not self._pictures:
            return None
        self._picture = self._picture or LiveView(self.spec)
        return self._picture.picture(self.world, self.reading)

    def close(self) -> None:
        """Free the physics client, the pictures and the window; a second call does nothing."""
        self.world.close()
        for view in filter(None, (self._picture, *self.viewers)):
            view.close()
