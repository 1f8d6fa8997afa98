from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from topicml.thresholds import best_threshold, choose_thresholds


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


class TestChooseThresholds:
    def test_each_label_has_its_own(self):
        probabilities = np.column_stack((np.linspace(0.05, 0.95, 10), np.linspace(0.05, 0.95, 10)))
        Y = np.column_stack((np.arange(10) >= 5, np.arange(10) >= 3))
        np.testing.assert_allclose(choose_thresholds(probabilities, Y), [0.5, 0.3], atol=1e-6)

    @pytest.mark.parametrize(("n_positive", "own"), [(4, False), (5, True)])
    def test_a_label_with_fewer_than_five_articles_takes_the_one_of_all(self, n_positive, own):
        probabilities = np.column_stack((np.linspace(0.05, 0.95, 40), np.linspace(0.3, 0.01, 40)))
        Y = np.column_stack((np.arange(40) >= 20, np.arange(40) < n_positive))
        chosen = choose_thresholds(probabilities, Y)[1]
        expected = (
            best_threshold(probabilities[:, 1], Y[:, 1])
            if own
            else best_threshold(probabilities.ravel(), Y.ravel())
        )
        assert chosen == expected

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
