from __future__ import annotations

import csv
import gzip
import io
import json
import os
import threading
from dataclasses import replace
from itertools import count
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from topicml.article import Article, Problem
from topicml.batch import BatchOptions, BatchSummary, predict_file, predict_rows, write_rows
from topicml.exceptions import CorpusError, TopicmlError, TopicmlValueError
from topicml.label_mapping import LabelMapping

WORDS = ("cup", "final", "bank", "rate", "rain", "snow", "qqq", "\n", "")
ARTICLES = st.builds(
    Article,
    st.lists(st.sampled_from(WORDS), max_size=4).map(" ".join),
    title=st.sampled_from(["", "Storm"]),
    id=st.none() | st.sampled_from(["00012", "9007199254740993", "天"]),
)
PROBLEMS = st.builds(
    Problem, st.just("broken JSON"), st.text(max_size=5), st.just("a.jsonl"), st.integers(1, 9)
)
ITEMS = st.lists(ARTICLES | PROBLEMS, max_size=20)
TEXTS = [
    Article("Cup final", id="1"),
    Problem("broken JSON", "mend it", "a.jsonl", 2),
    Article("", title="Rain"),
]


def csv_of(rows, **options) -> list[dict[str, str]]:
    stream = io.StringIO(newline="")
    write_rows(rows, stream, BatchOptions(output_format="csv", **options))
    return list(csv.DictReader(io.StringIO(stream.getvalue(), newline="")))


@given(items=ITEMS)
def test_one_row_for_each_item_whatever_the_batch_size(base_classifier, items):
    rows = list(predict_rows(base_classifier, items))
    for batch_size in (1, 7):
        assert list(predict_rows(base_classifier, items, BatchOptions(batch_size=batch_size))) == rows
    assert [row["row"] for row in rows] == list(range(1, len(items) + 1))
    for row, item in zip(rows, items, strict=True):
        if isinstance(item, Problem):
            assert row == {"row": row["row"], "id": None, "error": str(item)}
        else:
            assert row == {"row": row["row"], "id": item.id, **base_classifier.predict(item).to_dict()}


@pytest.mark.parametrize("batch_size", [1, 7])
def test_rows_are_read_as_they_are_needed(base_classifier, batch_size):
    taken = count()
    endless = (Article("Cup final", id=str(number)) for number in taken)
    rows = predict_rows(base_classifier, endless, BatchOptions(batch_size=batch_size))
    assert next(taken) == 0  # nothing was read before the first row was asked for
    assert next(rows)["id"] == "1"
    assert next(taken) == 1 + batch_size


@pytest.mark.parametrize("batch_size", [1, 2, 3, 1000])
def test_strict_gives_the_rows_before_the_bad_one_and_stops(base_classifier, batch_size):
    """What was given before an error must not depend on how many rows happen to be held at once."""
    rows = predict_rows(base_classifier, TEXTS, BatchOptions(strict=True, batch_size=batch_size))
    assert next(rows)["id"] == "1"
    with pytest.raises(CorpusError, match=r"^a\.jsonl:2: broken JSON: mend it; .*--strict"):
        next(rows)


@pytest.mark.parametrize(("top_k", "given_"), [(None, 3), (1, 1), (2, 2), (99, 3)])
def test_top_k_limits_the_probabilities(base_classifier, top_k, given_):
    [row] = predict_rows(base_classifier, [Article("Cup final")], BatchOptions(top_k=top_k))
    assert len(row["probabilities"]) == given_
    assert row["probabilities"][0] == ["sport", row["probability"]]


@pytest.mark.parametrize(
    "options",
    [{"batch_size": 0}, {"batch_size": -1}, {"top_k": 0}, {"top_k": -1}, {"output_format": "xml"}],
    ids=str,
)
def test_impossible_options_are_refused(options):
    """A batch of no rows would end at once, and its caller would take the silence for an empty file."""
    with pytest.raises(TopicmlValueError, match=next(iter(options))):
        BatchOptions(**options)


def test_keep_text_gives_what_was_read(base_classifier):
    rows = list(predict_rows(base_classifier, TEXTS, BatchOptions(keep_text=True)))
    assert (rows[2]["title"], rows[2]["text"]) == ("Rain", "")
    assert "text" not in rows[1]


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


LINES = b"Cup final\n\nRain\x0csnow\nFog\rhail\n\xff\nlast"


@pytest.mark.parametrize("name", ["a.jsonl", "a.csv", "a.jsonl.gz", "a.csv.gz", "a", "a.out"])
def test_the_same_rows_are_the_same_bytes(base_classifier, tmp_path, name):
    written = []
    for folder in ("one", "two"):
        (tmp_path / folder).mkdir()
        out = tmp_path / folder / name
        assert predict_file(base_classifier, io.BytesIO(LINES), out) == BatchSummary(6, 2, 1)
        written.append(out.read_bytes())
        assert [path.name for path in out.parent.iterdir()] == [name]
    assert written[0] == written[1]


@pytest.mark.parametrize(
    ("name", "is_csv"),
    [
        ("a.csv", True),
        ("a.CSV", True),
        ("a.csv.gz", True),
        ("a.csv.GZ", True),
        ("a.jsonl", False),
        ("a.jsonl.gz", False),
        ("news.csv.jsonl", False),
        ("news.csv.jsonl.gz", False),
    ],
)
def test_the_last_ending_names_the_format(base_classifier, tmp_path, name, is_csv):
    """Whoever predicts news.csv into news.csv.jsonl asks for JSON Lines."""
    predict_file(base_classifier, io.BytesIO(b"Rain\n"), tmp_path / name)
    data = (tmp_path / name).read_bytes()
    text = (gzip.decompress(data) if data[:2] == b"\x1f\x8b" else data).decode()
    assert (data[:2] == b"\x1f\x8b") == name.lower().endswith(".gz")
    assert text.startswith("row," if is_csv else "{")


@pytest.mark.parametrize("name", ["a.jsonl", "a.csv", "a.csv.gz"])
def test_files_are_utf_8_with_one_kind_of_line_end(base_classifier, tmp_path, name):
    model = replace(base_classifier, classes_=("Économie", "Sport ⚽", "天气"))
    predict_file(model, io.BytesIO(b"Rain\nCup final\n"), tmp_path / name, options=BatchOptions(top_k=1))
    data = (tmp_path / name).read_bytes()
    text = (gzip.decompress(data) if name.endswith("gz") else data).decode("utf-8")
    assert "天气" in text
    assert "Sport ⚽" in text
    assert "\r" not in text


@pytest.mark.parametrize(
    "error", [OSError(28, "No space left on device"), KeyboardInterrupt(), CorpusError("x")]
)
@pytest.mark.parametrize("before", [None, "yesterday"])
def test_a_failure_leaves_what_was_there(base_classifier, tmp_path, error, before):
    out = tmp_path / "a.jsonl"
    if before:
        out.write_text(before)

    class Breaking(io.BytesIO):
        def __iter__(self):
            yield from [b"Rain\n"] * 2500
            raise error

    with pytest.raises((TopicmlError, KeyboardInterrupt)):
        predict_file(base_classifier, Breaking(), out)
    assert [path.read_text() for path in tmp_path.iterdir()] == ([before] if before else [])


def test_another_file_of_the_temporary_name_is_left_alone(base_classifier, tmp_path):
    (tmp_path / "a.jsonl.part").write_text("half a film")
    predict_file(base_classifier, io.BytesIO(b"Rain\n"), tmp_path / "a.jsonl")
    assert (tmp_path / "a.jsonl.part").read_text() == "half a film"


@pytest.mark.parametrize("name", ["missing/a.csv", "", ".", "folder"])
def test_a_place_that_takes_no_file_is_named(base_classifier, tmp_path, monkeypatch, name):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "folder").mkdir()
    with pytest.raises(TopicmlError, match="cannot write"):
        predict_file(base_classifier, io.BytesIO(b"Rain\n"), Path(name))
    assert [path.name for path in tmp_path.rglob("*")] == ["folder"]


def test_a_pipe_is_written_to_and_not_replaced(base_classifier, tmp_path):
    """A name may stand for a pipe or a device; run as root, a rename would put a file in its place."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    received: list[bytes] = []

    def receive() -> None:
        received.append(pipe.read_bytes())

    reader = threading.Thread(target=receive, daemon=True)
    reader.start()
    predict_file(base_classifier, io.BytesIO(b"Rain\n"), pipe)
    assert pipe.is_fifo()
    reader.join(timeout=60)
    assert json.loads(received[0])["label"] == "weather"


def test_a_link_stays_a_link(base_classifier, tmp_path):
    target = tmp_path / "target.jsonl"
    (tmp_path / "link.jsonl").symlink_to(target)
    predict_file(base_classifier, io.BytesIO(b"Rain\n"), tmp_path / "link.jsonl")
    assert (tmp_path / "link.jsonl").is_symlink()
    assert json.loads(target.read_text())["label"] == "weather"


def test_a_format_that_is_said_goes_before_the_name(base_classifier, tmp_path):
    out = tmp_path / "a.csv"
    predict_file(base_classifier, io.BytesIO(b"Rain\n"), out, options=BatchOptions(output_format="jsonl"))
    assert json.loads(out.read_text())["label"] == "weather"


def test_without_out_rows_go_to_standard_output(base_classifier, capsys):
    assert predict_file(base_classifier, io.BytesIO(b"Rain\n")) == BatchSummary(1)
    assert json.loads(capsys.readouterr().out)["label"] == "weather"


def test_a_model_that_keeps_codes_gives_them_beside_the_labels(base_classifier, tmp_path):
    provenance = LabelMapping(codes={"sport": "medtop:15000000"}).recorded_in(base_classifier.provenance)
    model = replace(base_classifier, provenance=provenance)
    texts = [Article("Cup final"), Article("Heavy rain and snow"), Problem("broken JSON", "mend it", "a", 1)]
    rows = list(predict_rows(model, texts))
    assert [row.get("codes") for row in rows] == [["medtop:15000000"], [None], None]
    (tmp_path / "a.txt").write_text("Cup final\n")
    predict_file(model, tmp_path / "a.txt", tmp_path / "out.csv")
    assert (tmp_path / "out.csv").read_text().splitlines()[0].endswith(",error,codes")
    [row] = csv.DictReader(io.StringIO((tmp_path / "out.csv").read_text()))
    assert row["codes"] == '["medtop:15000000"]'
