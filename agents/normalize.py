"""Running normalisation of observations and rewards while training; in bundles its statistics are frozen."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from gymnasium import spaces
from safetensors.numpy import load_file
from simonsays.agents.bundle import Frozen
from simonsays.agents.recipe import Recipe
from simonsays.agents.run_dir import Weights
from simonsays.agents.vec import WorkerVecEnv
from simonsays.assets import InputError
from simonsays.envs.controllers import bundle_folder, load_policy
from stable_baselines3.common.running_mean_std import RunningMeanStd
from stable_baselines3.common.vec_env.vec_normalize import VecNormalize

_EPSILON = 1e-8


class _Symmetric(RunningMeanStd):
    """Statistics of observations and their mirror images: a mirror-symmetric policy then stays symmetric."""

    def __init__(self, mirror: dict[str, list[float]]) -> None:
        super().__init__(shape=(len(mirror["observation"]),))
        self._place = np.array(mirror["observation"], dtype=int)
        self._sign = np.array(mirror["observation_sign"])

    def update(self, arr: np.ndarray) -> None:
        """Count a batch (n, N) and its mirror image."""
        super().update(np.concatenate([arr, arr[:, self._place] * self._sign]))


def normalized(recipe: Recipe, workers: WorkerVecEnv, probe: Any) -> Any:
    """The recipe's envs, normalised where it says so; ``probe`` is one env of their kind.

    Raises:
        InputError: observations are to be normalised that are not flat.
    """
    table = recipe.normalize
    if table is None:
        return workers
    space = workers.observation_space
    if table.observation and not (isinstance(space, spaces.Box) and len(space.shape) == 1):
        raise InputError(f"recipe {recipe.name!r}: normalize.observation: only flat observations can be normalised")
    env: Any = VecNormalize(
        workers,
        norm_obs=table.observation,
        norm_reward=table.reward,
        clip_obs=table.clip,
        clip_reward=table.clip,
        gamma=getattr(recipe.hyperparameters, "gamma", 0.99),
        epsilon=_EPSILON,
    )
    mirror = getattr(probe, "mirror", None)
    if table.observation and mirror is not None and recipe.network.mirror is not False:
        env.obs_rms = _Symmetric(mirror)
    return env


def adopt(name_or_path: str | Path, recipe: Recipe, env: Any) -> None:
    """Begin with the statistics of a bundle, from which a training starts.

    Raises:
        InputError: the bundle's observations are normalised and the recipe's are not, or the other way round.
    """
    said = load_policy(name_or_path).description
    clip, here = said["network"].get("observation_clip"), recipe.normalize is not None and recipe.normalize.observation
    if (clip is not None) != here:
        how = "normalised" if clip is not None else "not normalised"
        raise InputError(f"{name_or_path}: its observations are {how}: recipe {recipe.name!r}: normalize.observation")
    if not here:
        return
    weights = load_file(bundle_folder(name_or_path) / "policy.safetensors")
    mean, scale = (weights[f"observation_{field}"].astype(np.float64) for field in ("mean", "scale"))
    if mean.shape != env.obs_rms.mean.shape:
        raise InputError(f"{name_or_path}: its normaliser has width {len(mean)}, here it is {len(env.obs_rms.mean)}")
    env.obs_rms.mean, env.obs_rms.var = mean, np.maximum(scale**-2.0 - _EPSILON, 0.0)
    env.obs_rms.count = float(max(1, said["training"].get("env_steps", 1)))


def frozen(recipe: Recipe, tensors: Weights) -> Frozen | None:
    """The normaliser of observations as a checkpoint's tensors have it."""
    table = recipe.normalize
    if table is None or not table.observation:
        return None
    mean, variance = (tensors[f"normaliser.observation..{name}"].numpy() for name in ("mean", "var"))
    scale = 1.0 / np.sqrt(variance + _EPSILON)
    return {"mean": mean.astype(np.float32), "scale": scale.astype(np.float32), "clip": table.clip}
