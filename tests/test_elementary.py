"""exp, log and products against exact arithmetic, and against what they must hold of themselves."""

from __future__ import annotations

import math
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from topicml.elementary import exp, log, log1p, product

NORMAL = st.floats(1e-300, 1e300)


@given(st.floats(-700, 700))
def test_exp_is_as_right_as_its_argument(x):
    right = Decimal(x).exp()
    allowed = (Decimal("2e-15") + Decimal("3e-16") * abs(Decimal(x))) * right + Decimal(2) ** -1022
    assert abs(Decimal(float(exp(x))) - right) <= allowed


@given(NORMAL)
def test_log_is_right_to_fifteen_digits(x):
    assert float(log(x)) == pytest.approx(float(Decimal(x).ln()), rel=2e-15, abs=2e-16)


@given(st.floats(0, 1))
def test_log1p_is_right_to_fourteen_digits_of_the_smallest_numbers_too(x):
    assert float(log1p(x)) == pytest.approx(math.log1p(x), rel=2e-14)


def test_what_is_exact_is_exact():
    assert exp([0.0, -708.5, -1e300, -np.inf]).tolist() == [1.0, 0.0, 0.0, 0.0]
    assert log([1.0, 2.0, 4.0]).tolist() == [0.0, math.log(2), 2 * math.log(2)]
    assert log1p(0.0) == 0.0


@pytest.mark.parametrize(("function", "low", "high"), [(exp, -708, 708), (log, 1e-300, 1e3), (log1p, 0, 1)])
def test_larger_numbers_never_give_less(function, low, high):
    """Ranks are made of probabilities: a step down between two entries of a table would swap articles."""
    around = np.linspace(low, high, 20_000)
    near = np.concatenate([around, np.nextafter(around, low), np.nextafter(around, high)])
    values = function(np.sort(near.clip(low, high)))
    assert (np.diff(values) >= -4e-16 * np.maximum(np.abs(values[1:]), 1)).all()


@pytest.mark.parametrize("function", [exp, log, log1p])
@pytest.mark.parametrize("shape", [(), (1,), (0,), (3, 0), (2, 3), (5, 4000), (20_001,)])
def test_a_number_gives_the_same_bits_alone_and_among_others(function, shape):
    x = np.random.default_rng(0).random(shape) * 0.9 + 0.05
    found = function(x)
    assert found.shape == shape
    assert [float(function(one)) for one in np.ravel(x)[::97]] == np.ravel(found)[::97].tolist()


def test_what_is_given_is_left_as_it_is():
    x = np.array([0.25, 0.5])
    for function in (exp, log, log1p):
        function(x)
    assert x.tolist() == [0.25, 0.5]


COUNTS = arrays(np.float64, (3, 5), elements=st.integers(0, 50).map(float))


@given(COUNTS, arrays(np.float64, (5, 2), elements=st.integers(-(10**9), 10**9).map(float)))
def test_a_product_of_whole_numbers_is_exact(counts, whole):
    assert product(counts, whole).tolist() == (counts.astype(np.int64) @ whole.astype(np.int64)).tolist()


@given(COUNTS, arrays(np.float64, (5, 2), elements=st.floats(-1e6, 1e6)))
def test_any_other_product_is_as_good_as_exact(counts, numbers):
    exact = [
        [
            sum(Fraction(c) * Fraction(x) for c, x in zip(row, column, strict=True))
            for column in numbers.T.tolist()
        ]
        for row in counts.tolist()
    ]
    bound = 1e-12 * counts.sum(axis=1, keepdims=True) * np.abs(numbers).max(axis=0) + 1e-300
    assert (np.abs(product(counts, numbers) - np.array(exact, float)) <= bound).all()


@given(COUNTS, arrays(np.float64, (5, 2), elements=st.floats(-1e6, 1e6)), st.permutations(range(5)))
def test_the_order_of_what_is_added_up_plays_no_part(counts, numbers, order):
    shuffled = product(np.ascontiguousarray(counts[:, order]), np.ascontiguousarray(numbers[order]))
    assert shuffled.tobytes() == product(counts, numbers).tobytes()
