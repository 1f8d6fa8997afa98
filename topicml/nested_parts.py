"""Parts of the training articles of each fold, each part within the next larger one."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from topicml.stratification import draw_part

FEWEST_STORIES = 10
"""A part of fewer different articles says nothing."""

Rows = NDArray[np.int64]


def nested_parts(
    Y: NDArray[np.bool_],
    groups: NDArray[np.int64],
    folds: NDArray[np.int64],
    shares: Sequence[float],
    *,
    random_state: int = 0,
) -> dict[float, list[Rows]]:
    """Draw parts of what is not in each fold, so that each holds its share of every label.

    Parameters
    ----------
    Y : ndarray of bool, shape (n_articles, n_classes)
    groups : ndarray of int64, shape (n_articles,)
        Articles of one group are drawn together.
    folds : ndarray of int64, shape (n_articles,)
    shares : sequence of float
        Rising, above 0 and at most 1.
    random_state : int, default=0

    Returns
    -------
    dict of float to list of ndarray of int64
        The rows for each fold, by share, the smallest first. Left out are shares whose parts would, in any
        fold, hold fewer than ten groups or fewer than two labels, or as many rows as the next larger one.

    Examples
    --------
    >>> Y = np.arange(40)[:, None] % 2 == np.arange(2)
    >>> parts = nested_parts(Y, np.arange(40), np.arange(40) // 20, (0.1, 0.5, 1.0))
    >>> {share: [len(rows) for rows in of_folds] for share, of_folds in parts.items()}
    {0.5: [10, 10], 1.0: [20, 20]}
    """
    by_fold = [
        _parts_within(np.flatnonzero(folds != fold), Y, groups, shares, random_state)
        for fold in np.unique(folds).tolist()
    ]
    in_all = [share for share in shares if all(share in parts for parts in by_fold)]
    return {share: [parts[share] for parts in by_fold] for share in in_all}


def _parts_within(
    rows: Rows, Y: NDArray[np.bool_], groups: NDArray[np.int64], shares: Sequence[float], random_state: int
) -> dict[float, Rows]:
    parts: dict[float, Rows] = {}
    taken = 1.0
    for share in reversed(shares):
        part = rows
        if share < taken:
            drawn = draw_part(Y[rows], groups[rows], share=share / taken, random_state=random_state)
            part = rows[drawn]
        few = len(np.unique(groups[part])) < FEWEST_STORIES or Y[part].any(axis=0).sum() < min(2, Y.shape[1])
        if few or (parts and len(part) == len(rows)):
            break
        parts[share] = rows = part
        taken = share
    return parts
