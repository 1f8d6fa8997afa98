from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import minimize as scipys

from topicml.training.minimizing import Curved, minimize

NUMBERS = st.floats(-5, 5)


def valley(x):
    """Rosenbrock's function, lowest at (1, 1), whose curvature is no help at the start."""
    a, b = x[1] - x[0] * x[0], 1 - x[0]
    return Curved(
        float(100 * a * a + b * b),
        np.array([-400 * x[0] * a - 2 * b, 200 * a]),
        np.array([[800 * x[0] * x[0] - 400 * a + 2, -400 * x[0]], [-400 * x[0], 200.0]]),
    )


@given(NUMBERS, NUMBERS)
def test_the_lowest_point_is_found_from_anywhere(x, y):
    np.testing.assert_allclose(minimize(valley, np.array([x, y])), [1, 1], atol=1e-4)


@given(NUMBERS, NUMBERS)
def test_the_value_never_rises(x, y):
    begin = np.array([x, y])
    assert valley(minimize(valley, begin)).value <= valley(begin).value


def test_it_ends_where_scipy_ends():
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(200, 2)), rng.random(200) < 0.3

    def loss(w):
        p = 1 / (1 + np.exp(-X @ w))
        return Curved(
            float(-np.where(y, np.log(p), np.log(1 - p)).sum()), X.T @ (p - y), (X.T * (p * (1 - p))) @ X
        )

    theirs = scipys(lambda w: loss(w)[:2], np.zeros(2), jac=True, method="BFGS", options={"gtol": 1e-9})
    np.testing.assert_allclose(minimize(loss, np.zeros(2)), theirs.x, atol=1e-7)


def test_what_would_lie_beyond_is_held_at_the_border():
    def slope(x):
        return Curved(float(x.sum()), np.ones(2), np.eye(2))

    assert minimize(slope, np.zeros(2), farthest=4.0).tolist() == [-4.0, -4.0]


@pytest.mark.parametrize("curvature", [np.zeros((2, 2)), -np.eye(2), np.array([[1.0, 9.0], [9.0, 1.0]])])
def test_a_curvature_that_points_nowhere_does_not_keep_it_going(curvature):
    found = minimize(lambda x: Curved(float((x * x).sum()), 2 * x, curvature), np.array([2.0, 1.0]))
    assert (found * found).sum() <= 5
