"""Running normalisation of observations and rewards while training; in bundles its statistics are frozen."""

from __future__ import annotations

from typing import Any

import numpy as np
from gymnasium import spaces
from simonsays.agents.bundle import Frozen
from simonsays.agents.recipe import Recipe
from simonsays.agents.run_dir import Weights
from simonsays.agents.vec import WorkerVecEnv
from simonsays.assets import InputError
from stable_baselines3.common.vec_env.vec_normalize import VecNormalize

_EPSILON = 1e-8


def normalized(recipe: Recipe, workers: WorkerVecEnv) -> Any:
    """The recipe's envs, normalised where it says so.

    Raises:
        InputError: observations are to be normalised that are not flat.
    """
    table = recipe.normalize
    if table is None:
        return workers
    space = workers.observation_space
    if table.observation and not (isinstance(space, spaces.Box) and len(space.shape) == 1):
        raise InputError(f"recipe {recipe.name!r}: normalize.observation: only flat observations can be normalised")
    return VecNormalize(
        workers,
        norm_obs=table.observation,
        norm_reward=table.reward,
        clip_obs=table.clip,
        clip_reward=table.clip,
        gamma=getattr(getattr(recipe, recipe.algorithm, None), "gamma", 0.99),
        epsilon=_EPSILON,
    )


def frozen(recipe: Recipe, tensors: Weights) -> Frozen | None:
    """The normaliser of observations as a checkpoint's tensors have it."""
    table = recipe.normalize
    if table is None or not table.observation:
        return None
    mean, variance = (tensors[f"normaliser.observation..{name}"].numpy() for name in ("mean", "var"))
    scale = 1.0 / np.sqrt(variance + _EPSILON)
    return {"mean": mean.astype(np.float32), "scale": scale.astype(np.float32), "clip": table.clip}
