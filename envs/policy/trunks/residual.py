"""A residual network: x + F(x), block after block."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from simonsays.envs.policy.trunk import Array, Arrays, Layer, Trunk, register_trunk

EPSILON = 1e-6  # of the norm


def norm(xp: Arrays, x: Array) -> Array:
    """x (..., C) over the root of its mean square; the layer after it has the scale."""
    return x * xp.rsqrt(xp.mean(xp.square(x), axis=-1, keepdims=True) + EPSILON)


@register_trunk("residual")
class Residual(Trunk):
    """x + F(x), block after block, after one plain layer.

    ``hidden``: width, then the inner width of each block.
    """

    def parameters(self) -> dict[str, Any]:
        """``input`` and, for each block, ``inner`` and ``outer``."""
        layers = {"input": Layer(self.inputs, self.width)}
        for i, inner in enumerate(self.hidden[1:]):
            layers |= {f"blocks.{i}.inner": Layer(self.width, inner), f"blocks.{i}.outer": Layer(inner, self.width)}
        return layers

    @property
    def width(self) -> int:
        """Of all that is added up."""
        return self.hidden[0]

    def start(self, xp: Arrays, p: Mapping[str, Any], x: Array) -> Array:
        """What the blocks add to."""
        return xp.activations[self.activation](p["input"](x))

    def block(self, xp: Arrays, p: Mapping[str, Any], number: int, x: Array) -> Array:
        """F(x) = W2 act(W1 norm(x))."""
        inner, outer = p[f"blocks.{number}.inner"], p[f"blocks.{number}.outer"]
        return outer(xp.activations[self.activation](inner(norm(xp, x))))

    def forward(self, xp: Arrays, p: Mapping[str, Any], x: Array) -> Array:
        """(B, width) of x (B, inputs)."""
        x = self.start(xp, p, x)
        for number in range(len(self.hidden) - 1):
            x = x + self.block(xp, p, number, x)
        return norm(xp, x)
