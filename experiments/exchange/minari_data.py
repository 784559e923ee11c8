"""Minari data sets (https://minari.farama.org): of recordings, and of a policy's episodes in an env."""

from __future__ import annotations

import json
import os
import tempfile
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from gymnasium import spaces

from simonsays.agents.imitation.demonstrations import Episode, collect, open_env
from simonsays.agents.vec.crew import environment
from simonsays.assets import InputError, needs_extra
from simonsays.assets.files import replace_folder
from simonsays.envs.policy.description import describe_env
from simonsays.envs.trainable import capabilities
from simonsays.experiments.exchange.transitions import Transitions, load_all, state_names
from simonsays.sim.engine_choice import engine_said
from simonsays.sim.engines import DEFAULT

_ROOT = "MINARI_DATASETS_PATH"  # Minari takes the folder of its data sets from the environment alone
_TOLD = "instruction instruction_json robot policy scene_name scene verdict steps engine versions"  # of a recording


def write_recordings(files: Sequence[str], dataset_id: str, out: Path | None = None) -> Path:
    """Write recordings as a data set, an episode each; returns its folder.

    An observation is the measured state, an action the joint targets (exchange/transitions.py); the reward is 1 at
    the end of a run that did what it was told, else 0; every run ends with a termination.

    Raises:
        InputError: a bad recording or id, or a data set that exists.
    """
    joints, runs = load_all(files)
    state, action = runs[0].state.shape[1], runs[0].action.shape[1]
    described = {
        "robot": runs[0].meta.get("robot"),
        "fps": runs[0].fps,
        "observation_names": state_names(joints),
        "action": runs[0].action_kind,
        "action_names": joints,
    }
    with _writing(dataset_id, out) as (write, folder):
        write(
            [_buffer(run) for run in runs],
            [{field: run.meta[field] for field in _TOLD.split() if field in run.meta} for run in runs],
            described,
            observation_space=spaces.Box(-np.inf, np.inf, (state,), np.float32),
            action_space=spaces.Box(-np.inf, np.inf, (action,), np.float32),
            algorithm_name=f"simonsays {runs[0].meta.get('policy', '')}".strip(),
            description="Instructions done by a simulated humanoid: measured states and joint targets.",
        )
    return folder


def write_episodes(
    episodes: Iterator[Episode], env: Any, described: dict[str, Any], dataset_id: str, out: Path | None = None
) -> Path:
    """Write a policy's episodes as a data set, exactly what the env gave and took; returns its folder.

    ``described`` goes into the data set's metadata, field ``simonsays``, as JSON.

    Raises:
        InputError: a bad id, or a data set that exists: before an episode is run.
    """
    with _writing(dataset_id, out) as (write, folder):
        from minari.data_collector.episode_buffer import EpisodeBuffer

        buffers, told = [], []
        for i, each in enumerate(episodes):
            count = len(each)
            ended = np.arange(count) == count - 1
            buffers.append(
                EpisodeBuffer(
                    id=i,
                    seed=each.seed,
                    observations=each.observations,
                    actions=each.actions,
                    rewards=each.rewards.tolist(),
                    terminations=(ended & each.terminated).tolist(),
                    truncations=(ended & each.truncated).tolist(),
                )
            )
            told.append({"is_success": each.success})
        write(
            buffers,
            told,
            described,
            env=env,
            algorithm_name=str(described["policy"]),
            description=f"Episodes of the policy {described['policy']} in {env.spec.id}.",
        )
    return folder


def _buffer(run: Transitions) -> Any:
    from minari.data_collector.episode_buffer import EpisodeBuffer

    count = len(run) - 1
    ended = np.arange(count) == count - 1
    return EpisodeBuffer(
        seed=run.meta.get("seed"),
        observations=run.state,
        actions=run.action[:-1],
        rewards=(ended * float(run.success)).tolist(),
        terminations=ended.tolist(),
        truncations=[False] * count,
    )


@contextmanager
def _writing(dataset_id: str, out: Path | None) -> Iterator[tuple[Callable[..., None], Path]]:
    """``write(buffers, told, described, **arguments)`` and the folder, which is there once the block has ended."""
    with needs_extra("data", "a Minari data set"):
        import minari
        from minari.dataset.minari_dataset import parse_dataset_id
        from minari.namespace import create_namespace, list_local_namespaces
    try:
        namespace = parse_dataset_id(dataset_id)[0]
    except ValueError as error:
        raise InputError(f"--id {dataset_id!r}: write it as NAME-v0 or GROUP/NAME-v0") from error
    root = Path(out or os.environ.get(_ROOT) or Path.home() / ".minari" / "datasets").absolute()  # as Minari itself
    folder = root / dataset_id
    if folder.exists():
        raise InputError(f"{folder}: this data set exists; choose another version, or delete it")
    root.mkdir(parents=True, exist_ok=True)

    with tempfile.TemporaryDirectory(prefix=".writing-", dir=root) as scratch:

        def write(buffers: list[Any], told: list[dict[str, Any]], described: dict[str, Any], **arguments: Any) -> None:
            with environment({_ROOT: scratch}), warnings.catch_warnings():
                warnings.simplefilter("ignore", UserWarning)  # of an author and the like, which are not known
                made = minari.create_dataset_from_buffers(dataset_id, buffers, data_format="parquet", **arguments)
            made.storage.update_metadata({"simonsays": json.dumps(described)})
            made.storage.update_episode_metadata(told)

        yield write, folder
        with environment({_ROOT: str(root)}):
            if namespace is not None and namespace not in list_local_namespaces():
                create_namespace(namespace)
        folder.parent.mkdir(parents=True, exist_ok=True)
        replace_folder(Path(scratch) / dataset_id, folder)


Update = Callable[[int, int], None]


def collect_dataset(
    env_id: str,
    policy: str,
    episodes: int,
    seed: int,
    stochastic: bool,
    dataset_id: str,
    out: Path | None = None,
    update: Update = lambda done, total: None,
    engine: str = DEFAULT,
) -> dict[str, Any]:
    """Run episodes of a policy (a bundle, or ``random``) from ``seed`` on and write them; returns where, and figures.

    ``engine``: of the physics; the data set's metadata say which it was.

    Raises:
        InputError: no such env, policy or engine, they do not fit, or the data set exists.
    """
    env, choose = open_env(env_id, policy, engine)
    kept: list[Episode] = []

    def watched() -> Iterator[Episode]:
        for each in collect(env, choose, episodes, seed, stochastic):
            kept.append(each)
            update(len(kept), episodes)
            yield each

    described = {
        "env_id": env_id,
        "policy": policy,
        "stochastic": stochastic,
        **engine_said(engine),
        **({"env": describe_env(env)} if capabilities(env).describe else {}),
    }
    with closing(env):
        folder = write_episodes(watched(), env, described, dataset_id, out)
    return {
        "written": str(folder),
        "id": dataset_id,
        "episodes": len(kept),
        "steps": sum(len(each) for each in kept),
        "mean_return": float(np.mean([each.rewards.sum() for each in kept])),
        "success": float(np.mean([each.success for each in kept])),
    }
