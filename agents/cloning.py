"""Cloning: a policy starts from what the env's own ``guide()`` would do (DAgger: Ross, Gordon and Bagnell, 2011)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from simonsays.agents.recipe import Cloning

Tensor = torch.Tensor


def clone(
    policy: Any, env: Any, settings: Cloning, gamma: float, seed: int, report: Callable[[str], None] | None = None
) -> None:
    """Fit an actor-critic to the guide's actions and to the returns that came of them.

    In the first round the guide acts, then the policy itself does; noise is added to either, and every state that is
    come by is labelled with what the guide would do there. The policy is fitted anew to all of them after each round.

    Args:
        policy: an actor-critic policy of stable-baselines3, changed in place.
        env: a vectorised env whose envs have ``guide()``.
        gamma: discount of the returns.
    """
    rng = np.random.default_rng(seed)
    observation = env.reset()
    seen: list[tuple[Tensor, Tensor]] = []
    for turn in range(settings.rounds):
        states, labels, rewards, dones = [], [], [], []
        for _ in range(settings.steps // (settings.rounds * env.num_envs)):
            guided = np.array(env.env_method("guide"), dtype=np.float32)
            action = guided if turn == 0 else policy.predict(observation, deterministic=True)[0]
            states.append(observation)
            labels.append(guided)
            noise = settings.noise * rng.standard_normal(action.shape)
            noise[:, settings.quiet :] = 0.0
            observation, reward, done, _ = env.step(np.clip(action + noise, -1.0, 1.0))
            rewards.append(reward)
            dones.append(done)
        seen.append((_flat(states), _flat(labels)))
        loss = _fit_actions(policy, *(torch.cat(part) for part in zip(*seen, strict=True)), settings, rng)
        if report is not None:
            report(f"cloning round {turn + 1}: {env.num_envs * len(states)} steps, loss {loss:.4f}")
    _fit_values(policy, states, rewards, dones, gamma, settings, rng)


def _flat(rows: list[np.ndarray]) -> Tensor:
    return torch.from_numpy(np.concatenate(rows).astype(np.float32))


def returns(rewards: np.ndarray, dones: np.ndarray, gamma: float) -> tuple[np.ndarray, np.ndarray]:
    """Discounted returns (T, n) to the end of each episode, and which belong to an episode that ended (T, n)."""
    total, known = np.zeros_like(rewards), np.zeros_like(dones)
    after, ended = np.zeros(rewards.shape[1]), np.zeros(rewards.shape[1], dtype=bool)
    for t in range(len(rewards) - 1, -1, -1):
        ended |= dones[t]
        after = rewards[t] + gamma * after * ~dones[t]
        total[t], known[t] = after, ended
    return total, known


def _fit_actions(policy: Any, states: Tensor, labels: Tensor, settings: Cloning, rng: np.random.Generator) -> float:
    def loss(rows: Tensor) -> Tensor:
        return ((policy.get_distribution(states[rows]).mode() - labels[rows]) ** 2).mean()

    return _descend(policy, len(states), loss, settings, rng)


def _fit_values(
    policy: Any,
    states: list[np.ndarray],
    rewards: list[np.ndarray],
    dones: list[np.ndarray],
    gamma: float,
    settings: Cloning,
    rng: np.random.Generator,
) -> None:
    total, known = returns(np.array(rewards), np.array(dones), gamma)
    kept = torch.from_numpy(known.reshape(-1))
    seen, wanted = _flat(states)[kept], torch.from_numpy(total.reshape(-1).astype(np.float32))[kept]

    def loss(rows: Tensor) -> Tensor:
        return ((policy.predict_values(seen[rows]).squeeze(-1) - wanted[rows]) ** 2).mean()

    if len(seen):
        _descend(policy, len(seen), loss, settings, rng)


def _descend(
    policy: Any, count: int, loss: Callable[[Tensor], Tensor], settings: Cloning, rng: np.random.Generator
) -> float:
    """Adam over shuffled batches, its rate falling to a tenth; returns the last epoch's mean loss."""
    optimizer = torch.optim.Adam(policy.parameters(), lr=settings.learning_rate)
    falling = torch.optim.lr_scheduler.ExponentialLR(optimizer, 0.1 ** (1 / settings.epochs))
    losses: list[float] = []
    for _ in range(settings.epochs):
        losses.clear()
        for rows in torch.from_numpy(rng.permutation(count)).split(settings.batch_size):
            optimizer.zero_grad()
            value = loss(rows)
            value.backward()  # type: ignore[no-untyped-call]
            optimizer.step()
            losses.append(float(value.detach()))
        falling.step()
    return float(np.mean(losses))
