"""Residual networks of parallel streams: hyper-connections, plain and manifold-constrained.

Hyper-connections: Zhu et al., arXiv 2409.19606 (2024). Manifold-constrained (mHC): Xie et al., arXiv 2512.24880 (2025),
whose equations (7) to (9) are :meth:`Hyper.mappings`.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from simonsays.envs.policy.trunk import Array, Arrays, register_trunk
from simonsays.envs.policy.trunks.residual import EPSILON, Residual, norm

SINKHORN_ITERATIONS = 20
SMALLEST = 1e-30  # of an entry before it is normalised: no row or column may vanish
_GATE = 0.01  # of the input-dependent part, at first
_READ, _KEEP = 2.0, 4.0  # logits, at first: reading one's own stream, keeping streams apart


def sinkhorn(xp: Arrays, logits: Array, iterations: int = SINKHORN_ITERATIONS) -> Array:
    """The doubly stochastic matrices (n, n, ...) that Sinkhorn and Knopp's iteration reaches from exp(logits).

    Rows sum to 1 but for rounding, columns the nearer to it the more iterations. The batch comes last, because sums
    over a first dimension are many times as fast as over one of four numbers.
    """
    matrix = xp.at_least(xp.exp(logits - xp.max(logits, axis=1, keepdims=True)), SMALLEST)
    for _ in range(iterations):
        matrix = matrix / xp.sum(matrix, axis=0, keepdims=True)
        matrix = matrix / xp.sum(matrix, axis=1, keepdims=True)
    return matrix


@cache
def _gates(streams: int) -> NDArray[np.intp]:
    """Which gate each number of a connection has: of what is read, written and mixed."""
    return np.repeat(np.arange(3), [streams, streams, streams * streams])


@register_trunk("hyper")
class Hyper(Residual):
    """Plain hyper-connections: n streams X (n, C), X becomes mix X + write F(read X), layer after layer.

    A layer's mappings read (n), write (n) and mix (n, n) come from the streams themselves: a static part and a gated
    one that depends on the input, bounded by tanh. At first a layer reads the stream of its own number, writes to all
    alike and does not mix them.
    """

    options: ClassVar[tuple[str, ...]] = ("hidden", "activation", "streams")

    def parameters(self) -> dict[str, Any]:
        """Those of a residual network, and ``projection``, ``gate`` and ``bias`` of each connection."""
        n, found = self.streams, super().parameters()
        for i in range(len(self.hidden) - 1):
            found |= {
                f"connections.{i}.projection": np.zeros((n * self.width, n * (n + 2)), np.float32),
                f"connections.{i}.gate": np.full(3, _GATE, np.float32),
                f"connections.{i}.bias": np.concatenate(self._first(np.eye(n)[i % n])).astype(np.float32),
            }
        return found

    def _first(self, own: NDArray[Any]) -> tuple[NDArray[Any], ...]:
        """Static parts of read, write and mix at first; ``own`` (n,) is 1 for the stream that the layer reads."""
        return own, np.ones(self.streams), np.eye(self.streams).flatten()

    def forward(self, xp: Arrays, p: Mapping[str, Any], x: Array) -> Array:
        """(B, width) of x (B, inputs): the mean of the streams."""
        streams = xp.repeat(self.start(xp, p, x), self.streams)
        for number in range(len(self.hidden) - 1):
            read, write, mix = self.mappings(xp, p, number, streams)
            added = self.block(xp, p, number, xp.sum(read * streams, axis=0))
            streams = xp.carry(mix, streams, write, added)
        return norm(xp, xp.mean(streams, axis=0))

    def mappings(self, xp: Arrays, p: Mapping[str, Any], number: int, x: Array) -> tuple[Array, Array, Array]:
        """Read (n, B, 1), write (n, B, 1) and mix (n, n, B, 1) of streams x (n, B, C)."""
        n = self.streams
        projection, gate, bias = (p[f"connections.{number}.{name}"] for name in ("projection", "gate", "bias"))
        # Dividing by the norm commutes with the projection, and is cheaper after it.
        scale = xp.rsqrt(xp.mean(xp.square(x), axis=(0, 2)) + EPSILON)[..., None]
        moved = xp.sum(xp.matmul(x, xp.reshape(projection, (n, self.width, -1))), axis=0) * scale
        rows = xp.transpose(xp.take(gate, _gates(n)) * self._bounded(xp, moved) + bias)
        read, write, mix = self._shares(xp, rows[:n], rows[n : 2 * n], xp.reshape(rows[2 * n :], (n, n, -1)))
        return read[..., None], write[..., None], mix[..., None]

    def _bounded(self, xp: Arrays, moved: Array) -> Array:
        return xp.tanh(moved)

    def _shares(self, xp: Arrays, read: Array, write: Array, mix: Array) -> tuple[Array, Array, Array]:
        return read, write, mix


@register_trunk("mhc")
class ManifoldHyper(Hyper):
    """Manifold-constrained hyper-connections: read = sigmoid, write = 2 sigmoid, mix doubly stochastic.

    At first a layer reads mostly the stream of its own number, writes to all alike and hardly mixes them.
    """

    def _first(self, own: NDArray[Any]) -> tuple[NDArray[Any], ...]:
        return _READ * (2 * own - 1), np.zeros(self.streams), _KEEP * np.eye(self.streams).flatten()

    def _bounded(self, xp: Arrays, moved: Array) -> Array:
        return moved

    def _shares(self, xp: Arrays, read: Array, write: Array, mix: Array) -> tuple[Array, Array, Array]:
        return xp.sigmoid(read), xp.sigmoid(write) * 2, sinkhorn(xp, mix)
