"""Probabilities are those of the curve that is applied to scores."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from topicml.model.calibration import Calibration, log_sigmoid, sigmoid

SCORES = arrays(np.float64, st.tuples(st.integers(1, 5), st.just(3)), elements=st.floats(-1e300, 1e300))


def calibration(*, multilabel, slope=(1.0, 1.0, 1.0), offset=(0.0, 0.0, 0.0)):
    return Calibration(np.array(slope), np.array(offset), multilabel)


def test_multiclass_is_a_softmax_of_the_scaled_scores():
    scores = np.array([[0.0, np.log(2), np.log(5)]])
    np.testing.assert_allclose(
        calibration(multilabel=False).apply(scores), [[1 / 8, 2 / 8, 5 / 8]], rtol=1e-12
    )


def test_multilabel_is_a_sigmoid_of_each_label():
    curve = calibration(multilabel=True, slope=(1.0, 2.0, 1.0), offset=(0.0, 0.0, np.log(3)))
    probabilities = curve.apply(np.array([[np.log(3), np.log(3), 0.0]]))
    np.testing.assert_allclose(probabilities, [[3 / 4, 9 / 10, 3 / 4]], rtol=1e-12)


@pytest.mark.parametrize(
    ("logit", "expected"),
    [
        (-np.log(4), 1 / 5),
        (-np.log(2), 1 / 3),
        (0.0, 1 / 2),
        (np.log(2), 2 / 3),
        (np.log(4), 4 / 5),
        (-600.0, np.exp(-600.0)),
    ],
)
def test_sigmoids_worked_by_hand(logit, expected):
    assert sigmoid(np.array([logit])) == pytest.approx(expected, rel=1e-12, abs=0.0)
    assert log_sigmoid(np.array([logit])) == pytest.approx(np.log(expected), rel=1e-12, abs=0.0)


def test_its_content_is_what_it_was_made_of():
    curve = Calibration(np.array([1.0, 2.0]), np.array([3.0, 4.0]), multilabel=False, power=5.0)
    assert curve.content() == {"slope": [1.0, 2.0], "offset": [3.0, 4.0], "power": 5.0}


@pytest.mark.parametrize("multilabel", [False, True])
@given(scores=SCORES)
def test_probabilities_are_finite_and_between_0_and_1_for_any_score(multilabel, scores):
    probabilities = calibration(multilabel=multilabel).apply(scores)
    assert np.isfinite(probabilities).all()
    assert ((probabilities >= 0) & (probabilities <= 1)).all()


def test_multiclass_scores_may_saturate_first():
    curve = Calibration(np.ones(2), np.zeros(2), multilabel=False, power=2.0)
    np.testing.assert_allclose(curve.apply(np.array([[0.0, np.log(3)]])), [[4 / 13, 9 / 13]], rtol=1e-12)


@pytest.mark.parametrize("power", [None, 0.1, 50.0])
@given(scores=SCORES)
def test_multiclass_rows_sum_to_1(scores, power):
    sums = Calibration(np.full(3, 3.0), np.ones(3), multilabel=False, power=power).apply(scores).sum(axis=1)
    np.testing.assert_allclose(sums, 1.0, rtol=1e-12)


@given(scores=SCORES)
def test_a_row_does_not_depend_on_the_others(scores):
    curve = calibration(multilabel=False)
    alone = np.vstack([curve.apply(row[None, :]) for row in scores])
    assert np.array_equal(curve.apply(scores), alone)


@pytest.mark.parametrize("multilabel", [False, True])
def test_no_rows_give_no_rows(multilabel):
    assert calibration(multilabel=multilabel).apply(np.zeros((0, 3))).shape == (0, 3)


def test_scores_are_not_changed():
    scores = np.array([[1.0, 2.0, 3.0]])
    calibration(multilabel=False).apply(scores)
    assert scores.tolist() == [[1.0, 2.0, 3.0]]
