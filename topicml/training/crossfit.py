"""Fitting on all articles, and out of fold on all but some, by one and the same path."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from joblib import Parallel, delayed
from numpy.typing import NDArray

from topicml.corpus.targets import Targets
from topicml.model.sparse import Coefficients, SparseRows
from topicml.model.vectorizer import Counts, Vectorizer
from topicml.training.linear_model import LinearWeights, fit_linear
from topicml.training.selection import best_terms, strongest_terms
from topicml.training.settings import TrainingSettings

_LITTLE_WORK = 30_000_000  # values visited, below which starting processes takes longer than the work
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
    held_out = [np.flatnonzero(folds == fold) for fold in range(folds.max() + 1)]
    [fits] = fit_parts(
        counts,
        vectorizer,
        Y,
        [np.empty(0, np.int64), *held_out],
        [settings],
        multilabel=multilabel,
        n_jobs=n_jobs,
    )
    scores, answerable = np.zeros(Y.shape), np.zeros(len(Y), bool)
    for rows, fit in zip(held_out, fits[1:], strict=True):
        scores[rows], answerable[rows] = fit.scores, fit.answerable
    return CrossFit(fits[0].kept, fits[0].weights, scores, answerable)


def fit_parts(
    counts: Counts,
    vectorizer: Vectorizer,
    Y: NDArray[np.bool_],
    held_out: Sequence[NDArray[np.int64]],
    settings: Sequence[TrainingSettings],
    *,
    multilabel: bool,
    n_jobs: int = -1,
) -> list[list[CrossFit]]:
    """Fit without each of some parts, and score it; the rows held out take part in no choice.

    In processes and not in threads, though the solver lets go of Python's lock: it draws from one
    random generator for all of them.

    Parameters
    ----------
    counts : Counts
        Of the candidate terms in all articles.
    vectorizer : Vectorizer
        Over the candidate terms.
    Y : ndarray of bool, shape (n_articles, n_classes)
    held_out : sequence of ndarray of int64
        The rows of each part; without rows, the fit is on all articles.
    settings : sequence of TrainingSettings
        Alike in their features.
    multilabel : bool
    n_jobs : int, default=-1
        Processes. The result does not depend on it.

    Returns
    -------
    list of list of CrossFit
        For each of the settings, one for each part.
    """
    X = vectorizer.weigh(counts)
    n_values = len(counts.values)
    worth_it = n_values * Y.shape[1] * len(settings) > _LITTLE_WORK and n_values < _MUCH_DATA
    fits = Parallel(n_jobs=n_jobs if worth_it else 1)(
        delayed(_fit_part)(X, counts, vectorizer, Y, rows, one, multilabel=multilabel)
        for one in settings
        for rows in held_out
    )
    return [fits[first : first + len(held_out)] for first in range(0, len(fits), len(held_out))]


def _fit_part(
    X: SparseRows,
    counts: Counts,
    vectorizer: Vectorizer,
    Y: NDArray[np.bool_],
    held_out: NDArray[np.int64],
    settings: TrainingSettings,
    *,
    multilabel: bool,
) -> CrossFit:
    rows = np.setdiff1d(np.arange(len(Y)), held_out)

    def restricted(kept: NDArray[np.int64]) -> SparseRows:
        return vectorizer.restricted(kept).weigh(counts.restricted(kept, len(vectorizer)))

    def fitted(X: SparseRows) -> LinearWeights:
        seed = settings.random_state
        return fit_linear(X.take(rows), Y[rows], settings.solver, multilabel=multilabel, random_state=seed)

    kept = best_terms(X.take(rows), Y[rows], settings.max_terms)
    if len(kept) < len(vectorizer):
        X = restricted(kept)
    weights = fitted(X)
    if settings.pruned_to is not None and settings.pruned_to < len(kept):
        kept = kept[np.sort(strongest_terms(weights.coef)[: settings.pruned_to])]
        X = restricted(kept)
        weights = fitted(X)
    unseen = X.take(held_out)
    stored = Coefficients.stored_as(settings.coef_dtype, weights.coef)  # scored as a saved model would
    scores = stored.scores(unseen) + weights.intercept
    return CrossFit(kept, weights, scores, unseen.indptr[1:] > unseen.indptr[:-1])


@dataclass(frozen=True, eq=False, slots=True)
class Counted:
    """Articles that are counted, grouped and put into folds: all that fitting takes.

    Parameters
    ----------
    texts : list of str
    targets : Targets
    folds : ndarray of int64, shape (n_articles,)
        -1 for articles that are never held out.
    groups : ndarray of int64, shape (n_articles,)
        Copies of one article.
    candidates : Vectorizer
        The terms that may be selected.
    counts : Counts
        Of these in all articles.
    """

    texts: list[str]
    targets: Targets
    folds: NDArray[np.int64]
    groups: NDArray[np.int64]
    candidates: Vectorizer
    counts: Counts
