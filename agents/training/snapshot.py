"""All that a model of stable-baselines3 needs to go on exactly: as tensors and plain values, and put back.

Works for any of its algorithms, and of sb3-contrib's: they name their own state dicts and variables.
"""

from __future__ import annotations

import random
from typing import Any

import numpy as np
import torch
from stable_baselines3.common.running_mean_std import RunningMeanStd
from stable_baselines3.common.vec_env.vec_normalize import VecNormalize

from simonsays.agents import sb3_internals as sb3
from simonsays.agents.runs.run_dir import Weights, load_optimizer, load_weights, optimizer_tensors


def model_tensors(model: Any) -> Weights:
    """Network, optimisers, single variables and normaliser."""
    found = {f"policy.{name}": tensor for name, tensor in model.policy.state_dict().items()}
    optimizers, variables = sb3.optimizers_and_variables(model)
    for name, optimizer in optimizers.items():
        found |= optimizer_tensors(f"optimizer.{name}", optimizer)
    found |= {f"variable.{name}": tensor.detach() for name, tensor in variables.items()}
    return found | normaliser_tensors(model.get_vec_normalize_env())


def restore_model(model: Any, tensors: Weights, where: Any) -> None:
    """Put :func:`model_tensors` back.

    Raises:
        InputError: they are those of another network.
    """
    load_weights(model.policy, tensors, where)
    optimizers, variables = sb3.optimizers_and_variables(model)
    for name, optimizer in optimizers.items():
        load_optimizer(f"optimizer.{name}", optimizer, tensors)
    with torch.no_grad():
        for name, tensor in variables.items():
            tensor.copy_(tensors[f"variable.{name}"])
    if isinstance(getattr(model, "weights", None), torch.Tensor):  # ARS has them twice
        model.weights = torch.nn.utils.parameters_to_vector(model.policy.parameters()).detach()
    restore_normaliser(model.get_vec_normalize_env(), tensors)


OBSERVATION = "normaliser.observation."
"""in front of the name of a part of the observation, in the names of its statistics' tensors"""


def observation_statistics(env: VecNormalize) -> dict[str, RunningMeanStd]:
    """Of each part of a dict observation by its name; of a flat one by an empty name."""
    return env.obs_rms if isinstance(env.obs_rms, dict) else {"": env.obs_rms}


def _statistics(env: VecNormalize | None) -> dict[str, Any]:
    if env is None:
        return {}
    found: dict[str, Any] = {"normaliser.reward": env.ret_rms}
    if env.norm_obs:
        found |= {f"{OBSERVATION}{name}": part for name, part in observation_statistics(env).items()}
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
        "counters": _plain(sb3.counters(model)),
        "episodes": [{"r": float(e["r"]), "l": int(e["l"])} for e in model.ep_info_buffer or ()],
        "successes": [float(value) for value in model.ep_success_buffer or ()],
    }


def restore_counters(model: Any, said: dict[str, Any], steps: int) -> None:
    """Put :func:`counters` back."""
    model.num_timesteps = steps
    sb3.restore_counters(model, said["counters"])
    model.ep_info_buffer.extend(said["episodes"])
    model.ep_success_buffer.extend(said["successes"])


_REPLAY = "replay."
_ARRAYS = ("observations", "next_observations", "actions", "rewards", "dones", "timeouts", "ep_start", "ep_length")


def _arrays(buffer: Any) -> dict[str, np.ndarray]:
    found: dict[str, np.ndarray] = {}
    for name in _ARRAYS:
        value = getattr(buffer, name, None)
        if isinstance(value, dict):
            found |= {f"{name}.{key}": array for key, array in value.items()}
        elif value is not None:
            found[name] = value
    return found


def buffer_tensors(buffer: Any) -> Weights:
    """The filled part of a stable-baselines3 replay buffer, with or without hindsight."""
    size = buffer.size()
    found = {f"{_REPLAY}{name}": torch.from_numpy(array[:size].copy()) for name, array in _arrays(buffer).items()}
    found[f"{_REPLAY}place"] = torch.tensor([buffer.pos, int(buffer.full)])
    if (running := sb3.running_starts(buffer)) is not None:
        found[f"{_REPLAY}running"] = torch.from_numpy(running.copy())
    return found


def restore_buffer(buffer: Any, tensors: Weights) -> bool:
    """Put :func:`buffer_tensors` back into a buffer of the same size; False if there is nothing of the kind."""
    place = tensors.get(f"{_REPLAY}place")
    if place is None:
        return False
    for name, array in _arrays(buffer).items():
        values = tensors[f"{_REPLAY}{name}"].numpy()
        array[: len(values)] = values
    buffer.pos, buffer.full = int(place[0]), bool(place[1])
    if (running := tensors.get(f"{_REPLAY}running")) is not None:
        sb3.set_running_starts(buffer, running.numpy().copy())
    return True
