"""Networks of bundles as nodes of an ONNX graph: what envs/policy/networks.py computes in NumPy, kind by kind."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simonsays.envs.policy.networks import EPSILON, SINKHORN_ITERATIONS, SMALLEST
from simonsays.experiments.exchange.onnx_graph import Symbol

Weights = Mapping[str, NDArray[Any]]
Trunk = Callable[[dict[str, Any], Weights, Symbol], Symbol]

_ACTIVATIONS = {"elu": "Elu", "tanh": "Tanh", "relu": "Relu"}


def _linear(weights: Weights, name: str, x: Symbol) -> Symbol:
    return x.linear(weights[f"{name}.weight"], weights[f"{name}.bias"])


def _mlp(network: dict[str, Any], weights: Weights, x: Symbol) -> Symbol:
    last = len(network["hidden"])
    for i in range(last):
        x = _linear(weights, f"actor.{i}", x).apply(_ACTIVATIONS[network["activation"]])
    return _linear(weights, f"actor.{last}", x)


def _norm(x: Symbol) -> Symbol:
    return x / ((x * x).reduce("ReduceMean", -1) + EPSILON).apply("Sqrt")


def _start(network: dict[str, Any], weights: Weights, x: Symbol) -> Symbol:
    return _linear(weights, "actor.trunk.input", x).apply(_ACTIVATIONS[network["activation"]])


def _block(network: dict[str, Any], weights: Weights, number: int, x: Symbol) -> Symbol:
    name = f"actor.trunk.blocks.{number}"
    inner = _linear(weights, f"{name}.inner", _norm(x)).apply(_ACTIVATIONS[network["activation"]])
    return _linear(weights, f"{name}.outer", inner)


def _residual(network: dict[str, Any], weights: Weights, x: Symbol) -> Symbol:
    x = _start(network, weights, x)
    for number in range(len(network["hidden"]) - 1):
        x = x + _block(network, weights, number, x)
    return _linear(weights, "actor.head", _norm(x))


def _streams(network: dict[str, Any], weights: Weights, x: Symbol) -> Symbol:
    """Plain ("hyper") or manifold-constrained ("mhc") hyper-connections between the blocks."""
    count = network["streams"]
    first = _start(network, weights, x).unsqueeze(1)
    streams = first.graph.concatenate([first] * count, 1)
    for number in range(len(network["hidden"]) - 1):
        read, write, mix = _mappings(network, weights, number, streams)
        added = _block(network, weights, number, read.unsqueeze(1).matmul(streams).squeeze(1))
        streams = mix.matmul(streams) + write.unsqueeze(2) * added.unsqueeze(1)
    return _linear(weights, "actor.head", _norm(streams.reduce("ReduceMean", 1).squeeze(1)))


def _mappings(network: dict[str, Any], weights: Weights, number: int, x: Symbol) -> tuple[Symbol, Symbol, Symbol]:
    """read (n, s), write (n, s) and mix (n, s, s) of s streams."""
    count, name = network["streams"], f"actor.trunk.connections.{number}"
    constrained = network["trunk"] == "mhc"
    gate = np.repeat(weights[f"{name}.gate"], [count, count, count * count])
    values = _norm(x.reshape([0, -1])).matmul(weights[f"{name}.projection"])
    values = (values if constrained else values.apply("Tanh")) * gate + weights[f"{name}.bias"]
    read, write = values[..., 0:count], values[..., count : 2 * count]
    mix = values[..., 2 * count : 2 * count + count * count].reshape([0, count, count])
    if not constrained:
        return read, write, mix
    return read.apply("Sigmoid"), write.apply("Sigmoid") * 2.0, _sinkhorn(mix)


def _sinkhorn(logits: Symbol) -> Symbol:
    matrix = (logits - logits.reduce("ReduceMax", -1)).apply("Exp").at_least(SMALLEST)
    for _ in range(SINKHORN_ITERATIONS):
        matrix = matrix / matrix.total(-2)
        matrix = matrix / matrix.total(-1)
    return matrix


TRUNKS: dict[str, Trunk] = {"mlp": _mlp, "residual": _residual, "hyper": _streams, "mhc": _streams}
"""A kind of trunk: policy.json's table ``network``, the weights and the input (batch, N) to the output (batch, L)."""
