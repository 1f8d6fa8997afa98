from __future__ import annotations

import json
import sys
from datetime import date, datetime
from decimal import Decimal
from io import BytesIO

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from topicml.article import Article, Problem
from topicml.exceptions import CorpusError, MissingExtraError
from topicml.reading.columns import ReadOptions, Row
from topicml.reading.parquet import read_parquet
from topicml.reading.readers import iter_articles


def items(table: pl.DataFrame, **options: str) -> list[Row | Problem]:
    buffer = BytesIO()
    table.write_parquet(buffer)
    return list(read_parquet(BytesIO(buffer.getvalue()), "a.parquet", ReadOptions(**options)))


def articles(table: pl.DataFrame, **options: str) -> list[Article]:
    return [item.article for item in items(table, **options) if isinstance(item, Row)]


def test_rows_and_their_columns():
    table = pl.DataFrame(
        {"id": [7, None], "Headline": ["Cup final", None], "body": ["A draw.", None], "page": [3, None]}
    )
    assert articles(table) == [
        Article("A draw.", title="Cup final", id="7", metadata={"page": "3"}, origin="a.parquet:1"),
        Article("", origin="a.parquet:2"),
    ]


def test_a_file_is_read_from_its_path(tmp_path):
    file = tmp_path / "a[1].parquet"
    pl.DataFrame({"text": ["Rain"]}).write_parquet(file)
    [row] = read_parquet(file, "a[1].parquet", ReadOptions())
    assert row.article.text == "Rain"


@pytest.mark.parametrize(
    "dtype",
    [pl.String, pl.Categorical, pl.Enum(["chess", "economy", "sport", "weather"])],
    ids=["string", "categorical", "enum"],
)
def test_labels_are_the_same_whatever_holds_them(dtype):
    """Categories without a row once travelled with the file and became classes."""
    table = pl.DataFrame(
        {"text": ["a", "b", "c"], "label": pl.Series(["sport", None, "economy"], dtype=dtype)}
    )
    assert [article.labels for article in articles(table)] == [("sport",), None, ("economy",)]


@pytest.mark.parametrize(
    ("values", "labels"),
    [
        ([1, None], [("1",), None]),
        ([1.0, None], [("1",), None]),
        ([1.0, float("nan")], [("1",), None]),
        ([1.5, 2**53], [("1.5",), ("9007199254740992",)]),
        ([True, False], [("true",), ("false",)]),
        (["1.0", " NA "], [("1.0",), ("NA",)]),
        ([["a", "b", "a"], []], [("a", "b"), ()]),
        ([["a"], None], [("a",), None]),
        ([[1.0], [2]], [("1",), ("2",)]),
    ],
)
def test_labels_of_every_type(values, labels):
    table = pl.DataFrame({"text": ["a", "b"], "label": pl.Series(values, strict=False)})
    found = items(table)
    assert [item.article.labels for item in found] == labels
    assert [item.label_list for item in found] == [isinstance(value, list) for value in values]


def test_lists_of_categories_are_lists_of_labels():
    table = pl.DataFrame({"text": ["a"], "label": pl.Series([["x", "y"]], dtype=pl.List(pl.Categorical))})
    assert articles(table)[0].labels == ("x", "y")


def test_a_separator_splits_labels():
    assert articles(pl.DataFrame({"text": ["a"], "label": ["x;y"]}), label_separator=";")[0].labels == (
        "x",
        "y",
    )


def test_long_integers_keep_their_digits():
    table = pl.DataFrame({"text": ["a", "b"], "id": [1344800117571260417, None]})
    assert [article.id for article in articles(table)] == ["1344800117571260417", None]


def test_other_types_become_text():
    table = pl.DataFrame(
        {
            "text": [b"Rain"],
            "date": [date(2016, 3, 3)],
            "when": [datetime(2016, 3, 3, 10, 20)],
            "price": [Decimal("1.10")],
            "nested": [{"a": [1, None], "b": "x"}],
        }
    )
    [article] = articles(table)
    assert (article.text, article.date) == ("Rain", "2016-03-03")
    assert article.metadata == {
        "when": "2016-03-03 10:20:00",
        "price": "1.10",
        "nested": '{"a":[1,null],"b":"x"}',
    }


def test_bytes_that_are_no_text_are_fatal_and_cost_their_row_only():
    table = pl.DataFrame({"text": [b"a", b"caf\xe9", b"b"]})
    [first, problem, last] = items(table)
    assert (problem.kind, problem.place, problem.fatal) == ("wrong encoding", "a.parquet:2", True)
    assert (first.article.text, last.article.text) == ("a", "b")


@pytest.mark.parametrize("role", ["text", "title", "id", "date", "source", "label"])
def test_an_impossible_value_is_fatal(role):
    table = pl.DataFrame({"text": ["a"], role: [{"a": 1}]})
    [problem] = items(table)
    assert (problem.kind, problem.place, problem.fatal) == ("impossible value", "a.parquet:1", True)


@pytest.mark.parametrize(
    ("columns", "options", "message"),
    [
        (["Texts", "label"], {}, "no text column .*; found 'Texts', 'label'"),
        (
            ["Text", "label"],
            {"text_column": "text"},
            "no column 'text'; found 'Text', 'label'; did you mean 'Text'",
        ),
        (["text", "Text"], {}, "the text column is given twice: 'text', 'Text'"),
    ],
)
@pytest.mark.parametrize("height", [0, 1])
def test_columns_are_found_as_everywhere(columns, options, message, height):
    with pytest.raises(CorpusError, match=message):
        items(pl.DataFrame({column: ["a"] * height for column in columns}), **options)


def test_a_table_without_rows_yields_nothing():
    assert items(pl.DataFrame({"text": pl.Series([], dtype=pl.String)})) == []


@pytest.mark.parametrize("height", [9_999, 10_000, 10_001, 20_000])
def test_batches_leave_no_row_out_and_keep_the_order(height):
    found = articles(pl.DataFrame({"text": [str(number) for number in range(height)]}))
    assert [article.text for article in found] == [str(number) for number in range(height)]
    assert found[-1].origin == f"a.parquet:{height}"


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"])), min_size=1))
def test_texts_written_as_parquet_are_read_back(texts):
    assert [article.text for article in articles(pl.DataFrame({"text": texts}))] == texts


@given(st.binary(max_size=200))
def test_any_bytes_are_rows_or_an_error(data):
    with pytest.raises(CorpusError, match="cannot be read as Parquet: "):
        list(read_parquet(BytesIO(data), "a.parquet", ReadOptions()))


@pytest.mark.parametrize("kept", [4, 100, -1])
def test_a_truncated_file(kept):
    buffer = BytesIO()
    pl.DataFrame({"text": ["Rain"]}).write_parquet(buffer)
    with pytest.raises(CorpusError, match="cannot be read as Parquet: "):
        list(read_parquet(BytesIO(buffer.getvalue()[:kept]), "a.parquet", ReadOptions()))


def test_without_polars_the_line_that_installs_it_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "polars", None)
    with pytest.raises(MissingExtraError, match=r"pip install 'topicml\[tables\]'"):
        list(read_parquet(BytesIO(b""), "a.parquet", ReadOptions()))


def test_numbers_of_classes_become_the_names_that_the_file_keeps(tmp_path):
    features = {"label": {"names": ["weather", "sport"], "_type": "ClassLabel"}, "text": {"_type": "Value"}}
    table = pl.DataFrame({"text": ["Cup", "Rain", "?"], "label": [1, 0, None]})
    path = tmp_path / "a.parquet"
    table.write_parquet(path, metadata={"huggingface": json.dumps({"info": {"features": features}})})
    assert [article.labels for article in iter_articles(path)] == [("sport",), ("weather",), None]
