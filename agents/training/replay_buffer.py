"""A replay buffer as tensors of a checkpoint: what is filled of it."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch

from simonsays.agents import sb3_internals as sb3
from simonsays.agents.runs.run_dir import Weights

_PREFIX = "replay."
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
    found = {f"{_PREFIX}{name}": torch.from_numpy(array[:size].copy()) for name, array in _arrays(buffer).items()}
    place = [buffer.pos, int(buffer.full)]
    found[f"{_PREFIX}place"] = torch.tensor(place)
    running = sb3.running_starts(buffer)
    if running is not None:
        found[f"{_PREFIX}running"] = torch.from_numpy(running.copy())
    return found


def restore_buffer(buffer: Any, tensors: Weights) -> bool:
    """Put :func:`buffer_tensors` back into a buffer of the same size; False if there is nothing of the kind."""
    place = tensors.get(f"{_PREFIX}place")
    if place is None:
        return False
    for name, array in _arrays(buffer).items():
        values = tensors[f"{_PREFIX}{name}"].numpy()
        array[: len(values)] = values
    buffer.pos, buffer.full = int(place[0]), bool(place[1])
    running = tensors.get(f"{_PREFIX}running")
    if running is not None:
        sb3.set_running_starts(buffer, running.numpy().copy())
    return True
