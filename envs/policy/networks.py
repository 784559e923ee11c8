"""Forward passes of trained networks in NumPy: what agents/policies/networks.py trains in torch, run without it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simonsays.assets import InputError, did_you_mean

Weights = Mapping[str, NDArray[Any]]
Values = NDArray[np.float32]
Forward = Callable[[Values], Values]
LstmState = tuple[Values, Values]
"""hidden and cell (layers, n, H), as stable-baselines3 has them"""

SINKHORN_ITERATIONS, EPSILON, SMALLEST = 20, 1e-6, 1e-30  # as in agents/policies/networks.py


def _elu(x: Any) -> Any:
    return np.where(x > 0, x, np.expm1(np.minimum(x, 0)))


def sigmoid(x: Any) -> Any:
    """1 / (1 + exp(-x)), without overflow."""
    return np.float32(0.5) * (np.tanh(np.float32(0.5) * x) + np.float32(1.0))


ACTIVATIONS: dict[str, Callable[[Any], Any]] = {"elu": _elu, "tanh": np.tanh, "relu": lambda x: np.maximum(x, 0)}


def linear(weights: Weights, name: str) -> Forward:
    """x W^T + b of a layer's ``weight`` and ``bias``."""
    weight, bias = weights[f"{name}.weight"].T.copy(), weights[f"{name}.bias"]
    return lambda x: x @ weight + bias


def norm(x: Any) -> Any:
    """x (..., C) over the root of its mean square."""
    return x / np.sqrt(np.mean(np.square(x), -1, keepdims=True) + np.float32(EPSILON))


def sinkhorn(logits: Any) -> Any:
    """The doubly stochastic matrices (..., n, n) that Sinkhorn and Knopp's iteration reaches from exp(logits)."""
    matrix = np.maximum(np.exp(logits - logits.max(-1, keepdims=True)), np.float32(SMALLEST))
    for _ in range(SINKHORN_ITERATIONS):
        matrix = matrix / matrix.sum(-2, keepdims=True)
        matrix = matrix / matrix.sum(-1, keepdims=True)
    return matrix


def actor(network: Mapping[str, Any], weights: Weights) -> tuple[Forward, Forward]:
    """The actor's trunk and its last layer, from a bundle's table ``network`` and its weights.

    Raises:
        KeyError: a weight is missing.
        InputError: an unknown kind of trunk.
    """
    kind, activation, hidden = network.get("trunk", "mlp"), ACTIVATIONS[network["activation"]], network["hidden"]
    if kind == "mlp":
        layers = [linear(weights, f"actor.{i}") for i in range(len(hidden) + 1)]
        return _mlp(layers[:-1], activation), layers[-1]
    if kind not in TRUNKS:
        raise InputError(f"network.trunk: no kind {kind!r}{did_you_mean(str(kind), TRUNKS)}")
    head = linear(weights, "actor.head")
    start, blocks = (
        linear(weights, "actor.trunk.input"),
        [_block(weights, i, activation) for i in range(len(hidden) - 1)],
    )
    if kind == "residual":
        return _residual(start, blocks, activation), head
    mappings = [_CONNECTIONS[kind](weights, i, network["streams"]) for i in range(len(blocks))]
    return _streams(start, blocks, mappings, network["streams"], activation), head


def _mlp(layers: list[Forward], activation: Callable[[Any], Any]) -> Forward:
    def forward(x: Values) -> Any:
        for layer in layers:
            x = activation(layer(x))
        return x

    return forward


def _block(weights: Weights, number: int, activation: Callable[[Any], Any]) -> Forward:
    inner, outer = (linear(weights, f"actor.trunk.blocks.{number}.{part}") for part in ("inner", "outer"))
    return lambda x: outer(activation(inner(norm(x))))


def _residual(start: Forward, blocks: list[Forward], activation: Callable[[Any], Any]) -> Forward:
    def forward(x: Values) -> Any:
        x = activation(start(x))
        for block in blocks:
            x = x + block(x)
        return norm(x)

    return forward


Mappings = tuple[Any, Any, Any]
"""read (n, s), write (n, s) and mix (n, s, s) of s streams"""


def _logits(weights: Weights, number: int, streams: int, bound: Callable[[Any], Any]) -> Callable[[Any], Mappings]:
    name, square = f"actor.trunk.connections.{number}", streams * streams
    projection, bias = weights[f"{name}.projection"], weights[f"{name}.bias"]
    gate = np.repeat(weights[f"{name}.gate"], [streams, streams, square])

    def logits(x: Any) -> Mappings:
        values = gate * bound(norm(x.reshape(len(x), -1)) @ projection) + bias
        mix = values[:, -square:].reshape(-1, streams, streams)
        return values[:, :streams], values[:, streams : 2 * streams], mix

    return logits


def _constrained(weights: Weights, number: int, streams: int) -> Callable[[Any], Mappings]:
    logits = _logits(weights, number, streams, lambda x: x)

    def mappings(x: Any) -> Mappings:
        read, write, mix = logits(x)
        return sigmoid(read), np.float32(2.0) * sigmoid(write), sinkhorn(mix)

    return mappings


def _unconstrained(weights: Weights, number: int, streams: int) -> Callable[[Any], Mappings]:
    return _logits(weights, number, streams, np.tanh)


_CONNECTIONS = {"mhc": _constrained, "hyper": _unconstrained}
TRUNKS = ("mlp", "residual", *_CONNECTIONS)


def _streams(
    start: Forward,
    blocks: list[Forward],
    mappings: list[Callable[[Any], Mappings]],
    count: int,
    activation: Callable[[Any], Any],
) -> Forward:
    def forward(x: Values) -> Any:
        streams = np.repeat(activation(start(x))[:, None, :], count, axis=1)
        for block, mapping in zip(blocks, mappings, strict=True):
            read, write, mix = mapping(streams)
            added = block((read[:, None, :] @ streams)[:, 0])
            streams = mix @ streams + write[:, :, None] * added[:, None, :]
        return norm(streams.mean(1))

    return forward


class Lstm:
    """The LSTM of a recurrent policy: observations (n, N) and a state to outputs (n, H) and the next state."""

    def __init__(self, weights: Weights, layers: int) -> None:
        names = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
        self._layers = [[weights[f"lstm.{name}_l{i}"] for name in names] for i in range(layers)]
        self._size: int = self._layers[0][1].shape[1]

    def start(self, count: int) -> LstmState:
        """The state of ``count`` episodes that begin."""
        zeros = np.zeros((len(self._layers), count, self._size), dtype=np.float32)
        return zeros, zeros

    def __call__(self, x: Values, state: LstmState) -> tuple[Values, LstmState]:
        """One step."""
        hidden, cell = [], []
        for (w_input, w_hidden, b_input, b_hidden), h, c in zip(self._layers, *state, strict=True):
            gates = x @ w_input.T + b_input + h @ w_hidden.T + b_hidden
            enter, forget, new, leave = np.split(gates, 4, axis=-1)
            c = sigmoid(forget) * c + sigmoid(enter) * np.tanh(new)
            x = sigmoid(leave) * np.tanh(c)
            hidden.append(x)
            cell.append(c)
        return x, (np.stack(hidden), np.stack(cell))
