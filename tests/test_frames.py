from __future__ import annotations

import sys

import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from topicml.exceptions import CorpusError, MissingExtraError, TopicmlTypeError, TopicmlValueError
from topicml.frames import data_frame, frame_columns

ROWS = [{"n": 1, "x": 0.5, "t": "a"}, {"n": 2.5, "x": None, "t": None}]


@pytest.mark.parametrize(
    ("backend", "kind"), [("polars", pl.DataFrame), ("pandas", pd.DataFrame), ("pyarrow", pa.Table)]
)
def test_rows_become_the_table_that_is_asked_for_and_come_back(backend, kind):
    frame = data_frame(["n", "x", "t"], ROWS, backend)
    assert isinstance(frame, kind)
    assert frame_columns(frame) == {"n": [1, 2.5], "x": [0.5, None], "t": ["a", None]}


def test_polars_is_the_default_though_pandas_is_installed():
    """The same notebook gave another type on another machine."""
    assert isinstance(data_frame(["t"], ROWS), pl.DataFrame)


@pytest.mark.parametrize(("backend", "line"), [("polars", r"'topicml\[tables\]'"), ("pyarrow", "pyarrow")])
def test_a_backend_that_is_missing_is_named_with_the_others(monkeypatch, backend, line):
    monkeypatch.setitem(sys.modules, backend, None)
    with pytest.raises(
        MissingExtraError, match=f"needs {backend}: pip install {line}, or .*backend='.*pandas'"
    ):
        data_frame(["t"], ROWS, backend)


def test_no_rows_are_an_empty_table():
    assert data_frame(["label", "f1"], []).shape == (0, 2)


def test_another_backend_is_refused():
    with pytest.raises(TopicmlValueError, match=r"backend must be one of .*'pandas'.*, found 'numpy'"):
        data_frame(["t"], ROWS, "numpy")


@pytest.mark.parametrize(
    "frame",
    [[1], "x", {"text": ["a"]}, pd.Series(["a"]), pl.Series(["a"]), None],
    ids=lambda f: type(f).__name__,
)
def test_what_is_no_frame_is_refused(frame):
    with pytest.raises(TopicmlTypeError, match="expected a data frame of pandas, polars or pyarrow, found"):
        frame_columns(frame)


def test_a_lazy_frame_is_to_be_collected():
    with pytest.raises(TopicmlTypeError, match=r"found LazyFrame; call collect\(\) on it first"):
        frame_columns(pl.LazyFrame({"text": ["a"]}))


def test_two_columns_of_one_name_are_refused():
    with pytest.raises(CorpusError, match=r"the data frame cannot be read: .*'text' 2 times"):
        frame_columns(pd.DataFrame([["a", "b"]], columns=["text", "text"]))
