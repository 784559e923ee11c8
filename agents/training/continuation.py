"""Where a training's envs are: begun anew, or brought by their history to where they were."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import field
from typing import Any

import numpy as np
import torch

from simonsays.agents import sb3_internals as sb3
from simonsays.agents.recipes.recipe import Recipe
from simonsays.agents.runs.run_dir import TrainingState, Weights
from simonsays.agents.vec.vec import History, WorkerVecEnv
from simonsays.assets.notes import dataclass

_NETS = ("pi", "vf")  # actor and critic, in the names of tensors


@dataclass(frozen=True)
class Start:
    """What a training goes on from: a checkpoint's parts, or nothing."""

    said: dict[str, Any] | None = None
    """state.json"""
    state: TrainingState | None = None
    tensors: Weights = field(default_factory=dict)
    """of weights.safetensors and replay.safetensors"""
    history: Weights = field(default_factory=dict)
    """of history.safetensors"""


def envs_seed(recipe: Recipe, steps: int) -> int:
    """The seed of the first env for episodes that begin after ``steps``; the others count on from it."""
    return int(np.random.SeedSequence([recipe.seed, steps]).generate_state(1)[0])


def start_anew(model: Any, workers: WorkerVecEnv, settings: dict[str, Any], seed: int) -> None:
    """Make all envs anew and begin episodes; an uninterrupted training does so with every regular checkpoint.

    What is learned from is not hurt: a rollout ends here anyway, and a replay buffer's running episodes are cut off.
    """
    workers.rebuild(settings)
    workers.seed(seed)
    sb3.arrive(model, model.env.reset(), np.ones(workers.num_envs, dtype=bool))
    sb3.set_lstm_states(model, [[torch.zeros_like(state) for state in part] for part in sb3.lstm_states(model)])
    if getattr(model, "action_noise", None) is not None:
        model.action_noise.reset()
    workers.record()


def cut_episodes(model: Any) -> None:
    """Mark the running episodes of a replay buffer as truncated: the envs begin anew after it."""
    buffer = getattr(model, "replay_buffer", None)
    if buffer is None or buffer.size() == 0:
        return
    if hasattr(buffer, "truncate_last_trajectory"):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            buffer.truncate_last_trajectory()
    elif hasattr(buffer, "timeouts"):
        buffer.timeouts[buffer.pos - 1] = True  # ends the window of returns over n steps, and means nothing else


def history_tensors(model: Any, workers: WorkerVecEnv) -> tuple[Weights, dict[str, Any]]:
    """What leads from the last new beginning to this moment, actions and calls, and what those do not bring back."""
    actions, calls = workers.history
    shape = (0, workers.num_envs, *workers.action_space.shape)  # type: ignore[misc]
    tensors = {"actions": torch.from_numpy(np.stack(actions) if actions else np.zeros(shape, np.float32))}
    if (starts := sb3.episode_starts(model)) is not None:
        tensors["episode_starts"] = torch.from_numpy(starts)
    for net, part in zip(_NETS, sb3.lstm_states(model), strict=False):
        tensors |= {f"lstm.{net}.{i}": tensor for i, tensor in enumerate(part)}
    for i, noise in enumerate(_noises(model)):
        tensors[f"noise.{i}"] = torch.from_numpy(np.asarray(noise.noise_prev))
    if (normaliser := model.get_vec_normalize_env()) is not None:
        tensors["returns"] = torch.from_numpy(normaliser.returns)
    return tensors, {"calls": [list(call) for call in calls]}


def _noises(model: Any) -> list[Any]:
    noise = getattr(model, "action_noise", None)
    return [each for each in getattr(noise, "noises", [noise]) if hasattr(each, "noise_prev")]


def follow_history(
    model: Any, workers: WorkerVecEnv, tensors: Weights, calls: list[Any], report: Callable[[int], None]
) -> None:
    """After :func:`start_anew`: bring the envs, and the model's view of them, to where the history ends."""
    history = History(list(tensors["actions"].numpy()), [(int(n), name, settings) for n, name, settings in calls])
    observation = workers.retrace(*history, report)
    if (normaliser := model.get_vec_normalize_env()) is not None:
        normaliser.old_obs, normaliser.returns = observation, tensors["returns"].numpy().copy()
        observation = normaliser.normalize_obs(observation)
    starts = tensors["episode_starts"].numpy().copy() if "episode_starts" in tensors else None
    sb3.arrive(model, observation, starts)
    states = zip(_NETS, sb3.lstm_states(model), strict=False)
    sb3.set_lstm_states(model, [[tensors[f"lstm.{n}.{i}"].clone() for i in range(len(part))] for n, part in states])
    for i, noise in enumerate(_noises(model)):
        noise.noise_prev = tensors[f"noise.{i}"].numpy().copy()
