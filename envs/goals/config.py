"""Goals of goal-conditioned tasks: their configuration, and the pure functions that judge and draw them."""

from __future__ import annotations

import math
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from simonsays.envs.hierarchy import HierarchyConfig
from simonsays.envs.settings import Range

Goal = tuple[float, float]


class GoalConfig(HierarchyConfig):
    """What a goal task draws, rewards and ends. The defaults are what a policy is evaluated by."""

    reward_type: Literal["sparse", "dense"] = "sparse"
    """0 within the tolerance and -1 elsewhere, or the negative distance in m"""
    episode_seconds: float = Field(default=16.0, gt=0)
    distance: Range = (0.5, 4.0)
    """m, of goals that are drawn"""
    tolerance: float = Field(default=0.25, gt=0)
    """m"""
    slow: float = Field(default=0.25, gt=0)
    """m/s, a success is slower than this"""


def goal_distance(achieved: NDArray[Any], desired: NDArray[Any]) -> NDArray[np.float64]:
    """(...) m, between goals (..., 2)."""
    difference = np.asarray(achieved, dtype=np.float64) - np.asarray(desired, dtype=np.float64)
    return np.hypot(difference[..., 0], difference[..., 1])


def goal_reward(
    achieved: NDArray[Any], desired: NDArray[Any], tolerance: float, reward_type: str = "sparse"
) -> NDArray[np.float64]:
    """(...) the reward of goals (..., 2): sparse 0 or -1, dense the negative distance in m."""
    distance = goal_distance(achieved, desired)
    return -distance if reward_type == "dense" else np.where(distance < tolerance, 0.0, -1.0)


def is_success(achieved: NDArray[Any], desired: NDArray[Any], speed: float, config: GoalConfig) -> bool:
    """Whether a goal (2,) is reached, and what is to be there moves at less than ``slow``; ``speed`` in m/s."""
    return bool(goal_distance(achieved, desired) < config.tolerance) and speed < config.slow


def around(centre: Goal, distance: Range, bearing: Range, rng: np.random.Generator) -> Goal:
    """A goal (2,) m at a distance (m) and a bearing (rad, in the world) drawn from ranges."""
    far, angle = rng.uniform(*distance), rng.uniform(*bearing)
    return centre[0] + far * math.cos(angle), centre[1] + far * math.sin(angle)
