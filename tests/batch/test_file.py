from __future__ import annotations

import csv
import gzip
import io
import json
import os
import threading
from dataclasses import replace
from pathlib import Path

import pytest

from topicml.batch.file import predict_file
from topicml.batch.rows import BatchOptions, BatchSummary
from topicml.corpus.label_mapping import LabelMapping
from topicml.exceptions import CorpusError, TopicmlError, TopicmlValueError

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


@pytest.mark.parametrize("other_name", ["a.jsonl", "x/../a.jsonl", "symbolic.jsonl", "hard.jsonl"])
def test_the_file_that_is_read_is_not_written_over(base_classifier, tmp_path, other_name):
    (tmp_path / "x").mkdir()
    source = tmp_path / "a.jsonl"
    source.write_bytes(LINES)
    (tmp_path / "symbolic.jsonl").symlink_to(source)
    os.link(source, tmp_path / "hard.jsonl")
    with source.open("rb") as stream:
        for read in (source, str(source), stream):
            with pytest.raises(TopicmlValueError, match="it is also the input file"):
                predict_file(base_classifier, read, tmp_path / other_name)
    assert source.read_bytes() == LINES
    assert len(list(tmp_path.iterdir())) == 4


def test_a_format_that_is_said_goes_before_the_name(base_classifier, tmp_path):
    out = tmp_path / "a.csv"
    predict_file(base_classifier, io.BytesIO(b"Rain\n"), out, options=BatchOptions(output_format="jsonl"))
    assert json.loads(out.read_text())["label"] == "weather"


def test_without_out_rows_go_to_standard_output(base_classifier, capsys):
    assert predict_file(base_classifier, io.BytesIO(b"Rain\n")) == BatchSummary(1)
    assert json.loads(capsys.readouterr().out)["label"] == "weather"


def test_a_model_that_keeps_codes_gives_them_beside_the_labels(base_classifier, tmp_path):
    mapping = LabelMapping(codes={"sport": "medtop:15000000"}).to_record()
    model = replace(base_classifier, provenance={**base_classifier.provenance, "label_mapping": mapping})
    (tmp_path / "a.txt").write_text("Cup final\nHeavy rain and snow\n")
    for name in ("out.jsonl", "out.csv"):
        predict_file(model, tmp_path / "a.txt", tmp_path / name)
    rows = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text().splitlines()]
    assert [row["codes"] for row in rows] == [["medtop:15000000"], [None]]
    assert (tmp_path / "out.csv").read_text().splitlines()[0].endswith(",error,codes")
    row, _ = csv.DictReader(io.StringIO((tmp_path / "out.csv").read_text()))
    assert row["codes"] == "medtop:15000000"
