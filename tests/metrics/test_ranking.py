from __future__ import annotations

import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import (
    average_precision_score,
    label_ranking_average_precision_score,
    top_k_accuracy_score,
)

from topicml.metrics.names import PRECISION_AT, TOP_K
from topicml.metrics.ranking import average_precision, ranking_tally


def measured(tally):
    return {name: values[0] for name, values in tally.measures(tally.columns.sum(axis=0)[None]).items()}


@st.composite
def rankings(draw, *, digits=1):
    """Truth, scores with many ties, and how often each article counts."""
    rng = np.random.default_rng(draw(st.integers(0, 100_000)))
    shape = (draw(st.integers(1, 30)), draw(st.integers(2, 6)))
    truth = rng.random(shape) < draw(st.sampled_from([0.1, 0.4, 0.9]))
    return truth, rng.random(shape).round(digits), rng.integers(0, 4, (3, shape[0])).astype(float)


@given(st.integers(1, 30), st.integers(6, 9), st.integers(0, 1000))
def test_top_k_accuracy_is_scikit_learns(n, n_classes, seed):
    rng = np.random.default_rng(seed)
    y, p = rng.integers(n_classes, size=n), rng.random((n, n_classes))
    found = measured(ranking_tally(np.eye(n_classes, dtype=bool)[y], p, multilabel=False))
    for k in TOP_K:
        expected = top_k_accuracy_score(y, p, k=k, labels=np.arange(n_classes))
        assert found[f"top_{k}_accuracy"] == pytest.approx(expected)


def test_of_labels_equally_probable_the_first_comes_first():
    truth, p = np.array([[False, False, True]]), np.array([[0.4, 0.3, 0.3]])
    assert measured(ranking_tally(truth, p, multilabel=False))["top_2_accuracy"] == 0.0


@pytest.mark.parametrize("multilabel", [False, True])
@pytest.mark.parametrize("n_classes", range(1, 8))
def test_a_k_that_takes_in_all_labels_has_no_measure(n_classes, multilabel):
    truth, p = np.eye(n_classes, dtype=bool), np.eye(n_classes)
    found = measured(ranking_tally(truth, p, multilabel=multilabel))
    assert {k for k in range(1, 9) if f"top_{k}_accuracy" in found} == {k for k in TOP_K if k < n_classes}
    told = {k for k in PRECISION_AT if k < n_classes and multilabel}
    assert {k for k in range(1, 9) if f"precision_at_{k}" in found} == told


def test_labels_that_the_model_does_not_know_do_not_make_room_for_a_larger_k():
    truth, p = np.eye(4, dtype=bool), np.eye(4)
    assert "top_3_accuracy" not in measured(ranking_tally(truth, p, multilabel=False, n_known=3))


@given(rankings())
def test_label_ranking_average_precision_is_scikit_learns(data):
    truth, p, _ = data
    found = measured(ranking_tally(truth, p, multilabel=True))["label_ranking_average_precision"]
    assert found == pytest.approx(label_ranking_average_precision_score(truth, p))


@given(rankings(digits=9))
def test_precision_at_k_is_the_share_of_true_labels_among_the_first(data):
    truth, p, _ = data
    found = measured(ranking_tally(truth, p, multilabel=True))
    for k in PRECISION_AT:
        if k >= truth.shape[1]:
            continue
        hits = [truth[row, np.argsort(-p[row])[:k]].sum() / k for row in range(len(p))]
        assert found[f"precision_at_{k}"] == pytest.approx(np.mean(hits))


@given(rankings())
def test_average_precision_is_scikit_learns_however_often_an_article_counts(data):
    truth, p, weights = data
    found = average_precision(truth, p)(weights)
    for row, counted in enumerate(weights):
        expected = [
            average_precision_score(truth[:, k], p[:, k], sample_weight=counted)
            if counted[truth[:, k]].any()
            else np.nan
            for k in range(truth.shape[1])
        ]
        np.testing.assert_allclose(found["label_average_precision"][row], expected)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", RuntimeWarning)  # no label is borne
            mean = np.nanmean(expected)
        np.testing.assert_allclose(found["macro_average_precision"][row], mean)
