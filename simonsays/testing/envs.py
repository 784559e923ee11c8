"""The contract of an env: what training, evaluation and other people's code rely on."""

from __future__ import annotations

import hashlib
import json
import warnings
from contextlib import suppress
from functools import partial
from typing import Any

import gymnasium
import numpy as np
from gymnasium.envs.registration import EnvSpec

from simonsays.assets import InputError
from simonsays.assets.defaults import DEFAULT_ROBOT
from simonsays.assets.plugins import load_plugins
from simonsays.envs import ENV_IDS, TASKS, env_class, task_id
from simonsays.envs.policy.features import flat
from simonsays.envs.trainable import capabilities
from simonsays.sim.robots import SHIPPED
from simonsays.testing._holding import accepted, holds


def one_each() -> list[str]:
    """Every env of the default robot and of no robot's task, and walking alone of every other robot that ships."""
    others = [robot for robot in SHIPPED if robot != DEFAULT_ROBOT]
    left_out = {task_id(task, robot) for task in TASKS if task != "Locomotion" for robot in others}
    return [name for name in ENV_IDS if name not in left_out]


def trajectory_hash(env: Any, seed: int, steps: int = 150) -> str:
    """Digest of all observations and rewards of an env under random actions, for so many steps whatever ends."""
    digest, rng = hashlib.sha256(), np.random.default_rng(seed)
    observation, _ = env.reset(seed=seed)
    for _ in range(steps):
        digest.update(_numbers(observation).tobytes())
        space = env.action_space
        action = np.clip(rng.normal(0, 0.4, space.shape), space.low, space.high).astype(space.dtype)
        observation, reward, terminated, truncated, _ = env.step(action)
        digest.update(np.float64(reward).tobytes())
        if terminated or truncated:
            observation, _ = env.reset()
    return digest.hexdigest()


def _numbers(observation: Any) -> Any:
    return flat(observation, np.concatenate) if isinstance(observation, dict) else np.asarray(observation)


def check_env(env_id: str, *, steps: int = 500, **settings: Any) -> None:
    """Check an env by its Gymnasium id, made with ``settings``: actions must be a Box.

    It passes Gymnasium's checker and stable-baselines3's, where that is installed. Equal seeds give equal
    trajectories, in one env after others as well as in a new one, and other seeds give others. For ``steps`` random
    steps, observations are in their space, rewards are finite and the sum of ``info["reward_terms"]`` where there are
    such, and an episode is either terminated or truncated. It may be closed twice. What it offers to training
    (envs/trainable.py) fits together. What it is made with can be told as JSON (``env.spec.to_json()``).

    Raises:
        AssertionError: something does not hold; the message says what.
    """
    load_plugins()
    with accepted(env_id):
        kind = env_class(env_id)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        _pass_checkers(env_id, settings)
    env: Any = gymnasium.make(env_id, **settings)
    holds(
        isinstance(env.action_space, gymnasium.spaces.Box), f"{env_id}: the action space is no Box: {env.action_space}"
    )
    first = trajectory_hash(env, 3)
    holds(trajectory_hash(env, 4) != first, f"{env_id}: seeds 3 and 4 give one trajectory: draw from self.np_random")
    where = "reset(seed=...) must set all that is random and forget the episode before"
    holds(trajectory_hash(env, 3) == first, f"{env_id}: seed 3 gives another trajectory after other episodes: {where}")
    other: Any = _made_again(env_id, env, settings)
    holds(trajectory_hash(other, 3) == first, f"{env_id}: seed 3 gives another trajectory in a new env: {where}")
    other.close()
    _check_steps(env_id, env, steps)
    _check_offers(env_id, kind, env)
    env.close()
    env.close()


def _made_again(env_id: str, env: Any, settings: dict[str, Any]) -> Any:
    """A new one, of the spec as JSON; that of a class which was registered itself has none."""
    if callable(env.spec.entry_point):
        return gymnasium.make(env_id, **settings)
    try:
        return gymnasium.make(EnvSpec.from_json(env.spec.to_json()))
    except (TypeError, ValueError) as error:
        raise AssertionError(f"{env_id}: cannot be made again of its spec as JSON: {error}") from error


def _pass_checkers(env_id: str, settings: dict[str, Any]) -> None:
    from gymnasium.utils.env_checker import check_env as gymnasium_check

    checks: dict[str, Any] = {"Gymnasium": partial(gymnasium_check, skip_render_check=True)}
    with suppress(ModuleNotFoundError):
        from stable_baselines3.common.env_checker import check_env as sb3_check

        checks["stable-baselines3"] = sb3_check
    for whose, check in checks.items():
        env: Any = gymnasium.make(env_id, **settings).unwrapped
        try:
            check(env)
        except Exception as error:
            raise AssertionError(f"{env_id}: {whose}'s checker: {error}") from error
        finally:
            env.close()


def _check_steps(env_id: str, env: Any, steps: int) -> None:
    observation, _ = env.reset(seed=0)
    env.action_space.seed(0)
    for step in range(steps):
        where = f"{env_id}, random step {step}"
        holds(
            env.observation_space.contains(observation), f"{where}: the observation is outside its space: {observation}"
        )
        observation, reward, terminated, truncated, info = env.step(env.action_space.sample())
        holds(np.isfinite(reward), f"{where}: the reward is {reward}")
        terms = info.get("reward_terms")
        if terms is not None:
            total = sum(terms.values())
            holds(np.isclose(reward, total), f"{where}: the reward is {reward}, its reward_terms make {total}: {terms}")
        holds(not (terminated and truncated), f"{where}: both terminated and truncated")
        if terminated or truncated:
            observation, _ = env.reset()


def _check_offers(env_id: str, kind: Any, env: Any) -> None:
    offers = capabilities(env)
    if offers.describe is not None:
        json.dumps(offers.describe())
    if offers.mirror is not None:
        for name in ("observation", "action"):
            place, sign = np.array(offers.mirror[name], int), np.array(offers.mirror[f"{name}_sign"])
            twice = (place[place] == np.arange(len(place))).all() and (sign * sign[place] == 1).all()
            holds(twice, f"{env_id}: the mirror image of the mirror image of {name} is not {name}")
    if offers.make_config is not None:
        try:
            capabilities(kind).make_config("settings", {"no_such_setting": 1})  # type: ignore[misc]
        except InputError:
            return
        raise AssertionError(f"{env_id}: make_config takes an unknown setting; raise InputError")
