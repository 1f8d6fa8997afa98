"""Unlabelled articles on the command line: train, retrain and learning-curve."""

from __future__ import annotations

import json

import pytest

from tests.training.seeded import EVEN
from topicml.model.persistence import load_classifier
from topicml.model.record import TrainingRecord

TEXTS = [article.text for article in EVEN[0]]
LABELLED = [{"story": text, "desk": label} for text, label in zip(TEXTS[:24], EVEN[1], strict=False)]
WITHOUT_LABEL = [{"story": text} for text in TEXTS[24:]]
COLUMNS = ("--text-column", "story", "--label-column", "desk", "--jobs", "1")


@pytest.fixture
def train(topicml, tmp_path):
    return lambda *args: topicml("train", *args, *COLUMNS, "--out", tmp_path / "new")


def _record(tmp_path) -> TrainingRecord:
    return TrainingRecord.read(load_classifier(tmp_path / "new").provenance)


def test_an_archive_is_learned_from_and_its_files_are_on_record(topicml, train, write, tmp_path):
    archive = write("archive.jsonl", WITHOUT_LABEL)
    run = train(write("a.jsonl", LABELLED), "--unlabelled", archive)
    assert run.returncode == 0
    assert "note: 96 unlabelled articles were used: on labelled articles held out, accuracy is" in run.stderr
    assert _record(tmp_path).archive.used
    assert _record(tmp_path).archive_source.files == (str(archive),)
    assert "learned from 96 unlabelled articles, too\n" in topicml("show", tmp_path / "new").stdout


def test_rows_without_a_label_are_used_if_asked_and_are_then_no_problem(train, write, tmp_path):
    run = train(write("a.jsonl", [*LABELLED, *WITHOUT_LABEL]), "--use-unlabelled")
    assert run.returncode == 0
    assert "96 unlabelled articles were used" in run.stderr
    assert "no label" not in run.stderr
    assert _record(tmp_path).archive_source.rows_without_label


def test_without_it_they_are_left_out(train, write, tmp_path):
    run = train(write("a.jsonl", [*LABELLED, *WITHOUT_LABEL]))
    assert "left out: 96 x no label" in run.stderr
    assert "note: --use-unlabelled learns from rows without a label, too\n" in run.stderr
    assert _record(tmp_path).archive is None


@pytest.mark.parametrize("form", ["text", "file"])
def test_shares_of_labels_can_be_given(train, write, tmp_path, form):
    shares = {"art": 0.25, "chess": 0.25, "sport": 0.5}
    as_text = ", ".join(f"{label}={share}" for label, share in shares.items())
    given = as_text if form == "text" else write("shares.json", json.dumps(shares))
    archive = write("archive.jsonl", WITHOUT_LABEL)
    assert train(write("a.jsonl", LABELLED), "--unlabelled", archive, "--label-shares", given).returncode == 0
    assert _record(tmp_path).archive.label_shares == shares


@pytest.mark.parametrize("stated", ["art", "art=much", "art=0.5,", "gone.json"])
def test_shares_that_are_none_are_wrong_usage(train, write, stated):
    archive = write("archive.jsonl", WITHOUT_LABEL)
    run = train(write("a.jsonl", LABELLED), "--unlabelled", archive, "--label-shares", stated)
    assert (run.returncode, run.stdout) == (2, "")
    assert "--label-shares expects shares such as sport=0.3,art=0.7" in run.stderr


def test_shares_of_other_labels_are_one_line(train, write):
    archive = write("archive.jsonl", WITHOUT_LABEL)
    run = train(write("a.jsonl", LABELLED), "--unlabelled", archive, "--label-shares", "art=0.5,music=0.5")
    assert (run.returncode, run.stdout) == (1, "")
    assert "check 'chess', 'music', 'sport'" in run.stderr


def test_retraining_reads_the_archive_again_or_does_without(topicml, train, write, tmp_path):
    data, archive = write("a.jsonl", LABELLED), write("archive.jsonl", WITHOUT_LABEL)
    assert train(data, "--unlabelled", archive).returncode == 0
    new = [{"story": text, "desk": label} for text, label in zip(TEXTS[60:], EVEN[1][60:], strict=True)]
    more = write("b.jsonl", [*LABELLED, *new])
    run = topicml("retrain", tmp_path / "new", more, "--jobs", "1")
    assert run.returncode in (0, 3), run.stderr
    if run.returncode == 0:
        assert _record(tmp_path).archive.n_articles == 36
    run = topicml("retrain", tmp_path / "new", data, "--unlabelled", archive, "--without-unlabelled")
    assert (run.returncode, run.stdout) == (2, "")
    assert "expected either --unlabelled or --without-unlabelled" in run.stderr


def test_a_learning_curve_with_an_archive(topicml, write):
    data, archive = write("a.jsonl", LABELLED), write("archive.jsonl", WITHOUT_LABEL)
    how = ("--halvings", "1", "--folds", "2", "--json", *COLUMNS)
    more = [{"story": text, "desk": label} for text, label in zip(TEXTS[:48], EVEN[1], strict=False)]
    run = topicml("learning-curve", write("b.jsonl", more), "--unlabelled", archive, *how)
    assert run.returncode == 0, run.stderr
    [found] = run.rows
    [alone] = topicml("learning-curve", data.with_name("b.jsonl"), *how).rows
    assert found["points"][0]["n_train"] == alone["points"][0]["n_train"]
    assert found["points"] != alone["points"]


@pytest.mark.parametrize(
    ("option", "told"),
    [
        (("--label-shares", "art=1"), "--label-shares are those of an archive"),
        (("--seed-words", "words.toml"), "--seed-words needs an archive of articles"),
    ],
)
def test_options_of_an_archive_need_one(topicml, tmp_path, option, told):
    run = topicml("train", tmp_path / "labelled.jsonl", *option)
    assert (run.returncode, run.stdout) == (2, "")
    assert told in " ".join(run.stderr.split())
