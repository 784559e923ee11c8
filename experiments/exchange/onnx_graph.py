"""An ONNX graph that is built by calculating: symbols take arithmetic, slices and layers, and write down the nodes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

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
        return self.graph.node(kind, self.name, self._name(other))

    def _name(self, value: Any) -> str:
        return value.name if isinstance(value, Symbol) else self.graph.constant(value)

    def __add__(self, other: Any) -> Symbol:
        return self._with("Add", other)

    def __sub__(self, other: Any) -> Symbol:
        return self._with("Sub", other)

    def __mul__(self, other: Any) -> Symbol:
        return self._with("Mul", other)

    def __truediv__(self, other: Any) -> Symbol:
        return self._with("Div", other)

    def __pow__(self, other: Any) -> Symbol:
        return self._with("Pow", other)

    def __getitem__(self, places: tuple[Any, slice]) -> Symbol:
        """``x[..., start:stop]``."""
        _, last = places
        if places[0] is not Ellipsis or last.step is not None or last.start is None or last.stop is None:
            raise ValueError(f"only [..., start:stop] can be written down, not {places!r}")
        start, stop, axis = (self.graph.constant([value], np.int64) for value in (last.start, last.stop, -1))
        return self.graph.node("Slice", self.name, start, stop, axis)

    def apply(self, function: str) -> Symbol:
        """An ONNX operator of one input: Tanh, Relu, Elu ..."""
        return self.graph.node(function, self.name)

    def linear(self, weight: NDArray[Any], bias: NDArray[Any]) -> Symbol:
        """x W^T + b; weight (out, in), bias (out,)."""
        return self.graph.node("Gemm", self.name, self.graph.constant(weight), self.graph.constant(bias), transB=1)

    def take(self, places: Sequence[Any]) -> Symbol:
        """``x[:, places]``."""
        return self.graph.node("Gather", self.name, self.graph.constant(places, np.int64), axis=1)

    def matmul(self, other: Symbol | NDArray[Any]) -> Symbol:
        """As ``x @ other``."""
        return self._with("MatMul", other)

    def reduce(self, kind: str, axis: int) -> Symbol:
        """ReduceMean or ReduceMax along an axis, which is kept with length 1."""
        return self.graph.node(kind, self.name, axes=[axis], keepdims=1)

    def total(self, axis: int) -> Symbol:
        """The sum along an axis, which is kept with length 1."""
        return self.graph.node("ReduceSum", self.name, self.graph.constant([axis], np.int64), keepdims=1)

    def unsqueeze(self, axis: int) -> Symbol:
        """With a new axis of length 1 there."""
        return self.graph.node("Unsqueeze", self.name, self.graph.constant([axis], np.int64))

    def squeeze(self, axis: int) -> Symbol:
        """Without that axis of length 1."""
        return self.graph.node("Squeeze", self.name, self.graph.constant([axis], np.int64))

    def reshape(self, shape: Sequence[int]) -> Symbol:
        """As ``np.reshape``; 0 keeps a length."""
        return self.graph.node("Reshape", self.name, self.graph.constant(shape, np.int64))

    def at_least(self, low: float) -> Symbol:
        """No less than a number."""
        return self._with("Max", low)

    def clip(self, low: float, high: float) -> Symbol:
        """Between two numbers."""
        return self.graph.node("Clip", self.name, self.graph.constant(low), self.graph.constant(high))
