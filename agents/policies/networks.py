"""Trunks of actors and critics: plain layers, a residual network, and residual streams with hyper-connections.

Hyper-connections: Zhu et al., arXiv 2409.19606 (2024). Manifold-constrained (mHC): Xie et al., arXiv 2512.24880 (2025),
whose equations (7) to (9) are :class:`HyperConnection`. envs/policy/networks.py is the same without torch.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import nn

ACTIVATIONS: dict[str, type[nn.Module]] = {"elu": nn.ELU, "relu": nn.ReLU, "tanh": nn.Tanh}
SINKHORN_ITERATIONS = 20
EPSILON = 1e-6  # of the norm
SMALLEST = 1e-30  # of an entry before it is normalised: no row or column may vanish
_GATE = 0.01  # of the input-dependent part, at first
_READ, _KEEP = 2.0, 4.0  # logits, at first: reading one's own stream, keeping streams apart


def sinkhorn(logits: torch.Tensor, iterations: int = SINKHORN_ITERATIONS) -> torch.Tensor:
    """The doubly stochastic matrices (n, n, ...) that Sinkhorn and Knopp's iteration reaches from exp(logits).

    Rows sum to 1 but for rounding, columns the nearer to it the more iterations. The batch comes last, because sums
    over a first dimension are many times as fast as over one of four numbers.
    """
    matrix = torch.exp(logits - logits.amax(1, keepdim=True)).clamp_min(SMALLEST)
    for _ in range(iterations):
        matrix = matrix / matrix.sum(0, keepdim=True)
        matrix = matrix / matrix.sum(1, keepdim=True)
    return matrix


def norm(x: torch.Tensor) -> torch.Tensor:
    """x (..., C) over the root of its mean square; the layer after it has the scale."""
    return x * torch.rsqrt(x.square().mean(-1, keepdim=True) + EPSILON)


class Block(nn.Module):
    """F(x) = W2 act(W1 norm(x)): what a residual network adds in one layer."""

    def __init__(self, width: int, hidden: int, activation: str) -> None:
        super().__init__()
        self.inner, self.outer = nn.Linear(width, hidden), nn.Linear(hidden, width)
        self.activation = ACTIVATIONS[activation]()

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """(..., width) of (..., width)."""
        result: torch.Tensor = self.outer(self.activation(self.inner(norm(x))))
        return result


class HyperConnection(nn.Module):
    """The mappings of one layer between n streams: read (n), write (n) and mix (n, n), from the streams themselves.

    Constrained: read = sigmoid, write = 2 sigmoid, mix doubly stochastic. Otherwise tanh of the input-dependent part
    and no bound of the static one, as in plain hyper-connections. At first the layer reads mostly the stream of its
    own number, writes to all alike and hardly mixes them.
    """

    which: torch.Tensor

    def __init__(self, streams: int, width: int, number: int, constrained: bool) -> None:
        super().__init__()
        self.streams, self.constrained = streams, constrained
        self.projection = nn.Parameter(torch.zeros(streams * width, streams * (streams + 2)))
        self.gate = nn.Parameter(torch.full((3,), _GATE))
        which = torch.tensor([0] * streams + [1] * streams + [2] * streams * streams)
        self.register_buffer("which", which, persistent=False)
        own = torch.zeros(streams)
        own[number % streams] = 1.0
        identity = torch.eye(streams)
        if constrained:
            read, write, mix = _READ * (2 * own - 1), torch.zeros(streams), _KEEP * identity
        else:
            read, write, mix = own, torch.ones(streams), identity
        self.bias = nn.Parameter(torch.cat([read, write, mix.flatten()]))

    def forward(self, x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """Read (n, B, 1), write (n, B, 1) and mix (n, n, B, 1) of streams (n, B, C)."""
        n = self.streams
        # Dividing by the norm commutes with the projection, and is cheaper after it.
        scale = torch.rsqrt(x.square().mean((0, 2)) + EPSILON).unsqueeze(-1)
        moved = torch.bmm(x, self.projection.reshape(n, x.shape[-1], -1)).sum(0) * scale
        values = self.gate[self.which] * (moved if self.constrained else torch.tanh(moved)) + self.bias
        rows = values.T.contiguous()
        read, write, mix = rows[:n], rows[n : 2 * n], rows[2 * n :].reshape(n, n, -1)
        if self.constrained:
            read, write, mix = torch.sigmoid(read), 2 * torch.sigmoid(write), sinkhorn(mix)
        return read.unsqueeze(-1), write.unsqueeze(-1), mix.unsqueeze(-1)


class Residual(nn.Module):
    """x + F(x), block after block, after one plain layer. ``hidden``: width, then the inner width of each block."""

    def __init__(self, inputs: int, hidden: Sequence[int], activation: str) -> None:
        super().__init__()
        self.width = hidden[0]
        self.input = nn.Linear(inputs, self.width)
        self.activation = ACTIVATIONS[activation]()
        self.blocks = nn.ModuleList(Block(self.width, inner, activation) for inner in hidden[1:])

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """(B, width) of (B, inputs)."""
        x = self.activation(self.input(x))
        for block in self.blocks:
            x = x + block(x)
        return norm(x)


class HyperResidual(Residual):
    """A residual network of n parallel streams X (n, C): X becomes mix X + write F(read X), layer after layer."""

    def __init__(self, inputs: int, hidden: Sequence[int], activation: str, streams: int, constrained: bool) -> None:
        super().__init__(inputs, hidden, activation)
        self.streams = streams
        self.connections = nn.ModuleList(
            HyperConnection(streams, self.width, number, constrained) for number in range(len(self.blocks))
        )

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """(B, width) of (B, inputs): the mean of the streams."""
        streams = self._start(x)
        for block, connection in zip(self.blocks, self.connections, strict=True):
            streams = _step(streams, block, connection(streams))
        return norm(streams.mean(0))

    def _start(self, x: torch.Tensor) -> torch.Tensor:
        first: torch.Tensor = self.activation(self.input(x))
        return first.expand(self.streams, -1, -1)

    def mixing(self, x: torch.Tensor) -> torch.Tensor:
        """(B, n, n) the product of all layers' mixing matrices for inputs (B, inputs)."""
        streams, composed = self._start(x), torch.eye(self.streams)
        for block, connection in zip(self.blocks, self.connections, strict=True):
            mappings = connection(streams)
            streams, composed = _step(streams, block, mappings), mappings[2].squeeze(-1).movedim(-1, 0) @ composed
        return composed


def _step(x: torch.Tensor, block: nn.Module, mappings: tuple[torch.Tensor, torch.Tensor, torch.Tensor]) -> torch.Tensor:
    """mix X + write F(read X) of streams X (n, B, C). Written out: a matrix product for each row of a batch is slow."""
    read, write, mix = mappings
    added = block((read * x).sum(0))
    own = x.unbind()
    mixed = [sum(share * stream for share, stream in zip(row, own, strict=True)) for row in mix]
    return torch.stack([stream + share * added for stream, share in zip(mixed, write, strict=True)])


def gain(mixing: torch.Tensor) -> tuple[float, float]:
    """Largest absolute row sum (signal forward) and column sum (gradient backward) of matrices (B, n, n), their mean.

    The "Amax gain" of arXiv 2512.24880, section 3.1.
    """
    signed_rows, signed_columns = mixing.sum(-1), mixing.sum(-2)
    return float(signed_rows.abs().amax(-1).mean()), float(signed_columns.abs().amax(-1).mean())


def make_trunk(trunk: str, inputs: int, hidden: Sequence[int], activation: str, streams: int = 4) -> nn.Module:
    """A trunk by its name: "mlp", "residual", "hyper" or "mhc"; (B, inputs) to (B, :func:`trunk_width`)."""
    if trunk == "mlp":
        layers: list[nn.Module] = []
        for width in hidden:
            layers += [nn.Linear(inputs, width), ACTIVATIONS[activation]()]
            inputs = width
        return nn.Sequential(*layers)
    if trunk == "residual":
        return Residual(inputs, hidden, activation)
    return HyperResidual(inputs, hidden, activation, streams, constrained=trunk == "mhc")


def trunk_width(trunk: str, inputs: int, hidden: Sequence[int]) -> int:
    """Numbers that come out of a trunk."""
    if not hidden:
        return inputs
    return hidden[-1] if trunk == "mlp" else hidden[0]
