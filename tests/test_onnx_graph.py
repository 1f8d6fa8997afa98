from __future__ import annotations

import sys

import numpy as np
import pytest

from topicml.exceptions import MissingExtraError
from topicml.interop.onnx_export import Graph, onnx_library

NUMBERS = {"x": ("FLOAT", ["n", 2])}


@pytest.fixture
def graph():
    pytest.importorskip("onnx")
    return Graph(onnx_library())


def test_a_graph_runs(graph):
    runtime = pytest.importorskip("onnxruntime")
    doubled = graph.add("Mul", "x", graph.number([2, 3]))
    graph.add("ReduceSum", doubled, graph.integers(1), name="sum", keepdims=0)
    graph.add("Expand", graph.strings("rain"), graph.integers(2), name="words")
    made = graph.finished(NUMBERS, {"sum": ("FLOAT", ["n"]), "words": ("STRING", [2])})
    session = runtime.InferenceSession(made.SerializeToString())
    total, words = session.run(None, {"x": np.array([[1, 1], [0, 5]], np.float32)})
    assert (total.tolist(), words.tolist()) == ([5.0, 15.0], ["rain", "rain"])


def test_a_graph_without_one_of_its_outputs_is_no_graph(graph):
    graph.add("Neg", "x", name="y")
    with pytest.raises(graph.onnx.checker.ValidationError, match=r"'z' is not an output of any node"):
        graph.finished(NUMBERS, {"z": ("FLOAT", ["n", 2])})


def test_a_missing_package_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "onnx", None)
    with pytest.raises(MissingExtraError, match=r"pip install 'topicml\[onnx\]'"):
        onnx_library()
