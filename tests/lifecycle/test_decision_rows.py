from __future__ import annotations

import pytest

from topicml.exceptions import CorpusError
from topicml.lifecycle.decision_files import read_decisions

TASKS = "id,title,text,guess,probability,reason,label,decision\n"
SUSPECTS = "row,id,place,kind,given,suggested,title,text,decision\n"


def said(path):
    """What the one row of a table says."""
    [decision] = read_decisions(path)
    return decision.action, decision.labels, decision.removed


@pytest.fixture
def of_task(tmp_path):
    """Return a function that reads what one row of a table of tasks says."""

    def read(label, decision, guess="sport"):
        row = f"a7,,Late goal,{guess},0.6,,{label},{decision}\n"
        (tmp_path / "todo.csv").write_text(TASKS + row, encoding="utf-8")
        return said(tmp_path / "todo.csv")

    return read


@pytest.mark.parametrize(
    ("label", "decision", "expected"),
    [
        ("", "", ("skip", (), ())),
        ("art", "", ("label", ("art",), ())),
        ("art", "label", ("label", ("art",), ())),
        ("art", "replace", ("label", ("art",), ())),
        ("art", "add", ("add", ("art",), ())),
        ("art", "remove", ("remove", (), ("art",))),
        ("", "keep", ("label", ("sport",), ())),
        ("sport", "keep", ("label", ("sport",), ())),
        ("", " Keep ", ("label", ("sport",), ())),
        ("", "skip", ("skip", (), ())),
        ("art", "skip", ("skip", (), ())),
        ("", "art", ("label", ("art",), ())),
        ("art", "art", ("label", ("art",), ())),
        ('"[""art"", ""sport""]"', "", ("label", ("art", "sport"), ())),
        ("[]", "", ("label", (), ())),
        ("'=1+1", "", ("label", ("=1+1",), ())),
    ],
)
def test_a_row_of_a_task_says(of_task, label, decision, expected):
    assert of_task(label, decision) == expected


def test_keep_without_a_guess_keeps_what_the_article_has(of_task):
    assert of_task("", "keep", guess="") == ("keep", (), ())


@pytest.mark.parametrize(
    ("label", "decision", "message"),
    [
        ("art", "keep", "the decision keeps the guess 'sport', but the label is 'art'"),
        ("art", "chess", "the label is 'art', but the decision is 'chess'"),
        ("", "add", "the decision 'add' needs a label in the column 'label', found none"),
        ("", "label", "the decision 'label' needs a label in the column 'label', found none"),
    ],
)
def test_a_row_that_says_two_things_or_none_is_named(of_task, label, decision, message):
    with pytest.raises(CorpusError, match=rf"todo\.csv:2: impossible decision: {message}"):
        of_task(label, decision)


@pytest.fixture
def of_suspect(tmp_path):
    """Return a function that reads what one row of a table of suspects says."""

    def read(given, suggested, decision):
        row = f"4,a7,a.csv:5,wrong,{given},{suggested},,Late goal,{decision}\n"
        (tmp_path / "suspects.csv").write_text(SUSPECTS + row, encoding="utf-8")
        return said(tmp_path / "suspects.csv")

    return read


@pytest.mark.parametrize(
    ("given", "suggested", "decision", "expected"),
    [
        ("art", "sport", "", ("skip", (), ())),
        ("art", "sport", "keep", ("keep", (), ())),
        ("art", "sport", "replace", ("replace", ("sport",), ("art",))),
        ("art", "sport", "chess", ("replace", ("chess",), ("art",))),
        ("art", "sport", "label", ("label", ("sport",), ())),
        ("art", "", "remove", ("remove", (), ("art",))),
        ("art", "sport", "remove", ("remove", (), ("art",))),
        ("", "sport", "add", ("add", ("sport",), ())),
        ("", "sport", "chess", ("add", ("chess",), ())),
    ],
)
def test_a_row_of_a_suspect_says(of_suspect, given, suggested, decision, expected):
    assert of_suspect(given, suggested, decision) == expected


@pytest.mark.parametrize(
    ("given", "suggested", "decision", "column"),
    [
        ("", "sport", "remove", "given"),
        ("", "sport", "replace", "given"),
        ("art", "", "replace", "suggested"),
    ],
)
def test_a_suspect_that_lacks_the_label_is_named(of_suspect, given, suggested, decision, column):
    with pytest.raises(CorpusError, match=f"{decision!r} needs a label in the column {column!r}, found none"):
        of_suspect(given, suggested, decision)
