"""What a policy costs: its parameters, a step of learning, an action."""

from __future__ import annotations

import timeit
from collections.abc import Callable
from typing import Any

import torch

from simonsays.agents.recipes.recipe import Recipe
from simonsays.agents.training.algorithms import bundled, make_policy
from simonsays.agents.training.export import make_env
from simonsays.envs.policy.networks import NUMPY
from simonsays.envs.policy.trunk import actor

_BATCH = 768


def cost(recipe: Recipe) -> dict[str, float]:
    """Parameters of a PPO recipe's actor and critic, least times of a gradient step (ms) and an action in NumPy (us).

    On one thread; the step is one on 768 observations.
    """
    probe = make_env(recipe)
    made, arguments = make_policy(recipe, probe)
    policy: Any = made(probe.observation_space, probe.action_space, lambda _: 1e-4, **arguments)  # type: ignore[arg-type]
    observations = torch.randn(_BATCH, *(probe.observation_space.shape or ()))
    actions = torch.randn(_BATCH, *probe.action_space.shape)
    probe.close()

    def gradient_step() -> None:
        values, log_prob, _ = policy.evaluate_actions(observations, actions)
        policy.optimizer.zero_grad()
        (values.square().mean() - log_prob.mean()).backward()
        policy.optimizer.step()

    network = bundled(recipe, policy)
    weights = {key: tensor.detach().numpy() for key, tensor in network.tensors.items()}
    trunk, head, _ = actor(network.described, weights, network.width, NUMPY)
    pair = observations[:2].numpy()  # an observation and its mirror image
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    step_s, action_s = _least(gradient_step, 15), _least(lambda: head(trunk(pair)), 200)
    torch.set_num_threads(threads)
    return {
        "parameters": sum(p.numel() for p in policy.parameters()),
        "gradient_step_ms": round(1e3 * step_s, 2),
        "action_us": round(1e6 * action_s, 1),
    }


def _least(function: Callable[[], Any], repeats: int) -> float:
    """s, the shortest of some calls: what else the machine does only makes them longer."""
    return min(timeit.repeat(function, number=1, repeat=repeats))
