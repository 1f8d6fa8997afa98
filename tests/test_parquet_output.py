from __future__ import annotations

import json

import pytest

from topicml.batch.file import predict_file
from topicml.batch.rows import BatchOptions
from topicml.exceptions import TopicmlValueError

pl = pytest.importorskip("polars", reason="Parquet needs the extra 'tables'")

ROWS = [
    {"id": "00012", "title": "Storm", "text": "Cup final"},
    {"id": None, "title": "", "text": "qqq"},
    {"id": "天", "title": "Fog\r", "text": "Rain\x0c\nand snow"},
]


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
