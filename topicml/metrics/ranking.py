"""Measures of the order in which a model puts its labels, and in which a label puts the articles."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from topicml.metrics.names import PRECISION_AT, TOP_K
from topicml.metrics.resampling import Measures, Tally


def ranking_tally(
    truth: NDArray[np.bool_],
    probabilities: NDArray[np.float64],
    *,
    multilabel: bool,
    n_known: int | None = None,
) -> Tally:
    """Return the tally of top-k accuracy and, for multilabel, of precision at k and ranking precision.

    ``top_k_accuracy``: whether one of the k most probable labels is true. ``precision_at_k``: how many of
    them are, divided by k. Of labels that are equally probable the first comes first, as in a
    `Prediction`. ``label_ranking_average_precision`` is scikit-learn's: over the labels of an article,
    the mean share of true labels among those at least as probable; 1 for an article without labels.

    A k that is no smaller than the number of labels has no measure: the first three of three labels are
    all that there are, whatever the model says.

    Parameters
    ----------
    truth : ndarray of bool, shape (n_articles, n_classes)
    probabilities : ndarray of float64, shape (n_articles, n_classes)
    multilabel : bool
    n_known : int, optional
        Labels that the model knows, the first classes; by default all.
    """
    known = truth.shape[1] if n_known is None else n_known
    order = np.argsort(-probabilities, axis=1, kind="stable")
    ranked = np.take_along_axis(truth, order, 1)
    named: dict[str, NDArray[Any]] = {}
    for k in TOP_K:
        if k < known:
            named[f"top_{k}_accuracy"] = np.logical_or.reduce(ranked[:, :k], axis=1)
    if multilabel:
        named |= {f"precision_at_{k}": ranked[:, :k].sum(axis=1) / k for k in PRECISION_AT if k < known}
        sorted_probabilities = np.take_along_axis(probabilities, order, 1)
        named["label_ranking_average_precision"] = _ranking_precision(ranked, sorted_probabilities)

    def of_sums(sums: NDArray[np.float64]) -> dict[str, NDArray[np.float64]]:
        return {name: sums[:, 1 + k] / sums[:, 0] for k, name in enumerate(named)}

    return Tally(np.column_stack((np.ones(len(truth)), *named.values())).astype(np.float64), of_sums)


def _ranking_precision(ranked: NDArray[np.bool_], falling: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return each row's label ranking average precision, from truth in order of falling probability."""
    n_classes = ranked.shape[1]
    last = np.where(_ends_ties(falling), np.arange(n_classes), n_classes)
    last = np.minimum.accumulate(last[:, ::-1], axis=1)[:, ::-1]  # the last place of each place's ties
    hits = np.take_along_axis(ranked.cumsum(axis=1), last, 1)
    n_true = ranked.sum(axis=1)
    total: NDArray[np.float64] = np.where(ranked, hits / (last + 1), 0.0).sum(axis=1)
    return np.where(n_true > 0, total / np.maximum(n_true, 1), 1.0)


def _ends_ties(falling: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Return where the next value along the last axis is another, or none."""
    ends = np.ones(falling.shape, bool)
    ends[..., :-1] = falling[..., 1:] != falling[..., :-1]
    return ends


def average_precision(
    truth: NDArray[np.bool_], probabilities: NDArray[np.float64]
) -> Callable[[NDArray[np.float64]], Measures]:
    """Return a function that gives average precision, however often each article counts.

    ``label_average_precision`` is scikit-learn's for each label, NaN for a label that no article has;
    ``macro_average_precision`` its mean over labels that some article has. It is the one measure here that
    does not follow from sums over articles: their order plays a part. The order is found once, and
    a matrix then adds up the articles between one true one and the next.

    Parameters
    ----------
    truth : ndarray of bool, shape (n_articles, n_classes)
    probabilities : ndarray of float64, shape (n_articles, n_classes)

    Returns
    -------
    callable
        Takes weights, shape (n_rows, n_articles).

    Examples
    --------
    >>> measure = average_precision(np.array([[True], [False], [True]]), np.array([[0.9], [0.8], [0.7]]))
    >>> measure(np.ones((1, 3)))["label_average_precision"].round(3).tolist()  # (1 + 2/3) / 2
    [[0.833]]
    """
    steps, hits, starts = _steps_and_hits(truth, probabilities)
    n_steps, n_classes = starts[-1], truth.shape[1]
    label_of = np.repeat(np.arange(n_classes), np.diff(starts))
    by_label = _indicator(label_of, np.arange(n_steps), (n_classes, n_steps))

    def of_weights(weights: NDArray[np.float64]) -> dict[str, NDArray[np.float64]]:
        columns = np.ascontiguousarray(weights.T)
        found = hits @ columns
        taken, passed = _cumulated(found, starts), _cumulated(steps @ columns, starts)
        gains = found * np.divide(taken, passed, out=np.zeros_like(passed), where=passed > 0)
        gained, present = (by_label @ gains).T, (by_label @ found).T
        each = np.divide(gained, present, out=np.full(gained.shape, np.nan), where=present > 0)
        n_present = (present > 0).sum(axis=1)
        total = np.nansum(each, axis=1)
        mean = np.divide(total, n_present, out=np.full(len(each), np.nan), where=n_present > 0)
        return {"label_average_precision": each, "macro_average_precision": mean}

    return of_weights


def _steps_and_hits(
    truth: NDArray[np.bool_], probabilities: NDArray[np.float64]
) -> tuple[csr_array, csr_array, NDArray[np.int64]]:
    """Return matrices that add up all articles, and the true ones, of each step of recall.

    A step ends with the ties of a true article; the steps of label k are the rows from starts[k] to
    starts[k + 1].
    """
    articles, rows, true_articles, true_rows, starts = [], [], [], [], [0]
    for y, p in zip(truth.T, probabilities.T, strict=True):
        order = np.argsort(-p, kind="stable")
        true = y[order]
        tie = np.cumsum(np.append(False, _ends_ties(p[order])[:-1]))
        with_true = np.unique(tie[true])
        step = np.searchsorted(with_true, tie)  # what lies between two steps belongs to the later one
        counted = step < len(with_true)
        articles.append(order[counted])
        rows.append(step[counted] + starts[-1])
        true_articles.append(order[true])
        true_rows.append(step[true] + starts[-1])
        starts.append(starts[-1] + len(with_true))
    shape = (starts[-1], len(truth))
    return (
        _indicator(np.concatenate(rows), np.concatenate(articles), shape),
        _indicator(np.concatenate(true_rows), np.concatenate(true_articles), shape),
        np.array(starts),
    )


def _indicator(rows: NDArray[np.int64], columns: NDArray[np.int64], shape: tuple[int, int]) -> csr_array:
    return csr_array((np.ones(len(rows)), (rows, columns)), shape=shape)


def _cumulated(steps: NDArray[np.float64], starts: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return running sums down the rows that start again with each label."""
    sums = steps.cumsum(axis=0)
    before = np.vstack((np.zeros((1, steps.shape[1])), sums))[starts[:-1]]
    result: NDArray[np.float64] = sums - np.repeat(before, np.diff(starts), axis=0)
    return result
