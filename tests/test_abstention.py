from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest

from topicml.abstention import choose_abstention

ARTICLES = st.lists(
    st.tuples(st.integers(0, 20).map(lambda k: k / 20), st.booleans()), min_size=1, max_size=80
)


def split(articles):
    return np.array([c for c, _ in articles]), np.array([r for _, r in articles])


@given(ARTICLES, st.sampled_from([0.5, 0.8, 0.95]))
def test_what_is_kept_is_what_is_said(articles, precision):
    confidence, right = split(articles)
    found = choose_abstention(confidence, right, precision=precision)
    kept = confidence >= found.min_confidence
    if found.kept:
        assert kept.mean() == found.kept
        assert right[kept].mean() == pytest.approx(found.precision)
        assert found.precision >= found.lower_bound >= precision
    else:
        assert found.min_confidence == 1.0


@given(ARTICLES)
def test_a_harder_promise_keeps_no_more(articles):
    confidence, right = split(articles)
    kept = [choose_abstention(confidence, right, precision=p).kept for p in (0.5, 0.7, 0.9, 0.99)]
    assert kept == sorted(kept, reverse=True)


def test_the_bound_is_that_of_scipy():
    right = np.arange(200) >= 20
    found = choose_abstention(np.full(200, 0.7), right, precision=0.8)
    expected = binomtest(180, 200).proportion_ci(confidence_level=0.90, method="wilson").low
    assert found.lower_bound == pytest.approx(expected, abs=1e-9)


def test_a_lucky_handful_keeps_no_promise():
    found = choose_abstention(np.array([0.9, 0.8, 0.7]), np.array([True, True, True]), precision=0.95)
    assert (found.kept, found.min_confidence) == (0.0, 1.0)
    assert "cannot be promised" in found.note
