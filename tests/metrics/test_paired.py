from __future__ import annotations

from fractions import Fraction
from math import comb
from statistics import NormalDist

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import accuracy_score, f1_score

from topicml.exceptions import TopicmlValueError
from topicml.metrics.names import OVERALL
from topicml.metrics.paired import (
    bootstrap_p_values,
    drawn_scores,
    mcnemar,
    mcnemar_p_values,
    minimum_detectable_difference,
)
from topicml.metrics.resampling import Estimate
from topicml.metrics.scores import score

COUNTS = st.integers(0, 60)


def binomial_bounds(n, p):
    """Return a range that 999 of 1000 counts of n trials fall into, by the normal approximation."""
    spread = 3.3 * np.sqrt(n * p * (1 - p))
    return n * p - spread, n * p + spread


def by_hand(only_a, only_b):
    """The p-value by exact sums, written as in a textbook."""
    n, fewer = only_a + only_b, min(only_a, only_b)
    masses = [Fraction(comb(n, k), 2**n) for k in range(n + 1)]
    exact = min(2 * sum(masses[: fewer + 1]), Fraction(1))
    if n < 25:
        return exact
    return 2 * sum(masses[: fewer + 1]) - masses[fewer]


class TestMcNemar:
    @given(COUNTS, COUNTS)
    def test_the_p_value_is_that_of_exact_sums(self, only_a, only_b):
        assert mcnemar(only_a, only_b).p_value == pytest.approx(float(by_hand(only_a, only_b)), rel=1e-9)

    @given(COUNTS, COUNTS)
    def test_the_models_may_change_places(self, only_a, only_b):
        assert mcnemar(only_a, only_b).p_value == mcnemar(only_b, only_a).p_value

    @pytest.mark.parametrize(("pair", "method"), [((0, 24), "exact"), ((12, 13), "mid-p"), ((0, 0), "exact")])
    def test_the_method_goes_by_the_discordant_pairs(self, pair, method):
        assert mcnemar(*pair).method == method

    def test_five_that_agree_are_not_enough_and_six_are(self):
        assert mcnemar(0, 5).p_value == 0.0625
        assert mcnemar(6, 0).p_value == 0.03125

    def test_a_negative_count_is_an_error(self):
        with pytest.raises(TopicmlValueError, match="counts must not be negative, found -1 and 3"):
            mcnemar(-1, 3)

    @pytest.mark.parametrize("level", [0.01, 0.05, 0.1, 0.25, 0.5])
    def test_with_many_pairs_p_values_are_uniform_where_there_is_no_difference(self, level):
        """20,000 test sets of 2,000 articles, on a fifth of which two equal models part."""
        rng = np.random.default_rng(0)
        discordant = rng.binomial(2000, 0.2, 20_000)
        only_a = rng.binomial(discordant, 0.5)
        low, high = binomial_bounds(20_000, level)
        assert low <= (mcnemar_p_values(only_a, discordant - only_a) <= level).sum() <= high

    @pytest.mark.parametrize("level", [0.01, 0.05, 0.1])
    def test_with_few_pairs_chance_is_called_a_difference_no_oftener_than_promised(self, level):
        rng = np.random.default_rng(1)
        discordant = rng.integers(0, 25, 20_000)
        only_a = rng.binomial(discordant, 0.5)
        called = (mcnemar_p_values(only_a, discordant - only_a) <= level).sum()
        assert called <= binomial_bounds(20_000, level)[1]


class TestBootstrapPValues:
    def test_worked_by_hand(self):
        draws = np.array([[3.0], [1.0], [0.0], [-1.0], [2.0], [5.0], [1.0], [1.0], [0.0]])
        assert bootstrap_p_values(draws).tolist() == [0.5]  # (2 x 1 + 2 ties + 1) / 10

    @given(st.lists(st.integers(-2, 2), min_size=1, max_size=30))
    def test_it_is_a_probability_and_the_models_may_change_places(self, numbers):
        draws = np.array(numbers, float)[:, None]
        [p] = bootstrap_p_values(draws)
        assert 0 < p <= 1
        assert [p] == bootstrap_p_values(-draws).tolist()


class TestMinimumDetectableDifference:
    @given(st.integers(10, 100_000), st.floats(0.01, 1))
    def test_the_formula_of_the_sample_size_gives_the_sample_back(self, n, discordant):
        found = minimum_detectable_difference(n, discordant)
        if found is None:
            return
        z_level, z_power = NormalDist().inv_cdf(0.975), NormalDist().inv_cdf(0.8)
        wanted = (z_level * discordant**0.5 + z_power * (discordant - found**2) ** 0.5) ** 2 / found**2
        assert wanted == pytest.approx(n, rel=1e-6)

    @pytest.mark.parametrize(("n", "discordant"), [(500, 0.2), (2000, 0.1), (5000, 0.05)])
    def test_such_a_difference_is_found_four_times_in_five(self, n, discordant):
        difference = minimum_detectable_difference(n, discordant)
        rng = np.random.default_rng(0)
        shares = [(discordant - difference) / 2, (discordant + difference) / 2, 1 - discordant]
        only_a, only_b, _ = rng.multinomial(n, shares, 4000).T
        assert (mcnemar_p_values(only_a, only_b) <= 0.05).mean() == pytest.approx(0.8, abs=0.03)

    def test_more_articles_show_smaller_differences(self):
        found = [minimum_detectable_difference(n, 0.1) for n in (200, 1000, 5000)]
        assert found == sorted(found, reverse=True)

    @pytest.mark.parametrize(("n", "discordant"), [(1, 0.5), (20, 0.1), (1000, 0.0), (50, 0.02)])
    def test_where_no_difference_could_be_found_there_is_none(self, n, discordant):
        assert minimum_detectable_difference(n, discordant) is None


def decisions(seed, n=30, n_classes=4):
    rng = np.random.default_rng(seed)
    return rng.random((2, n, n_classes)) < 0.4, rng.integers(0, n // 2, n)


@settings(max_examples=40)  # each is one of a hundred seeds
@given(st.integers(0, 99))
def test_the_first_draw_is_of_all_articles_as_scikit_learn_scores_them(seed):
    (truth, decided), groups = decisions(seed)
    drawn = drawn_scores(truth, decided, groups=groups, n_resamples=2)
    expected = [f1_score(truth, decided, average=average, zero_division=0) for average in ("micro", "macro")]
    assert drawn.n[0] == len(truth)
    assert [drawn.measures[name][0] for name in OVERALL] == pytest.approx(
        [accuracy_score(truth, decided), *expected]
    )
    assert drawn.label_f1[0] == pytest.approx(f1_score(truth, decided, average=None, zero_division=0))


def test_intervals_are_those_of_the_scores():
    (truth, decided), groups = decisions(1)
    drawn = drawn_scores(truth, decided, groups=groups, n_resamples=200)
    scores = score(
        truth, decided, np.zeros(truth.shape), tuple("abcd"), multilabel=True, groups=groups, n_resamples=200
    )
    for name in OVERALL:
        found = Estimate.share_of(drawn.measures[name])
        assert (found.low, found.high) == pytest.approx(scores.intervals[name])


@settings(max_examples=40)  # each is one of a hundred seeds
@given(st.integers(0, 99))
def test_articles_that_do_not_count_add_nothing(seed):
    (truth, decided), groups = decisions(seed)
    counted = np.random.default_rng(seed).random(len(truth)) < 0.5
    some = drawn_scores(truth, decided, groups=groups, counted=counted, n_resamples=1)
    alone = drawn_scores(truth[counted], decided[counted], groups=groups[counted], n_resamples=1)
    assert some.n[0] == counted.sum()
    for name in OVERALL:
        assert some.measures[name][0] == alone.measures[name][0]


def test_the_same_stories_are_drawn_for_every_model():
    (truth, a), groups = decisions(2)
    of_a, again = (drawn_scores(truth, a, groups=groups, random_state=5) for _ in range(2))
    of_b = drawn_scores(truth, ~a, groups=groups, random_state=5)
    assert (of_a.measures["macro_f1"] == again.measures["macro_f1"]).all()
    assert (of_a.n == of_b.n).all()
    assert len(set(of_a.n.tolist())) > 1  # stories of several articles


def test_a_resample_without_any_article_that_counts_scores_nothing():
    truth = np.array([[True], [True]])
    counted = np.array([True, False])
    drawn = drawn_scores(truth, truth, groups=np.arange(2), counted=counted, n_resamples=50)
    lacking = drawn.n == 0
    assert lacking.any()
    assert set(drawn.measures["accuracy"][lacking].tolist()) == {0.0}
