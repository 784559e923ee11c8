"""Running normalisation of observations and rewards while training; in bundles its statistics are frozen."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
from gymnasium import spaces
from stable_baselines3.common.running_mean_std import RunningMeanStd
from stable_baselines3.common.vec_env.vec_normalize import VecNormalize

from simonsays.agents.bundles.bundle import Frozen
from simonsays.agents.recipes.recipe import Recipe
from simonsays.agents.runs.run_dir import Weights
from simonsays.agents.training.snapshot import OBSERVATION, observation_statistics
from simonsays.agents.vec.vec import WorkerVecEnv
from simonsays.assets import InputError
from simonsays.envs.policy.features import PRIVILEGED, own_parts
from simonsays.envs.policy.policy import bundle_folder, load_policy, read_weights
from simonsays.envs.trainable import Mirror, capabilities

_EPSILON = 1e-8


class _Symmetric(RunningMeanStd):
    """Statistics of observations and their mirror images: a mirror-symmetric policy then stays symmetric."""

    def __init__(self, mirror: Mirror, part: str = "observation") -> None:
        super().__init__(shape=(len(mirror[part]),))
        self._place = np.array(mirror[part], dtype=int)
        self._sign = np.array(mirror[f"{part}_sign"])

    def update(self, arr: np.ndarray) -> None:
        """Count a batch (n, N) and its mirror image."""
        super().update(np.concatenate([arr, arr[:, self._place] * self._sign]))


def normalized(recipe: Recipe, workers: WorkerVecEnv, probe: Any) -> Any:
    """The recipe's envs, normalised where it says so; ``probe`` is one env of their kind.

    Raises:
        InputError: observations are to be normalised that are not flat, or whose numbers the features must know.
    """
    table = recipe.normalize
    if table is None:
        return workers
    if table.observation:
        _check(recipe, workers.observation_space)
    env: Any = VecNormalize(
        workers,
        norm_obs=table.observation,
        norm_reward=table.reward,
        clip_obs=table.clip,
        clip_reward=table.clip,
        gamma=getattr(recipe.hyperparameters, "gamma", 0.99),
        epsilon=_EPSILON,
    )
    mirror = capabilities(probe).mirror
    if table.observation and mirror is not None and recipe.network.mirror is not False:
        if isinstance(env.obs_rms, dict):
            env.obs_rms |= {part: _Symmetric(mirror, part) for part in env.obs_rms if part in mirror}
        else:
            env.obs_rms = _Symmetric(mirror)
    return env


def _check(recipe: Recipe, space: spaces.Space[Any]) -> None:
    what = f"recipe {recipe.name!r}: normalize.observation"
    for name, part in space.items() if isinstance(space, spaces.Dict) else [("", space)]:
        if not (isinstance(part, spaces.Box) and len(part.shape) == 1):
            where = f"; {name!r} is {part}" if name else f", not {part}"
            raise InputError(f"{what}: only flat observations can be normalised{where}")
    if recipe.network.features != "flat":
        raise InputError(
            f"{what}: network.features = {recipe.network.features!r} reckons with metres and the heading, which it "
            "would no longer be given; write normalize.observation = false, which leaves the rewards' normalisation"
        )


def count(env: VecNormalize, observations: Any) -> None:
    """Add observations (n, N), or a dict of such, to the statistics."""
    for name, part in observation_statistics(env).items():
        part.update(observations[name] if name else observations)


def _groups(names: Iterable[str]) -> dict[str, list[str]]:
    """Parts of the observation as a bundle has them side by side: the actor's, and what a critic alone may see."""
    known = dict.fromkeys(sorted(names))
    return {"observation": list(own_parts(known)), PRIVILEGED: [PRIVILEGED] if PRIVILEGED in known else []}


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
    weights = read_weights(bundle_folder(name_or_path))
    statistics = observation_statistics(env)
    for group, names in _groups(statistics).items():
        if not names or f"{group}_mean" not in weights:  # a bundle may know nothing of what its critic saw
            continue
        mean, scale = (weights[f"{group}_{field}"].astype(np.float64) for field in ("mean", "scale"))
        parts = [statistics[name] for name in names]
        ends = np.cumsum([len(part.mean) for part in parts])
        if len(mean) != ends[-1]:
            raise InputError(f"{name_or_path}: its normaliser of {group} has width {len(mean)}, here it is {ends[-1]}")
        variance = np.maximum(scale**-2.0 - _EPSILON, 0.0)
        for part, *values in zip(parts, np.split(mean, ends[:-1]), np.split(variance, ends[:-1]), strict=True):
            part.mean, part.var = values
            part.count = float(max(1, said["training"].get("env_steps", 1)))


def frozen(recipe: Recipe, tensors: Weights) -> Frozen | None:
    """The normaliser of observations as a checkpoint's tensors have it; of a dict, part by part as ``flat`` has it."""
    table = recipe.normalize
    if table is None or not table.observation:
        return None
    ends = [key.removeprefix(OBSERVATION) for key in tensors if key.startswith(OBSERVATION)]
    found: Frozen = {"clip": table.clip}
    for group, names in _groups(end.removesuffix(".mean") for end in ends if end.endswith(".mean")).items():
        if names:
            mean, variance = (
                np.concatenate([tensors[f"{OBSERVATION}{name}.{field}"].numpy() for name in names])
                for field in ("mean", "var")
            )
            found[f"{group}_mean"] = mean.astype(np.float32)
            found[f"{group}_scale"] = (1.0 / np.sqrt(variance + _EPSILON)).astype(np.float32)
    return found
