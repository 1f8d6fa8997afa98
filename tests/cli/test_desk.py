"""What ``topicml desk`` refuses before it serves; tests/serving has the rest."""

from __future__ import annotations

import pytest

from topicml.cli.desk import _given_labels

pytest.importorskip("fastapi", reason="serving needs the extra serve")


@pytest.fixture
def archive(tmp_path):
    path = tmp_path / "archive.jsonl"
    path.write_text('{"text": "Rain in the north."}\n')
    return path


def test_without_labels_and_without_a_model_it_says_what_to_type(topicml, archive, tmp_path):
    run = topicml("desk", archive, "--out", tmp_path / "out.jsonl")
    assert (run.returncode, run.stdout) == (2, "")
    assert "give --labels 'sport,economy', or --model MODEL" in " ".join(run.stderr.split())
    assert not (tmp_path / "out.jsonl").exists()


@pytest.mark.parametrize(
    ("args", "status", "message"),
    [
        (["--labels", "labels.txt", "--out", "out.jsonl"], 2, "a file that is not there"),
        (["--labels", "a,b"], 2, "--out"),
        (["--labels", "a,b", "--out", "archive.jsonl"], 2, "would write into"),
        (["--labels", "a,b", "--out", "other.txt"], 1, "expected a decision of the label desk"),
        (["--labels", "a,b", "--out", "out.jsonl", "--overlap", "2"], 2, "overlap"),
        (["--labels", "a,b", "--out", "no/folder/out.jsonl"], 1, "No such file or directory"),
        (["--model", "nothing", "--out", "out.jsonl"], 1, "no model at nothing"),
    ],
)
def test_wrong_arguments(topicml, archive, args, status, message):
    archive.with_name("other.txt").write_text("something else\n")
    run = topicml("desk", archive, *args, cwd=archive.parent)
    assert (run.returncode, message in " ".join(run.stderr.split())) == (status, True), run.stderr
    assert archive.with_name("other.txt").read_text() == "something else\n"


def test_labels_are_a_list_or_the_lines_of_a_file(tmp_path):
    (tmp_path / "labels.txt").write_text("\ufeffsport\nart, music\n\n", encoding="utf-8")
    assert _given_labels("sport, economy,") == ["sport", "economy"]
    assert _given_labels(str(tmp_path / "labels.txt")) == ["sport", "art, music"]
