"""Networks in NumPy: the array namespace that trunks run in without torch, and the LSTM of recurrent policies."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simonsays.assets import InputError
from simonsays.envs.policy.trunk import Array, Arrays, Weights, shaped

Values = NDArray[np.float32]
Forward = Callable[[Values], Values]
LstmState = tuple[Values, Values]
"""hidden and cell (layers, n, H), as stable-baselines3 has them"""


def _layer(weight: Values, bias: Values) -> Forward:
    turned = weight.T.copy()
    return lambda x: x @ turned + bias


NUMPY = Arrays(
    activations={
        "elu": lambda x: np.where(x > 0, x, np.expm1(np.minimum(x, 0))),
        "tanh": np.tanh,
        "relu": lambda x: np.maximum(x, 0),
    },
    layer=_layer,
    array=lambda values: values,
    square=np.square,
    rsqrt=lambda x: np.reciprocal(np.sqrt(x)),
    exp=np.exp,
    tanh=np.tanh,
    sigmoid=lambda x: np.float32(0.5) * (np.tanh(np.float32(0.5) * x) + np.float32(1.0)),  # without overflow
    at_least=np.maximum,
    sum=np.add.reduce,
    mean=np.mean,
    max=np.maximum.reduce,
    matmul=np.matmul,
    reshape=np.reshape,
    transpose=np.transpose,
    take=lambda x, places: x[places],
    repeat=lambda x, count: np.repeat(x[None], count, 0),
    carry=lambda mix, streams, write, added: np.add.reduce(mix * streams, 1) + write * added,
)


def lstm_step(xp: Arrays, layers: tuple[Any, Any], size: int, x: Array, h: Array, c: Array) -> tuple[Array, Array]:
    """The next hidden and cell values (n, H) of one layer of an LSTM; ``layers``: of its input and of its hidden."""
    gates = layers[0](x) + layers[1](h)
    enter, forget, new, leave = (gates[..., k * size : (k + 1) * size] for k in range(4))
    c = xp.sigmoid(forget) * c + xp.sigmoid(enter) * xp.tanh(new)
    return xp.sigmoid(leave) * xp.tanh(c), c


def lstm_layers(weights: Weights, count: int, xp: Arrays) -> list[tuple[Any, Any]]:
    """The layers of an LSTM from a bundle's weights, for :func:`lstm_step`.

    Raises:
        KeyError: a weight is missing.
        InputError: one has another shape.
    """
    rows, size = shaped(weights, "lstm.weight_hh_l0", None, None).shape
    inputs, found = shaped(weights, "lstm.weight_ih_l0", rows, None).shape[1], []
    if rows != 4 * size:
        raise InputError(f"lstm.weight_hh_l0 has shape {(rows, size)}, the network's is (4 times any, any)")
    for i in range(count):
        before, after = (
            xp.layer(shaped(weights, f"lstm.weight_{part}", rows, width), shaped(weights, f"lstm.bias_{part}", rows))
            for part, width in ((f"ih_l{i}", size if i else inputs), (f"hh_l{i}", size))
        )
        found.append((before, after))
    return found


class Lstm:
    """The LSTM of a recurrent policy: observations (n, N) and a state to outputs (n, H) and the next state."""

    def __init__(self, weights: Weights, layers: int) -> None:
        self._layers = lstm_layers(weights, layers, NUMPY)
        self.size: int = weights["lstm.weight_hh_l0"].shape[1]

    def start(self, count: int) -> LstmState:
        """The state of ``count`` episodes that begin."""
        zeros = np.zeros((len(self._layers), count, self.size), dtype=np.float32)
        return zeros, zeros

    def __call__(self, x: Values, state: LstmState) -> tuple[Values, LstmState]:
        """One step."""
        after = []
        for layers, h, c in zip(self._layers, *state, strict=True):
            x, c = lstm_step(NUMPY, layers, self.size, x, h, c)
            after.append((x, c))
        hidden, cell = zip(*after, strict=True)
        return x, (np.stack(hidden), np.stack(cell))
