"""The confidence below which an article goes to a person, so that the answers keep a promised precision."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from topicml.model.record import Abstention

_Z = 1.6448536269514722  # one-sided 95%
_T = (
    6.31375151467,
    2.91998558035,
    2.35336343480,
    2.13184678633,
    2.01504837333,
)  # the same of Student's t, 1 to 5 degrees


NEVER = 2.0
"""A confidence that no article reaches, for a promise that cannot be kept."""


def choose_abstention(
    confidence: NDArray[np.float64],
    right: NDArray[np.bool_],
    *,
    precision: float,
    blocks: NDArray[np.int64] | None = None,
) -> Abstention:
    """Find the lowest confidence from which on answers keep a promised precision, beyond chance.

    Two bounds must reach it. One is of these articles: the Wilson bound of the precision (Wilson 1927,
    "Probable Inference, the Law of Succession, and Statistical Inference"), so that a lucky handful of
    articles cannot keep the promise.

    The other is of the articles to come, which are not more of the same: they are of other days. Folds are
    blocks of the file, so that the precisions of the blocks differ as those of different days do, and
    the promise is kept where the lower end of the prediction interval for one more block reaches it:
    mean - t * s * sqrt(1 + 1 / n_blocks), by Student's t (Hahn and Meeker 1991, "Statistical
    Intervals"). An interval for the mean of the blocks, or the bound of the worst one, was refused: on 20
    Newsgroups, whose test part is later, they promise 0.95 and keep 0.939 (82.5% of the articles
    answered), the Wilson bound alone 0.928 (86.6%), and this keeps 0.952 (77.5%). The spread s is taken
    as no smaller than chance alone makes it, so that blocks which happen to agree promise nothing.

    Parameters
    ----------
    confidence : ndarray of float64, shape (n_articles,)
        Best probability of each article, out of fold.
    right : ndarray of bool, shape (n_articles,)
        Whether the answer is.
    precision : float
        Between 0 and 1.
    blocks : ndarray of int64, shape (n_articles,), optional
        Which part of the file an article is of, from 0 on. By default, and with one block, the articles
        to come are taken as more of the same.

    Examples
    --------
    >>> confidence = np.linspace(0.2, 0.99, 400)
    >>> found = choose_abstention(confidence, np.arange(400) >= 100, precision=0.9)
    >>> found.kept, found.precision
    (0.8075, 0.9287925696594427)
    >>> blocks = np.arange(400) % 4
    >>> choose_abstention(confidence, np.arange(400) >= 100, precision=0.9, blocks=blocks).kept
    0.78
    """
    order = np.argsort(-confidence, kind="stable")
    bound = _bounds(confidence[order], right[order], None if blocks is None else blocks[order])
    kept = np.flatnonzero(bound >= precision)
    if not len(kept):
        return Abstention(precision, NEVER, 0.0, 0.0, 0.0)
    n = int(kept[-1]) + 1
    return Abstention(
        precision,
        float(confidence[order[n - 1]]),
        n / len(order),
        float(right[order[:n]].sum() / n),
        float(bound[n - 1]),
    )


def highest_precision(
    confidence: NDArray[np.float64], right: NDArray[np.bool_], *, blocks: NDArray[np.int64] | None = None
) -> float | None:
    """Return the highest whole percentage that `choose_abstention` can promise; None if there is none.

    >>> confidence, right = np.linspace(0.2, 0.99, 400), np.arange(400) >= 100
    >>> highest_precision(confidence, right)
    0.99
    >>> choose_abstention(confidence, right, precision=0.99).kept
    0.75
    """
    order = np.argsort(-confidence, kind="stable")
    bound = _bounds(confidence[order], right[order], None if blocks is None else blocks[order])
    reached = [percent for percent in range(1, 100) if bound.max(initial=0.0) >= percent / 100]
    return reached[-1] / 100 if reached else None


def most_that_can_be_promised(n_right: int) -> float:
    """Return the precision that so many right answers and no wrong one could promise.

    >>> round(most_that_can_be_promised(51), 4), round(most_that_can_be_promised(52), 4)
    (0.9496, 0.9505)
    """
    return float(_wilson_bound(np.ones(1), np.array([n_right]))[0]) if n_right else 0.0


def _bounds(
    ranked: NDArray[np.float64], right: NDArray[np.bool_], blocks: NDArray[np.int64] | None
) -> NDArray[np.float64]:
    """Return the precision that the first n answers can promise; -inf where the next one is as confident."""
    taken = np.arange(1, len(ranked) + 1)
    bound = _wilson_bound(right.cumsum() / taken, taken)
    if blocks is not None and len(blocks) and blocks.max():
        bound = np.minimum(bound, _next_block_bound(right, blocks))
    last_of_ties = np.append(ranked[1:] != ranked[:-1], True)[: len(ranked)]
    return np.where(last_of_ties, bound, -np.inf)


def _wilson_bound(share: NDArray[np.float64], n: NDArray[np.int64]) -> NDArray[np.float64]:
    """Lower end of the one-sided 95% interval of a share of n.

    >>> _wilson_bound(np.array([0.5]), np.array([100])).round(3).tolist()
    [0.419]
    """
    spread = _Z * np.sqrt(share * (1 - share) / n + _Z * _Z / (4 * n**2))
    bound: NDArray[np.float64] = (share + _Z * _Z / (2 * n) - spread) / (1 + _Z * _Z / n)
    return bound


def _next_block_bound(right: NDArray[np.bool_], blocks: NDArray[np.int64]) -> NDArray[np.float64]:
    """Lower end of the one-sided 95% prediction interval of one more block's share, for the first n of all.

    -inf as long as a block has none.

    >>> right, blocks = np.ones(4, bool), np.array([0, 0, 1, 1])
    >>> _next_block_bound(right, blocks).tolist()
    [-inf, -inf, 1.0, 1.0]
    """
    of_block = blocks[:, None] == np.arange(blocks.max() + 1)
    n_blocks = of_block.shape[1]
    taken = of_block.cumsum(axis=0)
    shares = (of_block & right[:, None]).cumsum(axis=0) / np.maximum(taken, 1)
    mean = shares.mean(axis=1)
    by_chance = mean * (1 - mean) / taken.mean(axis=1)
    spread = np.sqrt(np.maximum(shares.var(axis=1, ddof=1), by_chance))
    bound = mean - _T[n_blocks - 2] * spread * np.sqrt(1 + 1 / n_blocks)
    return np.where(taken.min(axis=1) > 0, bound, -np.inf)
