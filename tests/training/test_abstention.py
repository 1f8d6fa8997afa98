from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy.stats import binomtest, t

from topicml.model.record import Abstention
from topicml.training.abstention import (
    NEVER,
    _next_block_bound,
    choose_abstention,
    highest_precision,
    most_that_can_be_promised,
)

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
        assert found.min_confidence == NEVER


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
    assert (found.kept, found.min_confidence) == (0.0, NEVER)


def test_a_promise_that_cannot_be_kept_answers_nothing():
    found = choose_abstention(np.array([0.9, 0.8]), np.array([True, False]), precision=0.95)
    assert found == Abstention(0.95, NEVER, 0.0, 0.0, 0.0)


def test_a_promise_that_is_just_reached_is_kept():
    right = np.arange(200) >= 20
    bound = choose_abstention(np.full(200, 0.7), right, precision=0.8).lower_bound
    assert choose_abstention(np.full(200, 0.7), right, precision=bound).kept == 1.0


def test_articles_of_the_same_confidence_are_answered_together_or_not_at_all():
    """The first 20 of those with 0.5 are right, the other 200 are wrong: one threshold takes them all."""
    confidence = np.repeat([0.9, 0.5], [60, 220])
    found = choose_abstention(confidence, np.arange(280) < 80, precision=0.9)
    assert (found.kept, found.min_confidence, found.precision) == (60 / 280, 0.9, 1.0)


@pytest.mark.parametrize(("n_right", "expected"), [(0, 0.0), (1, 0.2699), (51, 0.9496), (52, 0.9505)])
def test_the_most_that_can_be_promised(n_right, expected):
    """Worked by hand: the Wilson bound of n right answers in n is n / (n + 1.645**2)."""
    assert most_that_can_be_promised(n_right) == pytest.approx(expected, abs=5e-5)


class TestHighest:
    def test_it_may_be_as_low_as_one_percent(self):
        """Of 100 answers 4 are right: a Wilson bound of 0.018."""
        assert highest_precision(np.full(100, 0.5), np.arange(100) < 4) == 0.01

    @given(ARTICLES, st.integers(1, 4))
    def test_it_can_be_promised_and_a_percent_more_cannot(self, articles, n_blocks):
        confidence, right = split(articles)
        blocks = np.arange(len(right)) % n_blocks
        highest = highest_precision(confidence, right, blocks=blocks)
        assume(highest is not None)
        assert choose_abstention(confidence, right, precision=highest, blocks=blocks).kept
        assert not choose_abstention(confidence, right, precision=highest + 0.01, blocks=blocks).kept

    def test_there_is_none_where_no_answer_is_right(self):
        assert highest_precision(np.ones(50), np.zeros(50, bool)) is None
        assert highest_precision(np.empty(0), np.empty(0, bool)) is None


class TestBlocks:
    @given(ARTICLES, st.integers(2, 4))
    def test_they_only_make_a_promise_stricter(self, articles, n_blocks):
        confidence, right = split(articles)
        blocks = np.arange(len(right)) % n_blocks
        strict = choose_abstention(confidence, right, precision=0.7, blocks=blocks)
        assert strict.kept <= choose_abstention(confidence, right, precision=0.7).kept
        if strict.kept:
            assert strict.precision >= strict.lower_bound >= 0.7

    def test_the_bound_is_that_of_a_prediction_interval(self):
        """Of 100, 100, 100 articles 96, 90 and 84 are right: mean 0.90, standard deviation 0.06."""
        blocks = np.arange(300) // 100
        right = np.arange(300) % 100 >= np.array([4, 10, 16])[blocks]
        expected = 0.9 - t.ppf(0.95, 2) * 0.06 * np.sqrt(4 / 3)
        assert _next_block_bound(right, blocks)[-1] == pytest.approx(expected)

    @pytest.mark.parametrize("n_blocks", [2, 3, 4, 5, 6])
    def test_the_bound_is_of_student_s_t_for_any_number_of_blocks(self, n_blocks):
        """Blocks of 100 have 50, 60, ... right answers."""
        n_right = 50 + 10 * np.arange(n_blocks)
        right = (np.arange(100) < n_right[:, None]).ravel()
        shares = n_right / 100
        spread = shares.std(ddof=1) * np.sqrt(1 + 1 / n_blocks)
        expected = shares.mean() - t.ppf(0.95, n_blocks - 1) * spread
        found = _next_block_bound(right, np.arange(n_blocks).repeat(100))
        assert found[-1] == pytest.approx(expected, abs=1e-9)

    def test_blocks_that_happen_to_agree_have_the_spread_of_chance(self):
        right, blocks = np.arange(400) % 10 > 0, np.arange(400) // 100
        expected = 0.9 - t.ppf(0.95, 3) * np.sqrt(0.9 * 0.1 / 100) * np.sqrt(5 / 4)
        assert _next_block_bound(right, blocks)[-1] == pytest.approx(expected)

    def test_a_block_without_an_answer_promises_nothing(self):
        right, blocks = np.ones(100, bool), np.repeat([0, 1], [99, 1])
        assert np.isneginf(_next_block_bound(right, blocks)[:99]).all()

    def test_a_promise_holds_on_a_later_block_where_days_differ(self):
        """Regression (a bound for the articles at hand): promises were broken by articles of other days."""
        broken = {"blocks": 0, "none": 0}
        for seed in range(60):
            rng = np.random.default_rng(seed)
            confidence = rng.beta(4, 1, (6, 1500))
            drift = rng.normal(0, 0.25, (6, 1))
            right = rng.random(confidence.shape) < confidence ** np.exp(drift)
            blocks = np.repeat(np.arange(5), 1500)
            for name, how in (("blocks", blocks), ("none", None)):
                seen = confidence[:5].ravel(), right[:5].ravel()
                found = choose_abstention(*seen, precision=0.9, blocks=how)
                later = right[5][confidence[5] >= found.min_confidence]
                broken[name] += later.mean() < 0.9
        assert broken["blocks"] <= 0.1 * 60 < broken["none"]
