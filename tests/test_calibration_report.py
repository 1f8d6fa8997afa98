from __future__ import annotations

import json

import numpy as np
import pytest
from scipy.special import expit, softmax
from sklearn.metrics import brier_score_loss

from topicml.metrics.probabilities import expected_calibration_error
from topicml.training.calibration import report_calibration


def drawn(n=400, *, multilabel, seed=0):
    """Scores, the probabilities by which outcomes were drawn, and the outcomes."""
    rng = np.random.default_rng(seed)
    scores = rng.normal(size=(n, 3))
    if multilabel:
        true = expit(4 * scores - 1)
        return scores, true, rng.random(true.shape) < true
    true = softmax(4 * scores, axis=1)
    return scores, true, (true.cumsum(axis=1) > rng.random((n, 1))).argmax(axis=1)[:, None] == np.arange(3)


@pytest.mark.parametrize("multilabel", [False, True])
def test_before_is_the_plain_softmax_or_sigmoid_and_after_what_was_given(multilabel):
    scores, true, Y = drawn(multilabel=multilabel)
    report = report_calibration(scores, true, Y, multilabel=multilabel)
    plain = expit(scores) if multilabel else softmax(scores, axis=1)
    for errors, probabilities in ((report.before, plain), (report.after, true)):
        expected = expected_calibration_error(Y, probabilities, multilabel=multilabel)
        assert errors.ece == pytest.approx(expected)
        squares = (probabilities - Y) ** 2
        assert errors.brier == pytest.approx(squares.mean() if multilabel else squares.sum(axis=1).mean())
    assert report.after.brier < report.before.brier
    assert report.after.ece < report.before.ece


def test_the_brier_score_is_that_of_scikit_learn():
    scores, true, Y = drawn(multilabel=True)
    report = report_calibration(scores, true, Y, multilabel=True)
    each = [brier_score_loss(Y[:, k], true[:, k]) for k in range(3)]
    assert report.after.brier == pytest.approx(np.mean(each))


@pytest.mark.parametrize("multilabel", [False, True])
def test_intervals_hold_the_values_and_shrink_with_more_articles(multilabel):
    widths = []
    for n in (100, 1600):
        scores, true, Y = drawn(n, multilabel=multilabel)
        found = report_calibration(scores, true, Y, multilabel=multilabel).before
        for name in ("ece", "brier"):
            low, high = found.intervals[name]
            assert low <= getattr(found, name) <= high
        low, high = found.intervals["brier"]
        widths.append(high - low)
    assert widths[1] < widths[0] / 2


def test_copies_are_drawn_together():
    scores, true, Y = (np.repeat(part, 4, axis=0) for part in drawn(200, multilabel=True))
    alone = report_calibration(scores, true, Y, multilabel=True).after.intervals["brier"]
    groups = np.repeat(np.arange(200), 4)
    together = report_calibration(scores, true, Y, multilabel=True, groups=groups).after.intervals["brier"]
    assert together[1] - together[0] > 1.5 * (alone[1] - alone[0])


def test_it_is_told_as_json():
    scores, true, Y = drawn(multilabel=False)
    report = report_calibration(scores, true, Y, multilabel=False)
    told = json.loads(json.dumps(report.to_dict()))
    assert told["after"]["brier"] == report.after.brier


def test_it_prints_as_a_table():
    scores, true, Y = drawn(multilabel=False)
    report = report_calibration(scores, true, Y, multilabel=False)
    header, ece, brier = str(report).splitlines()
    assert header.split("  ")[0] == "error (95 % interval)"
    assert ece.startswith("calibration error ")
    assert f"{report.before.ece:.4f} (" in ece
    assert f"{report.after.brier:.4f} (" in brier
