from __future__ import annotations

import pytest

from tests.command_line import on_terminal
from tests.support import made_up
from topicml.training.saving import save_model
from topicml.training.settings import TrainingSettings
from topicml.training.train import train


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    folder = tmp_path_factory.mktemp("watch") / "desk"
    save_model(train(made_up(300), settings=TrainingSettings(search="none"), n_jobs=1), folder)
    return folder


@pytest.fixture
def same(write):
    """Articles of the kind that the model was trained on."""
    return write("same.jsonl", [{"text": article.text} for article in made_up(200, seed=1)])


@pytest.fixture
def strange(write):
    """Articles of other words."""
    return write("strange.jsonl", [{"text": article.text[::-1]} for article in made_up(200, seed=1)])


def test_a_model_that_fits_is_no_news(topicml, model, same):
    run = topicml("watch", model, same)
    assert (run.returncode, run.stdout, run.stderr) == (0, "", "")


def test_on_a_terminal_it_is_shown(model, same):
    lines = on_terminal("watch", model, same)
    assert "The model fits these articles" in lines[0]
    assert any("estimated, no labels seen" in line for line in " ".join(lines).split(". "))


def test_a_model_to_retrain_exits_with_3_and_says_why(topicml, model, strange):
    run = topicml("watch", model, strange)
    assert run.returncode == 3
    assert run.stdout.startswith("Retrain the model: ")
    assert "left to a person" in run.stdout


def test_json_is_printed_in_any_case(topicml, model, same, strange):
    good, bad = (topicml("watch", model, data, "--json") for data in (same, strange))
    assert (good.returncode, good.rows[0]["verdict"]) == (0, "fits")
    assert (bad.returncode, bad.rows[0]["verdict"]) == (3, "retrain")


def test_a_report_is_written_without_a_word(topicml, model, same, tmp_path):
    run = topicml("watch", model, same, "--report", tmp_path / "watch.html")
    assert (run.returncode, run.stdout, run.stderr) == (0, "", "")
    assert "Does desk still fit?" in (tmp_path / "watch.html").read_text("utf-8")


def test_a_report_takes_no_place_of_the_data(topicml, model, same):
    run = topicml("watch", model, same, "--report", same)
    assert (run.returncode, run.stdout) == (2, "")
    assert "would overwrite" in run.stderr.replace("\n", " ")


def test_earlier_articles_are_left_out(topicml, model, write):
    rows = [{"text": a.text, "date": f"202{k % 2}-05-01"} for k, a in enumerate(made_up(300, seed=1))]
    run = topicml("watch", model, write("dated.jsonl", rows), "--since", "2021-01-01", "--json")
    [window] = run.rows[0]["windows"]
    assert window["n"] == 150


def test_a_date_that_is_none_is_one_line(topicml, model, same):
    run = topicml("watch", model, same, "--since", "May")
    assert (run.returncode, run.stdout) == (1, "")
    assert "since must be a date such as 2024-03-31, found 'May'" in run.stderr


def test_rows_that_cannot_be_read_stop_it_unless_asked(topicml, model, write):
    rows = b"".join(b'{"text": "art1 sport2"}\n' for _ in range(60)) + b'{"text": \n'
    data = write("broken.jsonl", rows)
    stopped, skipped = (topicml("watch", model, data, "--json", *flag) for flag in ((), ("--skip-bad-rows",)))
    assert (stopped.returncode, stopped.stdout) == (1, "")
    assert "broken.jsonl:61" in stopped.stderr
    assert skipped.rows[0]["windows"][0]["n"] == 60


def test_several_files_are_several_windows(topicml, model, same, strange):
    run = topicml("watch", model, same, strange, "--json")
    assert [window["window"] for window in run.rows[0]["windows"]] == ["same.jsonl", "strange.jsonl"]
