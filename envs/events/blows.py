"""What hits the robot."""

from __future__ import annotations

import math
from typing import Annotated

from simonsays.envs.events.base import Event, Short, register_event
from simonsays.envs.settings import NotNegative, Positive
from simonsays.envs.stage import Stage


@register_event("push")
class Push(Event):
    """Blows: sudden changes of the base's velocity."""

    speed: Annotated[NotNegative, Short("push_speed")] = 0.0
    """m/s, standard deviation along x and y"""
    seconds: Annotated[Positive, Short("push_seconds")] = 4.0
    """s, mean time between pushes"""

    def on_step(self, now: Stage) -> None:
        if now.rng.random() < now.dt / self.seconds:
            x, y = now.rng.normal(0.0, self.speed, 2).tolist()
            now.robot.push_velocity(x, y)
            cosine, sine = math.cos(now.reading.yaw), math.sin(now.reading.yaw)
            now.pushed = (cosine * x + sine * y, cosine * y - sine * x)


@register_event("blow")
class Blow(Event):
    """Blows at the torso that take their time: a force from any side, along the ground."""

    force: NotNegative = 0.0
    """N, at most; drawn evenly from 0 on"""
    seconds: Positive = 4.0
    """s, mean time between blows"""
    duration: Positive = 0.08
    """s, of a blow"""

    def on_step(self, now: Stage) -> None:
        left = now.memory.get(self.name, 0)
        if left:
            now.memory[self.name] = left - 1
            if left == 1:
                now.robot.push((0.0, 0.0, 0.0), link=now.spec.torso)
        elif now.rng.random() < now.dt / self.seconds:
            newtons, angle = float(now.rng.uniform(0.0, self.force)), float(now.rng.uniform(-math.pi, math.pi))
            now.robot.push((newtons * math.cos(angle), newtons * math.sin(angle), 0.0), link=now.spec.torso)
            now.memory[self.name] = max(1, round(self.duration / now.dt))
