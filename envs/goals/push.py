"""Push a box to a place with the legs."""

from __future__ import annotations

import math
from typing import Any, ClassVar

import numpy as np
from pydantic import Field

from simonsays.assets import InputError
from simonsays.envs.goals.config import Goal, GoalConfig, around
from simonsays.envs.goals.env import GoalEnv
from simonsays.envs.settings import Range
from simonsays.sim.rotations import quaternion_from_rpy
from simonsays.sim.specs import PropSpec, SceneSpec
from simonsays.sim.state import Quaternion, Vector

_CORNERS = 4  # a box looks the same after a quarter of a turn


class PushConfig(GoalConfig):
    """GoalConfig, and the box."""

    episode_seconds: float = Field(default=24.0, gt=0)
    distance: Range = (0.3, 1.5)
    """m, from the box to goals that are drawn"""
    bearing_deg: Range = (-20.0, 20.0)
    """of the goal seen from the box, relative to the way from the robot to the box"""
    box_distance: Range = (0.7, 1.2)
    """m, from the robot to the box"""
    box_bearing_deg: Range = (-30.0, 30.0)
    """of the box, relative to the robot's heading"""
    box_size: Vector = (0.45, 0.45, 0.6)
    """m"""
    box_mass: float = Field(default=2.0, gt=0)
    """kg"""


def box_features(reading: Any, position: Vector, orientation: Quaternion, velocity: Vector) -> list[float]:
    """(6,) where a box is, how it is turned and how it moves, in the robot's heading frame.

    Ahead and left (m), cosine and sine of four times its yaw relative to the heading, velocity ahead and left (m/s).
    """
    yaw, (x, y, _) = reading.yaw, reading.base_position
    cosine, sine = math.cos(yaw), math.sin(yaw)
    dx, dy, (vx, vy, _) = position[0] - x, position[1] - y, velocity
    qx, qy, qz, qw = orientation
    turned = _CORNERS * (math.atan2(2 * (qw * qz + qx * qy), 1 - 2 * (qy * qy + qz * qz)) - yaw)
    place = [cosine * dx + sine * dy, cosine * dy - sine * dx, math.cos(turned), math.sin(turned)]
    return [*place, cosine * vx + sine * vy, cosine * vy - sine * vx]


class PushEnv(GoalEnv):
    """The goal is a place for a box, 0.3 to 1.5 m from where it stands; ``achieved_goal`` is the box's place.

    The box stands in front of the robot, the goal roughly behind it. In a scene of one's own the box is the first box
    that can be moved, and stays where the scene has it. ``observation`` has :func:`box_features` in addition.
    """

    config: PushConfig
    config_class: ClassVar[type[GoalConfig]] = PushConfig
    own_width: ClassVar[int] = 6

    def default_scene(self) -> SceneSpec:
        """Flat ground and a box."""
        box = PropSpec("box", "red", (1.0, 0.0), size=self.config.box_size, mass=self.config.box_mass)
        return SceneSpec(name="push", props=(box,))

    def prepare(self, drawn: bool) -> None:
        """Find the box, and put it where it is drawn."""
        props = self.world.props
        movable = [name for name, prop in props.items() if prop.spec.shape == "box" and prop.spec.mass != 0]
        if not movable:
            raise InputError(f"scene {self.world.scene.name!r}: no box that can be pushed")
        self._place = props[movable[0]].place
        if drawn:
            self._put_box()

    def _put_box(self) -> None:
        config, rng, reading = self.config, self.np_random, self.reading
        low, high = config.box_bearing_deg
        bearing = (reading.yaw + math.radians(low), reading.yaw + math.radians(high))
        positions, orientations = self.world.prop_poses()
        x, y, _ = reading.base_position
        positions[self._place, :2] = around((x, y), config.box_distance, bearing, rng)
        orientations[self._place] = quaternion_from_rpy(0, 0, rng.uniform(-math.pi / 4, math.pi / 4))
        self.world.set_prop_poses(positions, orientations)

    def draw_goal(self) -> Goal:
        """(2,) m, from the start."""
        x, y, _ = self.reading.base_position
        position, _, _ = self._box()
        box = position[0] - x, position[1] - y
        away, (low, high) = math.atan2(box[1], box[0]), np.radians(self.config.bearing_deg)
        return around(box, self.config.distance, (away + low, away + high), self.np_random)

    def achieved(self) -> tuple[Goal, float]:
        """(2,) m, world, and m/s, of the box."""
        (x, y, _), _, (vx, vy, _) = self._box()
        return (x, y), math.hypot(vx, vy)

    def own_observation(self) -> list[float]:
        """(6,) the box as the robot sees it."""
        return box_features(self.reading, *self._box())

    def _box(self) -> tuple[Vector, Quaternion, Vector]:
        positions, orientations = self.world.prop_poses()
        x, y, z = positions[self._place].tolist()
        a, b, c, d = orientations[self._place].tolist()
        return (x, y, z), (a, b, c, d), self.world.prop_velocity(self._place)
