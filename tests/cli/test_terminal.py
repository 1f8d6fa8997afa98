from __future__ import annotations

import io
import json
import re
import sys
import time

import pytest
import typer
from hypothesis import given
from hypothesis import strategies as st

from topicml.cli.terminal import (
    announce_overwriting,
    end_line,
    heading,
    interruptible,
    note,
    print_json,
    print_table,
    progress_bar,
    row_counter,
    say,
    training_bar,
    verdict,
    warn,
)
from topicml.formatting import escaped
from topicml.training.train import ARCHIVE_STEP, STEPS

TERMINAL_CONTROLS = "\x00\x07\b\x1b\x7f\x9b\u2028\u202e\u200b"


def printed(capsys) -> list[str]:
    return capsys.readouterr().out.splitlines()


def test_say_writes_to_stderr_alone(capsys):
    say("two words")
    assert capsys.readouterr() == ("", "two words\n")


def test_say_without_stderr_is_silent(monkeypatch):
    monkeypatch.setattr(sys, "stderr", None)
    say("nobody hears this")


@given(st.text())
def test_escaped_text_stays_on_one_line_and_steers_nothing(text):
    shown = escaped(text)
    assert len(f"{shown}|".splitlines()) == 1
    assert shown.isprintable()


@given(st.text(st.characters(exclude_categories=["C", "Z"])))
def test_escaped_leaves_visible_text_alone(text):
    assert escaped(text) == text


@pytest.mark.parametrize("character", TERMINAL_CONTROLS)
def test_escaped_names_what_steers_a_terminal(character):
    assert escaped(f"a{character}b").startswith("a\\")


def test_markup_is_text(capsys):
    print_table([["[red]hot[/red]", "[/]"], ["[sport]", ":smile:"]], right=[False, False])
    assert printed(capsys) == ["[red]hot[/red]  [/]", "[sport]         :smile:"]


def test_columns_are_aligned_to_the_left_and_to_the_right(capsys):
    print_table([["label", "n"], ["sport", "7"], ["art", "120"]], right=[False, True])
    assert printed(capsys) == ["label    n", "sport    7", "art    120"]


@pytest.mark.parametrize(
    ("label", "cells"),
    [
        ("sport", 5),
        ("Économie", 8),
        ("E\u0301conomie", 8),
        ("天气", 4),
        ("Sport ⚽", 8),
        ("ｶﾀｶﾅ", 4),
        ("Ｗｉｄｅ", 8),
        ("뉴스", 4),
        ("กีฬา", 3),
        ("खेल", 2),
        ("ข่าว", 3),
        ("1\u20e3", 1),
        ("two\nlines", 10),
    ],
)
def test_labels_take_as_many_cells_as_a_terminal_gives_them(capsys, label, cells):
    """Marks above and below a letter take no cell, whatever their combining class; wide ones take two.

    Golden values by hand: East Asian Wide and Fullwidth count two, nonspacing and enclosing marks none.
    """
    print_table([["label", "n"], [label, "7"], ["x" * 12, "1"]], right=[False, True])
    row = printed(capsys)[1]
    assert row == f"{escaped(label)}{' ' * (12 - cells)}  7"


def test_json_is_one_line_of_ascii(capsys):
    value = {"天气": ["two\nlines", "⚽", "\ud800", None, 0.1, True]}
    print_json(value)
    out = capsys.readouterr().out
    assert out.isascii()
    assert out.count("\n") == 1
    assert json.loads(out) == value


class _Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def shown(terminal) -> list[str]:
    return terminal.getvalue().split("\r\x1b[K")[1:]


def test_a_progress_bar_rewrites_one_line_of_a_terminal(monkeypatch):
    terminal = _Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    clock = iter([0.0, 0.0, 3.0, 9.0])
    monkeypatch.setattr(time, "perf_counter", lambda: next(clock))
    step = progress_bar([1, 3])
    for name in ("reading", "fitting", "one more than was said", ""):
        step(name)
    assert shown(terminal) == [
        f"[{'.' * 20}] 0%: reading",
        f"[{'#' * 5}{'.' * 15}] 25%, about 9 s left: fitting",
        f"[{'#' * 20}] 100%, about 0 s left: one more than was said",
        "",
    ]


def test_the_last_steps_of_a_progress_bar_have_their_places_whatever_comes_before(monkeypatch):
    """Regression: with a wide search the bar was full when half of the work was still to come."""
    for before in ([], ["searching"], ["searching", "searching on"]):
        terminal = _Terminal()
        monkeypatch.setattr(sys, "stderr", terminal)
        step = progress_bar(4, ending=("fitting", "saving"))
        for name in (*before, "fitting", "saving"):
            step(name)
        fitting, saving = shown(terminal)[-2:]
        assert re.fullmatch(r"\[#{10}\.{10}\] 50%, about 0 s left: fitting", fitting)
        assert re.fullmatch(r"\[#{15}\.{5}\] 75%, about 0 s left: saving", saving)


def test_comparing_with_an_archive_has_its_place_in_the_bar(monkeypatch):
    terminal = _Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    step = training_bar("none", archive=True)
    for name in ("reading", STEPS[0], ARCHIVE_STEP, *STEPS[1:], "saving"):
        step(name)
    shares = [int(re.search(r"(\d+)%", line)[1]) for line in shown(terminal)]
    assert shares == sorted(shares)
    assert shares[3] - shares[2] > 50


def test_a_progress_line_fits_a_narrow_terminal(monkeypatch):
    terminal = _Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    monkeypatch.setenv("COLUMNS", "20")
    progress_bar(2)("tuning, stage 1 of 4: 15 settings")
    assert max(map(len, shown(terminal))) < 20


def test_notes_are_one_line_of_300_characters_at_most_and_keep_brackets(capsys):
    note("labels: " + ", ".join(f"[label {k}]" for k in range(100)))
    warn("two\nlines")
    first, second = capsys.readouterr().err.splitlines()
    assert first.startswith("note: labels: [label 0], [label 1], ")
    assert (len(first), first[-3:]) == (300, "...")
    assert second == "warning: two\\nlines"


@pytest.mark.parametrize(
    ("env", "coloured"), [({}, True), ({"NO_COLOR": "1"}, False), ({"TERM": "dumb"}, False)]
)
def test_headings_verdicts_and_warnings_are_coloured_on_a_terminal_that_has_colours(
    monkeypatch, env, coloured
):
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    for name, value in env.items():
        monkeypatch.setenv(name, value)
    out, err = _Terminal(), _Terminal()
    monkeypatch.setattr(sys, "stdout", out)
    monkeypatch.setattr(sys, "stderr", err)
    heading("[Labels]")
    verdict("B is better than A", good=True)
    verdict("B is worse than A", good=False)
    warn("careful")
    lines = out.getvalue().splitlines() + err.getvalue().splitlines()
    plain = ["[Labels]", "B is better than A", "B is worse than A", "warning: careful"]
    assert [re.sub(r"\x1b\[[\d;]*m", "", line) for line in lines] == plain
    assert all(line.startswith("\x1b[") == coloured for line in lines)


def test_without_a_terminal_nothing_is_coloured(capsys):
    heading("[Labels]")
    verdict("B is better than A", good=None)
    assert capsys.readouterr().out == "[Labels]\nB is better than A\n"


def test_overwriting_is_announced_and_a_new_file_is_not(capsys, tmp_path):
    (tmp_path / "a.csv").touch()
    (tmp_path / "empty").mkdir()
    for name in ("a.csv", "new.csv", "empty"):
        announce_overwriting(tmp_path / name)
    announce_overwriting(tmp_path)
    assert capsys.readouterr().err.splitlines() == [
        f"note: overwriting {tmp_path / 'a.csv'}",
        f"note: overwriting {tmp_path}",
    ]


def test_an_interrupt_ends_with_a_word_and_its_status(capsys):
    def working() -> None:
        raise KeyboardInterrupt

    def resumable() -> None:
        raise KeyboardInterrupt("interrupted; resume it")

    for command, told in ((working, "interrupted\n"), (resumable, "interrupted; resume it\n")):
        with pytest.raises(typer.Exit) as end:
            interruptible(command)()
        assert (end.value.exit_code, capsys.readouterr().err) == (130, told)


@pytest.mark.parametrize(
    "message", ["note: " + "word " * 30 + "end", "error: 2 rows\n  a.csv:1: " + "x y " * 40]
)
def test_a_long_message_is_broken_between_words_on_a_terminal_alone(monkeypatch, message):
    monkeypatch.setenv("COLUMNS", "80")
    for stderr in (_Terminal(), io.StringIO()):
        monkeypatch.setattr(sys, "stderr", stderr)
        say(message)
        printed = stderr.getvalue()
        assert printed.split() == message.split()
        if stderr.isatty():
            assert max(map(len, printed.splitlines())) <= 80
        else:
            assert printed == message + "\n"


def test_a_row_counter_tells_number_and_rate(monkeypatch):
    terminal = _Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    row_counter()(12_000)
    end_line()
    assert re.fullmatch(r"\r\x1b\[K12,000 rows, [\d,]+ a second\r\x1b\[K", terminal.getvalue())


@pytest.mark.parametrize("stderr", [io.StringIO(), None])
def test_progress_says_nothing_into_a_file_or_nowhere(monkeypatch, stderr):
    monkeypatch.setattr(sys, "stderr", stderr)
    progress_bar(3)("reading")
    row_counter()(1000)
    assert not stderr or stderr.getvalue() == ""


def test_a_counter_of_a_job_that_is_not_resumed_tells_the_rate_from_its_start(monkeypatch):
    """Regression: the first batch of pages came at once, and the rate was 9,442 a second in place of 28."""
    terminal = _Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    clock = iter([0.0, 1.0, 1.0])
    monkeypatch.setattr(time, "perf_counter", lambda: next(clock))
    show = row_counter("page", from_start=True)
    show(1)
    show(28)
    assert shown(terminal) == ["1 page, 1 a second", "28 pages, 28 a second"]


def test_a_row_counter_tells_the_time_left_where_the_share_is_known(monkeypatch):
    """Rows of an earlier job are counted, but they say nothing of how fast this one is."""
    terminal = _Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    clock = iter([0.0, 1.0, 11.0, 21.0])
    monkeypatch.setattr(time, "perf_counter", lambda: next(clock))
    show = row_counter()
    show(50_000, 0.5)
    show(51_000, 0.6)
    show(52_000, None)
    lines = terminal.getvalue().split("\r\x1b[K")
    assert lines[2:] == ["51,000 rows, 100 a second, 60%, 40 s left", "52,000 rows, 100 a second"]
