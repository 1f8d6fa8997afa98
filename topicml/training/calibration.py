"""Fit probabilities to scores that no model was trained on, and report how well they fit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from topicml.elementary import exp, log
from topicml.formatting import table_lines
from topicml.metrics.probabilities import calibration_tally, loss_tally
from topicml.metrics.resampling import Estimate, resample
from topicml.model.calibration import Calibration, log_sigmoid, sigmoid, softmax
from topicml.model.record import ProbabilityErrors
from topicml.training.minimizing import Curved, minimize

_MIN_POSITIVES = 10  # a curve for one label alone wants at least as many of each kind
# Isotonic regression was refused. Its log loss beside that of the curves here, fitted on all folds but one
# and measured on that one (labels with 30 articles or more; the others as here; +- is a standard error):
# multilabel, ModApte -0.020 +- 0.006 of 0.952, HEP +0.082 +- 0.020 of 1.296, Mowjaz +0.058 +- 0.024 of 1.200;
# multiclass, normalised, 20 Newsgroups +0.043 +- 0.003 of 0.393, BBC +0.017 +- 0.005 of 0.095, R8 +0.010 +-
# 0.004 of 0.092, R52 +0.006 +- 0.004 of 0.223, AG News -0.001 +- 0.002 of 0.366, Ohsumed -0.034 +- 0.009 of
# 1.133, HuffPost -0.030 +- 0.004 of 1.389. On the last two a sigmoid for each label, normalised, gains as
# much (-0.037, -0.036), and on ModApte a sigmoid between two bounds more (-0.033 +- 0.005). So its steps
# are not what gains, and they tie articles that scores tell apart, by which promises and thresholds
# rank them.
_MAX_CELLS = 1 << 22  # scores that three parameters are fitted to; more would not move them
_USUAL = np.array([0.7, 0.5, 0.7])  # logarithm of the slope, offset, logarithm of the power
_FARTHEST = 4.0  # that any of the three may be from 0


def fit_softmax(
    scores: NDArray[np.float64], Y: NDArray[np.bool_], *, start: Calibration | None = None
) -> Calibration:
    """Fit one curve for all labels of a multiclass model by maximum likelihood.

    A support vector machine is content once a score passes 1, and pushes the scores of the other
    labels to -1 and no further: beyond these a score says little. So scores saturate in a sigmoid
    before the softmax takes them. On out-of-fold scores of 20 Newsgroups the loss is 0.395, where one
    temperature (Guo et al. 2017, "On Calibration of Modern Neural Networks") leaves 0.425. The
    curve rises, so that the most probable label is the one with the highest score. Outcomes are
    smoothed as in Platt 1999, so that a handful of articles that are all right do not make a model
    sure of everything, and each of the three parameters is held near a usual value by as much as one
    article weighs.

    Parameters
    ----------
    scores : ndarray of float64, shape (n_samples, n_classes)
        Out-of-fold: scores of rows that were trained on would make every model look sure.
    Y : ndarray of bool, shape (n_samples, n_classes)
        One label a row.
    start : Calibration, optional
        A curve that was fitted to nearly the same rows, from which the search is short.
    """
    stride = _stride(scores.size)
    scores, Y = scores[::stride], Y[::stride]
    unsure = 1 / (len(Y) + 2)
    targets = np.where(Y, 1 - unsure, unsure / max(Y.shape[1] - 1, 1))
    begin = _USUAL
    if start is not None and start.power is not None:
        begin = np.array([log(start.slope[0]), start.offset[0], log(start.power)])
    found = minimize(partial(_softmax_loss, scores=scores, targets=targets), begin, farthest=_FARTHEST)
    slope, _, power = exp(found).tolist()
    n_classes = scores.shape[1]
    return Calibration(np.full(n_classes, slope), np.full(n_classes, found[1]), multilabel=False, power=power)


def _stride(n_scores: int) -> int:
    """Return of how many rows one is enough.

    >>> _stride(0), _stride(1 << 22), _stride((1 << 22) + 1), _stride(1 << 24)
    (1, 1, 2, 4)
    """
    return -(-n_scores // _MAX_CELLS) or 1


def _softmax_loss(
    parameters: NDArray[np.float64], scores: NDArray[np.float64], targets: NDArray[np.float64]
) -> Curved:
    """Mean cross entropy with its slope and curvature: the curvature as expected (Fisher scoring)."""
    slope, offset, power = float(exp(parameters[0])), parameters[1], float(exp(parameters[2]))
    logits = slope * scores + offset
    saturated = log_sigmoid(logits)
    probabilities = softmax(power * saturated)
    by_offset = power * sigmoid(-logits)
    moved = (by_offset * (slope * scores), by_offset, power * saturated)  # by each of the parameters
    missed = (probabilities - targets) / len(scores)
    pull = (parameters - _USUAL) / len(scores)
    entropy = -float((targets * log(np.maximum(probabilities, 1e-300))).sum()) / len(scores)
    return Curved(
        entropy + float((pull * (parameters - _USUAL)).sum()) / 2,
        np.array([(missed * one).sum() for one in moved]) + pull,
        (_expected_curvature(probabilities, moved) + np.eye(3)) / len(scores),
    )


def _expected_curvature(
    probabilities: NDArray[np.float64], moved: Sequence[NDArray[np.float64]]
) -> NDArray[np.float64]:
    """Return how much the logits vary together by each two parameters, under these probabilities."""
    means = [(probabilities * one).sum(axis=1) for one in moved]
    both = [(probabilities * a * b).sum() for a in moved for b in moved]
    apart = [(a * b).sum() for a in means for b in means]
    return np.subtract(both, apart).reshape(len(moved), len(moved))


def fit_sigmoids(scores: NDArray[np.float64], Y: NDArray[np.bool_]) -> Calibration:
    """Fit a sigmoid for each label (Platt 1999, with the targets and the Newton steps of Lin et al. 2007).

    A label with fewer than ten positive or negative articles takes the curve of all labels together.

    Parameters
    ----------
    scores : ndarray of float64, shape (n_samples, n_classes)
        Out-of-fold.
    Y : ndarray of bool, shape (n_samples, n_classes)
    """
    pooled = _fit_sigmoid(scores.ravel(), Y.ravel())
    positives = Y.sum(axis=0)
    enough = np.minimum(positives, len(Y) - positives) >= _MIN_POSITIVES
    curves = [_fit_sigmoid(scores[:, k], Y[:, k]) if enough[k] else pooled for k in range(Y.shape[1])]
    slope, offset = np.array(curves).reshape(-1, 2).T
    return Calibration(slope.copy(), offset.copy(), multilabel=True)


def _fit_sigmoid(scores: NDArray[np.float64], y: NDArray[np.bool_]) -> tuple[float, float]:
    """Slope and offset of ``sigmoid(slope * score + offset)``."""
    n_positive = int(y.sum())
    targets = np.where(y, (n_positive + 1) / (n_positive + 2), 1 / (len(y) - n_positive + 2))
    begin = np.array([0.0, log((n_positive + 1) / (len(y) - n_positive + 1))])
    slope, offset = minimize(partial(_sigmoid_loss, scores=scores, targets=targets), begin)
    return float(max(slope, 1e-6)), float(offset)  # a higher score never makes a label less likely


def _sigmoid_loss(
    parameters: NDArray[np.float64], scores: NDArray[np.float64], targets: NDArray[np.float64]
) -> Curved:
    """Cross entropy with its slope and curvature."""
    logits = parameters[0] * scores + parameters[1]
    missed = sigmoid(logits) - targets
    p = missed + targets
    weight = p * (1 - p)
    mixed = (weight * scores).sum()
    return Curved(
        float((-log_sigmoid(-logits) - targets * logits).sum()),
        np.array([(missed * scores).sum(), missed.sum()]),
        np.array([[(weight * scores * scores).sum(), mixed], [mixed, weight.sum()]]) + 1e-9 * np.eye(2),
    )


@dataclass(frozen=True, slots=True)
class CalibrationReport:
    """Errors of probabilities before and after calibration, on the same articles."""

    before: ProbabilityErrors
    after: ProbabilityErrors

    def to_dict(self) -> dict[str, Any]:
        """Return it as values that JSON can hold."""
        return asdict(self)

    def __str__(self) -> str:
        """Return a line for each error with its interval, under a header."""
        header = ["error (95% interval)", "before calibration", "after it"]
        rows = [header, *calibration_rows(self.before, self.after)]
        return "\n".join(table_lines(rows, right=[False, True, True]))


def report_calibration(
    scores: NDArray[np.float64],
    probabilities: NDArray[np.float64],
    Y: NDArray[np.bool_],
    *,
    multilabel: bool,
    groups: NDArray[np.int64] | None = None,
    n_resamples: int = 1000,
    random_state: int = 0,
) -> CalibrationReport:
    """Compare calibrated probabilities with what the scores alone would say.

    That is their softmax, or for multilabel the sigmoid of each: slope 1 and offset 0. Scores, shape
    (n_articles, n_classes), are out of fold; probabilities are of curves that were fitted without the
    articles that they are applied to.

    >>> Y = np.eye(2, dtype=bool)[np.arange(40) % 2]
    >>> report = report_calibration(Y * 1.0, Y * 0.98 + 0.01, Y, multilabel=False)
    >>> round(report.before.ece, 3), round(report.after.ece, 3), round(report.after.brier, 4)
    (0.269, 0.01, 0.0002)
    """
    n_classes = Y.shape[1]
    plain = Calibration(np.ones(n_classes), np.zeros(n_classes), multilabel).apply(scores)

    def errors(found: NDArray[np.float64]) -> ProbabilityErrors:
        tallies = [tally(Y, found, multilabel=multilabel) for tally in (calibration_tally, loss_tally)]
        drawn = resample(tallies, groups=groups, n_resamples=n_resamples, random_state=random_state)
        found_errors = {name: drawn.estimate(name) for name in ("ece", "brier")}
        return ProbabilityErrors(
            **{name: error.value for name, error in found_errors.items()},
            intervals={name: error.interval for name, error in found_errors.items() if error.interval},
        )

    return CalibrationReport(errors(plain), errors(probabilities))


def calibration_rows(before: ProbabilityErrors, after: ProbabilityErrors) -> list[list[str]]:
    """Return each error of probabilities with its interval: its name, before and after calibration."""
    rows = []
    for key, name in (("ece", "calibration error"), ("brier", "Brier score")):
        errors = [Estimate(getattr(found, key), found.intervals.get(key)) for found in (before, after)]
        rows.append(
            [name, *(f"{error.value_text('.4f')} ({error.interval_text('.4f')})" for error in errors)]
        )
    return rows
