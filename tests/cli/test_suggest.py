from __future__ import annotations

import csv
import json

import pytest


@pytest.fixture
def archive(write):
    rows = [{"id": f"s{k}", "text": f"cup final league goal number{k}"} for k in range(30)]
    rows += [{"id": f"w{k}", "title": "Storm", "text": f"heavy rain wind day{k}"} for k in range(20)]
    return write("archive.jsonl", rows)


def test_people_get_a_table_and_a_file(topicml, archive, tmp_path):
    run = topicml("suggest", archive, "--n", "2", "--out", tmp_path / "todo.csv")
    assert run.returncode == 0
    assert run.stdout.startswith("2 articles to label next, of 50\n")
    assert f"2 articles in {tmp_path / 'todo.csv'}" in run.stderr
    with (tmp_path / "todo.csv").open(encoding="utf-8-sig", newline="") as file:
        first, second = csv.DictReader(file)
    assert first["id"].startswith("s")
    assert (second["title"], second["reason"]) == ("Storm", "stands for 20 similar articles")
    assert (first["guess"], first["label"]) == ("", "")


def test_a_model_guesses(topicml, archive, write, tmp_path):
    rows = [{"text": f"cup final game{k}", "label": "sport"} for k in range(20)]
    labelled = write(
        "l.jsonl", [*rows, *({"text": f"rain at night{k}", "label": "weather"} for k in range(20))]
    )
    topicml("train", labelled, "--out", tmp_path / "desk")
    run = topicml("suggest", archive, "--n", "3", "--model", tmp_path / "desk", "--json")
    [found] = run.rows
    assert found["labels"] == ["sport", "weather"]
    assert len(found["suggestions"]) == 3
    assert {guess for s in found["suggestions"] for guess in s["guess"]} <= {"sport", "weather"}


def test_labelled_articles_are_left_out(topicml, archive, write):
    labelled = write("l.jsonl", [{"text": f"cup final league goal number{k}"} for k in range(30)])
    [found] = topicml("suggest", archive, "--labelled", labelled, "--json").rows
    assert {s["id"][0] for s in found["suggestions"]} == {"w"}
    assert (found["n_articles"], found["n_suggestions"]) == (20, 20)


def test_what_was_left_out_is_said(topicml, archive, write):
    labelled = write("l.jsonl", [{"text": f"cup final league goal number{k}"} for k in range(30)])
    run = topicml("suggest", archive, "--labelled", labelled)
    assert "left out of 50 articles: 30 labelled already, or copies of labelled ones" in run.stderr
    assert "only 20 articles can be labelled, fewer than 50" in run.stderr


def test_files_for_tools_are_written(topicml, archive, tmp_path):
    out = tmp_path / "todo.json"
    run = topicml("suggest", archive, "--n", "2", "--out", out, "--format", "label-studio")
    assert run.returncode == 0
    assert len(json.loads(out.read_text(encoding="utf-8"))) == 2


def test_the_archive_is_not_overwritten(topicml, archive):
    before = archive.read_bytes()
    run = topicml("suggest", archive, "--out", archive)
    assert (run.returncode, archive.read_bytes()) == (2, before)
    assert "--out would overwrite" in run.stderr


def test_fewer_than_one_article_is_wrong_usage(topicml, archive):
    assert topicml("suggest", archive, "--n", "0").returncode == 2


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--n", "5", "--to-measure", "5"], "--n and --to-measure both say how many articles"),
        (["--format", "prodigy"], "needs --out FILE"),
    ],
)
def test_options_that_do_not_go_together_are_wrong_usage(topicml, archive, options, told):
    run = topicml("suggest", archive, *options)
    assert (run.returncode, run.stdout) == (2, "")
    assert told in " ".join(run.stderr.split())


def test_an_archive_without_articles_is_an_error(topicml, write):
    run = topicml("suggest", write("a.jsonl", [{"text": "  "}]))
    assert run.returncode == 1
    assert "no article is left to choose from: 1 without text" in run.stderr
