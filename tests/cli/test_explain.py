from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TEXT = "Rain stopped the cup \ufb01nal"
COLOURED = {"FORCE_COLOR": "1", "CLICOLOR_FORCE": "1"}
FIELDS = {"label", "probability", "score", "intercept", "words", "terms", "other_terms", "reason", "text"}


@pytest.fixture
def explain(topicml, base_model_path):
    """Return a function that explains with the base model."""
    return lambda *args, **how: topicml("explain", "--model", base_model_path, *args, **how)


@pytest.fixture
def in_terminal(base_model_path):
    """Return a function that explains on a terminal of its own, and returns what that shows."""

    pty = pytest.importorskip("pty", reason="this system has no pseudo-terminals")

    def in_terminal(*args, **variables):
        plain = {name: value for name, value in os.environ.items() if name not in ("NO_COLOR", "FORCE_COLOR")}
        env = {**plain, "PYTHONPATH": str(ROOT), "TERM": "xterm", "PYTHONIOENCODING": "utf-8", **variables}
        command = [sys.executable, "-m", "topicml", "explain", "--model", base_model_path, *args]
        ours, theirs = pty.openpty()
        with subprocess.Popen(command, stdout=theirs, stderr=theirs, stdin=theirs, env=env) as process:
            os.close(theirs)
            shown = b""
            while True:
                try:
                    part = os.read(ours, 65536)
                except OSError:  # how Linux says that the other side is closed
                    break
                if not part:
                    break
                shown += part
        os.close(ours)
        assert process.returncode == 0, shown
        return shown.decode("utf-8").replace("\r\n", "\n")

    return in_terminal


def test_words_for_and_against_are_listed(explain, base_classifier):
    run = explain("--text", TEXT, "--label", "sport", env=COLOURED)
    assert run.returncode == 0
    assert run.stdout == f"{base_classifier.explain(TEXT, 'sport')}\n"
    assert re.search(r"^for\n  \+\d\.\d{3}  \w", run.stdout, re.MULTILINE)
    assert re.search(r"^against\n  -\d\.\d{3}  Rain", run.stdout, re.MULTILINE)


def test_json_adds_up_and_points_at_the_text(explain, base_classifier):
    [told] = explain("--text", TEXT, "--top", "2", "--json", env=COLOURED).rows
    assert told.keys() == FIELDS
    assert told == base_classifier.explain(TEXT, top=2).to_dict()
    words = {found["word"]: [TEXT[start:end] for start, end in found["spans"]] for found in told["words"]}
    assert all(spans == [word] for word, spans in words.items())
    assert sum(found["contribution"] for found in told["words"]) == pytest.approx(
        told["score"] - told["intercept"]
    )
    assert len(told["terms"]) <= 4


def test_pieces_are_there_for_those_who_ask(explain, base_classifier):
    run = explain("--text", TEXT, "--label", "sport", "--pieces")
    assert run.stdout == f"{base_classifier.explain(TEXT, 'sport').in_terms()}\n"


@pytest.mark.parametrize("name", ["a.jsonl", "-"])
def test_each_row_of_a_file_is_explained(explain, write, name):
    rows = '{"id": "007", "text": "Cup final"}\n{"text": \n{"title": "Snow", "text": "in the hills"}\n'
    run = (
        explain(name, "--json", stdin=rows.encode()) if name == "-" else explain(write(name, rows), "--json")
    )
    assert run.returncode == 0
    assert [row["row"] for row in run.rows] == [1, 2, 3]
    assert [row["id"] for row in run.rows] == ["007", None, None]
    assert [row.get("label") for row in run.rows] == ["sport", None, "weather"]
    assert "broken JSON" in run.rows[1]["error"]
    assert run.rows[2]["text"] == "Snow\nin the hills"


def test_rows_for_people_say_which_they_are(explain):
    run = explain("-", stdin=b'{"id": "a\\u001b[31m", "text": "Cup"}\n{"text": \n{"text": "Rain"}\n')
    assert run.returncode == 0
    assert [line for line in run.stdout.splitlines() if line.startswith("row")] == [
        "row 1, id a\\x1b[31m",
        "row 3",
    ]
    [_, problem] = run.stderr.splitlines()  # after the line that names the model
    assert "broken JSON" in problem


def test_an_unknown_label_is_one_line(explain):
    run = explain("--text", TEXT, "--label", "art\x1b")
    assert (run.returncode, run.stdout) == (1, "")
    assert run.stderr.splitlines()[1:] == [
        "error: the model does not know the label 'art\\x1b'; it knows 'economy', 'sport', 'weather'"
    ]


def test_a_misspelt_label_is_answered_with_the_closest_one(explain):
    run = explain("--text", TEXT, "--label", "Sprot")
    assert run.stderr.endswith("the label 'Sprot'; did you mean 'sport'?\n")


@pytest.mark.parametrize("args", [(), ("a.csv", "--text", TEXT), ("--text", TEXT, "--top", "0")])
def test_wrong_usage_exits_with_2(explain, args):
    run = explain(*args)
    assert (run.returncode, run.stdout) == (2, "")
    assert "Usage: " in run.stderr


def test_a_text_without_known_terms_says_so(explain):
    run = explain("--text", "qqq")
    assert run.returncode == 0
    assert "left to a person: no word of this text is known to the model\n" in run.stdout


def test_a_terminal_shows_the_text_in_colour(in_terminal):
    shown = in_terminal("--text", "Cup\n\tqqq rain \x1b]0;zzz\x07", "--label", "sport")
    text, legend, listed = shown.split("\n\n")
    *_, cup, rain = text.split("\n")
    assert cup == "\x1b[32m\x1b[1mCup\x1b[0m"
    assert re.fullmatch(r" qqq \x1b\[31m(\x1b\[1m)?\x1b\[4mrain\x1b\[0m \\x1b\]0;zzz\\x07", rain)
    assert re.sub(r"\x1b\[\d+m", "", legend) == "for sport  against it"
    assert "\x1b" not in listed


def test_a_terminal_shows_paragraphs_in_lines_that_fit(in_terminal):
    shown = in_terminal("--text", "the cup final was late " * 20, COLUMNS="60")
    plain = [re.sub(r"\x1b\[\d+m", "", line) for line in shown.splitlines()[1:]]
    assert max(map(len, plain)) <= 60
    assert " ".join(plain).count("final was late") == 20


@pytest.mark.parametrize("variables", [{"NO_COLOR": "1"}, {"TERM": "dumb"}], ids=str)
def test_a_terminal_without_colours_shows_the_list_alone(in_terminal, base_classifier, variables):
    assert in_terminal("--text", TEXT, **variables).endswith(f")\n{base_classifier.explain(TEXT)}\n")


def test_an_empty_no_color_is_none(in_terminal):
    assert "\x1b[32m" in in_terminal("--text", TEXT, NO_COLOR="")


@pytest.mark.parametrize("encoding", ["ascii", "cp1252"])
def test_narrow_terminals_show_escapes(process, model_of, encoding):
    model = model_of("Sport ⚽", "Économie", "天气")
    run = process(
        "explain", "--model", model, "--text", "Snow tonight",
        env={"PYTHONIOENCODING": encoding}, encoding=encoding,
    )  # fmt: skip
    assert run.returncode == 0
    assert run.stdout.startswith("\\u5929\\u6c14: probability ")


def test_neither_scikit_learn_nor_scipy_is_imported(process, base_model_path):
    run = process("explain", "--model", base_model_path, "--text", TEXT, python=["-X", "importtime"])
    imported = set(re.findall(r"^import time:.*\| +([\w.]+)$", run.stderr, re.MULTILINE))
    assert "topicml.model.explanation" in imported
    assert not imported & {"sklearn", "scipy", "joblib", "polars", "rich"}
