"""The private names of stable-baselines3 and sb3-contrib that we rest on; no other file touches any of them.

What an exact continuation puts back into a model, and what our policies and vectorised env take from their bases. Read
with versions 2.7 to 2.9: pyproject.toml caps them, and a new one is let in once the tests pass with it.
"""

from __future__ import annotations

import operator
from collections import deque
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from stable_baselines3.common.distributions import Distribution
from stable_baselines3.common.logger import TensorBoardOutputFormat
from stable_baselines3.common.vec_env.base_vec_env import VecEnv, VecEnvIndices
from torch import nn

LstmStates = Sequence[Sequence[torch.Tensor]]
"""of actor and critic, each hidden and cell (layers, n, H)"""

_COUNTERS = ("_n_updates", "_episode_num", "_n_calls", "_current_progress_remaining", "exploration_rate", "old_count")


# Models


def optimizers_and_variables(model: Any) -> tuple[dict[str, Any], dict[str, torch.Tensor]]:
    """A model's optimisers and single tensors, by the names that it saves them under."""
    dicts, variables = model._get_torch_save_params()
    found = {name: operator.attrgetter(name)(model) for name in dicts if name != "policy"}
    return found, {name: operator.attrgetter(name)(model) for name in variables}


def counters(model: Any) -> dict[str, Any]:
    """What a model counts, by name."""
    return {name: getattr(model, name) for name in _COUNTERS if hasattr(model, name)}


def updates(model: Any) -> int:
    """Gradient epochs so far."""
    return int(model._n_updates)


def restore_counters(model: Any, counted: dict[str, Any]) -> None:
    """Put :func:`counters` back, and empty the windows of last episodes, which a model has only once it learns."""
    for name, value in counted.items():
        setattr(model, name, value)
    model.ep_info_buffer, model.ep_success_buffer = (deque(maxlen=model._stats_window_size) for _ in range(2))


def keep_from_resetting(model: Any) -> None:
    """``learn()`` then does not reset the envs."""
    model._last_obs = np.zeros(0)


def arrive(model: Any, observation: Any, starts: np.ndarray | None) -> None:
    """Let a model go on from an observation of all envs; ``starts`` (n,): whose episode begins; None: as it has it."""
    model._last_obs = observation
    if (normaliser := model.get_vec_normalize_env()) is not None:
        model._last_original_obs = normaliser.get_original_obs()
    if starts is not None:
        model._last_episode_starts = starts


def episode_starts(model: Any) -> np.ndarray | None:
    """(n,) bool: whose episode begins with the last observation; None before there is one."""
    starts = model._last_episode_starts
    return None if starts is None else np.asarray(starts, dtype=bool)


def lstm_states(model: Any) -> LstmStates:
    """What a recurrent policy remembers; empty for any other."""
    return getattr(model, "_last_lstm_states", None) or ()


def set_lstm_states(model: Any, states: LstmStates) -> None:
    """Put :func:`lstm_states` back."""
    if states:
        model._last_lstm_states = type(model._last_lstm_states)(*(tuple(part) for part in states))


def running_starts(buffer: Any) -> np.ndarray | None:
    """(n,) where in a buffer for hindsight the running episodes begin; None of any other buffer."""
    return getattr(buffer, "_current_ep_start", None)


def set_running_starts(buffer: Any, places: np.ndarray) -> None:
    """Put :func:`running_starts` back."""
    buffer._current_ep_start = places


# Policies


class OwnExtractor:
    """Mixed into an actor-critic policy, whose trunks then are those of ``make_extractor``."""

    device: Any

    def make_extractor(self) -> nn.Module:
        """Trunks of actor and critic, as stable-baselines3's MlpExtractor names them."""
        raise NotImplementedError

    def _build_mlp_extractor(self) -> None:
        self.mlp_extractor: Any = self.make_extractor().to(self.device)


def distribution(policy: Any, latent: torch.Tensor) -> Distribution:
    """Of a policy's actions, from what its trunk gives."""
    result: Distribution = policy._get_action_dist_from_latent(latent)
    return result


def actor_arguments(policy: Any, features: nn.Module) -> dict[str, Any]:
    """What an off-policy policy makes its actor with, given the actor's features."""
    arguments: dict[str, Any] = policy._update_features_extractor(policy.actor_kwargs, features)
    return arguments


# Logs and envs


class TensorBoardFile(TensorBoardOutputFormat):
    """A file of events of its own, which hides later ones of a training that was killed."""

    def __init__(self, folder: Path, steps: int) -> None:
        from torch.utils.tensorboard import SummaryWriter

        self.writer = SummaryWriter(log_dir=str(folder), purge_step=steps + 1 if steps else None)
        self._is_closed = False


class SeededVecEnv(VecEnv):
    """A vectorised env that uses up the seeds and options of its next reset, and names its envs by place."""

    def take_orders(self) -> list[tuple[int | None, dict[str, Any]]]:
        """Of each env the seed and the options that were given for the next reset; they hold for one alone."""
        orders = list(zip(self._seeds, self._options, strict=True))
        self._reset_seeds()
        self._reset_options()
        return orders

    def places(self, indices: VecEnvIndices) -> list[int]:
        """The envs that are meant, all by default."""
        return list(self._get_indices(indices))
