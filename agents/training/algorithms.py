"""How the algorithms of agents/recipes/hyperparameters.py are made, of stable-baselines3 and sb3-contrib."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any

import gymnasium
import numpy as np
from gymnasium import spaces
from stable_baselines3.common.noise import NormalActionNoise
from stable_baselines3.common.policies import BasePolicy
from stable_baselines3.her.her_replay_buffer import HerReplayBuffer

from simonsays.agents.bundles.exported import (
    Network,
    actor_critic_network,
    deterministic_network,
    normalised_network,
    random_search_network,
    squashed_network,
)
from simonsays.agents.policies.networks import ACTIVATIONS
from simonsays.agents.policies.policies import ActorCritic, Features, RecurrentActorCritic, SearchPolicy, with_own_actor
from simonsays.agents.recipes.hyperparameters import Ars, Deterministic, Hyperparameters, OffPolicy
from simonsays.agents.recipes.recipe import Recipe
from simonsays.agents.runs.run_dir import TrainingState
from simonsays.assets import InputError
from simonsays.assets.notes import dataclass
from simonsays.envs import env_class
from simonsays.envs.policy.features import PRIVILEGED
from simonsays.envs.trainable import capabilities

PolicyArguments = tuple[type[BasePolicy], dict[str, Any]]


def _network(recipe: Recipe) -> dict[str, Any]:
    """Arguments of TrunkModule beside the number of inputs."""
    return {name: getattr(recipe.network, name) for name in ("trunk", "hidden", "activation", "streams")}


def _parts(env: Any) -> tuple[str, ...]:
    space = env.observation_space
    return tuple(space.spaces) if isinstance(space, spaces.Dict) else ()


def _common_arguments(recipe: Recipe) -> dict[str, Any]:
    """What the policies of every algorithm but random search are made with."""
    table = recipe.hyperparameters
    return {
        "activation_fn": ACTIVATIONS[recipe.network.activation],
        "features_extractor_class": Features,
        "features_extractor_kwargs": {"features": recipe.network.features},
        **{name: getattr(table, name) for name in table.to_policy},
    }


def _on_policy(recipe: Recipe) -> dict[str, Any]:
    return {**_common_arguments(recipe), "network": _network(recipe), "log_std_init": recipe.network.log_std}


def _mirror(recipe: Recipe, env: Any, wanted: bool) -> Any:
    mirror = capabilities(env).mirror
    if recipe.network.mirror and mirror is None:
        raise InputError(f"recipe {recipe.name!r}: network.mirror: {recipe.env_id} does not know its mirror image")
    return mirror if wanted else None


def _actor_critic(recipe: Recipe, env: Any) -> PolicyArguments:
    return ActorCritic, {**_on_policy(recipe), "mirror": _mirror(recipe, env, recipe.network.mirror is not False)}


def _off_policy(recipe: Recipe, env: Any) -> PolicyArguments:
    plain = recipe.network.trunk == "mlp"
    arguments = {
        **_common_arguments(recipe),
        "net_arch": {"pi": list(recipe.network.hidden) if plain else [], "qf": list(recipe.network.hidden)},
        "actor_trunk": None if plain else _network(recipe),
        "mirror": _mirror(recipe, env, bool(recipe.network.mirror)),
    }
    arguments["features_extractor_kwargs"]["privileged"] = PRIVILEGED in _parts(env)
    return with_own_actor(named(recipe.hyperparameters.model).policy_aliases["MlpPolicy"]), arguments


def _random_search(recipe: Recipe, env: Any) -> PolicyArguments:
    plain = recipe.network.trunk == "mlp"
    return SearchPolicy, {
        "activation_fn": ACTIVATIONS[recipe.network.activation],
        "net_arch": list(recipe.network.hidden) if plain else [],
        "features": recipe.network.features,
        "actor_trunk": None if plain else _network(recipe),
    }


def named(place: str) -> Any:
    """What ``module:NAME`` names."""
    module, _, name = place.partition(":")
    return getattr(import_module(module), name)


def make_policy(recipe: Recipe, env: Any) -> PolicyArguments:
    """The class of a recipe's policy and its arguments, for an env of its kind.

    Raises:
        InputError: the env does not fit the algorithm.
    """
    parts, table = _parts(env), recipe.hyperparameters
    if recipe.her is not None and "desired_goal" not in parts:
        raise InputError(f"recipe {recipe.name!r}: [her]: {recipe.env_id} has no goals in its observation")
    if PRIVILEGED in parts and not table.privileged:
        raise InputError(f"recipe {recipe.name!r}: env.privileged: {recipe.algorithm} has no critic that may see more")
    if isinstance(table, OffPolicy) and not isinstance(env.action_space, spaces.Box):
        raise InputError(f"recipe {recipe.name!r}: {recipe.algorithm} needs actions in a Box, not {env.action_space}")
    return _family(recipe).policy(recipe, env)


def make_model(recipe: Recipe, env: Any, probe: Any, state: TrainingState) -> Any:
    """The stable-baselines3 model of a recipe; its learning rate is always ``state.learning_rate``.

    ``env`` is the vectorised one, ``probe`` one env of its kind.
    """
    (policy, arguments), table = make_policy(recipe, probe), recipe.hyperparameters
    try:
        return named(table.model)(
            policy=policy,
            env=env,
            learning_rate=lambda _: state.learning_rate,
            seed=recipe.seed,
            device="cpu",
            policy_kwargs=arguments,
            **table.model_dump(exclude={*table.to_policy, *table.own}),
            **_own_arguments(recipe, table, env),
        )
    except TypeError as error:  # a plug-in's table has a field that its model does not take
        message = f"recipe {recipe.name!r}: algorithm {recipe.algorithm!r}: its model {table.model}: {error}"
        raise InputError(message) from error


def bundled(recipe: Recipe, policy: Any) -> Network:
    """What a bundle holds of a recipe's policy."""
    return _family(recipe).network(policy)


def _own_arguments(recipe: Recipe, table: Hyperparameters, env: Any) -> dict[str, Any]:
    """What an algorithm takes that is no field of its table as it stands."""
    found: dict[str, Any] = {}
    if isinstance(table, Ars):
        found["n_eval_episodes"] = table.episodes_per_env * env.num_envs
    if isinstance(table, Deterministic) and table.action_noise > 0:
        size = env.action_space.shape[0]
        found["action_noise"] = NormalActionNoise(np.zeros(size), np.full(size, table.action_noise))
    if isinstance(table, OffPolicy) and recipe.her is not None:
        first = env.num_envs * _episode_steps(recipe, env)
        if table.learning_starts < first:
            raise InputError(
                f"recipe {recipe.name!r}: {recipe.algorithm}.learning_starts: "
                f"[her] needs a whole episode of each env: {first}"
            )
        found |= {"replay_buffer_class": HerReplayBuffer, "replay_buffer_kwargs": recipe.her.model_dump()}
    return found


def _episode_steps(recipe: Recipe, env: Any) -> int:
    """Of a whole episode: what the env says, or its registration."""
    if capabilities(env_class(recipe.env_id)).make_config:  # of ours
        return int(env.get_attr("steps_per_episode")[0])
    most = gymnasium.spec(recipe.env_id.rpartition(":")[2]).max_episode_steps
    if most is None:
        raise InputError(f"recipe {recipe.name!r}: her: {recipe.env_id} is registered without max_episode_steps")
    return most


@dataclass(frozen=True)
class Family:
    """What algorithms with policies of one kind have in common."""

    policy: Callable[[Recipe, Any], PolicyArguments]
    """of a recipe and an env: the policy's class and its arguments"""
    network: Callable[[Any], Network]
    """what a bundle holds of a policy; agents/training/snapshot.py asks the model what a checkpoint does"""


FAMILIES: dict[str, Family] = {
    "actor_critic": Family(_actor_critic, actor_critic_network),
    "recurrent": Family(lambda recipe, env: (RecurrentActorCritic, _on_policy(recipe)), actor_critic_network),
    "squashed": Family(_off_policy, squashed_network),
    "normalised": Family(_off_policy, normalised_network),
    "deterministic": Family(_off_policy, deterministic_network),
    "random_search": Family(_random_search, random_search_network),
}


def _family(recipe: Recipe) -> Family:
    name = recipe.hyperparameters.family
    return FAMILIES[name] if name in FAMILIES else named(name)
