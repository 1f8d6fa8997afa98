from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import accuracy_score, f1_score

from topicml.metrics.paired import MEASURES, drawn_scores
from topicml.metrics.resampling import Estimate
from topicml.metrics.scores import score


def decisions(seed, n=30, n_classes=4):
    rng = np.random.default_rng(seed)
    return rng.random((2, n, n_classes)) < 0.4, rng.integers(0, n // 2, n)


@given(st.integers(0, 99))
def test_the_first_draw_is_of_all_articles_as_scikit_learn_scores_them(seed):
    (truth, decided), groups = decisions(seed)
    drawn = drawn_scores(truth, decided, groups=groups, n_resamples=2)
    expected = [f1_score(truth, decided, average=average, zero_division=0) for average in ("micro", "macro")]
    assert drawn.n[0] == len(truth)
    assert [drawn.measures[name][0] for name in MEASURES] == pytest.approx(
        [accuracy_score(truth, decided), *expected]
    )
    assert drawn.label_f1[0] == pytest.approx(f1_score(truth, decided, average=None, zero_division=0))


def test_intervals_are_those_of_the_scores():
    (truth, decided), groups = decisions(1)
    drawn = drawn_scores(truth, decided, groups=groups, n_resamples=200)
    scores = score(
        truth, decided, np.zeros(truth.shape), tuple("abcd"), multilabel=True, groups=groups, n_resamples=200
    )
    for name in MEASURES:
        found = Estimate.share_of(drawn.measures[name])
        assert (found.low, found.high) == pytest.approx(scores.intervals[name])


@given(st.integers(0, 99))
def test_articles_that_do_not_count_add_nothing(seed):
    (truth, decided), groups = decisions(seed)
    counted = np.random.default_rng(seed).random(len(truth)) < 0.5
    some = drawn_scores(truth, decided, groups=groups, counted=counted, n_resamples=1)
    alone = drawn_scores(truth[counted], decided[counted], groups=groups[counted], n_resamples=1)
    assert some.n[0] == counted.sum()
    for name in MEASURES:
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
