from __future__ import annotations

import csv
import io
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from topicml.article import Article, Problem
from topicml.batch.file import predict_file
from topicml.batch.rows import BatchOptions, BatchSummary, predict_batch
from topicml.batch.writers import header, write_body
from topicml.exceptions import TopicmlValueError

TEXTS = [
    Article("Cup final", id="1"),
    Problem("broken JSON", "mend it", "a.jsonl", 2),
    Article("", title="Rain"),
]
ROWS = [
    {"id": "00012", "title": "Storm", "text": "Cup final"},
    {"id": None, "title": "", "text": "qqq"},
    {"id": "天", "title": "Fog\r", "text": "Rain\x0c\nand snow"},
]


def answers(classifier, items, **options):
    return predict_batch(classifier, items, BatchOptions(**options), first_row=1)


def csv_of(rows, **options) -> list[dict[str, str]]:
    stream = io.StringIO(newline="")
    chosen = BatchOptions(output_format="csv", **options)
    stream.write(header(chosen))
    write_body(rows, stream, chosen, ascii_only=False)
    return list(csv.DictReader(io.StringIO(stream.getvalue(), newline="")))


def test_the_summary_counts(base_classifier):
    items = [*TEXTS, Article("qqq"), Article("")]
    summary = write_body(answers(base_classifier, items), io.StringIO(), BatchOptions(), ascii_only=False)
    assert summary == BatchSummary(n_rows=5, n_abstained=2, n_errors=1)
    assert str(summary) == "5 rows, 2 of them for a person, 1 unreadable"
    assert str(BatchSummary(2, 1)) == "2 rows, 1 of them for a person"


def test_csv_without_rows_is_its_header():
    stream, options = io.StringIO(), BatchOptions(output_format="csv")
    assert write_body([], stream, options, ascii_only=False) == BatchSummary()
    assert stream.getvalue() == ""
    names = "row,id,label,labels,probability,probabilities,abstained,reason,known_terms,error"
    assert header(options) == f"{names}\n"


@given(label=st.text(min_size=1), text=st.text())
def test_csv_reads_back_every_label_and_text(base_classifier, label, text):
    """Every character that CSV means something by: separators, quotes, and each of its line ends."""
    [row] = answers(base_classifier, [Article("Cup final")])
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
    rows = list(answers(base_classifier, [Article(text), Article("Rain")], keep_text=True))
    assert [row["text"] for row in csv_of(rows, keep_text=True)] == [text, "Rain"]


def test_csv_writes_null_as_an_empty_cell_and_booleans_as_json_does(base_classifier):
    rows = csv_of(answers(base_classifier, [*TEXTS, Article("qqq")]))
    assert [row["id"] for row in rows] == ["1", "", "", ""]
    assert [row["abstained"] for row in rows] == ["false", "", "false", "true"]
    assert [row["label"] for row in rows] == ["sport", "", "weather", ""]
    assert rows[1]["error"] == "a.jsonl:2: broken JSON: mend it"
    assert rows[3]["labels"] == "[]"


pl = pytest.importorskip("polars", reason="Parquet needs the extra 'tables'")


@pytest.fixture
def source(tmp_path):
    path = tmp_path / "a.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in ROWS) + "{broken\n")
    return path


@pytest.mark.parametrize("keep_text", [False, True])
def test_a_table_holds_what_json_lines_hold(base_classifier, source, tmp_path, keep_text):
    options = BatchOptions(keep_text=keep_text)
    summaries = {
        predict_file(base_classifier, source, tmp_path / n, options=options) for n in ("o.jsonl", "o.parquet")
    }
    assert len(summaries) == 1
    table = pl.read_parquet(tmp_path / "o.parquet").to_dicts()
    for found, line in zip(table, (tmp_path / "o.jsonl").read_text().splitlines(), strict=True):
        expected = dict.fromkeys(found) | json.loads(line)
        if expected["probabilities"]:
            expected["probabilities"] = [
                dict(zip(("label", "probability"), pair, strict=True)) for pair in expected["probabilities"]
            ]
        assert found == expected


@pytest.mark.parametrize("rows", [0, 25_000])
def test_many_rows_and_none_keep_order_and_types(base_classifier, tmp_path, rows):
    (tmp_path / "a.jsonl").write_text("".join(f'{{"id": "{row}", "text": "qqq"}}\n' for row in range(rows)))
    predict_file(base_classifier, tmp_path / "a.jsonl", tmp_path / "o.parquet")
    table = pl.read_parquet(tmp_path / "o.parquet")
    assert table["id"].to_list() == [str(row) for row in range(rows)]
    assert table.schema["probabilities"] == pl.List(
        pl.Struct({"label": pl.String, "probability": pl.Float64})
    )
    assert table.schema["labels"] == pl.List(pl.String)


def test_a_table_of_articles_comes_back_as_a_table(base_classifier, tmp_path):
    pl.DataFrame(ROWS).write_parquet(tmp_path / "a.parquet")
    out = tmp_path / "o.parquet"
    predict_file(base_classifier, tmp_path / "a.parquet", out, options=BatchOptions(keep_text=True))
    table = pl.read_parquet(out)
    assert table.select("id", "title", "text").to_dicts() == ROWS
    again = out.read_bytes()
    predict_file(base_classifier, tmp_path / "a.parquet", out, options=BatchOptions(keep_text=True))
    assert out.read_bytes() == again


@pytest.mark.parametrize("damage", ["interrupted", "cut"])
def test_a_table_is_resumed(base_classifier, source, tmp_path, damage):
    options, out = BatchOptions(batch_size=2), tmp_path / "o.parquet"

    def stop(_rows, _share):
        raise KeyboardInterrupt

    if damage == "interrupted":
        with pytest.raises(KeyboardInterrupt):
            predict_file(base_classifier, source, out, options=options, progress=stop)
    else:
        predict_file(base_classifier, source, out, options=options)
        out.write_bytes(out.read_bytes()[:-9])
    predict_file(base_classifier, source, out, options=options, resume=True)
    predict_file(base_classifier, source, tmp_path / "whole.parquet", options=options)
    assert out.read_bytes() == (tmp_path / "whole.parquet").read_bytes()
    assert not list(tmp_path.glob(".*.partial"))


def test_a_stream_becomes_a_table_too(base_classifier, source, tmp_path):
    with source.open("rb") as stream:
        predict_file(base_classifier, stream, tmp_path / "o.parquet")
    assert pl.read_parquet(tmp_path / "o.parquet")["label"].to_list() == ["sport", None, "weather", None]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.jsonl", "o.parquet"]


def test_where_no_table_can_go_is_said(base_classifier, source, tmp_path):
    with pytest.raises(TopicmlValueError, match="name it with --out"):
        predict_file(base_classifier, source, options=BatchOptions(output_format="parquet"))
    with pytest.raises(TopicmlValueError, match=r"cannot write o\.parquet\.gz"):
        predict_file(base_classifier, source, tmp_path / "o.parquet.gz")
