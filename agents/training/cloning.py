"""Cloning: a policy starts as an imitation of a hand-written law in moments that the env imagines, or of data."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch

from simonsays.agents.imitation.demonstrations import Observations, Pairs, read_pairs
from simonsays.agents.recipes.recipe import Cloning
from simonsays.agents.training.normalize import count
from simonsays.assets import InputError
from simonsays.assets.notes import dataclass
from simonsays.envs.policy.features import mapped
from simonsays.envs.trainable import capabilities

_HELD_OUT = 10  # one of so many is kept to measure with
_SEED_OF_HELD_OUT = 1


@dataclass(frozen=True)
class Cloned:
    """How near a policy came: mean squared errors of an action's number."""

    mean_squared_error: float
    """while it was fitted, in the last epoch"""
    held_out: float
    """afterwards, on pairs that it was not fitted to: other moments, or other episodes"""
    pairs: int
    """that it was fitted to"""


def clone(policy: Any, env: Any, settings: Cloning, seed: int, normaliser: Any = None) -> Cloned:
    """Fit an actor-critic's mean action to what the recipe names; the critic is left as it is.

    Args:
        policy: an actor-critic policy of stable-baselines3, changed in place.
        env: one of its kind. For ``moments`` it has ``imagine(rng, count)``, which gives observations (count, N) and
            actions (count, A).
        normaliser: a VecNormalize, where the policy will see what it gives; it gets the statistics of the data.

    Raises:
        InputError: the env does not imagine, or the data set is missing or of another kind of env.
    """
    rng = np.random.default_rng(seed)
    fitted, kept = _imagined(env, settings, rng, seed) if settings.moments is not None else _read(env, settings)
    if normaliser is not None and normaliser.norm_obs:
        count(normaliser, fitted[0])
        fitted, kept = ((normaliser.normalize_obs(states), labels) for states, labels in (fitted, kept))
    states, labels = _tensors(fitted)
    optimizer = torch.optim.Adam(policy.parameters(), lr=settings.learning_rate)
    falling = torch.optim.lr_scheduler.ExponentialLR(optimizer, 0.05 ** (1 / settings.epochs))
    losses: list[float] = []
    for _ in range(settings.epochs):
        losses.clear()
        for rows in torch.split(torch.from_numpy(rng.permutation(len(labels))), settings.batch_size):  # type: ignore[no-untyped-call]
            optimizer.zero_grad()
            loss = _loss(policy, _take(states, rows), labels[rows])
            loss.backward()  # type: ignore[no-untyped-call]
            optimizer.step()
            losses.append(float(loss.detach()))
        falling.step()
    with torch.no_grad():
        held_out = float(_loss(policy, *_tensors(kept)))
    return Cloned(float(np.mean(losses)), held_out, len(labels))


def _loss(policy: Any, states: Any, labels: torch.Tensor) -> torch.Tensor:
    result: torch.Tensor = ((policy.get_distribution(states).mode() - labels) ** 2).mean()
    return result


def _imagined(env: Any, settings: Cloning, rng: np.random.Generator, seed: int) -> tuple[Pairs, Pairs]:
    imagine = capabilities(env).imagine
    if imagine is None:
        raise InputError(f"cloning.moments: {type(env).__name__} has nothing to clone from; name a dataset")
    assert settings.moments is not None
    other = np.random.default_rng([seed, _SEED_OF_HELD_OUT])
    return imagine(rng, settings.moments), imagine(other, max(1, settings.moments // _HELD_OUT))


def _read(env: Any, settings: Cloning) -> tuple[Pairs, Pairs]:
    """The last episodes are kept; of a single one its end."""
    pairs = [each for source in settings.sources for each in read_pairs(source, env, settings.motion)]
    if len(pairs) > 1:
        last = max(1, len(pairs) // _HELD_OUT)
        return _joined(pairs[:-last]), _joined(pairs[-last:])
    states, labels = pairs[0]
    last = max(1, len(labels) // _HELD_OUT)
    if len(labels) <= last:
        raise InputError(f"cloning: {settings.sources[0]}: one step alone is too few")
    return (_take(states, slice(-last)), labels[:-last]), (_take(states, slice(-last, None)), labels[-last:])


def _joined(pairs: Sequence[Pairs]) -> Pairs:
    states, labels = zip(*pairs, strict=True)
    return mapped(lambda *parts: np.concatenate(parts), *states), np.concatenate(labels)


def _tensors(pairs: Pairs) -> tuple[Any, torch.Tensor]:
    states, labels = pairs
    return mapped(torch.from_numpy, states), torch.from_numpy(labels)


def _take(states: Observations | Any, rows: Any) -> Any:
    return mapped(lambda part: part[rows], states)
