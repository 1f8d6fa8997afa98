from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import average_precision_score, label_ranking_average_precision_score

from topicml.article import Article
from topicml.corpus.targets import encode_labels
from topicml.evaluation.evaluate import evaluate
from topicml.exceptions import CorpusError, TopicmlValueError
from topicml.metrics.resampling import Estimate
from topicml.metrics.scores import LabelScores, score

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
    """Regression: a page of 0.000 and exit status 0, where the wrong model or file had been named."""
    message = "have no label in common: the articles have 'art', 'chess'; the model knows 'economy', 'sport'"
    with pytest.raises(CorpusError, match=message):
        evaluate(base_classifier, articles(("Cup final", "art"), ("", "chess")))


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


@pytest.fixture(scope="module")
def expected(base_classifier, base_articles):
    """The scores of the base articles in their own order."""
    return evaluate(base_classifier, base_articles, n_resamples=1).scores


@settings(max_examples=40)  # each is an evaluation
@given(order=st.permutations(range(24)))
def test_the_order_of_the_articles_does_not_change_the_scores(
    base_classifier, base_articles, expected, order
):
    scores = evaluate(base_classifier, [base_articles[index] for index in order], n_resamples=1).scores
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
    assert held["intervals"].keys() >= {"accuracy", "micro_f1", "macro_f1", "ece"}


def test_no_article_is_an_error(base_classifier):
    with pytest.raises(CorpusError, match="no articles to evaluate on"):
        evaluate(base_classifier, [])


def test_an_article_without_labels_is_an_error_and_one_with_none_is_not(base_classifier):
    with pytest.raises(CorpusError, match="without labels cannot be evaluated on"):
        evaluate(base_classifier, [Article("Cup final", labels=("sport",)), Article("Rain")])
    assert evaluate(base_classifier, [Article("Cup final", labels=())]).scores.accuracy == 0.0


@pytest.fixture(scope="module")
def mixed():
    """Articles of which some are right, wrong, unknown to the model, or without an answer."""
    return [
        Article("Cup final", labels=("sport",), source="Daily", date="2021-03-01", metadata={"desk": "a"}),
        Article("Cup final!", labels=("sport",), source="Daily", date="20210302"),
        Article("Heavy rain and wind", labels=("weather",), source="Herald", date="2022-W01-1"),
        Article("Football league", labels=("economy",), source="Daily", date="soon"),
        Article("zzz", labels=("weather",), source="Herald", date="2022-05-05"),
        Article("The striker paints", labels=("art",), date="2022-05-06T10:00:00+02:00"),
    ]


def test_it_measures_as_training_does(base_classifier, base_articles):
    wrong = [Article(article.text, labels=("sport",)) for article in base_articles[:12]]
    given = base_classifier.predict(wrong)
    classes = base_classifier.classes_
    expected = score(
        encode_labels(wrong, classes),
        encode_labels(given, classes),
        np.array([prediction.class_probabilities for prediction in given]),
        classes,
        multilabel=False,
        n_resamples=50,
    )
    assert evaluate(base_classifier, wrong, n_resamples=50).scores == expected


def test_what_is_not_answered_is_counted_and_named(base_classifier, mixed):
    """Regression (scores of the answers alone look better than a model that always answers)."""
    evaluation = evaluate(base_classifier, mixed)
    assert (evaluation.n, evaluation.n_stories, evaluation.n_answered) == (6, 5, 5)
    assert evaluation.measures["accuracy"].value == pytest.approx(3 / 6)
    assert evaluation.measures["answered_accuracy"].value == pytest.approx(3 / 5)
    assert evaluation.coverage == evaluation.measures["coverage"].value == pytest.approx(5 / 6)
    assert evaluation.coverage_curve[-1].coverage.value == pytest.approx(5 / 6)
    assert evaluation.coverage_curve[-1].precision.value == pytest.approx(3 / 5)


def test_a_model_that_answers_nothing_has_no_accuracy_of_its_answers(base_classifier, mixed):
    silent = replace(base_classifier, min_confidence=1.1)
    evaluation = evaluate(silent, mixed, n_resamples=20)
    assert evaluation.measures["answered_accuracy"] == Estimate(0.0, None)
    assert evaluation.to_dict()["intervals"]["answered_accuracy"] is None
    assert evaluation.measures["top_2_accuracy"].value > 0  # what it would have said


def test_confusions_and_their_matrix(base_classifier, mixed):
    evaluation = evaluate(base_classifier, mixed)
    assert list(evaluation.labels) == ["economy", "sport", "weather", "art"]
    assert evaluation.confusion_matrix == (
        (0, 1, 0, 0, 0),
        (0, 2, 0, 0, 0),
        (0, 0, 1, 0, 1),
        (0, 1, 0, 0, 0),
    )
    found = {(pair.true, pair.given): pair.count for pair in evaluation.confusions}
    assert found == {("economy", "sport"): 1, ("weather", None): 1, ("art", "sport"): 1}


def test_labels_that_one_side_alone_has_are_named_and_counted(base_classifier, mixed):
    evaluation = evaluate(base_classifier, [mixed[0], mixed[5]])
    assert evaluation.unknown_labels == {"art": 1}
    assert evaluation.absent_labels == {"economy": 0, "weather": 0}
    assert evaluation.labels["economy"].f1 == Estimate(0.0, None)
    assert evaluation.labels["art"].recall.value == 0.0
    assert evaluation.labels["art"].precision.interval is None


def test_a_multilabel_model_is_measured_by_ranking_too(multilabel_classifier, multilabel_articles):
    evaluation = evaluate(multilabel_classifier, multilabel_articles, n_resamples=50)
    truth = encode_labels(multilabel_articles, multilabel_classifier.classes_)
    probabilities = multilabel_classifier.predict_proba(multilabel_articles)
    measures = evaluation.measures
    assert measures["label_ranking_average_precision"].value == pytest.approx(
        label_ranking_average_precision_score(truth, probabilities)
    )
    average_precisions = average_precision_score(truth, probabilities, average=None)
    assert [own.average_precision.value for own in evaluation.labels.values()] == pytest.approx(
        average_precisions
    )
    assert measures["macro_average_precision"].value == pytest.approx(average_precisions.mean())
    assert {"hamming_loss", "precision_at_1"} <= measures.keys()
    assert evaluation.confusion_matrix is None


@pytest.mark.parametrize(
    "chosen",
    [slice(None), slice(0, 1), slice(4, 5), slice(4, 6)],
    ids=["all", "one", "unanswered", "unknown"],
)
def test_the_keys_do_not_depend_on_the_articles(classifier, mixed, chosen):
    """Regression (a summary's keys and types changed with the labels that happened to turn up)."""
    every, some = (evaluate(classifier, part, n_resamples=10).to_dict() for part in (mixed, mixed[chosen]))
    assert list(every) == list(some)
    assert {key: type(value) for key, value in every.items()} == {
        key: type(value) for key, value in some.items()
    }
    assert list(every["intervals"]) == list(some["intervals"])


@pytest.mark.parametrize("name", ["accuracy", "macro avg", "intervals", "n", "__all__"])
def test_a_label_that_is_called_like_a_measure_stays_apart(base_classifier, name):
    found = evaluate(base_classifier, articles(("Cup final", "sport"), ("Cup", name))).to_dict()
    assert found["accuracy"] == 0.5
    assert found["n"] == 2
    assert found["labels"][name]["support"] == 1


@pytest.mark.parametrize(
    ("field", "expected"),
    [
        ("source", [("", 1), ("Daily", 3), ("Herald", 2)]),
        ("year", [("", 1), ("2021", 2), ("2022", 3)]),
        ("month", [("", 1), ("2021-03", 2), ("2022-01", 1), ("2022-05", 2)]),
        ("desk", [("", 5), ("a", 1)]),
        ("length", [("under 50", 6)]),
    ],
)
def test_slices(base_classifier, mixed, field, expected):
    [(name, parts)] = evaluate(base_classifier, mixed, by=field, n_resamples=10).slices.items()
    assert name == field
    assert [(part.value, part.n) for part in parts] == expected


def test_slices_add_up_to_the_whole(base_classifier, mixed):
    evaluation = evaluate(base_classifier, mixed, by=("source", "year"), n_resamples=10)
    for parts in evaluation.slices.values():
        for measure in ("accuracy", "coverage"):
            total = sum(part.n * part.measures[measure].value for part in parts)
            assert total / evaluation.n == pytest.approx(evaluation.measures[measure].value)


def test_a_field_that_no_article_has_is_an_error(base_classifier, mixed):
    with pytest.raises(CorpusError, match="no article has the field 'section'; expected year, month, length"):
        evaluate(base_classifier, mixed, by="section")


def test_no_resamples_are_an_error(base_classifier, mixed):
    with pytest.raises(TopicmlValueError, match="n_resamples must be 1 or more, found 0"):
        evaluate(base_classifier, mixed, n_resamples=0)
