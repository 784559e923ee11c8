"""Plain layers, one after the other."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import Any, ClassVar

from simonsays.envs.policy.trunk import Array, Arrays, Layer, Trunk, register_trunk


@register_trunk("mlp")
class Mlp(Trunk):
    """Plain layers of widths ``hidden``, each with the activation after it; without any, x itself."""

    needs_hidden: ClassVar[bool] = False

    def parameters(self) -> dict[str, Any]:
        """Named as stable-baselines3 counts them: an activation stands between two."""
        return {f"{2 * i}": Layer(*sizes) for i, sizes in enumerate(pairwise((self.inputs, *self.hidden)))}

    @property
    def width(self) -> int:
        """Of the last layer."""
        return (self.inputs, *self.hidden)[-1]

    def forward(self, xp: Arrays, p: Mapping[str, Any], x: Array) -> Array:
        """(B, width) of x (B, inputs)."""
        activation = xp.activations[self.activation]
        for layer in p.values():
            x = activation(layer(x))
        return x

    def stored(self, part: str, name: str) -> str:
        """Bundles number the layers."""
        return f"{part}.{int(name) // 2}"

    def head(self, part: str) -> str:
        """The last number."""
        return f"{part}.{len(self.hidden)}"
