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
    model = replace(model, fingerprints=None)  # else those that it was trained on are set apart
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
    assert shown.startswith("26 articles (22 stories), 4 labels, one label each\n20 of 26 articles have the ")
    assert "labels that the model does not know: <script>" in shown
    assert "\nmacro F1 0." in shown
    assert "\neconomy                 sport" in shown
    assert "\nBy source (intervals for fewer than 30 stories are unreliable)\n" in shown
    assert "\n(none)  " in shown


def test_text_gives_the_scores_on_articles_that_the_model_has_not_seen(evaluation):
    others = replace(evaluation, n=20, n_stories=20)
    shown = " ".join(str(replace(evaluation, n_seen=6, without_copies=others)).split())
    assert shown.startswith(
        "20 articles, 4 labels, one label each 6 of 26 articles are in the training data, "
    )
    assert "they say nothing about new articles and are left out here" in shown


def test_text_says_nothing_of_others_where_the_model_has_seen_all(evaluation):
    shown = " ".join(str(replace(evaluation, n_seen=26, without_copies=None)).split())
    assert "all 26 articles are in the training data" in shown
    assert "so the scores say nothing about new articles" in shown


def test_text_warns_of_labels_of_few_articles(evaluation):
    note = "(intervals for fewer than 30 articles are unreliable)"
    assert f"\nLabels, weakest first {note}\n" in str(evaluation)
    often = {label: replace(own, support=30) for label, own in evaluation.labels.items()}
    assert "\nLabels, weakest first\n" in str(replace(evaluation, labels=often))
    absent = {label: replace(own, support=0) for label, own in evaluation.labels.items()}
    assert "\nLabels, weakest first\n" in str(replace(evaluation, labels=absent))


def test_text_says_how_many_articles_were_left_to_a_person(evaluation):
    assert "\n1 article (3.8%) was left to a person and counts as wrong\n" in str(evaluation)
    assert "\nno article was left to a person\n" in str(replace(evaluation, n_answered=evaluation.n))
    none = str(replace(evaluation, n_answered=evaluation.n, n_no_label=13))
    assert "\nno article was left to a person; 13 (50.0%) got no label\n" in none


def test_text_of_several_labels_says_how_often_the_first_and_how_often_all_are_right(
    multilabel_classifier, multilabel_articles
):
    several = evaluate(multilabel_classifier, multilabel_articles, n_resamples=20)
    n, first, every = several.n, several.measures["precision_at_1"], several.measures["accuracy"]
    shown = str(replace(several, n_seen=0, without_copies=None))
    assert f"\n{round(first.value * n)} of {n} articles have the first label right (" in shown
    assert f"\n{round(every.value * n)} of {n} articles have all labels right (" in shown
    assert ", micro F1 " in shown


def test_what_one_number_says_twice_is_said_once(evaluation):
    """Of one label each, micro F1 and the like repeat accuracy; ten lines of one number hid the others."""
    measures, *_ = evaluation_tables(evaluation)
    named = {row[0] for row in measures.rows}
    assert not named & {"micro F1", "micro precision", "micro recall", "weighted recall"}
    assert {"accuracy", "macro F1", "macro recall", "answered"} <= named
    measures, *_ = evaluation_tables(replace(evaluation, n_answered=evaluation.n))
    assert not {row[0] for row in measures.rows} & {"answered", "accuracy of answered articles"}


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
        assert not {name for name, _ in attrs} - {"style", "dir", "open"}
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
    assert shown.count("<details") == 5


def test_a_line_stands_beside_it_where_only_text_is_shown(marked_up_evaluation):
    found = repr(marked_up_evaluation)
    assert found.startswith("Evaluation(27 articles, 27 answered, accuracy 0.889 (0.")
    assert "\n" not in found
    assert len(found) < 120
