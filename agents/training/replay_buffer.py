"""A replay buffer as tensors of a checkpoint: what is filled of it."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch

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


def replay_tensors(buffer: Any) -> Weights:
    """The filled part of a stable-baselines3 replay buffer, with or without hindsight."""
    size = buffer.size()
    found = {f"{_PREFIX}{name}": torch.from_numpy(array[:size].copy()) for name, array in _arrays(buffer).items()}
    place = [buffer.pos, int(buffer.full)]
    found[f"{_PREFIX}place"] = torch.tensor(place)
    if hasattr(buffer, "_current_ep_start"):
        found[f"{_PREFIX}running"] = torch.from_numpy(buffer._current_ep_start.copy())
    return found


def restore_replay(buffer: Any, tensors: Weights) -> bool:
    """Put :func:`replay_tensors` back into a buffer of the same size; False if there is nothing of the kind."""
    place = tensors.get(f"{_PREFIX}place")
    if place is None:
        return False
    for name, array in _arrays(buffer).items():
        values = tensors[f"{_PREFIX}{name}"].numpy()
        array[: len(values)] = values
    buffer.pos, buffer.full = int(place[0]), bool(place[1])
    running = tensors.get(f"{_PREFIX}running")
    if running is not None:
        buffer._current_ep_start = running.numpy().copy()
    return True
