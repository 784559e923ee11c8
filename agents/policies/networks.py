"""Trunks (envs/policy/trunk.py) as torch modules."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from simonsays.envs.policy.trunk import TRUNKS, Arrays, Layer

ACTIVATIONS: dict[str, type[nn.Module]] = {"elu": nn.ELU, "relu": nn.ReLU, "tanh": nn.Tanh}


def _layer(weight: NDArray[np.float32], bias: NDArray[np.float32]) -> Callable[[torch.Tensor], torch.Tensor]:
    tensors = torch.from_numpy(weight), torch.from_numpy(bias)
    return lambda x: nn.functional.linear(x, *tensors)


def _carry(mix: torch.Tensor, streams: torch.Tensor, write: torch.Tensor, added: torch.Tensor) -> torch.Tensor:
    """Written out: a matrix product for each row of a batch is slow."""
    own = streams.unbind()
    mixed = [sum(share * stream for share, stream in zip(row, own, strict=True)) for row in mix]
    return torch.stack([stream + share * added for stream, share in zip(mixed, write, strict=True)])


TORCH = Arrays(
    activations={"elu": nn.functional.elu, "relu": nn.functional.relu, "tanh": torch.tanh},
    layer=_layer,
    array=torch.from_numpy,
    square=torch.square,
    rsqrt=torch.rsqrt,
    exp=torch.exp,
    tanh=torch.tanh,
    sigmoid=torch.sigmoid,
    at_least=torch.clamp_min,
    sum=torch.sum,
    mean=torch.mean,
    max=torch.amax,
    matmul=torch.matmul,
    reshape=torch.reshape,
    transpose=lambda x: x.T.contiguous(),
    take=lambda x, places: x[torch.from_numpy(places)],
    repeat=lambda x, count: x.expand(count, -1, -1),
    carry=_carry,
)


class TrunkModule(nn.Module):
    """A trunk with parameters that torch trains, (B, inputs) to (B, width).

    Attributes:
        trunk: what it calculates; parts: its layers and parameters by the trunk's names for them.

    Raises:
        InputError: no such kind of trunk.
    """

    def __init__(self, trunk: str, inputs: int, hidden: Sequence[int], activation: str, streams: int = 4) -> None:
        super().__init__()
        self.trunk = TRUNKS[trunk](inputs, tuple(hidden), activation, streams)
        self.parts: dict[str, nn.Linear | nn.Parameter] = {}
        for name, like in self.trunk.parameters().items():
            made = nn.Linear(*like) if isinstance(like, Layer) else nn.Parameter(torch.from_numpy(like.copy()))
            self._keep(name, made)

    def _keep(self, name: str, made: nn.Linear | nn.Parameter) -> None:
        """Under its name, whose dots are modules within modules."""
        self.parts[name] = made
        place: nn.Module = self
        *modules, last = name.split(".")
        for part in modules:
            if part not in dict(place.named_children()):
                place.add_module(part, nn.Module())
            place = place.get_submodule(part)
        setattr(place, last, made)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """(B, width) of x (B, inputs)."""
        result: torch.Tensor = self.trunk.forward(TORCH, self.parts, x)
        return result
