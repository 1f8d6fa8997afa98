"""Learning one label an article from few labelled and many unlabelled articles, by a linear model.

Naive Bayes by EM (Nigam, McCallum, Thrun and Mitchell 2000, "Text Classification from Labeled and Unlabeled
Documents using EM") starts: it spreads the labels over the archive. A linear support vector machine then
grows on the archive's surest articles, more of them at each step. Both are linear functions of the same
terms, so their sum is one linear model, which predicts as fast as any other.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from topicml.elementary import exp, log
from topicml.model.sparse import SparseRows
from topicml.training.linear_model import LinearWeights, fit_linear
from topicml.training.selection import as_scipy
from topicml.training.settings import SolverSettings

_SMOOTHING = 0.05  # added to the weight of each term for each label
_WEIGHT_IN_EM = 0.5  # of an unlabelled article beside a labelled one
_N_ROUNDS = 8
_N_SCALINGS = 30
_NEAR = 1e-6  # how far the shares may be from what they should be
_LEAST = 1e-12
_NEVER = -20.0  # a score that is not reached where the standard deviation of each part is 1
WEIGHT = 0.3
"""Weight of an unlabelled article beside a labelled one, where a support vector machine grows."""
STEPS = (0.5, 1.0)
"""Shares of the surest articles that growth takes, step by step."""
_SLACK = 1.5  # times its share of the archive that a label may take
TOL = 0.1
"""Tolerance of the solver where a model grows."""

_BELIEVED = 0.02  # of the archive that is spread evenly over the labels, where shares are counted

SharesOf = Literal["labelled", "counted", "between", "given"]
"""Where the share of each label in the archive comes from: the labelled articles, the answers that a model of
these gives on the archive, the geometric mean of both, or the caller."""


Starter = Literal["EM", "both", "plain"]
"""The models from which growth starts: naive Bayes by EM, a model of the labelled articles alone, or both."""


@dataclass(frozen=True, slots=True)
class ArchiveUse:
    """How a model learns from unlabelled articles; `given` are the shares of the labels, if known."""

    starter: Starter
    shares_of: SharesOf
    given: tuple[float, ...] | None = None


def softmax(scores: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the probabilities of each row's scores."""
    probabilities = exp(scores - scores.max(axis=1, keepdims=True))
    probabilities /= probabilities.sum(axis=1, keepdims=True)
    return probabilities


def with_shares(posterior: NDArray[np.float64], shares: NDArray[np.float64]) -> NDArray[np.float64]:
    """Scale the probabilities of labels so that each label has its share of all articles.

    >>> posterior = np.array([[0.9, 0.1], [0.8, 0.2], [0.7, 0.3]])
    >>> with_shares(posterior, np.array([0.5, 0.5])).mean(axis=0).round(3).tolist()
    [0.5, 0.5]
    """
    weight = np.ones(len(shares))
    for _ in range(_N_SCALINGS):
        scaled = posterior * weight
        scaled /= scaled.sum(axis=1, keepdims=True)
        found = scaled.mean(axis=0)
        if np.abs(found - shares).max() < _NEAR:
            break
        weight *= shares / np.maximum(found, _LEAST)
    return scaled


@dataclass(frozen=True, eq=False, slots=True)
class Scored:
    """A linear model, and the scores that it gives the unlabelled articles, shape (n_unlabelled, n_classes).

    Scores and weights are centred over the labels and scaled to a standard deviation of 1 in the archive, so
    that models of different kinds can be added.
    """

    weights: LinearWeights
    scores: NDArray[np.float64]

    @classmethod
    def of(cls, weights: LinearWeights, unlabelled: csr_array) -> Scored:
        """Centre and scale a model by what it says about the unlabelled articles."""
        coef = weights.coef - weights.coef.mean(axis=1, keepdims=True)
        intercept = weights.intercept - weights.intercept.mean()
        scores = unlabelled @ coef.astype(np.float64) + intercept
        scale = max(float(np.sqrt((scores * scores).mean())), _LEAST)
        scaled = LinearWeights((coef / scale).astype(np.float32), intercept / scale)
        return cls(scaled, scores / scale)

    def plus(self, other: Scored) -> Scored:
        """Add another model of the same terms."""
        coef, intercept = self.weights.coef + other.weights.coef, self.weights.intercept
        weights = LinearWeights(coef, intercept + other.weights.intercept)
        return Scored(weights, self.scores + other.scores)


def em(X: SparseRows, Y: NDArray[np.float64], shares: NDArray[np.float64]) -> Scored:
    """Spread labels over unlabelled articles: naive Bayes by EM, with the share of each label held.

    Parameters
    ----------
    X : SparseRows, shape (n_articles, n_terms)
        Labelled articles first.
    Y : ndarray of float64, shape (n_labelled, n_classes)
        How much each label belongs to each labelled article; rows sum to 1.
    shares : ndarray of float64, shape (n_classes,)
        Share of each label in the archive; their sum is 1.
    """
    labelled, unlabelled = _split(X, len(Y))
    by_term = unlabelled.T.tocsr()
    of_labelled = labelled.T @ Y + _SMOOTHING
    counts = of_labelled
    for _ in range(_N_ROUNDS):
        posterior = with_shares(softmax(unlabelled @ log(counts / counts.sum(axis=0))), shares)
        counts = of_labelled + _WEIGHT_IN_EM * (by_term @ posterior)
    log_terms = log(counts / counts.sum(axis=0))
    weights = LinearWeights(log_terms.astype(np.float32), np.zeros(len(shares)))
    return Scored.of(weights, unlabelled)


def surest(scores: NDArray[np.float64], shares: NDArray[np.float64], step: float) -> NDArray[np.int64]:
    """Return the rows that growth takes at a step: of each label the surest, in proportion to its share.

    >>> surest(np.array([[3.0, 0.0], [2.0, 0.0], [0.0, 1.0], [0.0, 4.0]]), np.array([0.5, 0.5]), 0.5).tolist()
    [0, 3]
    """
    best = scores.argmax(axis=1)
    ranked = np.sort(scores, axis=1)
    margin = ranked[:, -1] - ranked[:, -2] if scores.shape[1] > 1 else ranked[:, 0]
    taken = []
    for label, share in enumerate(shares.tolist()):
        rows = np.flatnonzero(best == label)
        most = int(np.ceil(step * min(len(rows), _SLACK * share * len(scores))))
        taken.append(rows[np.argsort(-margin[rows], kind="stable")[:most]])
    return np.sort(np.concatenate(taken))


def grown(
    X: SparseRows,
    Y: NDArray[np.float64],
    starter: Scored,
    shares: NDArray[np.float64],
    solver: SolverSettings,
    *,
    steps: Sequence[float] = STEPS,
    weight: float = WEIGHT,
    random_state: int = 0,
) -> Scored:
    """Grow a linear model on the articles of which it is surest, together with the starter.

    The articles of the first step are those of which the starter is surest, those of a later one those of
    which the starter and the model of the step before are, added. Parameters are as in `em`; the model is
    returned without the starter.
    """
    n_labelled = len(Y)
    unlabelled = _split(X, n_labelled)[1]
    coarse = replace(solver, tol=max(solver.tol, TOL))
    scores = starter.scores
    for step in steps:
        taken = surest(scores, shares, step)
        rows = np.concatenate((np.arange(n_labelled), n_labelled + taken))
        answers = np.concatenate((Y.argmax(axis=1), scores[taken].argmax(axis=1)))
        model = fit_linear(
            X.take(rows),
            answers[:, None] == np.arange(len(shares)),
            coarse,
            multilabel=False,
            random_state=random_state,
            sample_weight=np.where(rows < n_labelled, 1.0, weight),
        )
        found = Scored.of(model, unlabelled)
        scores = found.scores + starter.scores
    return found


def fit_with_archive(
    X: SparseRows,
    Y: NDArray[np.bool_],
    uses: Sequence[ArchiveUse],
    solver: SolverSettings,
    *,
    labels: Sequence[str] = (),
    n_known: int | None = None,
    steps: Sequence[float] = STEPS,
    random_state: int = 0,
) -> list[LinearWeights]:
    """Fit a linear model for one label an article for each use; what several uses need is made once.

    Of X the first rows are labelled, by Y. A label without rows is never the answer. How frequent labels are
    is counted in the first `n_known` rows: the others were singled out by seed words.
    """
    here = np.flatnonzero(Y.any(axis=0))
    unlabelled, own = _split(X, len(Y))[1], Y[:, here]
    names = [labels[k] for k in here.tolist()] if labels else ()
    fit = partial(fit_linear, labels=names, multilabel=False, random_state=random_state)
    grow = partial(grown, steps=steps, random_state=random_state)
    plain = Scored.of(fit(X.take(np.arange(len(Y))), own, solver), unlabelled)
    spread: dict[SharesOf, Scored] = {}
    models = []
    for use in uses:
        shares = shares_in_archive(own[:n_known], plain, use, here)
        if use.starter != "plain" and use.shares_of not in spread:
            spread[use.shares_of] = em(X, own.astype(np.float64), shares)
        starter = plain if use.starter == "plain" else spread[use.shares_of]
        starter = starter.plus(plain) if use.starter == "both" else starter
        model = grow(X, own.astype(np.float64), starter, shares, solver)
        models.append(_for_all(model.plus(starter).weights, here, Y.shape[1]))
    return models


@dataclass(frozen=True, eq=False, slots=True)
class Seeded:
    """What seed words say beside labels.

    Starts, shape (n_unlabelled, n_classes), are the classes of the unlabelled articles that they single out:
    those count as labelled. Words, shape (n_terms, n_classes), are the functions that add them up.
    """

    starts: NDArray[np.bool_]
    words: NDArray[np.float32]


def with_starts(
    X: SparseRows, Y: NDArray[np.bool_], starts: NDArray[np.bool_] | None
) -> tuple[SparseRows, NDArray[np.bool_]]:
    """Count unlabelled rows that have classes of seed words as labelled; of X the first rows are, by Y.

    >>> X = SparseRows(np.ones(3, np.float32), np.arange(3, dtype=np.int32), np.arange(4), 3)
    >>> found, Y = with_starts(X, np.array([[True, False]]), np.array([[False, False], [False, True]]))
    >>> found.indices.tolist(), Y.tolist()
    ([0, 2, 1], [[True, False], [False, True]])
    """
    if starts is None:
        return X, Y
    first = np.flatnonzero(starts.any(axis=1))
    rest = np.setdiff1d(np.arange(len(starts)), first)
    order = np.concatenate((np.arange(len(Y)), len(Y) + first, len(Y) + rest))
    return X.take(order), np.vstack((Y, starts[first]))


def _for_all(weights: LinearWeights, here: NDArray[np.int64], n_labels: int) -> LinearWeights:
    """Return a model of some labels as one of all: the others are never the answer."""
    coef = np.zeros((len(weights.coef), n_labels), np.float32)
    intercept = np.full(n_labels, _NEVER)
    coef[:, here], intercept[here] = weights.coef, weights.intercept
    return LinearWeights(coef, intercept)


def shares_in_archive(
    Y: NDArray[np.bool_], plain: Scored, use: ArchiveUse, here: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Return the share of each label that is here, as far as it is known; their sum is 1."""
    if use.given is not None:
        given: NDArray[np.float64] = np.array(use.given)[here]
        given /= given.sum()
        return given
    n_labels = Y.shape[1]
    of_labelled = (Y.sum(axis=0) + 1) / (len(Y) + n_labels)
    answers = np.bincount(plain.scores.argmax(axis=1), minlength=n_labels)
    counted = (answers / len(plain.scores) + _BELIEVED / n_labels) / (1 + _BELIEVED)
    between = np.sqrt(of_labelled * counted)
    between /= between.sum()
    found: NDArray[np.float64] = {"labelled": of_labelled, "counted": counted, "between": between}[
        use.shares_of
    ]
    return found


def _split(X: SparseRows, n_labelled: int) -> tuple[csr_array, csr_array]:
    rows = as_scipy(X)
    return rows[:n_labelled], rows[n_labelled:]
