from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from topicml.article import Article
from topicml.evaluation import evaluate
from topicml.exceptions import CorpusError
from topicml.metrics import LabelScores

MISSED = LabelScores(precision=0.0, recall=0.0, f1=0.0, support=0)


def articles(*pairs: tuple[str, str]) -> list[Article]:
    return [Article(text, labels=(label,)) for text, label in pairs]


def test_scores_worked_by_hand(base_classifier):
    """Two right, one wrong, one not answered: the last is missed, and no label has it too many."""
    data = articles(
        ("Cup final", "sport"), ("Heavy rain", "weather"), ("Football cup", "economy"), ("", "sport")
    )
    evaluation = evaluate(base_classifier, data)
    scores = evaluation.scores
    assert (scores.n, scores.accuracy, evaluation.coverage) == (4, 0.5, 0.75)
    assert scores.micro_f1 == pytest.approx(4 / 7)  # 2 true positives, 3 given, 4 wanted
    assert scores.labels["sport"] == LabelScores(precision=0.5, recall=0.5, f1=0.5, support=2)
    assert scores.labels["weather"] == LabelScores(precision=1.0, recall=1.0, f1=1.0, support=1)
    assert scores.labels["economy"] == LabelScores(precision=0.0, recall=0.0, f1=0.0, support=1)
    assert scores.macro_f1 == pytest.approx(0.5)
    assert evaluation.unknown_labels == {}


def test_a_label_that_the_model_does_not_know_counts_as_missed(base_classifier):
    data = articles(("Cup final", "sport"), ("Cup final", "art"), ("Heavy rain", "art"), ("Cup", "[/]"))
    evaluation = evaluate(base_classifier, data)
    assert list(evaluation.unknown_labels.items()) == [("[/]", 1), ("art", 2)]
    assert evaluation.scores.labels["art"] == LabelScores(precision=0.0, recall=0.0, f1=0.0, support=2)
    assert evaluation.scores.accuracy == 0.25


def test_labels_that_only_the_model_knows_do_not_lower_the_mean(base_classifier):
    scores = evaluate(base_classifier, articles(("Cup final", "sport"))).scores
    assert scores.labels.keys() == {"economy", "sport", "weather"}
    assert scores.labels["economy"] == scores.labels["weather"] == MISSED
    assert (scores.accuracy, scores.macro_f1) == (1.0, 1.0)


def test_not_one_label_in_common(base_classifier):
    evaluation = evaluate(base_classifier, articles(("Cup final", "art"), ("", "chess")))
    assert (evaluation.scores.accuracy, evaluation.scores.micro_f1, evaluation.coverage) == (0.0, 0.0, 0.5)


def test_articles_may_bear_several_labels_or_none(multilabel_classifier):
    data = [
        Article("Snow closed the stadium before the league match.", labels=("weather", "sport")),
        Article("The central bank cut its interest rate.", labels=("economy", "art")),
        Article("qqq", labels=()),
    ]
    evaluation = evaluate(multilabel_classifier, data)
    expected = [set(multilabel_classifier.predict(article).labels) == set(article.labels) for article in data]
    assert evaluation.scores.accuracy == pytest.approx(np.mean(expected))
    assert evaluation.unknown_labels == {"art": 1}
    assert evaluation.coverage == pytest.approx(2 / 3)


def test_a_model_of_one_label_is_measured_on_articles_of_several(base_classifier):
    scores = evaluate(base_classifier, [Article("Cup final", labels=("sport", "weather"))]).scores
    assert (scores.accuracy, scores.labels["sport"].recall, scores.labels["weather"].recall) == (
        0.0,
        1.0,
        0.0,
    )


@given(order=st.permutations(range(24)))
def test_the_order_of_the_articles_does_not_change_the_scores(base_classifier, base_articles, order):
    shuffled = [base_articles[index] for index in order]
    scores = evaluate(base_classifier, shuffled, n_resamples=1).scores
    expected = evaluate(base_classifier, base_articles, n_resamples=1).scores
    assert scores.labels == expected.labels
    assert (scores.accuracy, scores.micro_f1, scores.macro_f1) == (
        expected.accuracy,
        expected.micro_f1,
        expected.macro_f1,
    )


def test_copies_are_drawn_together(base_classifier):
    """Copies of one story are one observation: repeated, they must not narrow an interval."""
    once = articles(("Cup final", "sport"), ("Heavy rain", "weather"), ("Football cup", "economy"))
    single, repeated = evaluate(base_classifier, once), evaluate(base_classifier, once * 20)
    assert repeated.scores.n == 60
    assert repeated.scores.intervals["accuracy"] == single.scores.intervals["accuracy"]


def test_the_same_seed_gives_the_same_intervals(base_classifier, base_articles):
    wrong = [Article(article.text, labels=("sport",)) for article in base_articles]
    one, two, other = (evaluate(base_classifier, wrong, random_state=seed) for seed in (0, 0, 1))
    assert one == two
    assert one.scores.intervals != other.scores.intervals


def test_json_can_hold_it(base_classifier):
    evaluation = evaluate(base_classifier, articles(("Cup final", "sport"), ("Heavy rain", "天气")))
    held = json.loads(json.dumps(evaluation.to_dict()))
    assert held == evaluation.to_dict()
    assert held["unknown_labels"] == {"天气": 1}
    assert held["coverage"] == 1.0
    assert held["intervals"].keys() == {"accuracy", "micro_f1", "macro_f1", "ece"}


def test_no_article_is_an_error(base_classifier):
    with pytest.raises(CorpusError, match="no articles to evaluate on"):
        evaluate(base_classifier, [])


def test_an_article_without_labels_is_an_error_and_one_with_none_is_not(base_classifier):
    with pytest.raises(CorpusError, match="without labels cannot be evaluated on"):
        evaluate(base_classifier, [Article("Cup final", labels=("sport",)), Article("Rain")])
    assert evaluate(base_classifier, [Article("Cup final", labels=())]).scores.accuracy == 0.0
