"""The algorithms that a recipe can name: one entry each, made from what stable-baselines3 has."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from gymnasium import spaces
from simonsays.agents.bundle import Network, ppo_network, sac_network
from simonsays.agents.callbacks import Curriculum, Progress
from simonsays.agents.policies import GoalFeatures, MirrorActorCriticPolicy
from simonsays.agents.recipe import Recipe
from simonsays.agents.run_dir import TrainingState
from simonsays.assets import InputError
from stable_baselines3 import PPO, SAC
from stable_baselines3.common.policies import ActorCriticPolicy, BasePolicy
from stable_baselines3.her.her_replay_buffer import HerReplayBuffer
from stable_baselines3.sac.policies import MultiInputPolicy, SACPolicy

_ACTIVATIONS = {"elu": torch.nn.ELU, "relu": torch.nn.ReLU, "tanh": torch.nn.Tanh}

PolicyArguments = tuple[type[BasePolicy], dict[str, Any]]


@dataclass(frozen=True)
class Algorithm:
    """How a recipe's policy is made, trained, and exported.

    ``policy(recipe, env)`` gives a policy class and its arguments; ``model(recipe, vec_env, policy, state)`` the
    stable-baselines3 model, whose learning rate is always ``state.learning_rate``; ``network(policy)`` what a bundle
    holds. What a checkpoint holds needs no word here: agents/snapshot.py asks the model.
    """

    title: str
    policy: Callable[[Recipe, Any], PolicyArguments]
    model: Callable[[Recipe, Any, PolicyArguments, TrainingState], Any]
    network: Callable[[Any], Network]
    callback: type[Progress] = Progress
    log_interval: int = 1
    """rollouts, or with SAC episodes, between two lines of the log"""
    threads: int = 2
    """of torch"""


def _network_arguments(recipe: Recipe, env: Any) -> dict[str, Any]:
    arguments: dict[str, Any] = {"activation_fn": _ACTIVATIONS[recipe.network.activation]}
    if isinstance(env.observation_space, spaces.Dict):
        arguments["features_extractor_class"] = GoalFeatures
        arguments["features_extractor_kwargs"] = {"features": recipe.network.features}
    return arguments


def _ppo_policy(recipe: Recipe, env: Any) -> PolicyArguments:
    hidden = list(recipe.network.hidden)
    arguments = {
        **_network_arguments(recipe, env),
        "net_arch": {"pi": hidden, "vf": hidden},
        "log_std_init": recipe.network.log_std,
    }
    mirror, wanted = getattr(env, "mirror", None), recipe.network.mirror
    if wanted and mirror is None:
        raise InputError(f"recipe {recipe.name!r}: network.mirror: {recipe.env_id} does not know its mirror image")
    if mirror is None or wanted is False:
        return ActorCriticPolicy, arguments
    return MirrorActorCriticPolicy, {**arguments, "mirror": mirror}


def _common(recipe: Recipe, env: Any, policy: PolicyArguments, state: TrainingState) -> dict[str, Any]:
    """What every algorithm of stable-baselines3 is made with."""
    return {
        "policy": policy[0],
        "env": env,
        "learning_rate": lambda _: state.learning_rate,
        "seed": recipe.seed,
        "device": "cpu",
        "policy_kwargs": policy[1],
    }


def _ppo(recipe: Recipe, env: Any, policy: PolicyArguments, state: TrainingState) -> PPO:
    return PPO(**_common(recipe, env, policy, state), **recipe.ppo.model_dump())


def _sac_policy(recipe: Recipe, env: Any) -> PolicyArguments:
    arguments = {**_network_arguments(recipe, env), "net_arch": list(recipe.network.hidden)}
    goals = isinstance(env.observation_space, spaces.Dict)
    if recipe.her is not None and not goals:
        raise InputError(f"recipe {recipe.name!r}: [her]: {recipe.env_id} has no goals in its observation")
    return (MultiInputPolicy if goals else SACPolicy), arguments


def _sac(recipe: Recipe, env: Any, policy: PolicyArguments, state: TrainingState) -> SAC:
    if recipe.her is not None:
        first = env.num_envs * env.get_attr("steps_per_episode")[0]
        if recipe.sac.learning_starts < first:
            raise InputError(
                f"recipe {recipe.name!r}: sac.learning_starts: [her] needs a whole episode of each env: {first}"
            )
    return SAC(
        **_common(recipe, env, policy, state),
        replay_buffer_class=HerReplayBuffer if recipe.her else None,
        replay_buffer_kwargs=recipe.her.model_dump() if recipe.her else None,
        **recipe.sac.model_dump(exclude={"save_buffer"}),
    )


ALGORITHMS: dict[str, Algorithm] = {
    "ppo": Algorithm(
        title="PPO (stable-baselines3)",
        policy=_ppo_policy,
        model=_ppo,
        network=ppo_network,
        callback=Curriculum,
    ),
    "sac": Algorithm(
        title="SAC (stable-baselines3)",
        policy=_sac_policy,
        model=_sac,
        network=sac_network,
        log_interval=20,
        threads=1,  # small batches: a second thread costs more than it gives
    ),
}
