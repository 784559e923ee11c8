"""What is there when an episode starts: ground, load, pose and speed."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Annotated

import numpy as np

from simonsays.envs.events.base import Event, Short, register_event
from simonsays.envs.settings import NotNegative, Range, Share
from simonsays.envs.stage import Stage


@register_event("ground")
class Ground(Event):
    """A new ground and heading, where slope or roughness is to be drawn."""

    slope_deg: Annotated[Range | None, Short("slope_deg")] = None
    """drawn with a new ground; None: the scene's"""
    roughness: Annotated[Range | None, Short("roughness")] = None
    """m, drawn with a new ground (see GroundSpec); None: the scene's"""
    flat: Annotated[Share, Short("flat")] = 0.5
    """share of new grounds that are the scene's all the same"""
    share: Annotated[Share, Short("new_ground")] = 1.0
    """of resets that draw a new ground and heading"""

    @property
    def active(self) -> bool:
        return (self.slope_deg, self.roughness) != (None, None)

    def on_scene(self, now: Stage) -> None:
        rng, scene = now.rng, now.own_scene
        if now.scene_given or rng.random() >= self.share:
            return
        now.scene = replace(scene, robot_yaw_deg=float(rng.uniform(-180.0, 180.0)))
        if rng.random() < self.flat:
            return
        ground = scene.ground
        if self.slope_deg is not None:
            ground = replace(ground, slope_deg=float(rng.uniform(*self.slope_deg)))
        if self.roughness is not None and rng.random() < 0.5:
            ground = replace(ground, roughness=float(rng.uniform(*self.roughness)), seed=int(rng.integers(1 << 31)))
        now.scene = replace(now.scene, ground=ground)


@register_event("friction")
class Friction(Event):
    """Friction of the ground, drawn at each reset."""

    range: Annotated[Range | None, Short("friction")] = None
    """None: the scene's"""

    def on_world(self, now: Stage) -> None:
        if self.range is not None and not now.scene_given:
            now.friction = float(now.rng.uniform(*self.range))
            now.world.set_friction(now.friction)


@register_event("payload")
class Payload(Event):
    """A load on the torso, drawn at each reset."""

    mass: Annotated[Range | None, Short("payload")] = None
    """kg"""

    def on_world(self, now: Stage) -> None:
        if self.mass is not None:
            now.payload = float(now.rng.uniform(*self.mass))
            now.dynamics = replace(now.dynamics, added_mass={**now.dynamics.added_mass, now.spec.torso: now.payload})


@register_event("joint_noise")
class JointNoise(Event):
    """Joints that do not start where the reference has them."""

    deviation: Annotated[NotNegative, Short("joint_noise")] = 0.0
    """rad, standard deviation"""

    def on_pose(self, now: Stage) -> None:
        now.pose = np.add(now.pose, now.rng.normal(0.0, self.deviation, len(now.pose)))


@register_event("initial_velocity")
class InitialVelocity(Event):
    """A start with a random part of the commanded velocity, which the legs' motion starts with too."""

    on: Annotated[bool, Short("initial_velocity")] = False

    def on_world(self, now: Stage) -> None:
        now.going = float(now.rng.random())

    def on_reset(self, now: Stage) -> None:
        yaw, (ahead, aside, around) = math.radians(now.world.scene.robot_yaw_deg), now.start_velocity
        x, y = math.cos(yaw), math.sin(yaw)
        now.robot.set_base_velocity((ahead * x - aside * y, ahead * y + aside * x, 0.0), (0.0, 0.0, around))


@register_event("cue")
class Cue(Event):
    """The moment at which a motion that runs for a time begins, in an env that is for it."""

    seconds: Range | None = None
    """s after the start, drawn at each reset"""

    def on_reset(self, now: Stage) -> None:
        if now.waits and self.seconds is not None:
            now.cue = float(now.rng.uniform(*self.seconds))
