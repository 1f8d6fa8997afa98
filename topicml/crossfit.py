"""Fitting on all articles, and out of fold on all but some, by one and the same path."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from joblib import Parallel, delayed
from numpy.typing import NDArray

from topicml.linear_model import LinearWeights, fit_linear
from topicml.selection import best_terms
from topicml.settings import TrainingSettings
from topicml.sparse_rows import SparseRows
from topicml.vectorizer import Counts, Vectorizer

__all__ = ["LITTLE_WORK", "CrossFit", "cross_fit", "fit_part"]

LITTLE_WORK = 30_000_000
"""Values visited, below which starting processes takes longer than the work."""

_MUCH_DATA = 100_000_000  # values, above which copies for several processes would not fit in memory


@dataclass(frozen=True, eq=False, slots=True)
class CrossFit:
    """A fit on all articles, and what fits on parts of them say of the rest.

    Parameters
    ----------
    kept : ndarray of int64, shape (n_terms,)
        Columns of the candidate vocabulary that the full fit selected.
    weights : LinearWeights
        Of the full fit.
    scores : ndarray of float64, shape (n_articles, n_classes)
        Decision scores of each article by the fit that did not see it; 0 where every fit saw it.
    answerable : ndarray of bool, shape (n_articles,)
        Whether that fit knew any term of the article.
    """

    kept: NDArray[np.int64]
    weights: LinearWeights
    scores: NDArray[np.float64]
    answerable: NDArray[np.bool_]


def cross_fit(
    counts: Counts,
    vectorizer: Vectorizer,
    Y: NDArray[np.bool_],
    folds: NDArray[np.int64],
    settings: TrainingSettings,
    *,
    multilabel: bool,
    n_jobs: int = -1,
) -> CrossFit:
    """Select terms and fit weights on all articles, and again without each fold.

    Vocabulary and document frequencies come from all articles, which tells a fit nothing about
    labels; the selection of terms looks at labels and is done anew inside each fold.

    Parameters
    ----------
    counts : Counts
        Of the candidate terms in all articles.
    vectorizer : Vectorizer
        Over the candidate terms.
    Y : ndarray of bool, shape (n_articles, n_classes)
    folds : ndarray of int64, shape (n_articles,)
        From 0 on; -1 for articles that are never held out.
    settings : TrainingSettings
    multilabel : bool
    n_jobs : int, default=-1
        Processes, as in joblib: -1 is one for each core. The result does not depend on it.
    """
    everything = np.arange(len(Y))
    held_out = [np.flatnonzero(folds == fold) for fold in range(folds.max() + 1)]
    X = vectorizer.weigh(counts)
    n_values = len(counts.values)
    worth_it = n_values * Y.shape[1] > LITTLE_WORK and n_values < _MUCH_DATA
    fits = Parallel(n_jobs=n_jobs if worth_it else 1)(
        delayed(fit_part)(
            X, counts, vectorizer, Y, np.setdiff1d(everything, rows), rows, settings, multilabel=multilabel
        )
        for rows in [np.empty(0, np.int64), *held_out]
    )
    scores, answerable = np.zeros(Y.shape), np.zeros(len(Y), bool)
    for rows, fit in zip(held_out, fits[1:], strict=True):
        scores[rows], answerable[rows] = fit.scores, fit.answerable
    return CrossFit(fits[0].kept, fits[0].weights, scores, answerable)


def fit_part(
    X: SparseRows,
    counts: Counts,
    vectorizer: Vectorizer,
    Y: NDArray[np.bool_],
    rows: NDArray[np.int64],
    held_out: NDArray[np.int64],
    settings: TrainingSettings,
    *,
    multilabel: bool,
) -> CrossFit:
    """Fit on some rows and score others, which may not take part in any choice.

    Parameters
    ----------
    X : SparseRows, shape (n_samples, n_candidates)
        The weighed counts.
    counts : Counts
    vectorizer : Vectorizer
    Y : ndarray of bool, shape (n_samples, n_classes)
    rows, held_out : ndarray of int64
        Those to fit on, and those to score.
    settings : TrainingSettings
    multilabel : bool
    """
    kept = best_terms(X.take(rows), Y[rows], settings.max_terms)
    if len(kept) < len(vectorizer):
        X = vectorizer.restricted(kept).weigh(counts.restricted(kept, len(vectorizer)))
    weights = fit_linear(
        X.take(rows), Y[rows], settings.solver, multilabel=multilabel, random_state=settings.random_state
    )
    unseen = X.take(held_out)
    scores = unseen.dot(weights.coef) + weights.intercept
    return CrossFit(kept, weights, scores, unseen.indptr[1:] > unseen.indptr[:-1])
