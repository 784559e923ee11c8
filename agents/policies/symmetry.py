"""Exact left-right symmetry: a network is asked about a state and its mirror image, and the answers are averaged."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import nn

from simonsays.envs.trainable import Mirror


class Symmetry(nn.Module):
    """Mirrors rows (n, N) of what a network takes, and averages what it gives for both."""

    places: torch.Tensor
    signs: torch.Tensor
    action: torch.Tensor
    action_sign: torch.Tensor

    def __init__(self, mirror: Mirror, parts: Sequence[str] = ("observation",)) -> None:
        super().__init__()
        places: list[float] = []
        signs: list[float] = []
        for part in parts:
            places += [len(places) + place for place in mirror[part]]
            signs += mirror[f"{part}_sign"]
        self._keep("places", places, torch.long)
        self._keep("signs", signs, torch.float32)
        self._keep("action", mirror["action"], torch.long)
        self._keep("action_sign", mirror["action_sign"], torch.float32)

    def _keep(self, name: str, values: list[float], dtype: torch.dtype) -> None:
        self.register_buffer(name, torch.tensor(values, dtype=dtype), persistent=False)

    def both(self, x: torch.Tensor) -> torch.Tensor:
        """(2n, N) the rows, then their mirror images."""
        return torch.cat([x, x[:, self.places] * self.signs])

    def actions(self, y: torch.Tensor) -> torch.Tensor:
        """(n, A) of the actions (2n, A) for :meth:`both`."""
        plain, mirrored = y.chunk(2)
        return (plain + mirrored[:, self.action] * self.action_sign) * 0.5

    def spreads(self, y: torch.Tensor) -> torch.Tensor:
        """(n, A) of logarithms of deviations (2n, A), which have no sign."""
        plain, mirrored = y.chunk(2)
        return (plain + mirrored[:, self.action]) * 0.5

    def values(self, y: torch.Tensor) -> torch.Tensor:
        """(n, 1) of values (2n, 1)."""
        plain, mirrored = y.chunk(2)
        return (plain + mirrored) * 0.5


class SquashedSymmetry:
    """Mixed into an actor of SAC's kind, whose features are doubled: mean and deviation of its actions are averaged."""

    features_extractor: Any

    def get_action_dist_params(self, obs: Any) -> tuple[torch.Tensor, torch.Tensor, dict[str, torch.Tensor]]:
        """Mean and logarithm of the deviation (n, A)."""
        made: Any = super()
        mean, log_std, more = made.get_action_dist_params(obs)
        symmetry = self.features_extractor.symmetry
        return symmetry.actions(mean), symmetry.spreads(log_std), more


class DeterministicSymmetry:
    """Mixed into an actor of TD3's kind, whose features are doubled: what is squashed by tanh is averaged."""

    features_extractor: Any

    def forward(self, obs: Any) -> torch.Tensor:
        """Actions (n, A) in [-1, 1]."""
        own: Any = self
        before = own.mu[:-1](own.extract_features(obs, self.features_extractor))
        return torch.tanh(self.features_extractor.symmetry.actions(before))


def symmetric(actor: type[Any]) -> type[Any]:
    """An actor class of stable-baselines3, for features that are doubled."""
    mixed = SquashedSymmetry if hasattr(actor, "get_action_dist_params") else DeterministicSymmetry
    return type(f"Symmetric{actor.__name__}", (mixed, actor), {})
