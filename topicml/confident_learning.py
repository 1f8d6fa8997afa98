"""Which labels a model that has not seen them contradicts with confidence: confident learning.

Northcutt, Jiang and Chuang 2021, "Confident Learning: Estimating Uncertainty in Dataset Labels",
arXiv:1911.00068.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def self_confidence(given: NDArray[np.int64], probabilities: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the mean probability of each class over the rows that were given it: its threshold.

    Parameters
    ----------
    given : ndarray of int64, shape (n,)
        The class that each row was given.
    probabilities : ndarray of float64, shape (n, n_classes)
        Out-of-fold: of a model that had not seen the row.

    Returns
    -------
    ndarray of float64, shape (n_classes,)
        Infinite for a class that no row was given: nothing is confidently of it.
    """
    rows = np.bincount(given, minlength=probabilities.shape[1])
    own = np.bincount(
        given, weights=probabilities[np.arange(len(given)), given], minlength=probabilities.shape[1]
    )
    return np.where(rows > 0, own / np.maximum(rows, 1), np.inf)


def confident_classes(given: NDArray[np.int64], probabilities: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return the class that each row is confidently of, and -1 where there is none.

    It is the most probable one of those that reach their thresholds (equation 1 of the paper). A fixed
    threshold would never find the errors of a label that the model is seldom sure of, and see too many
    in one that it is always sure of. (cleanlab takes the most probable of all classes if two reach their
    thresholds, also where that one does not; the paper's rule is kept here.)

    Examples
    --------
    >>> given = np.array([0, 0, 0, 1, 1])
    >>> probabilities = np.array([[0.9, 0.1], [0.8, 0.2], [0.1, 0.9], [0.3, 0.7], [0.4, 0.6]])
    >>> self_confidence(given, probabilities).round(2).tolist()
    [0.6, 0.65]
    >>> confident_classes(given, probabilities).tolist()
    [0, 0, 1, 1, -1]
    """
    # A sum of equal numbers divided by their count may exceed each by a rounding error.
    reached = probabilities >= self_confidence(given, probabilities) - 1e-9
    best = np.where(reached, probabilities, -1.0).argmax(axis=1)
    return np.where(reached.any(axis=1), best, -1)


def contradicted(
    given: NDArray[np.int64], confident: NDArray[np.int64], probabilities: NDArray[np.float64]
) -> NDArray[np.bool_]:
    """Return which rows are confidently of another class than the given one, and more probably, too.

    The second condition is not the paper's, but cleanlab's. Without it, 25,682 labels of the 7,770 training
    articles of Reuters-21578 would be suspected, by thresholds of its rare labels that all but reach 0;
    with it, 413.

    Examples
    --------
    >>> probabilities = np.array([[0.2, 0.8], [0.6, 0.4], [0.9, 0.1]])
    >>> contradicted(np.array([0, 0, 0]), np.array([1, 1, -1]), probabilities).tolist()
    [True, False, False]
    """
    rows = np.arange(len(given))
    more_probable: NDArray[np.bool_] = probabilities[rows, confident] > probabilities[rows, given]
    found: NDArray[np.bool_] = (confident >= 0) & (confident != given) & more_probable
    return found


def confident_joint(
    given: NDArray[np.int64], confident: NDArray[np.int64], n_classes: int
) -> NDArray[np.int64]:
    """Count the rows that were given one class and are confidently of another.

    Returns
    -------
    ndarray of int64, shape (n_classes, n_classes)
        Given classes down, confident ones across; off the diagonal stand the suspects.

    Examples
    --------
    >>> confident_joint(np.array([0, 0, 0, 1, 1]), np.array([0, 0, 1, 1, -1]), 2).tolist()
    [[2, 1], [0, 1]]
    """
    sure = confident >= 0
    joint = np.zeros((n_classes, n_classes), np.int64)
    np.add.at(joint, (given[sure], confident[sure]), 1)
    return joint
