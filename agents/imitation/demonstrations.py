"""Demonstrations: episodes of a policy in an env as the env saw them, and pairs to clone from."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import gymnasium
import numpy as np
from numpy.typing import NDArray

from simonsays.agents.measure.rollout import physics, prepare_task
from simonsays.assets import InputError, needs_extra
from simonsays.assets.notes import dataclass
from simonsays.assets.reading import parse_table
from simonsays.envs.policy.description import describe_env, differences, second_edition
from simonsays.envs.policy.features import mapped, shapes
from simonsays.envs.policy.policy import acting
from simonsays.envs.trainable import capabilities
from simonsays.sim.engines import DEFAULT
from simonsays.sim.recording import Recording

Observations = NDArray[np.float32] | dict[str, NDArray[np.float32]]
"""(n, N), or a dict of such arrays"""
Pairs = tuple[Observations, NDArray[np.float32]]
"""observations of n instants and the actions (n, A) there"""


@dataclass(frozen=True, eq=False)
class Episode:
    """T steps in an env."""

    observations: Observations
    """T + 1 of them, the last after the last step"""
    actions: NDArray[Any]
    """(T, A) as they were given to the env; (T,) whole numbers where its actions are such"""
    rewards: NDArray[np.float64]
    """(T,)"""
    terminated: bool
    truncated: bool
    success: bool
    seed: int

    def __len__(self) -> int:
        return len(self.rewards)


def roll_out(env: Any, predict: Any, seed: int) -> Episode:
    """One episode; ``predict(observation)`` gives its actions."""
    observation, _ = env.reset(seed=seed)
    observations, actions, rewards = [observation], [], []
    terminated = truncated = False
    info: dict[str, Any] = {}
    while not (terminated or truncated):
        action = np.asarray(predict(observation), dtype=env.action_space.dtype)
        observation, reward, terminated, truncated, info = env.step(action)
        observations.append(observation)
        actions.append(action)
        rewards.append(float(reward))
    return Episode(
        mapped(lambda *parts: np.array(parts), *observations),
        np.array(actions),
        np.array(rewards),
        terminated,
        truncated,
        bool(info.get("is_success", False)),
        seed,
    )


def open_env(env_id: str, policy: str, engine: str = DEFAULT) -> tuple[Any, Any]:
    """An env and ``choose(stochastic, seed)``, which gives a function from observation to action.

    ``policy`` is a bundle, whose settings the env gets, or ``random``. ``engine``: of the physics.

    Raises:
        InputError: no such env or policy, or they do not fit.
    """
    if policy != "random":
        env, loaded = prepare_task(policy, env_id, engine)

        def choose(stochastic: bool, seed: int) -> Any:
            loaded.seed(seed)
            return acting(loaded, deterministic=not stochastic)

        return env, choose
    plain = gymnasium.make(env_id, disable_env_checker=True, **physics(env_id, engine))

    def drawn(stochastic: bool, seed: int) -> Any:
        plain.action_space.seed(seed)
        return lambda observation: plain.action_space.sample()

    return plain, drawn


def collect(env: Any, choose: Any, episodes: int, seed: int = 0, stochastic: bool = False) -> Iterator[Episode]:
    """Episodes with seeds from ``seed`` on; actions are drawn from the policy where ``stochastic``, else its means."""
    for i in range(episodes):
        yield roll_out(env, choose(stochastic, seed + i), seed + i)


def read_pairs(source: str, env: Any, motion: str) -> list[Pairs]:
    """What to clone from, a pair of arrays for each episode.

    Args:
        source: a recording (.npz), a folder of recordings, a Minari data set's folder, or its id.
        env: one of the kind whose policy is to be cloned; motion: whose steps to take of recordings.

    Raises:
        InputError: there is no such thing, or it is of another kind of env.
    """
    place = Path(source)
    if place.suffix == ".npz":
        return _recording_pairs([place], env, motion)
    files = sorted(place.glob("*.npz")) if place.is_dir() else []
    return _recording_pairs(files, env, motion) if files else _minari_pairs(source, env)


def _recording_pairs(files: Sequence[Path], env: Any, motion: str) -> list[Pairs]:
    if isinstance(env.observation_space, gymnasium.spaces.Dict):
        raise InputError(f"{files[0]}: recordings hold flat observations, the environment's have parts")
    found: list[Pairs] = []
    for file in files:
        recording = Recording.load(file)
        if recording.motion is None or recording.policy_observations is None or recording.policy_actions is None:
            raise InputError(f"{file}: format 1 holds no observations and actions of the policy: record it anew")
        _check_described(str(file), recording.meta.get("env", {}), env)
        rows = recording.motion == motion
        if rows.any():
            width = env.observation_space.shape[0]  # another motion's policy may have seen more
            found.append((recording.policy_observations[rows, :width], recording.policy_actions[rows]))
    if not found:
        raise InputError(f"{files[0]}: no step of the motion {motion!r} in it or in the others")
    return found


def _minari_pairs(source: str, env: Any) -> list[Pairs]:
    """Of a Minari data set by its folder or, of the local ones, by its id."""
    with needs_extra("data", "a Minari data set"):
        import minari
    folder = Path(source) / "data"
    try:
        dataset = minari.MinariDataset(folder) if folder.is_dir() else minari.load_dataset(source)
    except (OSError, ValueError, KeyError, AssertionError) as error:
        raise InputError(f"no data set {source!r}: neither recordings nor a Minari data set: {error}") from error
    for name in ("observation_space", "action_space"):
        said, here = getattr(dataset, name), getattr(env, name)
        if shapes(said) != shapes(here):
            raise InputError(f"{source}: {name}: the data set has {said}, the environment {here}")
    said = dataset.storage.metadata.get("simonsays", "{}")
    _check_described(source, parse_table(said, f"{source}: simonsays").get("env", {}), env)
    return [(_rows(each.observations, len(each)), np.asarray(each.actions, np.float32)) for each in dataset]


def _rows(observations: Any, count: int) -> Any:
    """The first ``count`` of them, as float32."""
    return mapped(lambda part: np.asarray(part[:count], np.float32), observations)


def _check_described(source: str, said: dict[str, Any], env: Any) -> None:
    """Refuse pairs of another robot, observation or action; data that do not say are taken as they are."""
    here = json.loads(json.dumps(describe_env(env))) if capabilities(env).describe else {}
    there = second_edition(said)
    ours, theirs = here.get("history", 1), there.get("history", 1)
    if said and ours != theirs:
        raise InputError(f"{source}: history: it has {theirs} observations at a time, the environment {ours}")
    fields = ("robot", "robot_hash", "robot_parts", "observation", "action", "control_rate_hz")
    both = [field for field in fields if field in there and field in here]
    for field, a, b in differences({field: there[field] for field in both}, {field: here[field] for field in both}):
        raise InputError(f"{source}: {field}: it has {a!r}, the environment {b!r}")
