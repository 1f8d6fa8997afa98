from __future__ import annotations

import io
import json
from dataclasses import replace

import numpy as np
import pytest

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


def written(classifier, items, **options) -> tuple[io.StringIO, BatchSummary]:
    """Return header and rows as they are written, and their counts."""
    chosen, stream = BatchOptions(**options), io.StringIO(newline="")
    rows = predict_batch(classifier, items, chosen, first_row=1)
    stream.write(header(chosen, classifier))
    return stream, write_body(rows, stream, chosen, classifier, ascii_only=False)


def json_of(classifier, items, **options) -> list[dict]:
    stream, _ = written(classifier, items, **options)
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_the_summary_counts(base_classifier, multilabel_classifier):
    items = [*TEXTS, Article("qqq"), Article("")]
    for output_format in ("jsonl", "csv", "table"):
        _, summary = written(base_classifier, items, output_format=output_format)
        assert summary == BatchSummary(n_rows=5, n_abstained=2, n_errors=1)
    strict = replace(multilabel_classifier, thresholds=np.full(3, 1.1))
    assert written(strict, items)[1] == BatchSummary(n_rows=5, n_abstained=2, n_unlabelled=2, n_errors=1)


@pytest.mark.parametrize(("top_k", "n_given"), [(None, 3), (1, 1), (2, 2), (99, 3)])
def test_top_k_limits_the_probabilities(base_classifier, top_k, n_given):
    [row] = json_of(base_classifier, [Article("Cup final")], top_k=top_k)
    assert len(row["probabilities"]) == n_given
    assert row["probabilities"][0] == ["sport", row["probability"]]


def test_json_has_what_a_prediction_has(base_classifier):
    article = Article("Cup final", id="7", date="2023-01-02", metadata={"url": "https://a.example/1"})
    prediction = base_classifier.predict(article)
    assert json_of(base_classifier, [article, TEXTS[1]]) == [
        {"row": 1, "id": "7", **prediction.to_dict()},
        {"row": 2, "id": None, "error": "a.jsonl:2: broken JSON: mend it"},
    ]


def test_keep_text_repeats_the_article(base_classifier):
    article = Article("", title="Rain", date="2023-01-02", metadata={"url": "https://a.example/1"})
    kept, problem, bare = json_of(base_classifier, [article, TEXTS[1], Article("Fog")], keep_text=True)
    names = ("title", "date", "url", "text")
    assert [kept[name] for name in names] == ["Rain", "2023-01-02", "https://a.example/1", ""]
    assert [bare[name] for name in names] == ["", None, None, "Fog"]
    assert "text" not in problem


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
    options, out = BatchOptions(batch_size=2, keep_record=True), tmp_path / "o.parquet"

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


def test_a_table_that_was_half_made_when_the_job_was_killed_goes(base_classifier, source, tmp_path):
    (tmp_path / ".o.parquet.table").write_bytes(b"PAR1")
    predict_file(base_classifier, source, tmp_path / "o.parquet", resume=True)
    assert not list(tmp_path.glob(".*"))


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
