from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from sklearn.metrics import accuracy_score, hamming_loss, precision_recall_fscore_support

from tests.support import decisions
from topicml.metrics.decisions import answer_tally, decision_tally

AVERAGES = ("micro", "macro", "weighted")


def measured(tally, weights=None):
    """The measures of all articles, each as often as its weight says."""
    weights = np.ones(len(tally.columns)) if weights is None else weights
    return {name: values[0] for name, values in tally.measures(weights[None] @ tally.columns).items()}


@given(decisions(n_labels=(2, 5)), st.integers(0, 3))
def test_averages_are_scikit_learns_over_the_labels_that_occur(matrices, seed):
    truth, predicted = matrices
    weights = np.random.default_rng(seed).integers(0, 4, len(truth))
    weights[0] = 1
    found = measured(decision_tally(truth, predicted), weights)
    counted = np.repeat(np.arange(len(truth)), weights)
    truth, predicted = truth[counted], predicted[counted]
    occurring = np.flatnonzero(truth.any(axis=0) | predicted.any(axis=0))
    assert found["accuracy"] == pytest.approx((truth == predicted).all(axis=1).mean())
    assert found["hamming_loss"] == pytest.approx(hamming_loss(truth, predicted))
    if not len(occurring):
        assert found["macro_f1"] == found["micro_f1"] == 0.0
        return
    for average in AVERAGES:
        expected = precision_recall_fscore_support(
            truth, predicted, labels=occurring, average=average, zero_division=0.0
        )
        ours = [found[f"{average}_{name}"] for name in ("precision", "recall", "f1")]
        assert ours == pytest.approx(expected[:3])


@given(arrays(np.int64, 20, elements=st.integers(0, 3)), arrays(np.int64, 20, elements=st.integers(0, 3)))
def test_one_label_each(y, answered):
    found = measured(decision_tally(*(np.eye(4, dtype=bool)[labels] for labels in (y, answered))))
    assert found["accuracy"] == pytest.approx(accuracy_score(y, answered))
    for average in AVERAGES:
        expected = precision_recall_fscore_support(y, answered, average=average, zero_division=0.0)
        ours = [found[f"{average}_{name}"] for name in ("precision", "recall", "f1")]
        assert ours == pytest.approx(expected[:3])


@given(decisions(n_labels=(2, 5)))
def test_labels_are_scikit_learns_and_nan_where_it_would_divide_by_0(matrices):
    truth, predicted = matrices
    found = measured(decision_tally(truth, predicted))
    present = np.flatnonzero(truth.any(axis=0) | predicted.any(axis=0))
    precision, recall, f1, _ = precision_recall_fscore_support(truth, predicted, zero_division=np.nan)
    np.testing.assert_allclose(found["label_precision"], precision[present])
    np.testing.assert_allclose(found["label_recall"], recall[present])
    np.testing.assert_allclose(found["label_f1"], f1[present])


def test_what_is_not_answered_is_missed_and_no_answer_that_is_right():
    truth = np.array([[True, False], [False, True], [False, False]])
    predicted = np.array([[True, False], [False, False], [False, False]])
    found = measured(answer_tally(truth, predicted, np.array([True, False, False])))
    assert found == {"coverage": pytest.approx(1 / 3), "answered_accuracy": 1.0}


def test_without_answers_their_accuracy_is_undefined():
    nothing = np.zeros((3, 2), bool)
    assert np.isnan(measured(answer_tally(nothing, nothing, np.zeros(3, bool)))["answered_accuracy"])
