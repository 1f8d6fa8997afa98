"""An ONNX graph while it is put together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any

import numpy as np

from topicml.exceptions import MissingExtraError
from topicml.version import __version__

if TYPE_CHECKING:
    from onnx import ModelProto


ML = "ai.onnx.ml"
MICROSOFT = "com.microsoft"
_OPSETS = {"": 20, ML: 2, MICROSOFT: 1}
_IR_VERSION = 9  # that of ONNX 1.15, as the operators are: the newest would need the newest runtime


def onnx_library() -> ModuleType:
    """Return the package onnx.

    Raises
    ------
    MissingExtraError
        If it is not installed.
    """
    try:
        return import_module("onnx")
    except ImportError as error:
        raise MissingExtraError("writing ONNX needs onnx: pip install 'topicml[onnx]'") from error


@dataclass(frozen=True, eq=False, slots=True)
class Graph:
    """Operators and constants in the order in which they were added.

    Parameters
    ----------
    onnx : module
        What `onnx_library` returns.
    """

    onnx: ModuleType
    nodes: list[Any] = field(default_factory=list)
    constants: list[Any] = field(default_factory=list)

    def add(
        self,
        operator: str,
        *inputs: str,
        name: str = "",
        domain: str = "",
        **attributes: Any,  # noqa: ANN401  (numbers, strings and lists of them)
    ) -> str:
        """Add an operator of one output and return the output's name."""
        name = name or f"value_{len(self.nodes)}"
        self.nodes.append(self.onnx.helper.make_node(operator, inputs, [name], domain=domain, **attributes))
        return name

    def number(self, values: object) -> str:
        """Add a constant of float32 and return its name."""
        array = np.ascontiguousarray(values, np.float32)
        return self._constant(self.onnx.numpy_helper.from_array(array))

    def integers(self, *values: int) -> str:
        """Add a constant of int64, shape (n_values,), and return its name."""
        return self._constant(self.onnx.numpy_helper.from_array(np.array(values, np.int64)))

    def strings(self, *values: str) -> str:
        """Add a constant of strings, shape (n_values,), and return its name."""
        encoded = [value.encode("utf-8") for value in values]
        kind = self.onnx.TensorProto.STRING
        return self._constant(self.onnx.helper.make_tensor("", kind, [len(encoded)], encoded))

    def finished(
        self, inputs: Mapping[str, tuple[str, list[Any]]], outputs: Mapping[str, tuple[str, list[Any]]]
    ) -> ModelProto:
        """Return the whole, checked.

        Parameters
        ----------
        inputs, outputs : mapping of str to (str, list)
            Types as ``onnx.TensorProto`` names them, and shapes; a str in a shape stands for any number.
        """
        helper = self.onnx.helper
        graph = helper.make_graph(
            self.nodes, "topicml", self._described(inputs), self._described(outputs), self.constants
        )
        made: ModelProto = helper.make_model(
            graph,
            producer_name="topicml",
            producer_version=__version__,
            ir_version=_IR_VERSION,
            opset_imports=[helper.make_opsetid(*opset) for opset in _OPSETS.items()],
        )
        self.onnx.checker.check_model(made)
        return made

    def _constant(self, tensor: Any) -> str:  # noqa: ANN401  (onnx is not there when types are checked)
        tensor.name = f"constant_{len(self.constants)}"
        self.constants.append(tensor)
        return str(tensor.name)

    def _described(self, values: Mapping[str, tuple[str, list[Any]]]) -> list[Any]:
        kinds = self.onnx.TensorProto
        return [
            self.onnx.helper.make_tensor_value_info(name, getattr(kinds, kind), shape)
            for name, (kind, shape) in values.items()
        ]
