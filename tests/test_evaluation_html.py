"""What a notebook shows of an evaluation."""

from __future__ import annotations

from dataclasses import replace
from html.parser import HTMLParser

import pytest

from topicml.evaluation.evaluate import evaluate
from topicml.evaluation.result import evaluation_tables

MARKUP = '<script>alert("x")</script>\x1b[31m'
VOID = {"br"}


@pytest.fixture(scope="module")
def evaluation(request):
    """Of articles whose label and source are markup."""
    model = request.getfixturevalue("base_classifier")
    base = request.getfixturevalue("base_articles")
    odd = [replace(article, labels=(MARKUP,), source=MARKUP) for article in base[:3]]
    return evaluate(model, [*base, *odd], by=("source", "length"), n_resamples=20)


class _Checker(HTMLParser):
    """Refuse what is not closed, and gather tags and text."""

    def __init__(self):
        super().__init__()
        self.open, self.tags, self.text = [], set(), ""

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        assert not {name for name, _ in attrs} - {"style", "dir"}
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text += data


def test_it_is_whole_and_holds_no_markup_of_the_articles(evaluation):
    checker = _Checker()
    checker.feed(evaluation._repr_html_())
    checker.close()
    assert checker.open == []
    assert "script" not in checker.tags
    assert '<script>alert("x")</script>' in checker.text
    assert "\x1b" not in checker.text


def test_it_has_every_table(evaluation):
    shown = evaluation._repr_html_()
    assert shown.count("<table>") == len(evaluation_tables(evaluation)) == 5
    assert shown.count("<details>") == 4


def test_a_line_stands_beside_it_where_only_text_is_shown(evaluation):
    found = repr(evaluation)
    assert found.startswith("Evaluation(n=27, n_answered=27, accuracy=0.8")
    assert "\n" not in found
    assert len(found) < 100
