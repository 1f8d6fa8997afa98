"""From scores to probabilities."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from topicml.elementary import exp, log1p


@dataclass(frozen=True, eq=False, slots=True)
class Calibration:
    """A map from decision scores to probabilities.

    Parameters
    ----------
    slope, offset : ndarray of float64, shape (n_classes,)
    multilabel : bool
        True gives each label by itself ``sigmoid(slope * score + offset)``. False gives a row that
        sums to 1: a softmax.
    power : float, optional
        Of a multiclass model: the softmax is that of ``power * ln(sigmoid(slope * score + offset))``.
        By default that of ``slope * score + offset``, as models of format version 1 have it.
    """

    slope: NDArray[np.float64]
    offset: NDArray[np.float64]
    multilabel: bool
    power: float | None = None

    def content(self) -> dict[str, Any]:
        """Return its parameters as values that JSON can hold."""
        return {"slope": self.slope.tolist(), "offset": self.offset.tolist(), "power": self.power}

    def apply(self, scores: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the probabilities of a matrix of decision scores, shape (n_samples, n_classes)."""
        logits = scores * self.slope + self.offset
        if self.multilabel:
            return sigmoid(logits)
        return softmax(logits if self.power is None else self.power * log_sigmoid(logits))


def sigmoid(logits: NDArray[np.float64]) -> NDArray[np.float64]:
    """``1 / (1 + exp(-x))`` without overflow.

    >>> sigmoid(np.array([-1000.0, 0.0, 1000.0])).tolist()
    [0.0, 0.5, 1.0]
    """
    small = exp(np.copysign(logits, -1.0))
    return np.where(logits >= 0, 1.0, small) / (1.0 + small)


def log_sigmoid(logits: NDArray[np.float64]) -> NDArray[np.float64]:
    """``ln(1 / (1 + exp(-x)))`` without overflow.

    >>> log_sigmoid(np.array([-1000.0, 0.0, 1000.0])).round(3).tolist()
    [-1000.0, -0.693, 0.0]
    """
    logarithms: NDArray[np.float64] = np.minimum(logits, 0.0) - log1p(exp(np.copysign(logits, -1.0)))
    return logarithms


def softmax(logits: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return each row's shares of ``exp(x)``, without overflow."""
    exponentials = exp(logits - logits.max(axis=1, keepdims=True))
    exponentials /= exponentials.sum(axis=1, keepdims=True)
    return exponentials
