"""Which labels are taken for which."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from topicml.elementary import product
from topicml.metrics.resampling import Estimate, Resampled, Tally

_MOST = 50


@dataclass(frozen=True, slots=True)
class Confusion:
    """A label that was missed, and the wrong one that the article was given.

    Parameters
    ----------
    true : str or None
        None where an article was given a label too many and all of its own.
    given : str or None
        None where an article was given no wrong label: it was not answered, or too few were given.
    count : int
        Articles.
    share : Estimate
        Among the articles with the label `true`; where that is None, among all articles.
    """

    true: str | None
    given: str | None
    count: int
    share: Estimate


@dataclass(frozen=True, eq=False, slots=True)
class ConfusionPairs:
    """The most frequent confusions of some decisions, before they are resampled.

    Parameters
    ----------
    pairs : ndarray of int64, shape (n_pairs, 2)
        Columns of the missed and the wrong label; n_classes means none.
    counts : ndarray of int64, shape (n_pairs,)
    tally : Tally
        Of ``confusion_share``.
    every : tuple of (int, int, int)
        All pairs that occur, the rare ones, too: missed label, wrong label, articles.
    """

    pairs: NDArray[np.int64]
    counts: NDArray[np.int64]
    tally: Tally
    every: tuple[tuple[int, int, int], ...]

    def named(self, classes: Sequence[str], resampled: Resampled) -> tuple[Confusion, ...]:
        """Return the confusions by their labels."""
        names = [*classes, None]
        shares = resampled.estimates("confusion_share")
        return tuple(
            Confusion(names[true], names[given], count, share)
            for (true, given), count, share in zip(
                self.pairs.tolist(), self.counts.tolist(), shares, strict=True
            )
        )


def most_confused(truth: NDArray[np.bool_], predicted: NDArray[np.bool_]) -> ConfusionPairs:
    """Find the pairs of a missed and a wrong label that occur together most often, 50 at most.

    With one label each, that is the confusion matrix beside its diagonal. An article of several labels
    counts for each pair of one that it was not given and one that is not its own.

    Parameters
    ----------
    truth, predicted : ndarray of bool, shape (n_articles, n_classes)
    """
    missed, wrong = _with_none(truth & ~predicted, predicted & ~truth)
    counts = product(missed.T.astype(np.float64), wrong.astype(np.float64)).astype(np.int64)
    order = np.argsort(-counts, axis=None, kind="stable")[:_MOST]
    order = order[counts.ravel()[order] > 0]
    pairs = np.column_stack(np.unravel_index(order, counts.shape))
    together = missed[:, pairs[:, 0]] & wrong[:, pairs[:, 1]]
    present = np.hstack((truth, np.ones((len(truth), 1), bool)))[:, pairs[:, 0]]

    def of_sums(sums: NDArray[np.float64]) -> dict[str, NDArray[np.float64]]:
        part, whole = np.hsplit(sums, 2)
        share = np.divide(part, whole, out=np.full(whole.shape, np.nan), where=whole > 0)
        return {"confusion_share": share}

    tally = Tally(np.hstack((together, present)).astype(np.float64), of_sums)
    every = tuple(
        (missed, wrong, int(counts[missed, wrong])) for missed, wrong in np.argwhere(counts).tolist()
    )
    return ConfusionPairs(pairs, counts.ravel()[order], tally, every)


def _with_none(
    missed: NDArray[np.bool_], wrong: NDArray[np.bool_]
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Add a column to each for articles of which only the other has something."""
    any_missed, any_wrong = missed.any(axis=1, keepdims=True), wrong.any(axis=1, keepdims=True)
    return np.hstack((missed, any_wrong & ~any_missed)), np.hstack((wrong, any_missed & ~any_wrong))


def confusion_matrix(truth: NDArray[np.bool_], predicted: NDArray[np.bool_]) -> tuple[tuple[int, ...], ...]:
    """Return how many articles of each label (row) were given which label, or none (the last column).

    >>> truth, predicted = np.eye(2, dtype=bool), np.array([[False, True], [False, False]])
    >>> confusion_matrix(truth, predicted)
    ((0, 1, 0), (0, 0, 1))
    """
    given = np.hstack((predicted, ~predicted.any(axis=1, keepdims=True)))
    counts = product(truth.T.astype(np.float64), given.astype(np.float64))
    return tuple(tuple(row) for row in counts.astype(np.int64).tolist())
