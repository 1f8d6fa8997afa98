from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from topicml.lifecycle.extrapolation import extrapolate

SIZES = np.array([50.0, 100.0, 200.0, 400.0, 800.0])


@given(st.floats(0.3, 1), st.floats(0.1, 1.5), st.floats(0.05, 0.3))
def test_a_power_law_goes_on_as_it_is(top, exponent, lost):
    """The exponents that are tried are 5 % apart, so the law is met to a few thousandths."""
    curve = top - lost * (SIZES / 50) ** -exponent
    expected = top - lost * 32**-exponent
    assert extrapolate(SIZES, curve[:, None], 1600) == pytest.approx([expected], abs=0.002)


@given(st.lists(st.floats(0, 1), min_size=5, max_size=5))
def test_it_never_falls_nor_passes_one(scores):
    """Points that fall, or jump, give their weighed mean at the least."""
    [found] = extrapolate(SIZES, np.array(scores)[:, None], 1600)
    assert found <= 1 + 1e-9
    assert found >= np.average(scores, weights=SIZES**2) - 1e-9


def test_the_end_of_the_curve_counts_most():
    """Where the law does not hold from the first point on, it is fitted to the last ones."""
    late = np.array([0.1, 0.1, 0.1, 0.5, 0.6])
    assert extrapolate(SIZES, late[:, None], 1600)[0] > 0.6


def test_each_curve_is_fitted_by_itself():
    curves = np.stack((0.9 - 2 / np.sqrt(SIZES), np.full(5, 0.7)), axis=1)
    alone = [extrapolate(SIZES, curves[:, [k]], 1600)[0] for k in range(2)]
    assert extrapolate(SIZES, curves, 1600) == pytest.approx(alone)
    assert alone[1] == pytest.approx(0.7)
