"""A goal-conditioned env that knows nothing of simonsays, as other packages have them: a point on a plane."""

from __future__ import annotations

from typing import Any

import gymnasium
import numpy as np
from gymnasium import spaces


class Point(gymnasium.Env[dict[str, Any], Any]):
    """Its velocity follows the action; the goal is a place."""

    def __init__(self, render_mode: str | None = None) -> None:
        place = spaces.Box(-5, 5, (2,), np.float32)
        self.observation_space = spaces.Dict(observation=place, achieved_goal=place, desired_goal=place)
        self.action_space = spaces.Box(-1, 1, (2,), np.float32)

    def reset(self, *, seed: int | None = None, options: Any = None) -> tuple[dict[str, Any], dict[str, Any]]:
        """A new goal."""
        super().reset(seed=seed)
        self._place, self._goal = np.zeros(2, np.float32), self.np_random.uniform(-1, 1, 2).astype(np.float32)
        return self._observation(), {}

    def step(self, action: Any) -> tuple[dict[str, Any], float, bool, bool, dict[str, Any]]:
        """A tenth of the action further."""
        self._place = np.clip(self._place + 0.1 * action, -5, 5).astype(np.float32)
        reward = float(self.compute_reward(self._place, self._goal, {}))
        return self._observation(), reward, False, False, {"is_success": reward == 0}

    def compute_reward(self, achieved: Any, desired: Any, info: Any) -> Any:
        """-1 away from the goal."""
        return -(np.linalg.norm(np.asarray(achieved) - np.asarray(desired), axis=-1) > 0.2).astype(np.float32)

    def _observation(self) -> dict[str, Any]:
        return {"observation": self._place, "achieved_goal": self._place, "desired_goal": self._goal}


gymnasium.register("Point-v0", Point, max_episode_steps=10)
gymnasium.register("EndlessPoint-v0", Point)
