"""What training makes use of in an env, beyond what Gymnasium asks for, and the one place that looks for it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simonsays.assets.notes import dataclass

Mirror = dict[str, list[float]]
"""``observation``, ``observation_sign``, ``action``, ``action_sign`` (and ``privileged``): places and signs"""
Terms = dict[str, dict[str, dict[str, Any]]]
"""what an env draws, shows, rewards and ends: by kind and name, the parameters and what it is ``about``"""


@dataclass(frozen=True)
class TrainableEnv:
    """What an env, or its class, offers to training; None where it does not. Ours have all that means something."""

    make_config: Callable[[str, dict[str, Any]], Any] | None = None
    """checked settings; an InputError's message begins with the first argument"""
    reconfigure: Callable[..., None] | None = None
    """change settings between episodes, for stages and assistance; InputError for one of ``space_settings``"""
    space_settings: tuple[str, ...] | None = None
    """settings that spaces and the meaning of actions depend on: they cannot change later"""
    describe: Callable[[], dict[str, Any]] | None = None
    """the fields of a bundle's policy.json that the env fixes; without it there are checkpoints, but no bundles"""
    terms: Callable[[], Terms] | None = None
    """for the table at the start of a training"""
    command_ranges: Callable[[], dict[str, list[float]]] | None = None
    """what commands are drawn from: policy.json says it"""
    imagine: Callable[[np.random.Generator, int], tuple[NDArray[Any], NDArray[Any]]] | None = None
    """observations (count, N) and what a hand-written law would do there (count, A), to clone from"""
    compute_reward: Callable[..., Any] | None = None
    """of goals, for hindsight: achieved (..., G), desired (..., G), info"""
    mirror: Mirror | None = None
    trained_motion: str | None = None
    """the motion (envs/motions) that a policy trained in it is for"""
    steps_per_episode: int | None = None
    """until an episode is truncated"""


_OF_MADE_ENVS = ("mirror", "trained_motion", "steps_per_episode")


def capabilities(env: Any) -> TrainableEnv:
    """What an env offers, wrapped or not, or a class of envs, whose methods are unbound but for ``make_config``."""
    made = not isinstance(env, type) and hasattr(env, "unwrapped")
    inner = env.unwrapped if made else env
    names = [name for name in TrainableEnv.__dataclass_fields__ if made or name not in _OF_MADE_ENVS]
    return TrainableEnv(**{name: getattr(inner, name, None) for name in names})
