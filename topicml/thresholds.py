"""From which probability on an article bears a label, chosen for each label by itself."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["best_threshold", "choose_thresholds"]

_MIN_POSITIVES = 5
_FOUND_AT_ALL = 0.1  # F1 below which a label is not told apart


def choose_thresholds(
    probabilities: NDArray[np.float64], Y: NDArray[np.bool_], *, measure: str = "macro_f1"
) -> NDArray[np.float64]:
    """Choose the thresholds with the highest macro-F1, or micro-F1, on out-of-fold probabilities.

    Per-label thresholds are the largest known gain of linear multilabel models in macro-F1
    (Lin et al. 2023, arXiv:2306.07111). A threshold chosen on fewer than five positive articles
    would be noise: such labels take the one threshold that is best for all labels together. A label
    whose F1 stays below 0.1 whatever the threshold is not found by its probabilities; a low threshold
    would hand it to articles at random, so it asks for the highest probability that was seen (the
    heuristic FBR: Yang 2001, "A Study of Thresholding Strategies for Text Categorization").

    Parameters
    ----------
    probabilities : ndarray of float64, shape (n_samples, n_classes)
        Out-of-fold.
    Y : ndarray of bool, shape (n_samples, n_classes)
    measure : {"macro_f1", "micro_f1", "accuracy"}, default="macro_f1"
        Of all measures but macro-F1 one threshold for all labels is best, if probabilities are
        calibrated (Lipton, Elkan and Naryanaswamy 2014, arXiv:1402.1892): that of the highest
        micro-F1.

    Returns
    -------
    ndarray of float64, shape (n_classes,)
    """
    common = best_threshold(probabilities.ravel(), Y.ravel())
    if measure != "macro_f1":
        return np.full(Y.shape[1], common)
    positives = Y.sum(axis=0)
    return np.array(
        [
            _own_threshold(probabilities[:, k], Y[:, k]) if positives[k] >= _MIN_POSITIVES else common
            for k in range(Y.shape[1])
        ]
    )


def _own_threshold(probabilities: NDArray[np.float64], y: NDArray[np.bool_]) -> float:
    threshold = best_threshold(probabilities, y)
    taken = probabilities >= threshold
    f1 = 2 * (taken & y).sum() / max(taken.sum() + y.sum(), 1)
    return threshold if f1 >= _FOUND_AT_ALL else float(probabilities.max())


def best_threshold(probabilities: NDArray[np.float64], y: NDArray[np.bool_]) -> float:
    """Return the threshold with the highest F1; between two articles it lies half-way.

    Examples
    --------
    >>> best_threshold(np.array([0.9, 0.6, 0.2]), np.array([True, True, False]))
    0.4
    """
    order = np.argsort(-probabilities, kind="stable")
    ranked = probabilities[order]
    hits = np.cumsum(y[order])
    taken = np.arange(1, len(y) + 1)
    f1 = 2 * hits / (taken + y.sum())
    last_of_ties = np.append(ranked[1:] != ranked[:-1], True)
    best = int(np.argmax(np.where(last_of_ties, f1, -1.0)))
    if not hits[-1]:
        return 0.5
    below = ranked[best + 1] if best + 1 < len(ranked) else 0.0
    middle = float(ranked[best] + below) / 2
    return middle if middle > below else float(ranked[best])
