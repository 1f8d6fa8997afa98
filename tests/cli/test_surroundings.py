"""Every command in poor surroundings: no home, an old locale, 20 columns, no docstrings, nowhere to write."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import typer

from topicml.cli.app import app

_ROOT = Path(__file__).parents[2]
NAMES = typer.main.get_command(app).commands
COMMANDS = {
    "train": "train DATA --out RESULTS/model --no-tune --jobs 1",
    "retrain": "retrain MODEL DATA --jobs 1",
    "predict": "predict DATA --model MODEL",
    "explain": "explain --text Zürich --model MODEL",
    "show": "show MODEL",
    "export": "export MODEL --to sklearn --out RESULTS/model.joblib",
    "evaluate": "evaluate MODEL DATA --report RESULTS/report.html",
    "errors": "errors MODEL DATA",
    "compare": "compare MODEL MODEL DATA",
    "watch": "watch MODEL DATA --report RESULTS/watch.html",
    "backtest": "backtest DATA --steps 2",
    "learning-curve": "learning-curve DATA --halvings 1 --folds 2",
    "collect": "collect PAGES --out RESULTS/pages.jsonl --jobs 1",
    "check": "check DATA",
    "labels": "labels DATA --out RESULTS/labels.toml",
    "split": "split DATA --out RESULTS/parts",
    "suspects": "suspects DATA --out RESULTS/suspects.csv",
    "suggest": "suggest ARCHIVE --n 2 --model MODEL --out RESULTS/todo.csv",
    "relabel": "relabel ARCHIVE DECISIONS --out RESULTS/labelled.jsonl",
}
SERVING = {"serve", "desk"}  # which go on until they are ended: tests/cli/test_serve.py and test_desk.py
SURROUNDINGS = {
    "no home": {"HOME": None, "USER": None, "XDG_CACHE_HOME": None, "XDG_CONFIG_HOME": None},
    "a home that is not there": {"HOME": "/nowhere/at/all"},
    "an old locale": {"LC_ALL": "C", "LANG": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
    "no docstrings and asserts": {"PYTHONOPTIMIZE": "2"},
    "20 columns": {"COLUMNS": "20"},
}
PAGE = "<html><head><meta name='section' content='Sport'></head><body><p>{}</p></body></html>"


@pytest.fixture
def folder(tmp_path):
    """A folder with pages to collect, and with one for results."""
    (tmp_path / "results").mkdir()
    (tmp_path / "pages").mkdir()
    (tmp_path / "pages" / "1.html").write_text(PAGE.format("The cup final was a draw in heavy rain. " * 20))
    return tmp_path


@pytest.fixture
def command(folder, model_of, base_articles):
    """Return a function that gives the arguments of a command."""
    rows = [
        {
            "text": f"{article.text} Zürich {n}",
            "label": article.labels[0],
            "date": f"2024-{n + 1:02}-{k + 1:02}",
        }
        for n in range(3)
        for k, article in enumerate(base_articles)
    ]
    (folder / "data.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    model = shutil.copytree(model_of("sport", "economy", "weather"), folder / "old")
    names = {"DATA": folder / "data.jsonl", "MODEL": model}
    names |= {"PAGES": folder / "pages", "RESULTS": folder / "results"}
    names |= {"ARCHIVE": folder / "archive.jsonl", "DECISIONS": folder / "decisions.csv"}
    archive = [
        json.dumps({"id": str(k), "text": f"A cup final in Zürich, goal number {k}"}) for k in range(9)
    ]
    names["ARCHIVE"].write_text("\n".join(archive))
    names["DECISIONS"].write_text("id,label\n3,sport\n")

    def command(name):
        line = COMMANDS[name]
        for word, path in names.items():
            line = line.replace(word, str(path))
        return line.split()

    return command


def test_every_command_is_tried():
    assert {*COMMANDS, "demo", *SERVING} == {*NAMES}


def assert_quiet(run) -> None:
    for unwanted in ("Traceback", "Warning", "Exception ignored"):
        assert unwanted not in run.stderr


def help_body(run) -> list[str]:
    """The words of a help text up to its examples, which are lines to copy, and stay whole."""
    assert (run.returncode, run.stderr) == (0, "")
    return run.stdout.split("Examples:")[0].split()


@pytest.mark.parametrize("surroundings", SURROUNDINGS)
@pytest.mark.parametrize("args", [["predict", "--text", "The cup final", "--model", "MODEL"], ["--help"]])
def test_answers_and_help_are_the_same(process, base_model_path, surroundings, args):
    args = [str(base_model_path) if word == "MODEL" else word for word in args]
    run, usual = (process(*args, env=env) for env in (SURROUNDINGS[surroundings], {}))
    assert (run.returncode, run.stdout.split(), run.stderr) == (0, usual.stdout.split(), usual.stderr)


@pytest.mark.parametrize("name", COMMANDS)
def test_no_home_and_20_columns(topicml, command, name):
    run = topicml(*command(name), env={**SURROUNDINGS["no home"], **SURROUNDINGS["20 columns"]})
    assert_quiet(run)
    assert run.returncode == (3 if name == "retrain" else 0), run


def test_training_in_an_old_locale_without_asserts(process, topicml, command):
    env = {**SURROUNDINGS["an old locale"], **SURROUNDINGS["no docstrings and asserts"]}
    run = process(*command("train"), env=env)
    assert_quiet(run)
    assert (run.returncode, run.stdout) == (0, topicml(*command("train")).stdout)


@pytest.mark.parametrize("name", NAMES)
def test_help_on_20_columns_breaks_no_word(topicml, name):
    narrow, wide = (topicml(name, "--help", env={"COLUMNS": columns}) for columns in ("20", "80"))
    assert help_body(narrow) == help_body(wide)


@pytest.mark.parametrize("name", ["train", "explain", "errors", "backtest", "collect", "split"])
def test_a_reader_that_has_left_is_no_crash(command, name):
    reading, writing = os.pipe()
    os.close(reading)
    args = [sys.executable, "-m", "topicml", *command(name)]
    env = {**os.environ, "PYTHONPATH": str(_ROOT)}
    run = subprocess.run(args, stdout=writing, stderr=subprocess.PIPE, env=env, check=False)
    os.close(writing)
    assert run.returncode in (0, 1, -13)
    assert not re.search(b"Traceback|Exception ignored|error: ", run.stderr)


@pytest.mark.parametrize("name", ["train", "split", "collect"])
def test_a_closed_output_is_one_line_after_the_work(shell, command, name):
    run = shell('topicml "$@" >&-', *command(name))
    assert_quiet(run)
    assert run.returncode == 1
    errors = [line for line in run.stderr.splitlines() if line.startswith("error: ")]
    assert errors == ["error: standard output is closed, so there is nowhere to write to"]


@pytest.mark.parametrize("name", ["train", "export", "evaluate", "collect", "labels", "split", "suspects"])
def test_a_folder_that_takes_nothing_is_one_line(topicml, command, folder, name):
    """A file stands in its place, since the superuser may write to any folder."""
    (folder / "results").rmdir()
    (folder / "results").write_text("a file")
    args, before = command(name), sorted(folder.rglob("*"))
    run = topicml(*args)
    assert run.returncode == 1
    assert_quiet(run)
    (error,) = [line for line in run.stderr.splitlines() if line.startswith("error: ")]
    assert str(folder / "results") in error
    assert sorted(folder.rglob("*")) == before
