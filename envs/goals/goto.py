"""Go to a place: the robot itself is to stand at the goal, whatever its heading."""

from __future__ import annotations

import math
from typing import ClassVar

from simonsays.envs.goals.config import Goal, GoalConfig, around
from simonsays.envs.goals.env import GoalEnv


class GoToEnv(GoalEnv):
    """The goal is a place 0.5 to 4 m from the start, in any direction; ``achieved_goal`` is the base's place."""

    config_class: ClassVar[type[GoalConfig]] = GoalConfig

    def draw_goal(self) -> Goal:
        """(2,) m, from the start."""
        return around((0.0, 0.0), self.config.distance, (-math.pi, math.pi), self.np_random)

    def achieved(self) -> tuple[Goal, float]:
        """(2,) m, world, and m/s, of the base."""
        forward, sideways, _ = self.walker.filtered_velocity
        x, y, _ = self.reading.base_position
        return (x, y), math.hypot(forward, sideways)
