"""All that a model of stable-baselines3 needs to go on exactly: as tensors and plain values, and put back.

Works for any of its algorithms, and of sb3-contrib's: they name their own state dicts and variables.
"""

from __future__ import annotations

import operator
import random
import warnings
from collections import deque
from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from simonsays.agents.run_dir import Weights, load_optimizer, load_weights, optimizer_tensors
from simonsays.agents.vec import History, WorkerVecEnv
from stable_baselines3.common.vec_env.vec_normalize import VecNormalize

_COUNTERS = ("_n_updates", "_episode_num", "_n_calls", "_current_progress_remaining", "exploration_rate", "old_count")


def _named(model: Any) -> tuple[list[tuple[str, Any]], list[tuple[str, torch.Tensor]]]:
    """A model's optimisers and single tensors by name."""
    dicts, variables = model._get_torch_save_params()
    found = [(name, operator.attrgetter(name)(model)) for name in dicts if name != "policy"]
    return found, [(name, operator.attrgetter(name)(model)) for name in variables]


def model_tensors(model: Any) -> Weights:
    """Network, optimisers, single variables and normaliser."""
    found = {f"policy.{name}": tensor for name, tensor in model.policy.state_dict().items()}
    optimizers, variables = _named(model)
    for name, optimizer in optimizers:
        found |= optimizer_tensors(f"optimizer.{name}", optimizer)
    found |= {f"variable.{name}": tensor.detach() for name, tensor in variables}
    return found | normaliser_tensors(model.get_vec_normalize_env())


def restore_model(model: Any, tensors: Weights, where: Any) -> None:
    """Put :func:`model_tensors` back.

    Raises:
        InputError: they are those of another network.
    """
    load_weights(model.policy, tensors, where)
    optimizers, variables = _named(model)
    for name, optimizer in optimizers:
        load_optimizer(f"optimizer.{name}", optimizer, tensors)
    with torch.no_grad():
        for name, tensor in variables:
            tensor.copy_(tensors[f"variable.{name}"])
    if isinstance(getattr(model, "weights", None), torch.Tensor):  # ARS has them twice
        model.weights = torch.nn.utils.parameters_to_vector(model.policy.parameters()).detach()
    restore_normaliser(model.get_vec_normalize_env(), tensors)


def _statistics(env: VecNormalize | None) -> dict[str, Any]:
    if env is None:
        return {}
    found: dict[str, Any] = {"normaliser.reward": env.ret_rms}
    if env.norm_obs:
        parts = env.obs_rms if isinstance(env.obs_rms, dict) else {"": env.obs_rms}
        found |= {f"normaliser.observation.{name}": part for name, part in parts.items()}
    return found


def normaliser_tensors(env: VecNormalize | None) -> Weights:
    """Running means and variances."""
    return {
        f"{name}.{field}": torch.as_tensor(np.asarray(getattr(part, field), dtype=np.float64))
        for name, part in _statistics(env).items()
        for field in ("mean", "var", "count")
    }


def restore_normaliser(env: VecNormalize | None, tensors: Weights) -> None:
    """Put :func:`normaliser_tensors` back."""
    for name, part in _statistics(env).items():
        part.mean, part.var = (tensors[f"{name}.{field}"].numpy().copy() for field in ("mean", "var"))
        part.count = float(tensors[f"{name}.count"])


def random_state(model: Any) -> tuple[Weights, dict[str, Any]]:
    """All random number generators that a training in this process draws from: tensors, and plain values."""
    _, keys, place, has_gauss, gauss = np.random.get_state(legacy=True)
    version, words, next_gauss = random.getstate()
    tensors = {
        "random.torch": torch.get_rng_state(),
        "random.numpy": torch.from_numpy(np.asarray(keys, dtype=np.int64)),
        "random.python": torch.tensor(words, dtype=torch.int64),
    }
    plain = {
        "numpy": [int(place), int(has_gauss), float(gauss)],
        "python": [version, next_gauss],
        "actions": _plain(model.action_space.np_random.bit_generator.state),
    }
    return tensors, plain


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(part) for key, part in value.items()}
    return value.tolist() if isinstance(value, np.ndarray | np.generic) else value


def restore_random(model: Any, tensors: Weights, plain: dict[str, Any]) -> None:
    """Put :func:`random_state` back."""
    torch.set_rng_state(tensors["random.torch"])
    place, has_gauss, gauss = plain["numpy"]
    np.random.set_state(("MT19937", tensors["random.numpy"].numpy().astype(np.uint32), place, has_gauss, gauss))
    version, next_gauss = plain["python"]
    random.setstate((version, tuple(tensors["random.python"].tolist()), next_gauss))
    model.action_space.np_random.bit_generator.state = plain["actions"]


def counters(model: Any) -> dict[str, Any]:
    """Plain values: what a model counts, and its last episodes (the curriculum reads them)."""
    return {
        "counters": {name: _plain(getattr(model, name)) for name in _COUNTERS if hasattr(model, name)},
        "episodes": [{"r": float(e["r"]), "l": int(e["l"])} for e in model.ep_info_buffer or ()],
        "successes": [float(value) for value in model.ep_success_buffer or ()],
    }


def restore_counters(model: Any, said: dict[str, Any], steps: int) -> None:
    """Put :func:`counters` back."""
    model.num_timesteps = steps
    for buffer in ("ep_info_buffer", "ep_success_buffer"):
        setattr(model, buffer, deque(maxlen=model._stats_window_size))
    for name, value in said["counters"].items():
        setattr(model, name, value)
    model.ep_info_buffer.extend(said["episodes"])
    model.ep_success_buffer.extend(said["successes"])


# The envs: begun anew, or brought to where they were.


def start_anew(model: Any, workers: WorkerVecEnv, settings: dict[str, Any], seed: int) -> None:
    """Make all envs anew and begin episodes; an uninterrupted training does so with every regular checkpoint.

    What is learned from is not hurt: a rollout ends here anyway, and a replay buffer's running episodes are cut off.
    """
    workers.rebuild(settings)
    workers.seed(seed)
    _arrive(model, model.env.reset())
    model._last_episode_starts = np.ones(workers.num_envs, dtype=bool)
    states = getattr(model, "_last_lstm_states", None)
    if states is not None:
        model._last_lstm_states = type(states)(*(tuple(torch.zeros_like(t) for t in part) for part in states))
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


def _arrive(model: Any, observation: Any) -> None:
    model._last_obs = observation
    if model._vec_normalize_env is not None:
        model._last_original_obs = model._vec_normalize_env.get_original_obs()


def history_tensors(model: Any, workers: WorkerVecEnv) -> tuple[Weights, dict[str, Any]]:
    """What leads from the last new beginning to this moment: actions and calls; and what no replay brings back."""
    actions, calls = workers.history
    shape = (0, workers.num_envs, *workers.action_space.shape)  # type: ignore[misc]
    tensors = {"actions": torch.from_numpy(np.stack(actions) if actions else np.zeros(shape, np.float32))}
    if model._last_episode_starts is not None:
        tensors["episode_starts"] = torch.from_numpy(np.asarray(model._last_episode_starts, dtype=bool))
    states = getattr(model, "_last_lstm_states", None)
    for net, part in zip(("pi", "vf"), states or (), strict=False):
        tensors |= {f"lstm.{net}.{i}": tensor for i, tensor in enumerate(part)}
    for i, noise in enumerate(_noises(model)):
        tensors[f"noise.{i}"] = torch.from_numpy(np.asarray(noise.noise_prev))
    if model._vec_normalize_env is not None:
        tensors["returns"] = torch.from_numpy(model._vec_normalize_env.returns)
    return tensors, {"calls": [list(call) for call in calls]}


def _noises(model: Any) -> list[Any]:
    noise = getattr(model, "action_noise", None)
    return [each for each in getattr(noise, "noises", [noise]) if hasattr(each, "noise_prev")]


def follow_history(
    model: Any, workers: WorkerVecEnv, tensors: Weights, calls: list[Any], report: Callable[[int], None]
) -> None:
    """After :func:`start_anew`: bring the envs, and the model's view of them, to where the history ends."""
    history = History(list(tensors["actions"].numpy()), [(int(n), name, settings) for n, name, settings in calls])
    observation = workers.replay(*history, report)
    normaliser = model._vec_normalize_env
    if normaliser is not None:
        normaliser.old_obs, normaliser.returns = observation, tensors["returns"].numpy().copy()
        observation = normaliser.normalize_obs(observation)
    _arrive(model, observation)
    if "episode_starts" in tensors:
        model._last_episode_starts = tensors["episode_starts"].numpy().copy()
    states = getattr(model, "_last_lstm_states", None)
    if states is not None:
        parts = (
            tuple(tensors[f"lstm.{n}.{i}"].clone() for i in range(len(p)))
            for n, p in zip(("pi", "vf"), states, strict=True)
        )
        model._last_lstm_states = type(states)(*parts)
    for i, noise in enumerate(_noises(model)):
        noise.noise_prev = tensors[f"noise.{i}"].numpy().copy()
