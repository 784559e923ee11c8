"""Cloning: a policy starts as an imitation of what a hand-written law would do in moments that the env imagines."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from simonsays.agents.recipe import Cloning
from simonsays.assets import InputError


def clone(policy: Any, env: Any, settings: Cloning, seed: int) -> float:
    """Fit an actor-critic's mean action to the law's; the critic is left as it is.

    Args:
        policy: an actor-critic policy of stable-baselines3, changed in place.
        env: an env with ``imagine(rng, count)``, which gives observations (count, N) and actions (count, A).

    Returns:
        The mean squared error of an action's number in the last epoch.

    Raises:
        InputError: the env does not imagine.
    """
    if not hasattr(env, "imagine"):
        raise InputError(f"cloning: {type(env).__name__} has nothing to clone from")
    rng = np.random.default_rng(seed)
    states, labels = (torch.from_numpy(part) for part in env.imagine(rng, settings.moments))
    optimizer = torch.optim.Adam(policy.parameters(), lr=settings.learning_rate)
    falling = torch.optim.lr_scheduler.ExponentialLR(optimizer, 0.05 ** (1 / settings.epochs))
    losses: list[float] = []
    for _ in range(settings.epochs):
        losses.clear()
        for rows in torch.split(torch.from_numpy(rng.permutation(len(states))), settings.batch_size):  # type: ignore[no-untyped-call]
            optimizer.zero_grad()
            loss = ((policy.get_distribution(states[rows]).mode() - labels[rows]) ** 2).mean()
            loss.backward()  # type: ignore[no-untyped-call]
            optimizer.step()
            losses.append(float(loss.detach()))
        falling.step()
    return float(np.mean(losses))
