"""An evaluation as people read it."""

from __future__ import annotations

import unicodedata
from dataclasses import replace

import pytest

from topicml.article import Article
from topicml.evaluation import evaluate
from topicml.evaluation_tables import MEASURE_NAMES, evaluation_tables

ODD = '<script>alert("x")</script>\x1b[31m a very long label 天气天气天气天气天气'


def cells(line):
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in line)


@pytest.fixture(scope="module")
def evaluation(request):
    """Of articles with an odd label and an odd source, of which copies and some without an answer."""
    model = request.getfixturevalue("base_classifier")
    base = list(request.getfixturevalue("base_articles"))
    odd = [replace(article, labels=(ODD,), source=ODD) for article in base[:3]]
    copies = [Article("Cup final", labels=("economy",))] * 2 + [Article("zzz", labels=("sport",))]
    return evaluate(model, base[:20] + odd + copies, by=("source", "length"), n_resamples=50)


def test_every_measure_has_a_name_for_people(evaluation, multilabel_classifier, multilabel_articles):
    several = evaluate(multilabel_classifier, multilabel_articles, n_resamples=5)
    assert {*evaluation.measures, *several.measures} == set(MEASURE_NAMES)


def test_text_fits_in_80_columns_and_steers_no_terminal(evaluation):
    lines = str(evaluation).splitlines()
    assert max(map(cells, lines)) <= 80
    assert all(line.isprintable() for line in lines)


def test_text_says_what_was_measured_and_what_was_not_answered(evaluation):
    shown = str(evaluation)
    assert shown.startswith("26 articles (22 stories), 4 labels, one label each\nanswered: 96.2%; ")
    assert "labels that the model does not know: <script>" in shown
    assert "\nmacro F1  " in shown
    assert "\neconomy                 sport" in shown
    assert "\nBy source; where stories are fewer than 30, an interval says little\n" in shown
    assert "\n(none)  " in shown


def test_long_tables_say_how_much_more_there_is(evaluation):
    measures = evaluation_tables(evaluation)[0]
    short = measures.first(3)
    assert short.title == f"Measures (and {len(measures.rows) - 4} more)"
    assert len(short.rows) == 4
    assert measures.first(100) is measures
