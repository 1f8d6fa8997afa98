from __future__ import annotations

import sys

import polars as pl
import pytest

from topicml.displays.display import data_frame
from topicml.exceptions import MissingExtraError

ROWS = [("sport", 0.5), ("art", None)]


def test_polars_where_there_is_no_pandas(monkeypatch):
    monkeypatch.setitem(sys.modules, "pandas", None)
    found = data_frame(["label", "f1"], ROWS)
    assert isinstance(found, pl.DataFrame)
    assert found.rows() == ROWS


def test_pandas_where_it_is_installed():
    pd = pytest.importorskip("pandas", reason="pandas is no dependency")
    found = data_frame(["label", "f1"], ROWS)
    assert isinstance(found, pd.DataFrame)
    assert found["label"].tolist() == ["sport", "art"]
    assert found["f1"].isna().tolist() == [False, True]


def test_without_either_the_error_names_the_extra(monkeypatch):
    monkeypatch.setitem(sys.modules, "pandas", None)
    monkeypatch.setitem(sys.modules, "polars", None)
    with pytest.raises(MissingExtraError, match=r"pip install 'topicml\[tables\]'"):
        data_frame(["label"], [("sport",)])


def test_a_column_may_hold_whole_numbers_and_others(monkeypatch):
    monkeypatch.setitem(sys.modules, "pandas", None)
    assert data_frame(["share"], [(1,), (0.5,)])["share"].to_list() == [1, 0.5]


def test_no_rows_are_an_empty_table(monkeypatch):
    monkeypatch.setitem(sys.modules, "pandas", None)
    assert data_frame(["label", "f1"], []).shape == (0, 2)
