from __future__ import annotations

import csv
import io
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from topicml.article import Article, Problem
from topicml.batch.rows import BatchOptions, BatchSummary, predict_rows
from topicml.batch.writers import write_rows

TEXTS = [
    Article("Cup final", id="1"),
    Problem("broken JSON", "mend it", "a.jsonl", 2),
    Article("", title="Rain"),
]


def csv_of(rows, **options) -> list[dict[str, str]]:
    stream = io.StringIO(newline="")
    write_rows(rows, stream, BatchOptions(output_format="csv", **options))
    return list(csv.DictReader(io.StringIO(stream.getvalue(), newline="")))


def test_the_summary_counts(base_classifier):
    items = [*TEXTS, Article("qqq"), Article("")]
    summary = write_rows(predict_rows(base_classifier, items), io.StringIO(), BatchOptions())
    assert summary == BatchSummary(n_rows=5, n_abstained=2, n_errors=1)
    assert str(summary) == "5 rows, 2 of them for a person, 1 unreadable"
    assert str(BatchSummary(2, 1)) == "2 rows, 1 of them for a person"


def test_csv_without_rows_is_its_header():
    stream = io.StringIO()
    assert write_rows([], stream, BatchOptions(output_format="csv")) == BatchSummary()
    header = "row,id,label,labels,probability,probabilities,abstained,reason,known_terms,error\n"
    assert stream.getvalue() == header


@given(label=st.text(min_size=1), text=st.text())
def test_csv_reads_back_every_label_and_text(base_classifier, label, text):
    """Every character that CSV means something by: separators, quotes, and each of its line ends."""
    [row] = predict_rows(base_classifier, [Article("Cup final")])
    row |= {
        "label": label,
        "labels": [label, "b"],
        "probabilities": [[label, 0.5]],
        "title": "",
        "text": text,
    }
    [back] = csv_of(
        [
            row,
        ],
        keep_text=True,
    )
    assert (back["label"], back["text"]) == (label, text)
    assert json.loads(back["labels"]) == [label, "b"]
    assert json.loads(back["probabilities"]) == [[label, 0.5]]


@pytest.mark.parametrize("text", ["Fog\rhail", "Fog\r", "\r", "a\r\nb", "a\nb", '"', "a,b", "../up", "[x]"])
def test_csv_keeps_a_row_in_one_record(base_classifier, text):
    """A lone CR ends a line for most readers of CSV, so it must stand between quotes as LF does."""
    rows = list(predict_rows(base_classifier, [Article(text), Article("Rain")], BatchOptions(keep_text=True)))
    assert [row["text"] for row in csv_of(rows, keep_text=True)] == [text, "Rain"]


def test_csv_writes_null_as_an_empty_cell_and_booleans_as_json_does(base_classifier):
    rows = csv_of(predict_rows(base_classifier, [*TEXTS, Article("qqq")]))
    assert [row["id"] for row in rows] == ["1", "", "", ""]
    assert [row["abstained"] for row in rows] == ["false", "", "false", "true"]
    assert [row["label"] for row in rows] == ["sport", "", "weather", ""]
    assert rows[1]["error"] == "a.jsonl:2: broken JSON: mend it"
    assert rows[3]["labels"] == "[]"
