"""Decision scores to probabilities that mean what they say."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["Calibration", "fit_sigmoids", "fit_temperature"]

_MIN_POSITIVES = 10  # a curve for one label alone wants at least as many of each kind


@dataclass(frozen=True, eq=False, slots=True)
class Calibration:
    """A map from decision scores to probabilities: ``slope * score + offset``, then a squashing.

    Parameters
    ----------
    slope, offset : ndarray of float64, shape (n_classes,)
    multilabel : bool
        True squashes each label by itself with a sigmoid; False squashes a row with a softmax, so
        that it sums to 1.
    """

    slope: NDArray[np.float64]
    offset: NDArray[np.float64]
    multilabel: bool

    def apply(self, scores: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the probabilities of a matrix of decision scores, shape (n_samples, n_classes)."""
        logits = scores * self.slope + self.offset
        if self.multilabel:
            return _sigmoid(logits)
        exponentials: NDArray[np.float64] = np.exp(
            logits - logits.max(axis=1, keepdims=True, initial=-np.inf)
        )
        exponentials /= exponentials.sum(axis=1, keepdims=True)
        return exponentials


def fit_temperature(scores: NDArray[np.float64], Y: NDArray[np.bool_]) -> Calibration:
    """Fit one slope for all labels of a multiclass model by maximum likelihood.

    One parameter cannot overfit and keeps the order of the labels, so that the most probable label
    is the one with the highest score (Guo et al. 2017, "On Calibration of Modern Neural Networks").

    Parameters
    ----------
    scores : ndarray of float64, shape (n_samples, n_classes)
        Out-of-fold: scores of rows that were trained on would make every model look sure.
    Y : ndarray of bool, shape (n_samples, n_classes)
        One label a row.
    """
    from scipy.optimize import minimize_scalar  # noqa: PLC0415  (prediction imports this module without scipy)

    centred = scores - scores.max(axis=1, keepdims=True)
    own = centred[Y]

    def loss(log_slope: float) -> float:
        slope = np.exp(log_slope)
        return float(np.mean(np.log(np.exp(slope * centred).sum(axis=1)) - slope * own))

    slope = float(np.exp(minimize_scalar(loss, bounds=(-4.0, 6.0), method="bounded").x))
    n_classes = scores.shape[1]
    return Calibration(np.full(n_classes, slope), np.zeros(n_classes), multilabel=False)


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
    """Slope and offset of ``sigmoid(slope * score + offset)``, by Newton's method with step halving."""
    n_positive = int(y.sum())
    targets = np.where(y, (n_positive + 1) / (n_positive + 2), 1 / (len(y) - n_positive + 2))
    design = np.column_stack((scores, np.ones(len(scores))))

    def loss(w: NDArray[np.float64]) -> float:
        logits = design @ w
        return float(np.sum(np.logaddexp(0, logits) - targets * logits))

    weights = np.array([0.0, np.log((n_positive + 1) / (len(y) - n_positive + 1))])
    current = loss(weights)
    for _ in range(100):
        p = _sigmoid(design @ weights)
        gradient = design.T @ (p - targets)
        hessian = (design * (p * (1 - p))[:, None]).T @ design + 1e-9 * np.eye(2)
        step = np.linalg.solve(hessian, gradient)
        if np.abs(gradient @ step) < 1e-10 * max(current, 1.0):
            break
        while (trial := loss(weights - step)) > current and np.abs(step).max() > 1e-12:
            step /= 2
        weights, current = weights - step, trial
    return float(max(weights[0], 1e-6)), float(weights[1])  # a higher score never makes a label less likely


def _sigmoid(logits: NDArray[np.float64]) -> NDArray[np.float64]:
    """``1 / (1 + exp(-x))`` without overflow.

    >>> _sigmoid(np.array([-1000.0, 0.0, 1000.0])).tolist()
    [0.0, 0.5, 1.0]
    """
    small = np.exp(-np.abs(logits))
    return np.where(logits >= 0, 1.0, small) / (1.0 + small)
