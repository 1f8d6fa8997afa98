"""An evaluation as people read it."""

from __future__ import annotations

import unicodedata
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from topicml.article import Article
from topicml.evaluation.evaluate import evaluate
from topicml.evaluation.result import evaluation_tables
from topicml.metrics.names import MEASURES, PRECISION_AT, TOP_K

ODD = '<script>alert("x")</script>\x1b[31m a very long label 天气天气天气天气天气'
MARKUP = '<script>alert("x")</script>\x1b[31m'
VOID = {"br"}


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
    n_labels = len(multilabel_classifier.classes_)
    too_large = {f"top_{k}_accuracy" for k in TOP_K if k >= n_labels}
    too_large |= {f"precision_at_{k}" for k in PRECISION_AT if k >= n_labels}
    assert {*evaluation.measures, *several.measures} == set(MEASURES) - too_large


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


def test_text_gives_the_scores_on_articles_that_the_model_has_not_seen(evaluation):
    without = evaluation.scores
    shown = " ".join(str(replace(evaluation, n_seen=3, scores_without_seen=without)).split())
    assert "3 of them are also in the training data, exactly or nearly, and measure memory; " in shown
    assert f"on the other 26: accuracy {without.accuracy:.3f}, micro F1 {without.micro_f1:.3f}, " in shown
    assert "scores_without_seen" not in shown


def test_text_says_nothing_of_others_where_the_model_has_seen_all(evaluation):
    shown = " ".join(str(replace(evaluation, n_seen=26, scores_without_seen=None)).split())
    assert "and measure memory labels that the model does not know" in shown


def test_text_warns_of_labels_of_few_articles(evaluation):
    note = "of fewer than 30 articles, an interval says little"
    assert f"\nLabels, the weakest first; {note}\n" in str(evaluation)
    often = {label: replace(own, support=30) for label, own in evaluation.labels.items()}
    assert "\nLabels, the weakest first\n" in str(replace(evaluation, labels=often))
    absent = {label: replace(own, support=0) for label, own in evaluation.labels.items()}
    assert "\nLabels, the weakest first\n" in str(replace(evaluation, labels=absent))


def test_text_says_where_all_articles_were_answered(evaluation):
    assert "\nanswered: 96.2%; what is not (1 article) counts as given no label\n" in str(evaluation)
    assert "\nanswered: all\n" in str(replace(evaluation, n_answered=evaluation.n))


@pytest.fixture(scope="module")
def marked_up_evaluation(request):
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


def test_it_is_whole_and_holds_no_markup_of_the_articles(marked_up_evaluation):
    checker = _Checker()
    checker.feed(marked_up_evaluation._repr_html_())
    checker.close()
    assert checker.open == []
    assert "script" not in checker.tags
    assert '<script>alert("x")</script>' in checker.text
    assert "\x1b" not in checker.text


def test_it_has_every_table(marked_up_evaluation):
    shown = marked_up_evaluation._repr_html_()
    assert shown.count("<table>") == len(evaluation_tables(marked_up_evaluation)) == 5
    assert shown.count("<details>") == 4


def test_a_line_stands_beside_it_where_only_text_is_shown(marked_up_evaluation):
    found = repr(marked_up_evaluation)
    assert found.startswith("Evaluation(n=27, n_answered=27, accuracy=0.8")
    assert "\n" not in found
    assert len(found) < 100
