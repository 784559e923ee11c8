"""Trunks: the layers of an actor or a critic before its last one, each written once for torch, NumPy and ONNX.

A trunk is a class in a file of its own, in envs/policy/trunks or in a plug-in, marked with ``@register_trunk(name)``.
It says which parameters it has and calculates with them through an array namespace, so that what torch trains
(agents/policies/networks.py), NumPy runs (envs/policy/networks.py) and an ONNX graph holds is the same code.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any, ClassVar, NamedTuple

import numpy as np
from numpy.typing import NDArray

from simonsays.assets import InputError, did_you_mean
from simonsays.assets.notes import dataclass, documented
from simonsays.assets.registry import Registry

_WIDEST = 1 << 16
Array = Any
"""of a namespace: takes ``+ - * /`` with others and with numbers, ``x[..., a:b]``, ``x[a:b]`` and ``x[..., None]``"""
Weights = Mapping[str, NDArray[Any]]
"""a bundle's tensors by name"""


class Layer(NamedTuple):
    """A linear layer among a trunk's parameters; in ``forward`` it is called: (..., inputs) to (..., outputs)."""

    inputs: int
    outputs: int


@dataclass(frozen=True)
class Arrays:
    """A namespace: what a trunk calculates with, beside the arithmetic of arrays. Names and axes are as in NumPy."""

    activations: Mapping[str, Callable[[Array], Array]]
    """elu, relu and tanh"""
    layer: Callable[[NDArray[Any], NDArray[Any]], Callable[[Array], Array]]
    """x W^T + b, of a weight (outputs, inputs) and a bias (outputs,)"""
    array: Callable[[NDArray[Any]], Array]
    """a parameter that is no layer"""
    square: Callable[[Array], Array]
    rsqrt: Callable[[Array], Array]
    """1 / sqrt(x)"""
    exp: Callable[[Array], Array]
    tanh: Callable[[Array], Array]
    sigmoid: Callable[[Array], Array]
    at_least: Callable[[Array, float], Array]
    """of an array and a number"""
    sum: Callable[..., Array]
    """``sum(x, axis=..., keepdims=...)``, as the next two"""
    mean: Callable[..., Array]
    max: Callable[..., Array]
    matmul: Callable[[Array, Array], Array]
    reshape: Callable[[Array, tuple[int, ...]], Array]
    transpose: Callable[[Array], Array]
    """(B, A) of (A, B)"""
    take: Callable[[Array, NDArray[np.intp]], Array]
    """``x[places]`` along the first axis"""
    repeat: Callable[[Array, int], Array]
    """(count, B, C) of (B, C): the same along a new first axis"""
    carry: Callable[[Array, Array, Array, Array], Array]
    """mix X + write F: (n, B, C) of mix (n, n, B, 1), streams X (n, B, C), write (n, B, 1) and F (B, C)"""


@dataclass(frozen=True)
class Trunk(ABC):
    """A kind of trunk for a number of inputs: its parameters, and (B, inputs) to (B, width)."""

    inputs: int
    hidden: tuple[int, ...]
    activation: str = "elu"
    """a key of ``Arrays.activations``"""
    streams: int = 4

    options: ClassVar[tuple[str, ...]] = ("hidden", "activation")
    """which of these fields it goes by; bundles keep them"""
    needs_hidden: ClassVar[bool] = True
    """it is refused without a width"""

    @abstractmethod
    def parameters(self) -> dict[str, Layer | NDArray[np.float32]]:
        """Layers, and the first values of other parameters, by names such as ``blocks.0.inner``.

        Torch draws and keeps them in this order. Names and shapes are what checkpoints and bundles go by.
        """

    @property
    @abstractmethod
    def width(self) -> int:
        """Numbers that come out of it."""

    @abstractmethod
    def forward(self, xp: Arrays, p: Mapping[str, Any], x: Array) -> Array:
        """(B, width) of x (B, inputs), with the parameters ``p`` by name."""

    def stored(self, part: str, name: str) -> str:
        """The name in a bundle of a parameter of ``part`` ("actor" or "critic")."""
        return f"{part}.trunk.{name}"

    def head(self, part: str) -> str:
        """The name in a bundle of the layer after it."""
        return f"{part}.head"

    def first(self, part: str) -> list[str]:
        """The names in a bundle of the layers that take x."""
        wider = replace(self, inputs=self.inputs + 1)
        others = wider.parameters()
        found = [n for n, like in self.parameters().items() if isinstance(like, Layer) and others[n] != like]
        return [self.stored(part, name) for name in found] + [self.head(part)] * (wider.width > self.width)


TRUNKS: Registry[type[Trunk]] = Registry("trunk", "simonsays.envs.policy.trunks")
"""Kinds of trunks by the name that ``network.trunk`` of a recipe takes."""


def register_trunk(name: str) -> Callable[[type[Trunk]], type[Trunk]]:
    """Register a class as a kind of trunk."""
    return partial(TRUNKS.register, name)


def bound(trunk: Trunk, weights: Weights, part: str, xp: Arrays) -> dict[str, Any]:
    """A trunk's parameters of a namespace, from a bundle's weights.

    Raises:
        KeyError: one is missing.
        InputError: one has another shape.
    """
    found: dict[str, Any] = {}
    for name, like in trunk.parameters().items():
        place = trunk.stored(part, name)
        if isinstance(like, Layer):
            bias = shaped(weights, f"{place}.bias", like.outputs)
            found[name] = xp.layer(shaped(weights, f"{place}.weight", *like[::-1]), bias)
        else:
            found[name] = xp.array(shaped(weights, place, *like.shape))
    return found


def shaped(weights: Weights, name: str, *shape: int | None) -> NDArray[Any]:
    """A weight of that shape; None: of any size there.

    Raises:
        KeyError: it is missing.
        InputError: it has another shape.
    """
    found = weights[name].shape
    if len(found) != len(shape) or any(size not in (None, has) for size, has in zip(shape, found, strict=True)):
        wanted = ", ".join("any" if size is None else str(size) for size in shape)
        raise InputError(f"{name} has shape {found}, the network's is ({wanted})")
    return weights[name]


@documented
class Actor(NamedTuple):
    """An actor's network in a namespace."""

    trunk: Callable[[Array], Array]
    """(B, width) of (B, inputs)"""
    head: Callable[[Array], Array]
    """its last layer: (B, outputs) of (B, width)"""
    outputs: int


def trunk_of(network: Mapping[str, Any], inputs: int) -> Trunk:
    """The trunk of a bundle's table ``network``, for so many inputs.

    Raises:
        InputError: an unknown kind of trunk, or an option that is missing or impossible.
    """
    kind = TRUNKS[network.get("trunk", "mlp")]
    if not all(0 < width <= _WIDEST for width in network["hidden"]):
        raise InputError(f"network.hidden: {network['hidden']}: widths from 1 to {_WIDEST} are possible")
    if not network["hidden"] and kind.needs_hidden:
        raise InputError(f"network.hidden: trunk {network['trunk']!r} needs a width")
    for name in kind.options:
        if name not in network:
            raise InputError(f"network.{name} is missing")
    options = {name: network[name] for name in kind.options}
    return kind(inputs, **{**options, "hidden": tuple(options["hidden"])})


def actor(network: Mapping[str, Any], weights: Weights, inputs: int, xp: Arrays) -> Actor:
    """The actor of a bundle's table ``network`` and its weights.

    Raises:
        KeyError: a weight is missing.
        InputError: as :func:`trunk_of`, an unknown activation, or a weight of another shape.
    """
    trunk = trunk_of(network, inputs)
    if network["activation"] not in xp.activations:
        raise InputError(
            f"network.activation: no {network['activation']!r}{did_you_mean(network['activation'], xp.activations)}"
        )
    p, head = bound(trunk, weights, "actor", xp), trunk.head("actor")
    bias = shaped(weights, f"{head}.bias", None)
    weight = shaped(weights, f"{head}.weight", len(bias), trunk.width)
    return Actor(lambda x: trunk.forward(xp, p, x), xp.layer(weight, bias), len(bias))
