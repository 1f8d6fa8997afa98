from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from sklearn.metrics import accuracy_score, f1_score, precision_recall_fscore_support

from tests.support import decisions, one_hot
from topicml.exceptions import TopicmlValueError
from topicml.metrics.probabilities import calibration_tally
from topicml.metrics.scores import score

CLASSES = ("art", "sport", "war")


def scored(truth, predicted, probabilities=None, *, multilabel=True, n_resamples=10, **options):
    truth = np.asarray(truth)
    classes = tuple(f"label {k}" for k in range(truth.shape[1]))
    if probabilities is None:
        probabilities = np.full(truth.shape, 1 / truth.shape[1])
    return score(
        truth, predicted, probabilities, classes, multilabel=multilabel, n_resamples=n_resamples, **options
    )


@st.composite
def single_labels(draw):
    """True and predicted label numbers; 3 in the predictions is an article without an answer."""
    n = draw(st.integers(1, 25))
    return draw(arrays(np.int64, n, elements=st.integers(0, 2))), draw(
        arrays(np.int64, n, elements=st.integers(0, 3))
    )


class TestAgainstScikitLearn:
    @given(decisions())
    def test_multilabel(self, matrices):
        truth, predicted = matrices
        scores = scored(truth, predicted)
        present = np.flatnonzero(truth.any(axis=0) | predicted.any(axis=0))
        f1 = f1_score(truth, predicted, average=None, zero_division=0.0)
        assert scores.accuracy == pytest.approx(accuracy_score(truth, predicted))
        assert scores.micro_f1 == pytest.approx(
            f1_score(truth, predicted, average="micro", zero_division=0.0)
        )
        assert scores.macro_f1 == pytest.approx(f1[present].mean() if len(present) else 0.0)

    @given(single_labels())
    def test_multiclass(self, labels):
        y, answered = labels
        scores = scored(one_hot(y), one_hot(answered), multilabel=False)
        occurring = sorted({*y.tolist(), *answered.tolist()} - {3})
        reference = {"y_true": y, "y_pred": answered, "labels": occurring, "zero_division": 0.0}
        assert scores.accuracy == pytest.approx(accuracy_score(y, answered))
        assert scores.micro_f1 == pytest.approx(f1_score(**reference, average="micro"))
        assert scores.macro_f1 == pytest.approx(f1_score(**reference, average="macro"))

    @given(decisions())
    def test_each_label(self, matrices):
        truth, predicted = matrices
        expected = precision_recall_fscore_support(truth, predicted, average=None, zero_division=0.0)
        found = [(s.precision, s.recall, s.f1, s.support) for s in scored(truth, predicted).labels.values()]
        np.testing.assert_allclose(np.array(found).T, expected)

    @given(single_labels())
    def test_accuracy_is_micro_f1_where_every_article_is_answered(self, labels):
        y, answered = labels
        scores = scored(one_hot(y), one_hot(answered % 3), multilabel=False)
        assert scores.accuracy == pytest.approx(scores.micro_f1)


class TestByHand:
    def test_scores(self):
        # sport: 1 of 2 found, none too many; art: 1 found, 1 too many; war: missed.
        scores = score(
            one_hot([1, 1, 0, 2]),
            one_hot([1, 3, 0, 0]),
            np.full((4, 3), 1 / 3),
            CLASSES,
            multilabel=False,
            n_resamples=10,
        )
        assert scores.n == 4
        assert scores.accuracy == 0.5
        assert scores.micro_f1 == pytest.approx(2 * 2 / (3 + 4))
        assert scores.macro_f1 == pytest.approx((2 / 3 + 2 / 3 + 0) / 3)
        assert {label: s.support for label, s in scores.labels.items()} == {"art": 1, "sport": 2, "war": 1}

    def test_f1_of_each_label_has_an_interval_if_it_occurs(self):
        found = scored(one_hot([1, 1, 0]), one_hot([1, 0, 0]), multilabel=False)
        assert set(found.f1_intervals) == {"label 0", "label 1"}
        for label in found.f1_intervals:
            f1 = found.label_f1(label)
            assert 0 <= f1.low <= f1.value <= f1.high <= 1
            assert found.to_dict()["labels"][label]["intervals"] == {"f1": [f1.low, f1.high]}
        assert found.label_f1("label 2").interval is None
        assert "intervals" not in found.to_dict()["labels"]["label 2"]

    def test_an_absent_label_does_not_pull_macro_f1_down(self):
        assert scored(one_hot([0, 1]), one_hot([0, 1]), multilabel=False).macro_f1 == 1.0

    def test_nothing_true_and_nothing_predicted(self):
        empty = np.zeros((3, 2), bool)
        scores = scored(empty, empty)
        assert (scores.accuracy, scores.micro_f1, scores.macro_f1) == (1.0, 0.0, 0.0)

    def test_no_articles_are_refused(self):
        with pytest.raises(TopicmlValueError, match="no articles to score"):
            scored(np.zeros((0, 2), bool), np.zeros((0, 2), bool))

    def test_to_dict_is_json(self):
        scores = scored(one_hot([0, 1]), one_hot([0, 0]))
        read_back = json.loads(json.dumps(scores.to_dict(), allow_nan=False))
        assert read_back == scores.to_dict()
        measures = {"accuracy", "micro_f1", "macro_f1", "ece", "precision_at_1"}
        assert set(read_back) == {"n", "intervals", "labels"} | measures
        assert set(read_back["intervals"]) == measures


def calibration_error(truth, probabilities, *, multilabel):
    return scored(truth, probabilities > 0.5, probabilities, multilabel=multilabel).ece


class TestExpectedCalibrationError:
    def test_multiclass_looks_at_the_answer(self):
        # Fifteen bins of one article each: gaps 0.2 (right at 0.8) and 0.6 (wrong at 0.6).
        truth, probabilities = one_hot([0, 1], 2), np.array([[0.8, 0.2], [0.6, 0.4]])
        assert calibration_error(truth, probabilities, multilabel=False) == pytest.approx(0.4)

    def test_multilabel_looks_at_every_probability(self):
        truth, probabilities = np.array([[True, False], [False, False]]), np.array([[0.8, 0.2], [0.6, 0.0]])
        error = calibration_error(truth, probabilities, multilabel=True)
        assert error == pytest.approx((0.2 + 0.2 + 0.6 + 0.0) / 4)

    def test_a_bin_of_many_articles_that_keeps_its_promise_has_no_gap(self):
        # Thirty bins' worth of articles at 0.5: each bin holds one that is right and one that is wrong.
        truth = one_hot(np.tile([0, 1], 15), 2)
        assert calibration_error(truth, np.full((30, 2), 0.5), multilabel=False) == pytest.approx(
            0.0, abs=1e-12
        )

    def test_bins_hold_equal_numbers_in_order_of_probability(self):
        # Sorted, the 30 articles fall into 15 pairs; in each pair one of two is right.
        confidence = np.linspace(0.6, 0.98, 30)
        truth = one_hot(np.tile([0, 1], 15), 2)
        shuffled = np.random.default_rng(0).permutation(30)
        probabilities = np.column_stack((confidence, 1 - confidence))
        expected = np.abs(confidence.reshape(15, 2).mean(axis=1) - 0.5).mean()
        error = calibration_error(truth[shuffled], probabilities[shuffled], multilabel=False)
        assert error == pytest.approx(expected)

    def test_is_the_error_that_score_gives(self):
        rng = np.random.default_rng(0)
        truth, probabilities = rng.random((50, 3)) < 0.3, rng.random((50, 3))
        tally = calibration_tally(truth, probabilities, multilabel=True)
        [error] = tally.measures(tally.columns.sum(axis=0)[None])["ece"]
        assert scored(truth, probabilities > 0.5, probabilities).ece == pytest.approx(error)

    def test_honest_probabilities_have_a_small_error(self):
        probabilities = np.random.default_rng(0).random((20_000, 2))
        truth = np.random.default_rng(1).random((20_000, 2)) < probabilities
        assert calibration_error(truth, probabilities, multilabel=True) < 0.01


def noisy(n, *, n_classes=4, seed=0):
    """Labels, predictions that are right for about four of five, and probabilities to go with them."""
    rng = np.random.default_rng(seed)
    y = rng.integers(n_classes, size=n)
    answered = np.where(rng.random(n) < 0.8, y, rng.integers(n_classes, size=n))
    probabilities = np.full((n, n_classes), 0.15 / (n_classes - 1))
    probabilities[np.arange(n), answered] = 0.85
    return one_hot(y, n_classes), one_hot(answered, n_classes), probabilities


def width(scores, measure="accuracy"):
    low, high = scores.intervals[measure]
    return high - low


class TestIntervals:
    def test_the_seed_decides(self):
        same = [scored(*noisy(200), multilabel=False, random_state=1).intervals for _ in range(2)]
        other = scored(*noisy(200), multilabel=False, random_state=2).intervals
        assert same[0] == same[1] != other

    @pytest.mark.parametrize("measure", ["accuracy", "micro_f1", "macro_f1"])
    def test_contain_the_value(self, measure):
        scores = scored(*noisy(200), multilabel=False, n_resamples=500)
        low, high = scores.intervals[measure]
        assert low < getattr(scores, measure) < high

    def test_shrink_with_the_root_of_the_number_of_articles(self):
        few, many = (scored(*noisy(n), multilabel=False, n_resamples=500) for n in (200, 3200))
        assert width(few) / width(many) == pytest.approx(4, rel=0.25)

    def test_agree_with_the_normal_approximation(self):
        scores = scored(*noisy(1000), multilabel=False, n_resamples=2000)
        expected = 2 * 1.96 * np.sqrt(scores.accuracy * (1 - scores.accuracy) / 1000)
        assert width(scores) == pytest.approx(expected, rel=0.1)

    @pytest.mark.parametrize("measure", ["accuracy", "micro_f1", "macro_f1"])
    def test_are_as_wide_as_those_of_the_stories_where_articles_are_copies(self, measure):
        stories = noisy(200)
        copied = [np.repeat(part, 4, axis=0) for part in stories]
        groups = np.repeat(np.arange(200), 4)
        alone, together, naive = (
            width(scored(*parts, multilabel=False, n_resamples=1000, groups=g), measure)
            for parts, g in ((stories, None), (copied, groups), (copied, None))
        )
        assert together == pytest.approx(alone)
        assert together > 1.6 * naive

    def test_groups_of_one_change_nothing(self):
        plain, grouped = (scored(*noisy(50), multilabel=False, groups=g) for g in (None, np.arange(50)))
        assert plain == grouped

    @pytest.mark.parametrize("n_labels", [3, 40])
    def test_of_perfect_predictions_of_rare_labels_contains_1(self, n_labels):
        """Regression (a label missing from a resample counted as missed): intervals lay below the value."""
        truth = np.vstack((one_hot(np.arange(n_labels), n_labels), one_hot(np.zeros(20), n_labels)))
        scores = scored(truth, truth, multilabel=False, n_resamples=200)
        assert scores.macro_f1 == 1.0
        assert scores.intervals["macro_f1"] == (1.0, 1.0)

    @pytest.mark.parametrize("seed", range(5))
    def test_of_the_calibration_error_contains_the_value(self, seed):
        """Regression (resampling adds to an error that is a sum of sizes): the interval lay above it."""
        rng = np.random.default_rng(seed)
        confidence = rng.uniform(0.5, 1.0, 3000)
        y = np.where(rng.random(3000) < confidence, 0, 1)
        probabilities = np.column_stack((confidence, 1 - confidence))
        answers = one_hot(np.zeros(3000), 2)
        scores = scored(one_hot(y, 2), answers, probabilities, multilabel=False, n_resamples=500)
        low, high = scores.intervals["ece"]
        assert low <= scores.ece <= high

    @pytest.mark.usefixtures("one_thread")
    def test_cover_the_truth(self):
        """Of 400 simulated test sets, 93 to 97 % hold the scores of the population that they are drawn from.

        Regression (F1 of a rare label falls in most resamples): plain percentiles lay too low.
        """
        n_stories, prior, right = 300, np.array([0.4, 0.26, 0.16, 0.12, 0.06]), np.array([9, 8, 6, 7, 5]) / 10
        joint = np.diag(prior * right) + np.outer(prior * (1 - right), np.ones(5)) * (1 - np.eye(5)) / 4
        f1 = 2 * joint.diagonal() / (joint.sum(axis=0) + joint.sum(axis=1))
        true = {"accuracy": joint.trace(), "micro_f1": joint.trace(), "macro_f1": f1.mean()}
        rng = np.random.default_rng(0)
        covered = dict.fromkeys(true, 0)
        for seed in range(400):
            cells = rng.choice(25, n_stories, p=joint.ravel())
            groups = np.arange(n_stories).repeat(rng.integers(1, 3, n_stories))
            y, answered = cells[groups] // 5, cells[groups] % 5
            parts = one_hot(y, 5), one_hot(answered, 5)
            found = scored(*parts, multilabel=False, n_resamples=500, groups=groups, random_state=seed)
            for name, (low, high) in found.intervals.items():
                if name in true:
                    covered[name] += low <= true[name] <= high
        assert all(0.93 <= count / 400 <= 0.97 for count in covered.values()), covered


def test_scores_print_as_tables_with_the_weakest_label_first():
    truth = [[1, 0], [1, 1], [0, 1], [0, 1]]
    found = scored(np.array(truth, bool), np.array([[1, 0], [1, 0], [0, 1], [0, 1]], bool))
    overall, labels = str(found).split("\n\n")
    low, high = found.intervals["accuracy"]
    assert overall.splitlines()[1].split() == ["accuracy", "0.750", f"{low:.3f}", "to", f"{high:.3f}"]
    weakest = found.label_f1("label 1").interval_text().split()
    assert [line.rsplit(maxsplit=7) for line in labels.splitlines()[1:]] == [
        ["label 1", "1.000", "0.667", "0.800", *weakest, "3"],
        ["label 0", "1.000", "1.000", "1.000", "1.000", "to", "1.000", "2"],
    ]
