from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import brier_score_loss, log_loss

from topicml.metrics.probabilities import calibration_tally, coverage_cuts, coverage_tally, loss_tally


def measured(tally):
    return {name: values[0] for name, values in tally.measures(tally.columns.sum(axis=0)[None]).items()}


@st.composite
def probabilities(draw, *, multilabel):
    """Truth and probabilities of 1 to 30 articles and 2 to 5 labels, some of them 0 or 1."""
    rng = np.random.default_rng(draw(st.integers(0, 10_000)))
    n, n_classes = draw(st.integers(1, 30)), draw(st.integers(2, 5))
    raw = rng.random((n, n_classes)) * (rng.random((n, n_classes)) < 0.8)
    if multilabel:
        return rng.random((n, n_classes)) < 0.4, np.where(rng.random(raw.shape) < 0.1, 1.0, raw)
    raw[:, 0] += 1e-9
    return np.eye(n_classes, dtype=bool)[rng.integers(n_classes, size=n)], raw / raw.sum(
        axis=1, keepdims=True
    )


@given(probabilities(multilabel=False))
def test_losses_of_one_label_each_are_scikit_learns(data):
    truth, p = data
    found = measured(loss_tally(truth, p, multilabel=False))
    n_classes = p.shape[1]
    assert found["log_loss"] == pytest.approx(log_loss(truth.argmax(axis=1), p, labels=range(n_classes)))
    each = [brier_score_loss(truth[:, k].astype(int), p[:, k], pos_label=1) for k in range(n_classes)]
    assert found["brier"] == pytest.approx(sum(each))


@given(probabilities(multilabel=True))
def test_losses_of_several_labels_are_the_mean_of_scikit_learns(data):
    truth, p = data
    found = measured(loss_tally(truth, p, multilabel=True))
    columns = [(truth[:, k].astype(int), p[:, k]) for k in range(p.shape[1])]
    losses = [log_loss(y, np.column_stack((1 - own, own)), labels=[0, 1]) for y, own in columns]
    assert found["log_loss"] == pytest.approx(np.mean(losses))
    assert found["brier"] == pytest.approx(
        np.mean([brier_score_loss(y, own, pos_label=1) for y, own in columns])
    )


def test_a_label_that_the_model_does_not_know_is_the_worst_surprise_and_not_an_infinite_one():
    truth, p = np.array([[False, False, True]]), np.array([[0.5, 0.5, 0.0]])
    found = measured(loss_tally(truth, p, multilabel=False))
    assert found["log_loss"] == pytest.approx(-np.log(np.finfo(float).eps))
    assert found["brier"] == pytest.approx(0.25 + 0.25 + 1)


def error_by_ranks(true, p):
    """Return the mean gap over 15 parts of the decisions, as many in each, in the order of p."""
    order = np.argsort(p, kind="stable")
    part_of = np.arange(len(p)) * 15 // len(p)
    gaps = (p - true)[order]
    return sum(abs(gaps[part_of == part].sum()) for part in range(15)) / len(p)


@given(probabilities(multilabel=False))
def test_bins_of_one_label_each_hold_all_articles_and_their_gaps_are_the_calibration_error(data):
    truth, p = data
    found = measured(calibration_tally(truth, p, multilabel=False))
    n, promised, held = (np.nan_to_num(found[f"bin_{name}"]) for name in ("n", "probability", "share"))
    best = p.argmax(axis=1)
    assert n.sum() == len(truth)
    assert n.max() - n[n > 0].min() <= 1
    assert (n @ promised, n @ held) == pytest.approx(
        (p.max(axis=1).sum(), truth[np.arange(len(p)), best].sum())
    )
    assert found["ece"] == pytest.approx(n @ np.abs(promised - held) / len(truth))
    assert found["ece"] == pytest.approx(error_by_ranks(truth[np.arange(len(p)), best], p.max(axis=1)))


@given(probabilities(multilabel=True))
def test_bins_of_several_labels_hold_all_decisions_in_order(data):
    truth, p = data
    found = measured(calibration_tally(truth, p, multilabel=True))
    n, promised, held = (np.nan_to_num(found[f"bin_{name}"]) for name in ("n", "probability", "share"))
    assert n.sum() == truth.size
    assert (n @ promised, n @ held) == pytest.approx((p.sum(), truth.sum()))
    assert (np.diff(promised[n > 0]) >= 0).all()
    assert found["ece"] == pytest.approx(error_by_ranks(truth.ravel(), p.ravel()))


def test_decisions_of_no_chance_leave_bins_to_those_that_are_undecided():
    """Of 90 labels an article bears two: bins of equal mass would hold chances of nothing, all but one."""
    p = np.tile([*[1e-4] * 87, 0.3, 0.5, 0.9], (100, 1))
    found = measured(calibration_tally(p > 0.4, p, multilabel=True))
    assert (found["bin_probability"] > 0.25).sum() >= 13
    assert found["bin_n"][0] > 8000


@given(st.integers(1, 60), st.integers(0, 100))
def test_the_curve_of_coverage_and_precision_is_that_of_the_articles_kept(n, seed):
    rng = np.random.default_rng(seed)
    confidence, right = rng.random(n).round(2), rng.random(n) < 0.7
    confidence[rng.random(n) < 0.2] = -np.inf
    cuts = coverage_cuts(confidence[confidence > -np.inf])
    found = measured(coverage_tally(confidence, right, cuts))
    assert (np.diff(cuts) < 0).all()
    for cut, coverage, precision in zip(cuts, found["cut_coverage"], found["cut_precision"], strict=True):
        kept = confidence >= cut
        assert (coverage, precision) == pytest.approx((kept.mean(), right[kept].mean()))
    if len(cuts):
        assert found["cut_coverage"][-1] == pytest.approx((confidence > -np.inf).mean())


def test_without_an_article_to_answer_there_is_no_curve():
    assert len(coverage_cuts(np.empty(0))) == 0
