from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from topicml.training.decision_rule import best_threshold, choose_thresholds


def f1_at(threshold, probabilities, y):
    taken = probabilities >= threshold
    return 2 * (taken & y).sum() / max(taken.sum() + y.sum(), 1)


def best_of_all_cuts(probabilities, y):
    return max(f1_at(cut, probabilities, y) for cut in (*probabilities, 2.0))


@st.composite
def ranked_articles(draw, *, elements):
    n = draw(st.integers(1, 12))
    return draw(arrays(np.float64, n, elements=elements)), draw(arrays(np.bool_, n))


class TestBestThreshold:
    def test_lies_half_way_between_two_articles(self):
        assert best_threshold(np.array([0.9, 0.6, 0.2]), np.array([True, True, False])) == 0.4

    def test_takes_a_wrong_article_where_f1_gains_by_it(self):
        # Cuts after 1, 2, 3 and 4 articles score 2/4, 2/5, 4/6 and 6/7.
        y = np.array([True, False, True, True])
        assert best_threshold(np.array([0.8, 0.6, 0.4, 0.3]), y) == 0.15

    def test_without_positives_is_one_half(self):
        assert best_threshold(np.array([0.9, 0.1]), np.array([False, False])) == 0.5

    def test_does_not_cut_between_equal_probabilities(self):
        threshold = best_threshold(np.array([0.7, 0.7, 0.1]), np.array([True, False, False]))
        assert threshold == pytest.approx(0.4)

    def test_does_not_depend_on_the_order_of_the_articles(self):
        probabilities, y = np.array([0.2, 0.9, 0.6]), np.array([False, True, True])
        assert best_threshold(probabilities[::-1], y[::-1]) == best_threshold(probabilities, y)

    @given(ranked_articles(elements=st.integers(0, 1000).map(lambda k: k / 1000)))
    def test_no_cut_has_a_higher_f1(self, articles):
        probabilities, y = articles
        reached = f1_at(best_threshold(probabilities, y), probabilities, y)
        assert reached == pytest.approx(best_of_all_cuts(probabilities, y))

    @given(
        ranked_articles(
            elements=st.one_of(
                st.integers(0, 50).map(lambda k: k * 1e-9),
                st.integers(0, 50).map(lambda k: 1 - k * 1e-9),
                st.integers(0, 50).map(lambda k: 0.3 + k * 1e-9),
            )
        )
    )
    def test_no_cut_has_a_higher_f1_where_probabilities_lie_close(self, articles):
        """Regression (a rounded threshold): it left the gap between two articles that are close."""
        probabilities, y = articles
        reached = f1_at(best_threshold(probabilities, y), probabilities, y)
        assert reached == pytest.approx(best_of_all_cuts(probabilities, y))


def separated(n, n_positive):
    """Probabilities from 0 to 1, of which the highest are those of the articles that bear a label."""
    probabilities = np.column_stack([np.linspace(0, 1, n)] * len(n_positive))
    return probabilities, np.arange(n)[:, None] >= n - np.array(n_positive)


class TestChooseThresholds:
    def test_each_frequent_label_has_its_own(self):
        probabilities, Y = separated(1000, (500, 300))
        np.testing.assert_allclose(choose_thresholds(probabilities, Y), [0.5, 0.7], atol=0.01)

    def test_labels_with_fewer_than_ten_articles_share_one_threshold(self):
        """Regression (a threshold chosen by five articles): it was what luck made it."""
        rng = np.random.default_rng(0)
        Y = np.arange(2000)[:, None] < np.array([400, 10, 9, 5, 1])
        probabilities = np.clip(rng.normal(0.2, 0.1, Y.shape) + Y * rng.normal(0.4, 0.2, Y.shape), 0, 1)
        frequent, ten, *rare = choose_thresholds(probabilities, Y)
        assert len(set(rare)) == 1
        assert len({frequent, ten, rare[0]}) == 3

    def test_the_shared_threshold_is_no_longer_that_of_all_labels(self):
        """Regression (rare labels under the threshold of frequent ones): they were hardly ever given."""
        Y = np.arange(3000)[:, None] < np.array([1000, 8])
        probabilities = np.where(Y, [0.9, 0.3], [0.5, 0.05])
        _, rare = choose_thresholds(probabilities, Y)
        assert 0.05 < rare <= 0.3

    @pytest.mark.parametrize("n_positive", [10, 30, 1000])
    def test_a_lucky_gap_moves_the_threshold_the_less_the_fewer_articles_made_it(self, n_positive):
        """Drawn from the probabilities themselves, outcomes call for the threshold these call for."""
        rng = np.random.default_rng(1)
        probabilities = rng.beta(n_positive / 4000, 0.5, (20_000, 1))
        Y = rng.random(probabilities.shape) < probabilities
        by_all = best_threshold(probabilities[:, 0], probabilities[:, 0])
        [smoothed] = choose_thresholds(probabilities, Y)
        own = best_threshold(probabilities[:, 0], Y[:, 0])
        assert abs(smoothed - by_all) <= abs(own - by_all)

    @given(arrays(np.float64, 20, elements=st.floats(0, 1)))
    def test_outcomes_may_be_probable(self, probabilities):
        """Of calibrated probabilities F1 is highest near half its best value (Lipton et al. 2014)."""
        threshold = best_threshold(probabilities, probabilities)
        taken = probabilities >= threshold
        best = max(
            2
            * probabilities[probabilities >= cut].sum()
            / max((probabilities >= cut).sum() + probabilities.sum(), 1e-300)
            for cut in probabilities
        )
        reached = 2 * probabilities[taken].sum() / max(taken.sum() + probabilities.sum(), 1e-300)
        assert reached == pytest.approx(best)

    @pytest.mark.parametrize("measure", ["micro_f1", "accuracy"])
    def test_other_measures_have_one_threshold_for_all(self, measure):
        probabilities, Y = separated(200, (100, 60))
        thresholds = choose_thresholds(probabilities, Y, measure=measure)
        assert thresholds.tolist() == [best_threshold(probabilities.ravel(), Y.ravel())] * 2

    def test_without_any_label_is_one_half_for_all(self):
        assert choose_thresholds(np.full((3, 2), 0.2), np.zeros((3, 2), bool)).tolist() == [0.5, 0.5]

    @given(arrays(np.bool_, (15, 3)), arrays(np.float64, (15, 3), elements=st.floats(0, 1)))
    def test_thresholds_are_probabilities(self, Y, probabilities):
        thresholds = choose_thresholds(probabilities, Y)
        assert thresholds.shape == (3,)
        assert ((thresholds >= 0) & (thresholds <= 1)).all()

    def test_a_label_that_is_not_told_apart_is_not_handed_out(self):
        """Regression (a threshold near 0 for a rare label): it was assigned to most articles."""
        rng = np.random.default_rng(0)
        probabilities, y = rng.random((400, 1)) / 50, np.zeros((400, 1), bool)
        y[probabilities[:, 0].argsort()[100:106], 0] = True
        [threshold] = choose_thresholds(probabilities, y)
        assert threshold == probabilities.max()
