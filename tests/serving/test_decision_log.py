"""The file of the label desk: what was confirmed is in it, whatever happens."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support import ANY_TEXTS
from topicml.article import Article
from topicml.exceptions import CorpusError, TopicmlError
from topicml.lifecycle.decision_files import read_decisions
from topicml.lifecycle.relabel import relabel
from topicml.serving.decision_log import Entry, key_of, opened_log

RAIN = Article("Rain in the north.", title="Weather", id="r")
GOAL = Article("A late goal.")


def append(log, article, labels=("sport",), annotator="Ana", note=""):
    return log.append(article, Entry(key_of(article), annotator, labels, note), {})


@pytest.fixture
def path(tmp_path):
    return tmp_path / "decisions.jsonl"


def test_a_line_says_what_was_decided_by_whom_and_when(path):
    with opened_log(path) as log:
        append(log, RAIN, ("weather",), note="near the border")
        [line] = path.read_text(encoding="utf-8").splitlines()  # while the desk goes on
    row = json.loads(line)
    assert row.pop("timestamp").endswith("+00:00")
    assert row == {
        "article_id": "r",
        "title": "Weather",
        "text": "Rain in the north.",
        "accept": ["weather"],
        "answer": "accept",
        "annotator": "Ana",
        "note": "near the border",
    }


def test_relabel_reads_the_file(path):
    with opened_log(path) as log:
        append(log, RAIN, ("weather",))
        append(log, GOAL, None)
    found = relabel([RAIN, GOAL], read_decisions(path))
    assert [article.labels for article in found.corpus] == [("weather",), None]
    assert found.n_skipped == 1


@given(texts=ANY_TEXTS)
def test_any_text_comes_back(tmp_path_factory, texts):
    path = tmp_path_factory.mktemp("log") / "decisions.jsonl"
    articles = [Article(text, id=f"a{k}") for k, text in enumerate(texts)]
    with opened_log(path) as log:
        written = [append(log, article, note=article.text) for article in articles]
    with opened_log(path) as log:
        assert log.entries == written


@pytest.mark.parametrize("cut", [1, 20, 60])
def test_a_half_written_last_line_is_cut_off(path, cut):
    with opened_log(path) as log:
        append(log, RAIN)
        append(log, GOAL)
    whole = path.read_bytes()
    first = whole.index(b"\n") + 1
    path.write_bytes(whole[: first + cut])
    with opened_log(path) as log:
        assert ([entry.key for entry in log.entries], "cut off" in log.repaired) == ([key_of(RAIN)], True)
        append(log, GOAL)
    assert len(read_decisions(path)) == 2


def test_a_last_line_without_its_end_counts(path):
    with opened_log(path) as log:
        append(log, RAIN)
    path.write_bytes(path.read_bytes().rstrip(b"\n"))
    with opened_log(path) as log:
        append(log, GOAL)
    assert [decision.text for decision in read_decisions(path)] == [RAIN.text, GOAL.text]


def test_the_last_decision_of_a_person_is_taken_back_whoever_wrote_later(path):
    with opened_log(path) as log:
        append(log, RAIN, annotator="Ana")
        append(log, GOAL, annotator="Ben")
        log.remove(log.last_of("Ana"))
        assert log.last_of("Ana") is None
    with opened_log(path) as log:
        assert [entry.annotator for entry in log.entries] == ["Ben"]
    assert [decision.text for decision in read_decisions(path)] == [GOAL.text]


def test_undoing_the_last_line_leaves_no_trace(path):
    with opened_log(path) as log:
        append(log, RAIN)
        before = path.read_bytes()
        log.remove(append(log, GOAL))
        assert path.read_bytes() == before


def test_a_file_that_was_moved_away_takes_no_decision(path):
    with opened_log(path) as log:
        path.rename(path.with_name("moved.jsonl"))
        with pytest.raises(FileNotFoundError, match="moved or deleted"):
            append(log, RAIN)
        assert log.entries == []


def test_two_desks_do_not_write_to_one_file(path):
    busy = pytest.raises(TopicmlError, match="another desk writes to")
    with opened_log(path), busy, opened_log(path):
        pass


@pytest.mark.parametrize("end", ["", "\n"])
@pytest.mark.parametrize("line", ['{"text": "x", "label": "y"}', "[1]", "text,label", "7"])
def test_a_file_of_something_else_is_refused_and_left_as_it_is(path, line, end):
    path.write_text(line + end)
    with pytest.raises(CorpusError, match=r":1: expected a decision of the label desk"), opened_log(path):
        pass
    assert path.read_text() == line + end


@given(st.data())
def test_undo_in_any_order_leaves_the_others(tmp_path_factory, data):
    path = tmp_path_factory.mktemp("log") / "decisions.jsonl"
    people = data.draw(st.lists(st.sampled_from(["Ana", "Ben", "Éva"]), max_size=8))
    with opened_log(path) as log:
        for k, name in enumerate(people):
            append(log, Article(f"text {k}"), annotator=name)
        for name in data.draw(st.lists(st.sampled_from(people or ["Ana"]), max_size=8)):
            if entry := log.last_of(name):
                log.remove(entry)
        left = list(log.entries)
    with opened_log(path) as log:
        assert log.entries == left
