"""From probabilities to labels: one rule for prediction, training and exports."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def assign_labels(
    probabilities: NDArray[np.float64], thresholds: NDArray[np.float64], *, multilabel: bool
) -> NDArray[np.bool_]:
    """Return which labels are assigned: those that reach their thresholds, or the most probable one.

    Training scores its out-of-fold articles by this, too, so that the two cannot differ.

    >>> assign_labels(np.array([[0.3, 0.7]]), np.array([0.2, 0.5]), multilabel=True).tolist()
    [[True, True]]
    """
    if multilabel:
        return probabilities >= thresholds
    assigned = np.zeros(probabilities.shape, bool)
    assigned[np.arange(len(assigned)), probabilities.argmax(axis=1)] = True
    return assigned


def below_bars(
    probabilities: NDArray[np.float64], thresholds: NDArray[np.float64], bars: NDArray[np.float64]
) -> NDArray[np.bool_]:
    """Return which articles would get a label whose probability is below the label's bar.

    >>> below_bars(np.array([[0.9, 0.6], [0.9, 0.1]]), np.array([0.5, 0.5]), np.array([0.0, 2.0])).tolist()
    [True, False]
    """
    found = (probabilities >= thresholds) & (probabilities < bars)
    return np.asarray(found.any(axis=1))
