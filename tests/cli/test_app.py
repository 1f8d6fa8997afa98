from __future__ import annotations

import logging
import os
import re
import signal
import subprocess
import sys
import warnings
from pathlib import Path

import pytest

import topicml as package

TEXT = "CONFIDENTIAL-7781 The minister resigned."
SECRET = {"SECRET_X": "hunter2-example"}
COLOURED = {"FORCE_COLOR": "1", "CLICOLOR_FORCE": "1"}
HEAVY = {"sklearn", "scipy", "joblib", "polars"}


def imported(importtime: str) -> set[str]:
    """Return the top-level packages in what ``python -X importtime`` printed."""
    return set(re.findall(r"^import time:.*\| +(\w+)", importtime, re.MULTILINE))


def test_help_lists_the_commands_and_imports_nothing_heavy(process):
    run = process("--help", python=["-X", "importtime"])
    assert run.returncode == 0
    reading = (
        "train predict explain evaluate check labels split compare retrain errors suspects backtest watch"
    )
    for command in (*reading.split(), "learning-curve", "collect", "show", "export", "demo", "relabel"):
        assert f"\n  {command} " in run.stdout
    assert "topicml" in imported(run.stderr)
    assert not imported(run.stderr) & HEAVY


def test_version(process):
    run = process("--version")
    assert (run.returncode, run.stdout, run.stderr) == (0, f"{package.__version__}\n", "")


@pytest.mark.parametrize(
    ("args", "stdin"),
    [
        (["check", "-"], b'{"text": "Cup", "label":\n'),
        (["predict", "--text", "Regen \u26bd", "--model", "none"], b""),
        (["labels", "-", "--min-articles", "2"], '{"text": "x", "label": "\u5929"}\n{"text": ""}\n'.encode()),
    ],
    ids=["check", "predict", "labels"],
)
def test_a_command_within_this_process_is_the_same_as_in_its_own(topicml, process, args, stdin):
    """Most tests call the command line within their own process, which this permits them."""
    here = topicml(*args, stdin=stdin)
    assert here == process(*args, stdin=stdin)
    assert here.stdout + here.stderr


def test_a_command_within_this_process_leaves_nothing_behind(topicml, base_model_path, tmp_path):
    def state():
        streams = (sys.stdin, sys.stdout, sys.stderr)
        handlers = [type(handler) for handler in logging.getLogger().handlers]
        of_process = (
            dict(os.environ),
            Path.cwd(),
            signal.getsignal(signal.SIGPIPE),
            sys.excepthook,
            sys.argv,
        )
        return (*streams, handlers, logging.getLogger().level, warnings.filters, *of_process)

    before = state()
    env = {"NO_COLOR": "1", "HOME": None, "PATH": "/bin"}
    assert topicml("show", base_model_path, env=env, cwd=tmp_path).returncode == 0
    assert state() == before


def test_prediction_needs_numpy_and_few_modules():
    """Start-up is a promise to a web hook; it grows by one import at a time, unless they are counted."""
    script = (
        "import sys; before = set(sys.modules); import topicml.predict; "
        "print(*sorted(set(sys.modules) - before))"
    )
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    modules = run.stdout.split()
    foreign = {module.partition(".")[0] for module in modules} - sys.stdlib_module_names
    assert foreign == {"numpy", "topicml"}
    assert sum(module.startswith("topicml") for module in modules) <= 26


@pytest.mark.parametrize(
    ("args", "most", "forbidden"),
    [
        (["--help"], 43, HEAVY | {"numpy"}),
        (["--version"], 44, HEAVY | {"numpy"}),
        (["predict", "--help"], 43, HEAVY | {"numpy"}),
        (["predict", "--text", TEXT], 66, HEAVY),
    ],
    ids=["help", "version", "help of predict", "text"],
)
def test_a_command_starts_with_few_modules(process, base_model_path, args, most, forbidden):
    """What typer imports is its own affair; ours is counted, as for `topicml.predict`."""
    run = process(*args, env={"TOPICML_MODEL": str(base_model_path)}, python=["-X", "importtime"])
    assert run.returncode == 0
    assert not imported(run.stderr) & forbidden
    ours = re.findall(r"^import time:.*\| +(topicml(?:\.\w+)*)$", run.stderr, re.MULTILINE)
    assert 0 < len(ours) <= most


def test_no_command_prints_the_help(topicml):
    run = topicml()
    assert run.returncode == 2
    assert "Usage:" in run.stdout + run.stderr


@pytest.mark.parametrize(
    "args",
    [
        ("nonsense",),
        ("predict",),
        ("predict", "a.csv", "--text", TEXT),
        ("predict", "a.csv", "--top-k", "0"),
        ("predict", "a.csv", "--format", "xml"),
        ("predict", "a.csv", "--nonsense"),
        ("train",),
        ("train", "a.csv", "--target", "both"),
        ("evaluate", "model"),
        ("show",),
        ("export", "model"),
        ("export", "model", "--to", "pmml", "--out", "x"),
        ("check",),
        ("labels",),
        ("errors", "model"),
        ("suspects",),
        ("relabel", "a.csv"),
        ("watch", "model"),
        ("backtest",),
        ("learning-curve",),
    ],
    ids=" ".join,
)
def test_wrong_usage_exits_with_2_and_without_colour(topicml, args):
    assert_wrong_usage(topicml(*args, env={**SECRET, **COLOURED}))


def test_colour_that_is_asked_for_from_the_start_is_none_either(process):
    """The libraries below look for it when they are imported."""
    assert_wrong_usage(process("nonsense", env={**SECRET, **COLOURED}))


def assert_wrong_usage(run) -> None:
    assert (run.returncode, run.stdout) == (2, "")
    assert "Usage: " in run.stderr
    for unwanted in ("Traceback", "\x1b", TEXT, "hunter2"):
        assert unwanted not in run.stderr


def assert_one_line_error(run, *named: str) -> None:
    assert run.returncode == 1, run
    assert run.stdout == ""
    told = [line for line in run.stderr.splitlines() if not line.startswith("model: ")]
    assert told[0].startswith("error: ")
    assert 1 <= len(told) <= 2
    for name in named:
        assert name in run.stderr
    for unwanted in ("Traceback", "\x1b", "CONFIDENTIAL", "hunter2"):
        assert unwanted not in run.stderr


@pytest.fixture(params=["predict", "evaluate", "train"])
def reading_command(request, base_model_path, tmp_path):
    """The arguments of each command that reads articles, up to its data."""
    return {
        "predict": ["predict", "--model", base_model_path],
        "evaluate": ["evaluate", base_model_path],
        "train": ["train", "--out", tmp_path / "new"],
    }[request.param]


def test_a_missing_column_is_one_line(topicml, write, reading_command):
    """Tracebacks with local variables print articles and environments into logs that many can read."""
    file = write("[bold]x.csv", f"text,label\n{TEXT},sport\n")
    run = topicml(*reading_command, file, "--text-column", "story", env={**SECRET, **COLOURED})
    assert_one_line_error(run, "[bold]x.csv: no column 'story'; found 'text', 'label'")


def test_a_missing_file_is_one_line(topicml, tmp_path, reading_command):
    run = topicml(*reading_command, tmp_path / "[/]missing.csv", env=SECRET)
    assert_one_line_error(run, "[/]missing.csv: no such file or folder")


def test_no_labelled_row_is_one_line(topicml, write, base_model_path):
    file = write("unlabelled.csv", f"text,label,desk\n{TEXT},,news\n")
    run = topicml("evaluate", base_model_path, file, env=SECRET)
    assert_one_line_error(run, "1 x no label", "--label-column", "'desk'")


def test_a_model_that_is_not_there_is_one_line(topicml, tmp_path):
    for args in (["predict", "--text", TEXT, "--model"], ["show"]):
        assert_one_line_error(topicml(*args, tmp_path / "[none]", env=SECRET), "[none]", "found nothing")


@pytest.mark.parametrize("command", ["check", "predict", "show"])
def test_control_characters_in_names_do_not_reach_the_terminal(topicml, base_model_path, tmp_path, command):
    """A name is somebody else's text: it must not clear the screen or forge a line of a log."""
    name = "red\x1b[31m\x07\rback\nerror: forged"
    model = ["--model", base_model_path] if command == "predict" else []
    run = topicml(command, name, *model, cwd=tmp_path)
    assert run.returncode == 1
    told = run.stdout + run.stderr
    assert not {"\x1b", "\x07", "\r"} & set(told)
    assert "\nerror: forged" not in told


@pytest.mark.parametrize(
    "command",
    [
        "--version >&-",
        'predict --model "$1" "$2" >&-',
        'show "$1" >&-',
        "--help >/dev/full",
        'predict --model "$1" "$2" >/dev/full',
        'predict --model "$1" --text x >/dev/full',
        'show "$1" >/dev/full',
        'check "$2.none" >/dev/full',
        'evaluate "$1" "$2" >/dev/full',
    ],
)
def test_an_output_that_takes_nothing_is_one_line(shell, write, base_model_path, relabelled, command):
    file = write("a.jsonl", relabelled("sport", "economy", "weather"))
    run = shell(f"topicml {command}", base_model_path, file)
    assert run.returncode == 1
    assert "Traceback" not in run.stderr
    assert "Exception ignored" not in run.stderr
    errors = [line for line in run.stderr.splitlines() if line.startswith("error: ")]
    assert len(errors) == 1
    assert ("No space left" if "full" in command else "output is closed") in errors[0]


@pytest.mark.parametrize("data", ['"$2"', '- <"$2"'])
def test_who_names_a_file_needs_no_standard_output(shell, write, base_model_path, relabelled, tmp_path, data):
    """Regression (a closed output refused before anybody wrote to it): some services start programs so."""
    file = write("a.jsonl", relabelled("sport", "economy", "weather"))
    run = shell(
        f'topicml predict --model "$1" --out "$3" {data} >&-', base_model_path, file, tmp_path / "out.csv"
    )
    assert run.returncode == 0
    assert len((tmp_path / "out.csv").read_text().splitlines()) > 3


@pytest.mark.parametrize(
    "command",
    ['predict --model "$1" -', "check -", 'evaluate "$1" -', 'train - --out "$2"'],
)
def test_a_closed_input_is_one_line(shell, base_model_path, tmp_path, command):
    """A service without standard input gives Python no stream at all where it expects one."""
    run = shell(f"topicml {command} <&-", base_model_path, tmp_path / "new")
    assert run.returncode == 1
    assert "Traceback" not in run.stderr
    assert "no input" in run.stdout + run.stderr


@pytest.mark.parametrize("target", ["2>&-", "2>/dev/full"])
def test_answers_do_not_need_a_place_for_talk(shell, write, base_model_path, target):
    file = write("a.txt", "Cup final\n")
    run = shell(f'topicml predict --model "$1" "$2" {target}', base_model_path, file)
    assert [row["label"] for row in run.rows] == ["sport"]
    if target == "2>&-":
        assert run.returncode == 0


@pytest.mark.parametrize("command", ['evaluate "$1" "$2"', 'show "$1"', 'check "$2.none"', "--help"])
def test_a_reader_that_leaves_is_no_crash(shell, write, base_model_path, relabelled, command):
    file = write("a.jsonl", relabelled("sport", "economy", "weather"))
    run = shell(f'topicml {command} | true; exit "${{PIPESTATUS[0]}}"', base_model_path, file)
    assert run.returncode in (0, 1, 141)
    assert "Traceback" not in run.stderr
    assert "Exception ignored" not in run.stderr


def test_an_interrupt_ends_without_a_traceback(base_model_path):
    command = [sys.executable, "-m", "topicml", "predict", "--model", base_model_path, "-"]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        process.stdin.write(b"Cup final\n" * 1000)
        process.stdin.flush()
        process.stdout.readline()  # it is at work now, and waits for more
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=60)
    assert process.returncode == 130
    assert b"Traceback" not in errors
    assert b"interrupted" in errors


@pytest.mark.parametrize("command", [["train"], ["check"], ["labels"]])
def test_an_interrupt_is_told_by_every_command(tmp_path, command):
    """Regression: train and collect ended without a word; only predict said that it was interrupted."""
    line = [sys.executable, "-m", "topicml", *command, "-"]
    with subprocess.Popen(
        line, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=tmp_path
    ) as process:
        for _ in range(2000):  # more than a pipe holds: once all is written, it is reading
            process.stdin.write(b'{"text": "Cup final", "label": "sport"}\n' * 10)
        process.stdin.flush()
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=60)
    assert (process.returncode, errors) == (130, b"interrupted\n")
