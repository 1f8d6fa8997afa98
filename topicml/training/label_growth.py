"""Learning several labels an article from few labelled and many unlabelled articles.

The function of each label grows by itself: the archive's surest articles of the label's share become its own,
those far below become the others, and those between take no part. Naive Bayes by EM for each label was
measured, too, and is worse.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from topicml.model.sparse import SparseRows
from topicml.training.linear_model import LinearWeights, fit_linear
from topicml.training.selection import as_scipy
from topicml.training.semi_supervised import STEPS, TOL, WEIGHT
from topicml.training.settings import SolverSettings

_GAP = 1.5  # times a label's share, below which an article is not the label's
_FEWEST = 2  # labelled articles that a label needs to grow


def fit_labels_with_archive(
    X: SparseRows,
    Y: NDArray[np.bool_],
    solver: SolverSettings,
    *,
    shares: NDArray[np.float64] | None = None,
    n_known: int | None = None,
    labels: Sequence[str] = (),
    steps: Sequence[float] = STEPS,
    random_state: int = 0,
) -> LinearWeights:
    """Fit a linear function for each label; of X the first rows are labelled, by Y.

    Shares are those of the labels in the archive, by default those in the labelled articles. Of these, the
    first `n_known` count for it: the others were singled out by seed words.
    """
    weights = fit_linear(
        X.take(np.arange(len(Y))), Y, solver, labels=labels, multilabel=True, random_state=random_state
    )
    unlabelled = as_scipy(X)[len(Y) :]
    shares = Y[:n_known].mean(axis=0) if shares is None else shares
    coarse = replace(solver, tol=max(solver.tol, TOL), class_weight=None)
    for label in np.flatnonzero((Y.sum(axis=0) >= _FEWEST) & ~Y.all(axis=0)):
        found = LinearWeights(weights.coef[:, [label]], weights.intercept[[label]])
        for step in steps:
            scores = _scores(unlabelled, found)
            found = _grown(X, Y[:, label], scores, shares[label], step, coarse, random_state)
        weights.coef[:, label], weights.intercept[label] = found.coef[:, 0], found.intercept[0]
    return weights


def with_words(weights: LinearWeights, words: NDArray[np.float32], X: SparseRows) -> LinearWeights:
    """Add the functions of seed words, shape (n_terms, n_labels); both count the same in articles X.

    What few labels say of a section is little; its words say more, and thousands of labels choose the same.
    """
    rows = as_scipy(X)
    learned, said = ((rows @ coef.astype(np.float64)).std(axis=0) for coef in (weights.coef, words))
    factor = np.where(said > 0, learned / np.where(said > 0, said, 1.0), 0.0)
    return LinearWeights((weights.coef + factor * words).astype(np.float32), weights.intercept)


def _scores(unlabelled: csr_array, weights: LinearWeights) -> NDArray[np.float64]:
    scores: NDArray[np.float64] = unlabelled @ weights.coef[:, 0].astype(np.float64) + weights.intercept[0]
    return scores


def _grown(
    X: SparseRows,
    y: NDArray[np.bool_],
    scores: NDArray[np.float64],
    share: float,
    step: float,
    solver: SolverSettings,
    random_state: int,
) -> LinearWeights:
    """Fit one label's function to the labelled articles and to those of the archive that are sure."""
    order = len(y) + np.argsort(-scores, kind="stable")
    own = order[: max(int(step * share * len(order)), 1)]
    others = order[max(int(_GAP * share * len(order)), len(own)) + 1 :]
    rows = np.concatenate((np.arange(len(y)), own, others))
    said = np.concatenate((y, np.ones(len(own), bool), np.zeros(len(others), bool)))
    weight = np.where(rows < len(y), 1.0, WEIGHT)
    return fit_linear(
        X.take(rows), said[:, None], solver, multilabel=True, random_state=random_state, sample_weight=weight
    )
