from __future__ import annotations

import os
import pty
import re
import subprocess
import sys
from pathlib import Path

import pytest
import typer

from topicml.cli.app import app
from topicml.cli.examples import DOCS, EXAMPLES
from topicml.cli.help import summary

COMMANDS = typer.main.get_command(app).commands
_DOCS = Path(__file__).parents[2] / "docs"


@pytest.fixture
def terminal():
    """Return a function that runs ``topicml`` on a terminal of so many columns and returns what it shows."""

    def terminal(*args: str, columns: int = 80, **env: str) -> str:
        main_end, other_end = pty.openpty()
        variables = {**os.environ, "TERM": "xterm", "COLUMNS": str(columns), **env}
        for unwanted in {"NO_COLOR", "FORCE_COLOR", "CI", "GITHUB_ACTIONS"} - env.keys():
            variables.pop(unwanted, None)
        command = [sys.executable, "-m", "topicml", *args]
        with subprocess.Popen(command, stdout=other_end, stderr=other_end, env=variables) as process:
            os.close(other_end)
            shown = b""
            while chunk := _read(main_end):
                shown += chunk
            process.wait()
        os.close(main_end)
        return shown.decode().replace("\r\n", "\n")

    return terminal


def _read(end: int) -> bytes:
    try:
        return os.read(end, 65536)
    except OSError:  # the other end is closed
        return b""


def plain(shown: str) -> str:
    return re.sub(r"\x1b\[[\d;]*m", "", shown)


@pytest.mark.parametrize("name", COMMANDS)
def test_each_command_has_one_whole_line_examples_and_a_page(name):
    """Regression: 16 of 17 summaries were cut, at 200 columns as at 80."""
    command = COMMANDS[name]
    assert 20 <= len(summary(command.help)) <= 58
    assert summary(command.help).endswith(".")
    assert all(f"\n  {example}\n" in f"{command.epilog}\n" for example in EXAMPLES[name])
    assert 1 <= len(EXAMPLES[name]) <= 3
    assert (_DOCS / f"{DOCS[name]}.md").exists()
    assert f"docs/{DOCS[name]}.md" in command.epilog
    assert (_DOCS / "command_line.md").exists()


@pytest.mark.parametrize("name", COMMANDS)
def test_types_are_readable_and_options_of_reading_stand_apart(topicml, name):
    shown = topicml(name, "--help").stdout
    assert not re.search(r"<(list|int|float|str|path|bool)\b", shown)
    if name not in ("collect", "serve", "show", "export", "demo"):
        own, reading = shown.split("\nHow files are read:\n")
        assert "--text-column COLUMN" in reading
        assert "-column" not in own


def test_commands_come_in_groups_without_a_terminal_too(topicml):
    shown = topicml("--help").stdout
    groups = re.findall(r"^(\w+):$", shown, re.MULTILINE)
    assert groups == ["Options", "Train", "Use", "Measure", "Data"]
    for name, command in COMMANDS.items():
        assert re.search(rf"^  {name} +{re.escape(summary(command.help))}$", shown, re.MULTILINE)


@pytest.mark.parametrize("columns", [80, 120])
def test_a_terminal_shows_panels_with_whole_lines(terminal, columns):
    shown = terminal("--help", columns=columns)
    assert "\x1b[" in shown
    lines = plain(shown).splitlines()
    assert max(map(len, lines)) <= columns
    for group in ("Train", "Use", "Measure", "Data"):
        assert any(line.startswith(f"╭─ {group} ─") for line in lines)
    assert "<" not in plain(shown)
    for name, command in COMMANDS.items():
        assert any(re.match(rf"│ {name} +{re.escape(summary(command.help))} *│$", line) for line in lines)


def test_a_paragraph_is_broken_by_the_terminal_alone(terminal):
    """Regression: the lines of the source were kept, so that each second one ended after a word or two."""
    lines = [line.strip() for line in plain(terminal("compare", "--help")).splitlines()]
    begin = next(k for k, line in enumerate(lines) if line.startswith("Both are measured"))
    paragraph = lines[begin : lines.index("", begin)]
    assert all(len(line) > 60 for line in paragraph[:-1])


def test_long_choices_stand_in_the_text(topicml):
    shown = " ".join(topicml("compare", "--help").stdout.split())
    assert "--measure NAME Measure to use. One of macro_f1, micro_f1, accuracy." in shown


def test_no_color_leaves_panels_without_colour(terminal):
    shown = terminal("evaluate", "--help", NO_COLOR="1")
    assert "╭─ How files are read ─" in plain(shown)
    assert not re.search(r"\x1b\[[\d;]*3\dm", shown)


@pytest.mark.parametrize(("columns", "env"), [(40, {}), (20, {}), (80, {"TERM": "dumb"})])
def test_a_narrow_or_simple_terminal_shows_plain_text_that_fits(terminal, columns, env):
    shown = terminal("evaluate", "--help", columns=columns, **env)
    assert "\x1b" not in shown
    assert "╭" not in shown
    body = shown.split("Examples:")[0]  # examples are lines to copy, and stay whole
    words = (line for line in body.splitlines() if not line.startswith(("Usage", "  -")))  # as are names
    assert max(map(len, words)) <= columns


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (
            ("compare", "a", "b", "c", "--measure", "f1"),
            "'f1' is not one of 'macro_f1', 'micro_f1', 'accuracy'",
        ),
        (
            ("train", "a.csv", "--random-state", "-1"),
            "'--random-state': expected a whole number from 0 to 4,29",
        ),
        (("train", "a.csv", "--jobs", "0"), "'--jobs' / '-j': expected 1 or more processes, or -1"),
        (
            ("split", "a.csv", "--out", "x", "--test-size", "much"),
            "'--test-size': (expected a number|'much' is not a valid float)",
        ),
        (
            ("backtest", "a.csv", "--steps", "1"),
            "'--steps': (expected a value greater than or equal to 2|1 is not in the range x>=2)",
        ),
    ],
)
def test_wrong_values_are_told_in_plain_words(topicml, arguments, told):
    run = topicml(*arguments)
    assert (run.returncode, run.stdout) == (2, "")
    shown = " ".join(run.stderr.split())
    assert re.search(told, shown)  # older versions of Typer have plain words of their own
    for unwanted in ("Value error", "Input should", "n_jobs"):
        assert unwanted not in shown


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_is_shown_for_each_shell(process, shell):
    run = process("--show-completion", shell, env={"_TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION": "1"})
    assert (run.returncode, run.stderr) == (0, "")
    assert f"complete_{shell}" in run.stdout


@pytest.mark.parametrize(
    ("line", "word", "expected"),
    [
        ("topicml ev", "1", {"evaluate"}),
        ("topicml compare --me", "2", {"--measure"}),
        ("topicml compare --measure m", "3", {"macro_f1", "micro_f1"}),
    ],
)
def test_a_shell_completes_commands_options_and_choices(line, word, expected):
    """The protocol of bash, as its completion script speaks it."""
    script = "import sys; sys.argv = ['topicml']; from topicml.cli.app import main; main()"
    env = {**os.environ, "_TOPICML_COMPLETE": "complete_bash", "COMP_WORDS": line, "COMP_CWORD": word}
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, env=env, check=False)
    assert set(run.stdout.split()) == expected, run
