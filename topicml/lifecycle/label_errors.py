"""How probable it is that an article's labels hold an error: a mixture fitted to a whole corpus.

Each article's labels are right, or one of them stands in the place of another, or there is one too many, or
one is missing. How likely the labels are under each of these follows from the probabilities of models that
have not seen the article; how frequent each kind of error is, from all articles together, by expectation
maximization with fixed likelihoods (as for unknown class shares in Saerens, Latinne and Decaestecker 2002,
doi:10.1162/089976602753284446). On a clean corpus the shares fall to almost zero, and so do the
probabilities.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias, get_args

import numpy as np
from numpy.typing import NDArray

ErrorKind: TypeAlias = Literal["wrong", "one_too_many", "missing"]
ERROR_KINDS: tuple[ErrorKind, ...] = get_args(ErrorKind)

_SUREST = 1e-3  # no probability is believed nearer to 0 or 1: none is calibrated by so many articles
_FIRST_SHARE = 0.02
_MOST_STEPS = 1000
_CLOSE = 1e-6


@dataclass(frozen=True, eq=False, slots=True)
class LabelErrors:
    """What is estimated of n articles.

    Parameters
    ----------
    probabilities : ndarray of float64, shape (n, 3)
        That an article has an error of each kind, in the order of `ERROR_KINDS`.
    shares : ndarray of float64, shape (3,)
        Of articles with such an error.
    least_given : ndarray of int64, shape (n,)
        The class that is given and least probable: the one that is wrong or too many, if any is.
    most_missing : ndarray of int64, shape (n,)
        The class that is not given and most probable: the right one, or the missing one.
    """

    probabilities: NDArray[np.float64]
    shares: NDArray[np.float64]
    least_given: NDArray[np.int64]
    most_missing: NDArray[np.int64]


def estimate_label_errors(
    Y: NDArray[np.bool_], probabilities: NDArray[np.float64], *, multilabel: bool
) -> LabelErrors:
    """Estimate how probable an error of each kind is in each article's labels.

    Both arrays have the shape (n, n_classes), and the probabilities are those of models that had not seen the
    article.

    Examples
    --------
    >>> Y = np.array([[True, False]] * 10 + [[False, True]] * 10)
    >>> probabilities = np.where(Y, 0.98, 0.02)
    >>> probabilities[3] = [0.02, 0.98]
    >>> found = estimate_label_errors(Y, probabilities, multilabel=False)
    >>> found.probabilities[:, 0].round(2).tolist()[2:5], found.shares.round(2).tolist()
    ([0.0, 0.83, 0.0], [0.09, 0.0, 0.0])
    """
    p = np.clip(probabilities, _SUREST, 1 - _SUREST)
    likelihoods = _each_label(Y, p) if multilabel else _one_label(Y, p)
    found, shares = _fitted(likelihoods)
    return LabelErrors(
        found[:, 1:],
        shares[1:],
        np.where(Y, probabilities, 2.0).argmin(axis=1),
        np.where(Y, -1.0, probabilities).argmax(axis=1),
    )


def _one_label(Y: NDArray[np.bool_], p: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return how likely the one label of each article is, against its being right, if it is wrong.

    The article would have another label, by its probability, and the given one would be drawn from all
    others.
    """
    given = p[np.arange(len(Y)), Y.argmax(axis=1)]
    likelihoods = np.zeros((len(Y), 4))
    likelihoods[:, 0] = 1.0
    likelihoods[:, 1] = (1 - given) / given / max(Y.shape[1] - 1, 1)
    return likelihoods


def _each_label(Y: NDArray[np.bool_], p: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return how likely the labels of each article are, against their being right, under each kind of error.

    Labels are taken as independent given the text, and each is as often wrong or missing as any other. One
    in the place of another, or too many, is drawn from those that the article does not have. No article is
    thought to have none, unless some in the corpus have none.
    """
    n_given = Y.sum(axis=1)
    n_others = Y.shape[1] - n_given
    odds = p / (1 - p)
    against = np.where(Y, 1 / odds, 0.0).sum(axis=1)
    beside = np.where(Y, 0.0, odds).sum(axis=1)
    labels_each = max(float(n_given.mean()), 1.0)
    may_lose_one = n_given > (0 if (n_given == 0).any() else 1)
    likelihoods = np.ones((len(Y), 4))
    likelihoods[:, 1] = against * beside / labels_each / np.maximum(n_others, 1)
    likelihoods[:, 2] = np.where(may_lose_one, against / (n_others + 1), 0.0)
    likelihoods[:, 3] = beside / (labels_each + 1)
    return likelihoods


def _fitted(likelihoods: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return each article's probabilities of being right and of each error, and the shares of all four.

    One error of each possible kind counts as seen beside these articles (a Dirichlet prior), or a single
    error in a small corpus would be put down to chance.
    """
    beside = np.zeros(4)
    beside[1:] = likelihoods[:, 1:].any(axis=0)
    shares = np.array([1 - 3 * _FIRST_SHARE, *[_FIRST_SHARE] * 3])
    for _ in range(_MOST_STEPS):
        joint = likelihoods * shares
        found = joint / joint.sum(axis=1, keepdims=True)
        counts = found.sum(axis=0) + beside
        before, shares = shares, counts / counts.sum()
        if np.abs(shares - before).max() < _CLOSE:
            break
    return found, shares
