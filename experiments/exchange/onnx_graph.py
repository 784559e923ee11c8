"""An ONNX graph that is built by calculating: symbols take arithmetic, slices and layers, and write down the nodes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partialmethod
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from simonsays.envs.policy.trunk import Arrays

OPSET, IR_VERSION = 17, 8  # old enough for any runtime of the last years


class Graph:
    """Nodes, constants and inputs; every value is float32, its first axis the batch."""

    def __init__(self) -> None:
        self._nodes: list[Any] = []
        self._constants: dict[tuple[Any, ...], Any] = {}
        self._inputs: list[Any] = []

    def input(self, name: str, width: int) -> Symbol:
        """A new input (batch, width)."""
        from onnx import TensorProto, helper

        self._inputs.append(helper.make_tensor_value_info(name, TensorProto.FLOAT, ["batch", width]))
        return Symbol(self, name)

    def constant(self, values: ArrayLike, dtype: Any = np.float32) -> str:
        """The name of a constant; equal ones are kept once."""
        from onnx import numpy_helper

        array = np.ascontiguousarray(values, dtype=dtype)
        key = (array.tobytes(), array.shape, array.dtype.str)
        if key not in self._constants:
            self._constants[key] = numpy_helper.from_array(array, f"constant_{len(self._constants)}")
        return str(self._constants[key].name)

    def node(self, kind: str, *inputs: str, **attributes: Any) -> Symbol:
        """A node of one output."""
        from onnx import helper

        output = f"value_{len(self._nodes)}"
        self._nodes.append(helper.make_node(kind, list(inputs), [output], **attributes))
        return Symbol(self, output)

    def named(self, value: Any) -> str:
        """The name of a symbol, or of a constant: numbers are float32, truths are bool."""
        if isinstance(value, Symbol):
            return value.name
        return self.constant(value, np.bool_ if isinstance(value, bool) else np.float32)

    def choose(self, truth: Symbol, one: Any, other: Any) -> Symbol:
        """As ``np.where``."""
        return self.node("Where", truth.name, self.named(one), self.named(other))

    def concatenate(self, parts: Sequence[Symbol], axis: int) -> Symbol:
        """As ``np.concatenate``."""
        return self.node("Concat", *(part.name for part in parts), axis=axis)

    def model(self, results: Mapping[str, tuple[Symbol, int]], metadata: Mapping[str, str]) -> Any:
        """The checked ``onnx.ModelProto``; its outputs (batch, width) by name, each with its width."""
        import onnx
        from onnx import TensorProto, helper

        outputs = []
        for name, (result, width) in results.items():
            self._nodes.append(helper.make_node("Identity", [result.name], [name]))
            outputs.append(helper.make_tensor_value_info(name, TensorProto.FLOAT, ["batch", width]))
        constants = list(self._constants.values())
        graph = helper.make_graph(self._nodes, "policy", self._inputs, outputs, initializer=constants)
        model = helper.make_model(
            graph, producer_name="simonsays", opset_imports=[helper.make_opsetid("", OPSET)], ir_version=IR_VERSION
        )
        helper.set_model_props(model, dict(metadata))
        onnx.checker.check_model(model, full_check=True)
        return model


class Symbol:
    """A value of a graph; what is calculated with it becomes nodes. Operands may be symbols, arrays or numbers."""

    __array_ufunc__ = None  # so that an array on the left leaves the work to us

    def __init__(self, graph: Graph, name: str) -> None:
        self.graph, self.name = graph, name

    def _with(self, kind: str, other: Any) -> Symbol:
        return self.graph.node(kind, self.name, self.graph.named(other))

    def _from(self, kind: str, other: Any) -> Symbol:
        return self.graph.node(kind, self.graph.named(other), self.name)

    __add__ = partialmethod(_with, "Add")
    __sub__ = partialmethod(_with, "Sub")
    __mul__ = partialmethod(_with, "Mul")
    __truediv__ = partialmethod(_with, "Div")
    __pow__ = partialmethod(_with, "Pow")
    __radd__ = partialmethod(_from, "Add")
    __rsub__ = partialmethod(_from, "Sub")
    __rmul__ = partialmethod(_from, "Mul")
    __rtruediv__ = partialmethod(_from, "Div")
    __lt__ = partialmethod(_with, "Less")
    __gt__ = partialmethod(_with, "Greater")

    def __getitem__(self, places: slice | tuple[Any, slice | None]) -> Symbol:
        """``x[..., start:stop]``, ``x[start:stop]`` or ``x[..., None]``."""
        axis, part = (-1, places[1]) if isinstance(places, tuple) else (0, places)
        if part is None:
            return self.graph.node("Unsqueeze", self.name, self.graph.constant([axis], np.int64))
        if part.step is not None or (isinstance(places, tuple) and places[0] is not Ellipsis):
            raise ValueError(f"only [..., start:stop] can be written down, not {places!r}")
        stop = np.iinfo(np.int64).max if part.stop is None else part.stop
        ends = (self.graph.constant([value], np.int64) for value in (part.start or 0, stop, axis))
        return self.graph.node("Slice", self.name, *ends)

    def apply(self, function: str) -> Symbol:
        """An ONNX operator of one input: Tanh, Relu, Elu ..."""
        return self.graph.node(function, self.name)

    def take(self, places: ArrayLike, axis: int = 1) -> Symbol:
        """``x[:, places]``."""
        return self.graph.node("Gather", self.name, self.graph.constant(places, np.int64), axis=axis)

    def clip(self, low: float, high: float) -> Symbol:
        """Between two numbers."""
        return self.graph.node("Clip", self.name, self.graph.constant(low), self.graph.constant(high))


def onnx_arrays(graph: Graph) -> Arrays:
    """What trunks (envs/policy/trunk.py) calculate with, written down as nodes of a graph."""

    def array(values: NDArray[Any]) -> Symbol:
        return Symbol(graph, graph.constant(values))

    def layer(weight: NDArray[Any], bias: NDArray[Any]) -> Callable[[Symbol], Symbol]:
        turned, added = array(weight.T), array(bias)
        return lambda x: graph.node("MatMul", x.name, turned.name) + added  # Gemm would take no streams (n, B, C)

    def sum_(x: Symbol, axis: int | tuple[int, ...], keepdims: bool = False) -> Symbol:
        return graph.node("ReduceSum", x.name, graph.constant(np.atleast_1d(axis), np.int64), keepdims=int(keepdims))

    def reduced(kind: str) -> Callable[..., Symbol]:
        def reduce(x: Symbol, axis: int | tuple[int, ...], keepdims: bool = False) -> Symbol:
            return graph.node(kind, x.name, axes=np.atleast_1d(axis).tolist(), keepdims=int(keepdims))

        return reduce

    def operator(kind: str) -> Callable[[Symbol], Symbol]:
        return lambda x: x.apply(kind)

    def repeat(x: Symbol, count: int) -> Symbol:
        once = graph.node("Unsqueeze", x.name, graph.constant([0], np.int64))
        return graph.concatenate([once] * count, 0)

    return Arrays(
        activations={name: operator(name.capitalize()) for name in ("elu", "tanh", "relu")},
        layer=layer,
        array=array,
        square=lambda x: x * x,
        rsqrt=lambda x: x.apply("Sqrt").apply("Reciprocal"),
        exp=operator("Exp"),
        tanh=operator("Tanh"),
        sigmoid=operator("Sigmoid"),
        at_least=lambda x, low: graph.node("Max", x.name, graph.constant(low)),
        sum=sum_,
        mean=reduced("ReduceMean"),
        max=reduced("ReduceMax"),
        matmul=lambda x, y: graph.node("MatMul", x.name, y.name),
        reshape=lambda x, shape: graph.node("Reshape", x.name, graph.constant(shape, np.int64)),
        transpose=lambda x: graph.node("Transpose", x.name, perm=[1, 0]),
        take=lambda x, places: x.take(places, axis=0),
        repeat=repeat,
        carry=lambda mix, streams, write, added: sum_(mix * streams, 1) + write * added,
    )
