"""``topicml demo``, from start to end."""

from __future__ import annotations

import json

import pytest

from topicml.predict import load_model
from topicml.shipped import shipped_corpus


@pytest.fixture(scope="module")
def run(topicml, tmp_path_factory):
    folder = tmp_path_factory.mktemp("demo")
    run = topicml("demo", "--jobs", "1", cwd=folder)
    assert run.returncode == 0, run
    return folder, run.stdout


def test_scores_come_with_intervals_and_from_articles_not_seen(run):
    lines = run[1].splitlines()
    assert lines[0] == "Scores on the articles of 2023, which the model has not seen"
    assert " of 59 articles have the first label right (" in lines[1]
    assert " of 59 articles have all labels right (" in lines[2]
    assert [line.count("95% interval") for line in lines[1:3]] == [1, 1]


def test_unseen_articles_are_predicted_with_the_whole_words_that_decided(run):
    _, shown = run
    for label, word in [
        ("China-UN engagements", "Beijing"),
        ("Global health", "vaccine"),
        ("Peacekeeping", "blue helmets"),
    ]:
        line = next(line for line in shown.splitlines() if line.startswith(f"    {label} ("))
        assert word in line
    assert "…" not in shown


def test_no_probability_is_a_round_certainty(run):
    assert "(over 99%)" in run[1]
    assert "(100%)" not in run[1]


def test_one_article_goes_to_a_person(run):
    assert run[1].count("for a person: no word of this text is known to the model") == 1


def test_it_reads_in_80_columns(run):
    assert max(map(len, run[1].splitlines())) <= 80


def test_the_model_is_left_for_use(run):
    assert (
        load_model(run[0] / "demo" / "model").predict("Blue helmets held the ceasefire line.").label
        == "Peacekeeping"
    )


def test_the_articles_may_be_had_as_files(topicml, tmp_path):
    run = topicml("demo", "--write", tmp_path / "a" / "news")
    files = {file.name: file.read_text("utf-8") for file in (tmp_path / "a" / "news").iterdir()}
    assert (run.returncode, run.stdout, len(files)) == (0, "", 3)
    assert files["world_desk.jsonl"] == shipped_corpus().read_text("utf-8")
    assert sorted((files["past.jsonl"] + files["recent.jsonl"]).splitlines()) == sorted(
        files["world_desk.jsonl"].splitlines()
    )
    assert {json.loads(line)["date"][:4] for line in files["recent.jsonl"].splitlines()} == {"2023"}
    assert max(json.loads(line)["date"] for line in files["past.jsonl"].splitlines()) < "2023"


def test_files_that_are_replaced_are_announced(topicml, tmp_path):
    (tmp_path / "recent.jsonl").write_text("mine")
    run = topicml("demo", "--write", tmp_path)
    assert [line for line in run.stderr.splitlines() if line.startswith("note:")] == [
        f"note: overwriting {tmp_path / 'recent.jsonl'}"
    ]


def test_with_json_it_prints_one_object(topicml, tmp_path):
    [found] = topicml("demo", "--out", tmp_path / "model", "--json").rows
    assert found["evaluation"]["n"] == 59
    assert [bool(prediction["labels"]) for prediction in found["predictions"]] == [True, True, True, False]
    [written] = topicml("demo", "--write", tmp_path, "--json").rows
    assert sorted(written["written"].values()) == [59, 445, 504]
