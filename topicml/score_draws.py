"""Measures drawn again and again from the same stories, so that any difference of them has an interval."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from topicml.decision_measures import decision_statistics, f1_scores, measures
from topicml.resampling import resampled_sums, summed_by_group

MEASURES = ("accuracy", "micro_f1", "macro_f1")


@dataclass(frozen=True, eq=False, slots=True)
class DrawnScores:
    """Scores of all articles, and of resamples of them.

    Parameters
    ----------
    n : ndarray of float64, shape (1 + n_resamples,)
        Articles in each draw; the first is all of them.
    measures : mapping of str to ndarray of float64, shape (1 + n_resamples,)
        Accuracy, micro-F1 and macro-F1, as `topicml.evaluate` defines them.
    label_f1 : ndarray of float64, shape (1 + n_resamples, n_classes)
    """

    n: NDArray[np.float64]
    measures: Mapping[str, NDArray[np.float64]]
    label_f1: NDArray[np.float64]


def drawn_scores(
    truth: NDArray[np.bool_],
    decided: NDArray[np.bool_],
    *,
    groups: NDArray[np.int64],
    counted: NDArray[np.bool_] | None = None,
    n_resamples: int = 1000,
    random_state: int = 0,
) -> DrawnScores:
    """Score decisions on all articles and on resamples of their stories (cluster bootstrap).

    With the same groups and seed, the same stories are drawn, whatever is decided: so scores of several
    models may be subtracted draw by draw.

    Parameters
    ----------
    truth, decided : ndarray of bool, shape (n_articles, n_classes)
    groups : ndarray of int64, shape (n_articles,)
        Articles of one group are drawn together (Field and Welsh 2007,
        doi:10.1111/j.1467-9868.2007.00593.x).
    counted : ndarray of bool, shape (n_articles,), optional
        The articles that the scores are of; the others are drawn, and add nothing. By default all.
    n_resamples : int, default=1000
    random_state : int, default=0

    Examples
    --------
    >>> truth = np.array([[True, False], [False, True]])
    >>> drawn = drawn_scores(truth, truth, groups=np.arange(2), n_resamples=3)
    >>> drawn.measures["accuracy"].tolist()
    [1.0, 1.0, 1.0, 1.0]
    """
    n_classes = truth.shape[1]
    statistics = decision_statistics(truth, decided, np.ones(n_classes, bool))
    if counted is not None:
        statistics *= counted[:, None]
    sums = summed_by_group(statistics, groups)
    drawn = np.vstack((sums.sum(axis=0), resampled_sums(sums, n_resamples, random_state)))
    found, given, true = np.hsplit(drawn[:, 2:], 3)
    n = drawn[:, 0].copy()
    drawn[:, 0] = np.maximum(n, 1)  # a resample may lack every article that counts
    scores = measures(drawn, n_classes)
    return DrawnScores(n, {name: scores[name] for name in MEASURES}, f1_scores(found, given, true))
