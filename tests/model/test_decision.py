from __future__ import annotations

import numpy as np
import pytest

from topicml.model.decision import assign_labels, below_bars


class TestAssign:
    def test_a_multilabel_model_gives_each_label_that_reaches_its_threshold(self):
        probabilities = np.array([[0.5, 0.5, 0.5], [0.1, 0.6, 0.1]])
        given = assign_labels(probabilities, np.array([0.4, 0.5, 0.6]), multilabel=True)
        assert given.tolist() == [[True, True, False], [False, True, False]]

    def test_a_multiclass_model_gives_the_most_probable_label_whatever_the_thresholds(self):
        probabilities = np.array([[0.2, 0.3, 0.5], [0.4, 0.3, 0.3], [0.1, 0.8, 0.1]])
        given = assign_labels(probabilities, np.array([0.0, 0.9, 0.9]), multilabel=False)
        assert given.tolist() == [[False, False, True], [True, False, False], [False, True, False]]

    def test_of_labels_as_probable_the_first_is_given(self):
        given = assign_labels(np.array([[0.2, 0.4, 0.4]]), np.full(3, 0.5), multilabel=False)
        assert given.tolist() == [[False, True, False]]

    @pytest.mark.parametrize("multilabel", [False, True])
    def test_no_articles_give_no_rows(self, multilabel):
        given = assign_labels(np.zeros((0, 3)), np.full(3, 0.5), multilabel=multilabel)
        assert (given.shape, given.dtype) == ((0, 3), bool)


@pytest.mark.parametrize(
    ("probabilities", "below"),
    [
        pytest.param([0.7, 0.1], False, id="above the bar"),
        pytest.param([0.6, 0.1], False, id="at the bar"),
        pytest.param([0.55, 0.1], True, id="between threshold and bar"),
        pytest.param([0.5, 0.1], True, id="at the threshold"),
        pytest.param([0.4, 0.1], False, id="below the threshold: the label would not be given"),
        pytest.param([0.7, 0.3], True, id="one label is enough"),
        pytest.param([0.55, 0.3], True, id="both"),
    ],
)
def test_an_article_is_below_a_bar_if_it_would_get_a_label_that_is_below_its_bar(probabilities, below):
    found = below_bars(np.array([probabilities]), np.array([0.5, 0.2]), np.array([0.6, 2.0]))
    assert found.tolist() == [below]


def test_each_article_is_below_a_bar_by_itself():
    probabilities = np.array([[0.55, 0.1], [0.1, 0.1], [0.9, 0.1]])
    found = below_bars(probabilities, np.array([0.5, 0.5]), np.array([0.6, 0.6]))
    assert found.tolist() == [True, False, False]
