"""A policy's episodes in an env, written as a Minari data set."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from simonsays.agents.imitation.demonstrations import Episode, collect, open_env
from simonsays.envs.policy.policy import describe_env
from simonsays.envs.trainable import capabilities
from simonsays.experiments.exchange.minari_data import write_episodes

Update = Callable[[int, int], None]


@dataclass(frozen=True)
class Wanted:
    """What is to be collected."""

    env_id: str
    policy: str
    """a bundle, or ``random``"""
    episodes: int
    seed: int
    """of the first episode"""
    stochastic: bool
    dataset_id: str
    out: Path | None = None


def collect_dataset(wanted: Wanted, update: Update = lambda done, total: None) -> dict[str, Any]:
    """Run the episodes and write them; returns where, and their figures.

    Raises:
        InputError: no such env or policy, they do not fit, or the data set exists.
    """
    env, choose = open_env(wanted.env_id, wanted.policy)
    kept: list[Episode] = []

    def watched() -> Iterator[Episode]:
        for each in collect(env, choose, wanted.episodes, wanted.seed, wanted.stochastic):
            kept.append(each)
            update(len(kept), wanted.episodes)
            yield each

    described = {
        "env_id": wanted.env_id,
        "policy": wanted.policy,
        "stochastic": wanted.stochastic,
        **({"env": describe_env(env)} if capabilities(env).describe else {}),
    }
    try:
        folder = write_episodes(watched(), env, described, wanted.dataset_id, wanted.out)
    finally:
        env.close()
    return {
        "written": str(folder),
        "id": wanted.dataset_id,
        "episodes": len(kept),
        "steps": sum(len(each) for each in kept),
        "mean_return": float(np.mean([each.rewards.sum() for each in kept])),
        "success": float(np.mean([each.success for each in kept])),
    }
