"""Faults that users of other tools met in evaluation, each as its whole kind."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support import decisions
from topicml.article import Article
from topicml.evaluation.comparison import compare
from topicml.evaluation.evaluate import evaluate
from topicml.metrics.scores import LabelScores, score
from topicml.training.train import train

FIXED_KEYS = {
    "n": int,
    "accuracy": float,
    "micro_f1": float,
    "macro_f1": float,
    "ece": float,
    "intervals": dict,
    "labels": dict,
    "coverage": float,
    "unknown_labels": dict,
}
FOREIGN_KEYS = ("macro avg", "weighted avg", "micro avg", "samples avg", "__all__", "support", "")


def scored(truth, predicted, *, multilabel=True):
    truth, predicted = np.array(truth), np.array(predicted)
    classes = tuple(f"label {k}" for k in range(truth.shape[1]))
    return score(truth, predicted, predicted * 1.0, classes, multilabel=multilabel, n_resamples=20)


def overall(scores):
    return scores.accuracy, scores.micro_f1, scores.macro_f1


@pytest.fixture(scope="module")
def names(base_classifier, base_articles):
    """Every key of the report, at any depth, and those that other tools have."""

    def keys(value):
        members = value.items() if isinstance(value, dict) else ()
        return {key for name, inner in members for key in (name, *keys(inner))}

    report = evaluate(base_classifier, base_articles, n_resamples=2).to_dict()
    return sorted(keys(report) - {"sport", "economy", "weather"} | set(FOREIGN_KEYS) - {""})


@pytest.fixture(scope="module")
def corpus(names):
    return [
        Article(f"word{k} thing{k} {end}", labels=(name,))
        for k, name in enumerate(names)
        for end in ("today", "tonight")
    ]


@pytest.fixture(scope="module")
def trained(corpus):
    return train(corpus, n_jobs=1)


class TestRowsWithoutLabels:
    def test_none_wanted_and_none_given_is_right(self):
        """A row without a true and without a given label counted as a complete failure."""
        scores = scored([[True], [False], [False]], [[True], [False], [True]])
        assert scores.accuracy == pytest.approx(2 / 3)
        assert scores.labels["label 0"] == LabelScores(
            precision=0.5, recall=1.0, f1=pytest.approx(2 / 3), support=1
        )

    @given(decisions(most_articles=12), st.integers(1, 5))
    def test_such_rows_raise_accuracy_and_leave_f1_alone(self, rows, more):
        truth, predicted = rows
        empty = np.zeros((more, 3), bool)
        before, after = scored(truth, predicted), scored(*(np.vstack((part, empty)) for part in rows))
        right = (truth == predicted).all(axis=1).sum()
        assert after.accuracy == pytest.approx((right + more) / (len(truth) + more))
        assert overall(after)[1:] == pytest.approx(overall(before)[1:])
        assert after.labels == before.labels

    @given(decisions(most_articles=12), st.booleans())
    def test_no_score_is_ever_nan_or_outside_0_and_1(self, rows, multilabel):
        """Where there was nothing to divide by, scores were NaN, which JSON cannot hold."""
        found = json.loads(json.dumps(scored(*rows, multilabel=multilabel).to_dict(), allow_nan=False))
        values = [found[name] for name in ("accuracy", "micro_f1", "macro_f1")]
        values += [end for interval in found["intervals"].values() for end in interval]
        values += [of[name] for of in found["labels"].values() for name in ("precision", "recall", "f1")]
        assert all(0 <= value <= 1 for value in values)


class TestLabelsThatTheModelDoesNotKnow:
    def test_they_are_named_counted_and_missed(self, multilabel_classifier):
        """A label of the test part alone was an error, or left out of the truth, which raised the score."""
        data = [
            Article("Cup final moved", labels=("sport", "obituaries")),
            Article("Singer dies", labels=("obituaries",)),
        ]
        found = evaluate(multilabel_classifier, data)
        assert found.unknown_labels == {"obituaries": 2}
        assert found.scores.labels["obituaries"] == LabelScores(0.0, 0.0, 0.0, 2)
        assert found.scores.accuracy == 0

    @settings(max_examples=25)
    @given(
        marked=st.lists(st.booleans(), min_size=30, max_size=30),
        name=st.sampled_from(["obituaries", "SPORT", "sport ", "a", "zz", "accuracy"]),
    )
    def test_none_of_them_raises_a_score(self, classifier, multilabel_articles, marked, name):
        data = [
            replace(article, labels=(*article.labels, name) if mark else article.labels)
            for article, mark in zip(multilabel_articles, marked, strict=True)
        ]
        with_it, without = (evaluate(classifier, rows, n_resamples=1) for rows in (data, multilabel_articles))
        assert with_it.unknown_labels == ({name: sum(marked)} if any(marked) else {})
        assert all(
            new <= old for new, old in zip(overall(with_it.scores), overall(without.scores), strict=True)
        )
        known = {label: with_it.scores.labels[label] for label in classifier.classes_}
        assert known == without.scores.labels


class TestLabelsNamedAsAReportNamesItsParts:
    def test_each_has_its_entry_and_the_whole_has_its_own(self, trained, corpus, names):
        """A class called 'accuracy' took the place of the accuracy, or lost its own to it."""
        found = json.loads(json.dumps(evaluate(trained.classifier, corpus).to_dict()))
        perfect = {"precision": 1.0, "recall": 1.0, "f1": 1.0, "support": 2}
        assert list(found["labels"]) == names
        for of_label in found["labels"].values():
            assert {name: of_label[name] for name in perfect} == perfect
        for name, kind in FIXED_KEYS.items():
            assert type(found[name]) is kind
        assert (found["n"], found["accuracy"], found["macro_f1"]) == (len(corpus), 1.0, 1.0)

    def test_out_of_fold_scores_keep_them_apart_too(self, trained, names):
        found = trained.scores.to_dict()
        assert list(found["labels"]) == names
        assert type(found["accuracy"]) is float

    def test_so_does_a_comparison(self, trained, corpus, names):
        found = compare(trained.classifier, trained.classifier, corpus, n_resamples=5).to_dict()
        assert set(found["labels"]) == set(names)
        assert found["differences"].keys() == {"accuracy", "micro_f1", "macro_f1"}
        assert found["verdict"] == "no verdict"  # it was trained on these articles


class TestOneFormOfReport:
    @pytest.mark.parametrize("multilabel", [False, True])
    def test_its_keys_and_types_do_not_depend_on_the_data(
        self, base_classifier, multilabel_classifier, base_articles, multilabel
    ):
        """With other classes in the data, the report had other keys, and who read it broke."""
        model = multilabel_classifier if multilabel else base_classifier
        sport = base_articles[:8]
        sets = {
            "all": base_articles,
            "one label": sport,
            "one label, never given": [Article("Heavy rain and snow", labels=("sport",))] * 2,
            "nothing known": [Article("zxqv wug", labels=("weather",))],
            "no label": [Article("Cup final", labels=())],
            "an unknown label, too": [Article("Cup final", labels=("chess",)), sport[0]],
        }
        reports = {name: evaluate(model, rows, n_resamples=3).to_dict() for name, rows in sets.items()}
        for name, report in reports.items():
            assert report.keys() == reports["all"].keys(), name
            assert report["intervals"].keys() == reports["all"]["intervals"].keys(), name
            assert set(report["labels"]) - {"chess"} == {"economy", "sport", "weather"}, name
            for key, kind in FIXED_KEYS.items():
                assert type(report[key]) is kind, (name, key)
            of_labels = [{key: type(value) for key, value in of.items()} for of in report["labels"].values()]
            assert all(
                {"precision": float, "recall": float, "f1": float, "support": int}.items() <= of.items()
                for of in of_labels
            )


class TestNothingToDivideBy:
    def test_a_wrong_class_is_0_and_an_absent_one_is_left_out_of_the_mean(self):
        """A setting for the undefined case turned a class that was wrong throughout into a perfect one."""
        economy, sport, weather = "label 0", "label 1", "label 2"
        found = scored(
            [[False, True, False], [True, False, False], [True, False, False]],
            [[True, False, False], [False, True, False], [True, False, False]],
            multilabel=False,
        )
        assert found.labels[sport] == LabelScores(precision=0.0, recall=0.0, f1=0.0, support=1)
        assert found.labels[economy] == LabelScores(precision=0.5, recall=0.5, f1=0.5, support=2)
        assert (found.labels[weather].f1, found.labels[weather].support) == (0.0, 0)
        assert found.macro_f1 == pytest.approx((0.5 + 0.0) / 2)

    @given(decisions(most_articles=12))
    def test_a_label_that_is_never_found_is_never_better_than_0(self, rows):
        truth, predicted = rows
        for k, found in enumerate(scored(truth, predicted).labels.values()):
            if not (truth & predicted)[:, k].any():
                assert (found.precision, found.recall, found.f1) == (0.0, 0.0, 0.0)

    @given(decisions(most_articles=12), st.booleans())
    def test_a_label_that_is_neither_true_nor_given_changes_nothing(self, rows, multilabel):
        without = scored(*rows, multilabel=multilabel)
        wider = scored(
            *(np.column_stack((part, np.zeros(len(part), bool))) for part in rows), multilabel=multilabel
        )
        assert overall(wider) == pytest.approx(overall(without))
        assert wider.intervals["macro_f1"] == pytest.approx(without.intervals["macro_f1"])


class TestArticlesThatAreNotAnswered:
    def test_they_count_as_wrong_and_the_share_of_answers_is_told(self, base_classifier):
        """Scores of the answered articles alone looked better than those of a model that always answers."""
        data = [
            Article(text, labels=(label,))
            for text, label in (
                ("Cup final moved", "sport"),
                ("Bank lifts rate", "economy"),
                ("zxqv wug", "weather"),
                ("", "sport"),
            )
        ]
        found = evaluate(base_classifier, data)
        assert (found.scores.n, found.coverage, found.scores.accuracy) == (4, 0.5, 0.5)
        assert {label: of.support for label, of in found.scores.labels.items()} == {
            "economy": 1,
            "sport": 2,
            "weather": 1,
        }

    @settings(max_examples=25)
    @given(st.lists(st.floats(0, 1), min_size=2, max_size=2).map(sorted))
    def test_who_answers_less_is_right_no_more_often(self, classifier, multilabel_articles, limits):
        """Articles whose true answer is no label are left out here: not to answer them is no miss."""
        data = [article for article in multilabel_articles if article.labels]
        often, seldom = (
            evaluate(replace(classifier, min_confidence=limit), data, n_resamples=1) for limit in limits
        )
        assert seldom.coverage <= often.coverage
        assert seldom.scores.accuracy <= often.scores.accuracy
        assert seldom.scores.n == often.scores.n == len(data)
        for label, of in seldom.scores.labels.items():
            assert of.recall <= often.scores.labels[label].recall
            assert of.support == often.scores.labels[label].support
