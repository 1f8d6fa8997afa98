from __future__ import annotations

import json
import re
import shutil

import pytest

from tests.command_line import Run
from tests.support import MADE_UP_LABELS, fingerprint_in, made_up
from topicml.model.persistence import load_classifier

COLUMNS = ("--text-column", "story", "--label-column", "desk", "--date-column", "day")


def rows(n, **how):
    """Rows under odd column names that tell their label by some of their words."""
    articles = made_up(n, **how)
    return [{"story": one.text, "desk": one.labels[0], "day": one.date} for one in articles]


OLD, NEW = rows(120), rows(90, seed=1, year=2024)
BAD = rows(90, seed=1, year=2022, wrong=0.9)


@pytest.fixture(scope="module")
def trained(topicml, tmp_path_factory):
    """A model trained by the command line, whose columns and labels are none that are found by themselves."""
    folder = tmp_path_factory.mktemp("trained")
    renamed = [{**row, "desk": row["desk"].replace("chess", "draughts")} for row in OLD]
    (folder / "old.jsonl").write_text("".join(json.dumps(row) + "\n" for row in renamed))
    (folder / "labels.toml").write_text('[rename]\ndraughts = "chess"\n')
    mapping = ("--label-mapping", folder / "labels.toml")
    run = topicml(
        "train",
        folder / "old.jsonl",
        "--out",
        folder / "model",
        "--max-terms",
        "500",
        "--jobs",
        "1",
        *COLUMNS,
        *mapping,
    )
    assert run.returncode == 0, run.stderr
    return folder / "model"


@pytest.fixture
def model(trained, tmp_path):
    return shutil.copytree(trained, tmp_path / "models" / "desk")


def beside(model):
    return sorted(path.name for path in model.parent.iterdir() if path != model)


def test_success_is_silent_and_the_next_night_finds_its_columns_again(topicml, write, model):
    data = write("a.jsonl", [*OLD, *NEW, {"story": " ", "desk": "art"}, {"story": "x"}])
    before = fingerprint_in(model)
    run = topicml("retrain", model, data)
    assert (run.returncode, run.stderr, run.stdout) == (0, "", ""), run
    assert beside(model) == [f"desk.previous-{before[:12]}"]
    assert load_classifier(model, verify=True).classes_ == MADE_UP_LABELS
    more = write("b.jsonl", [*OLD, *NEW, *rows(60, seed=2, year=2025)])
    again = topicml("retrain", model, more, "--verbose")
    assert again.returncode == 0
    last = again.stdout.splitlines()[-1]
    figures = r"\(macro F1 [01]\.\d{3} against [01]\.\d{3} on \d+ articles\)"
    pattern = rf"{re.escape(str(model))} replaced: .* {figures}; "
    assert re.match(pattern, last)
    assert "; the old model is in " in last


def test_json_is_one_line_in_either_case(topicml, write, model):
    good, bad = write("a.jsonl", [*OLD, *NEW]), write("b.jsonl", [*BAD, *BAD, *rows(60, seed=2, year=2024)])
    kept = topicml("retrain", model, bad, "--json")
    replaced = topicml("retrain", model, good, "--json")
    assert (kept.returncode, replaced.returncode) == (3, 0)
    for run, expected in ((kept, False), (replaced, True)):
        [found] = run.rows
        assert found["replaced"] is expected
        assert found.keys() == {
            "model",
            "replaced",
            "verdict",
            "fingerprint",
            "previous",
            "rule",
            "n_trained",
            "comparison",
            "scores",
            "notes",
            "left_out",
            "seconds",
        }
    assert kept.rows[0]["verdict"] == "worse"
    assert kept.rows[0]["previous"] is None
    assert replaced.rows[0]["fingerprint"] == fingerprint_in(model)


def test_a_worse_model_is_kept_out_with_the_whole_comparison(topicml, write, model):
    before = fingerprint_in(model)
    bad = write("b.jsonl", [*BAD, *BAD, *rows(60, seed=2, year=2024)])
    run = topicml("retrain", model, bad)
    assert run.returncode == 3
    assert run.stdout.startswith("A is the old model, B the new one\nB is worse than A (macro F1, ")
    assert "\nMcNemar's test: p = " in run.stdout
    last = run.stdout.splitlines()[-1]
    assert last.startswith(f"{model} kept: the new model is worse (macro F1 ")
    assert (fingerprint_in(model), beside(model)) == (before, [])


def test_without_a_verdict_the_old_model_is_kept(topicml, write, model):
    before = fingerprint_in(model)
    words = [f"word{chr(97 + k // 26)}{chr(97 + k % 26)}" for k in range(60)]
    learned, tested = (
        {"story": " ".join([*words[:52], *(f"{word}{x}" for word in words[52:])]), "desk": "art"}
        for x in "pq"
    )
    data, test = write("a.jsonl", [*OLD, *NEW, learned]), write("t.jsonl", [tested, *rows(4, seed=5)])
    run = topicml("retrain", model, data, "--test", test)
    assert run.returncode == 3
    assert "\nno verdict: 1 of 5 articles were in the training data of model B\n" in run.stdout
    last = run.stdout.splitlines()[-1]
    told = "the new model cannot be compared with the old one; give other test articles (--test); trained on "
    assert last.startswith(f"{model} kept: {told}")
    assert (fingerprint_in(model), beside(model)) == (before, [])


def test_the_demo_model_is_not_replaced(topicml, write, tmp_path):
    run = topicml("retrain", "world-desk", write("a.jsonl", [*OLD, *NEW]), cwd=tmp_path)
    assert (run.returncode, run.stdout) == (2, "")
    assert "world-desk is the demo model that ships with topicml: retrain one of your own" in run.stderr


def test_verbose_tells_more(topicml, write, model):
    data = write("a.jsonl", [*OLD, *NEW, {"story": " ", "desk": "art"}])
    run = topicml("retrain", model, data, "--verbose")
    assert (run.returncode, run.stdout.startswith("A is the old model, B the new one\n")) == (0, True)
    assert f"left out: 1 x empty text ({data}:211)\n" in run.stderr


def test_undo_brings_the_old_model_back_once(topicml, write, model):
    before = fingerprint_in(model)
    assert topicml("retrain", model, write("a.jsonl", [*OLD, *NEW])).returncode == 0
    run = topicml("retrain", "--undo", model)
    assert (run.returncode, run.stderr) == (0, "")
    assert run.stdout == f"restored the previous model ({before[:12]}) to {model}\n"
    assert (fingerprint_in(model), beside(model)) == (before, [])
    again = topicml("retrain", "--undo", model, "--json")
    assert (again.returncode, again.stdout) == (1, "")
    assert again.stderr.startswith(f"error: {model}: nothing to restore: ")


def test_undo_tells_the_model_and_its_fingerprint_as_json(topicml, write, model):
    before = fingerprint_in(model)
    assert topicml("retrain", model, write("a.jsonl", [*OLD, *NEW])).returncode == 0
    assert topicml("retrain", "--undo", model, "--json").rows == [
        {"model": str(model), "brought_back": before}
    ]


def test_a_test_file_is_read_as_the_data_is(topicml, write, model):
    data, test = write("a.jsonl", [*OLD, *NEW]), write("t.jsonl", rows(60, seed=5))
    [found] = topicml("retrain", model, data, "--test", test, "--json").rows
    assert (found["comparison"]["n"], found["rule"]) == (60, "the test articles that were given")


def test_options_given_rule_over_those_on_record(topicml, write, model):
    renamed = [{"body": row["story"], "desk": row["desk"], "day": row["day"]} for row in (*OLD, *NEW)]
    data = write("a.jsonl", renamed)
    refused = topicml("retrain", model, data)
    assert (refused.returncode, refused.stdout) == (1, "")
    assert "no column 'story'" in refused.stderr
    run = topicml("retrain", model, data, "--text-column", "body")
    assert run.returncode == 0
    recorded = load_classifier(model).provenance["reading"]
    assert recorded == {"text_column": "body", "label_column": "desk", "date_column": "day"}


@pytest.mark.parametrize(
    ("n_new", "told"), [(0, "no new articles"), (3, "only 3 new articles, too few to compare on")]
)
def test_a_quiet_night_is_quiet_and_no_error(topicml, write, model, n_new, told):
    """Regression: a nightly job ended with an error, like one of a broken file, wherever nothing was new."""
    before = fingerprint_in(model)
    data = write("a.jsonl", [*OLD, *NEW[:n_new]])
    assert topicml("retrain", model, data) == Run(0, "", "")
    assert topicml("retrain", model, data, "--verbose") == Run(0, f"{told}; nothing to do\n", "")
    [found] = topicml("retrain", model, data, "--json").rows
    assert (found["model"], found["replaced"], found["n_new"]) == (str(model), False, n_new)
    assert "--test FILE" in found["notes"][0]
    assert (fingerprint_in(model), beside(model)) == (before, [])


def test_a_damaged_model_is_one_line(topicml, damaged_model, write):
    run = topicml("retrain", damaged_model, write("a.jsonl", OLD))
    assert (run.returncode, run.stdout, run.stderr.count("\n")) == (1, "", 1)
    assert run.stderr.startswith(f"error: {damaged_model}/")


@pytest.mark.parametrize(
    "arguments",
    [[], ["model"], ["model", "--undo", "a.csv"], ["--undo"], ["model", "a.csv", "--max-terms", "3"]],
)
def test_wrong_usage(topicml, arguments):
    run = topicml("retrain", *arguments)
    assert (run.returncode, run.stdout) == (2, "")
