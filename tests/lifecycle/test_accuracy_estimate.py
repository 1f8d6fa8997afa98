from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from topicml.lifecycle.accuracy_estimate import estimated_accuracy, estimated_share, gained_share
from topicml.model.reference import N_BINS, Reference

COUNTS = st.lists(st.integers(0, 2000), min_size=N_BINS, max_size=N_BINS)


def reference(confidence, right) -> Reference:
    return Reference(sum(confidence), (sum(confidence),), (0,) * 5, tuple(confidence), tuple(right), {})


@given(COUNTS, COUNTS, st.floats(0, 1))
def test_the_value_is_a_share_within_its_interval(known, new, doubtful):
    found = estimated_accuracy(reference(known, [n // 2 for n in known]), np.array(new), doubtful=doubtful)
    if sum(new):
        assert 0 <= found.low <= found.value <= found.high <= 1
    else:
        assert found.interval is None


@pytest.mark.parametrize(("share", "right"), [(0.0, 0.5), (1.0, 0.9)])
def test_answers_count_as_answers_of_their_probability_did(share, right):
    known = [0] * N_BINS
    known[10], known[18] = 10_000, 10_000
    hits = [0] * N_BINS
    hits[10], hits[18] = 5_000, 9_000
    new = np.zeros(N_BINS, np.int64)
    new[10], new[18] = 1000 * (1 - share), 1000 * share
    found = estimated_accuracy(reference(known, hits), new)
    assert found.value == pytest.approx(right - 0.04 * (right * (1 - right)) ** 0.5, abs=0.001)


def test_more_articles_narrow_the_interval():
    known = reference([0] * 19 + [1000], [0] * 19 + [900])
    few, many = (estimated_accuracy(known, np.array([0] * 19 + [n])) for n in (100, 10_000))
    assert many.high - many.low < few.high - few.low


def test_doubtful_articles_lower_the_lower_end_alone():
    known, new = reference([0] * 19 + [1000], [0] * 19 + [900]), np.array([0] * 19 + [1000])
    sure, doubtful = estimated_accuracy(known, new), estimated_accuracy(known, new, doubtful=0.2)
    assert doubtful.low == pytest.approx(sure.low - 0.2)
    assert (doubtful.value, doubtful.high) == (sure.value, sure.high)


@given(st.integers(0, 1000), st.integers(0, 1000))
def test_a_share_is_within_its_interval(count, others):
    found = estimated_share(count, count + others)
    if count + others:
        assert 0 <= found.low <= found.value <= found.high <= 1


def test_a_group_that_grew_is_found_beyond_chance():
    before = np.array([900, 100])
    assert gained_share(np.array([895, 105]), before) == 0
    assert 0.25 < gained_share(np.array([600, 400]), before) < 0.3
