from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pytest

WORDS = {"sport": ["cup", "goal", "match", "coach"], "weather": ["rain", "snow", "wind", "frost"]}


@pytest.fixture
def data(write):
    """An article of each label on each of sixty days, and one without a date."""
    rng = np.random.default_rng(0)
    rows = [
        {
            "text": " ".join([*rng.choice(words, 4), f"n{rng.integers(1e9)}"]),
            "label": label,
            "date": (date(2024, 1, 1) + timedelta(days=day)).isoformat(),
        }
        for day in range(60)
        for label, words in WORDS.items()
    ]
    return write("a.jsonl", [*rows, {"text": "cup", "label": "sport", "date": "31/03/2024"}])


def test_json_has_the_documented_fields(topicml, data):
    run = topicml("backtest", data, "--steps", "2", "--measure", "accuracy", "--jobs", "1", "--json")
    [found] = run.rows
    assert run.returncode == 0
    assert {"measure", "verdict", "answer", "drop_per_week", "retrain_weeks", "tested_weeks"} <= found.keys()
    assert {"ages", "labels", "n_train", "steps", "notes"} <= found.keys()
    assert found["drop_per_week"].keys() == {"value", "low", "high"}
    assert (found["measure"], len(found["ages"]), len(found["steps"])) == ("accuracy", 2, 3)
    assert "note: 1 article without a readable date, left out: " in run.stderr


def test_people_read_the_steps_and_the_answer(topicml, data):
    run = topicml("backtest", data, "--steps", "2", "--window", "10", "--history", "30", "--jobs", "1")
    assert run.returncode == 0
    lines = run.stdout.splitlines()
    assert lines[0].split()[:2] == ["trained", "until"]
    assert lines[1].split()[:2] == ["2024-02-10", "60"]
    assert "It is not clear whether a model ages" in run.stdout


def test_settings_are_those_of_a_model_if_asked(topicml, data, tmp_path):
    train = ("--out", tmp_path / "model", "--measure", "micro_f1", "--jobs", "1")
    assert topicml("train", data, *train).returncode == 0
    run = topicml("backtest", data, "--steps", "2", "--model", tmp_path / "model", "--jobs", "1", "--json")
    assert run.rows[0]["measure"] == "micro_f1"


def test_a_folder_without_a_model_is_one_line(topicml, data, tmp_path):
    run = topicml("backtest", data, "--model", tmp_path)
    assert (run.returncode, run.stdout, run.stderr.count("\n")) == (1, "", 1)


def test_data_without_dates_is_one_line(topicml, write, relabelled):
    run = topicml("backtest", write("a.jsonl", relabelled("sport", "economy", "weather")))
    assert (run.returncode, run.stdout, run.stderr.count("\n")) == (1, "", 1)
    assert "needs articles with dates" in run.stderr


@pytest.mark.parametrize("args", [("--steps", "1"), ("--window", "0"), ("--tolerance", "0")])
def test_impossible_numbers_are_wrong_usage(topicml, data, args):
    assert topicml("backtest", data, *args).returncode == 2
