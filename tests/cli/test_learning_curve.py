from __future__ import annotations

import pytest

HOW = ("--halvings", "1", "--folds", "3", "--jobs", "1")


@pytest.fixture
def data(write, relabelled):
    """Twice the base articles, each with a number of its own, so that none is a copy."""
    rows = relabelled("sport", "economy", "[red]art[/red]")
    return write("a.jsonl", [{**row, "text": f"{row['text']} {k}"} for k in range(2) for row in rows])


def test_json_has_the_documented_fields(topicml, data):
    run = topicml("learning-curve", data, *HOW, "--measure", "accuracy", "--json")
    [found] = run.rows
    assert run.returncode == 0
    assert {"measure", "more_labels", "answer", "gain_of_doubling", "guess_of_twice_as_many"} <= found.keys()
    assert {"points", "labels", "label_points", "notes"} <= found.keys()
    assert (found["measure"], found["n"], len(found["label_points"])) == ("accuracy", 48, 6)
    assert {label["label"] for label in found["labels"]} == {"sport", "economy", "[red]art[/red]"}


def test_people_read_the_curve_each_label_and_the_answer(topicml, data):
    run = topicml("learning-curve", data, *HOW)
    assert run.returncode == 0
    assert run.stdout.startswith("trained on  macro F1    95% interval\n")
    assert "\n[red]art[/red]  " in run.stdout
    assert any(told in run.stdout for told in ("last doubling", "It is not clear"))


def test_too_few_articles_are_one_line(topicml, write, relabelled):
    data = write("a.jsonl", relabelled("a", "b", "c")[::3])
    run = topicml("learning-curve", data, *HOW)
    assert (run.returncode, run.stdout, run.stderr.count("\n")) == (1, "", 1)
    assert "too few to train on two shares of them" in run.stderr


def test_settings_are_those_of_a_model_if_asked(topicml, data, tmp_path):
    """Its measure, too, and without the promises that few articles could not keep."""
    train = ("--measure", "accuracy", "--max-terms", "50", "--min-precision", "sport=0.5")
    assert topicml("train", data, "--out", tmp_path / "model", "--jobs", "1", *train).returncode == 0
    [with_model] = topicml("learning-curve", data, *HOW, "--model", tmp_path / "model", "--json").rows
    [without] = topicml("learning-curve", data, *HOW, "--json").rows
    assert (with_model["measure"], without["measure"]) == ("accuracy", "macro_f1")
    assert with_model["points"][-1]["accuracy"] != without["points"][-1]["accuracy"]


@pytest.mark.parametrize("args", [("--halvings", "0"), ("--folds", "1")])
def test_impossible_numbers_are_wrong_usage(topicml, data, args):
    assert topicml("learning-curve", data, *args).returncode == 2
