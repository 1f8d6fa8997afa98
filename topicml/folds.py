"""Folds for out-of-fold scores: stratified by label, with copies of one article kept together."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

from topicml.text import normalize

__all__ = ["assign_folds", "copies", "hold_out"]


def copies(texts: Sequence[str]) -> NDArray[np.int64]:
    """Give one number to texts that are equal but for case, white space and invisible characters.

    Examples
    --------
    >>> copies(["Rain tonight", "Cup final", "rain  tonight"]).tolist()
    [0, 1, 0]
    """
    seen: dict[bytes, int] = {}
    keys = (" ".join(normalize(text).split()).encode("utf-8", "surrogatepass") for text in texts)
    digests = (blake2b(key, digest_size=16).digest() for key in keys)
    return np.array([seen.setdefault(digest, len(seen)) for digest in digests], np.int64)


def assign_folds(
    Y: NDArray[np.bool_], groups: NDArray[np.int64], *, n_folds: int, random_state: int = 0
) -> NDArray[np.int64]:
    """Deal whole groups to folds so that each fold gets its share of every label.

    Iterative stratification (Sechidis, Tsoumakas and Vlahavas 2011, "On the Stratification of
    Multi-label Data"): the rarest label is dealt first, each group to the fold that lacks the label
    most. With one label an article it is plain stratification.

    Parameters
    ----------
    Y : ndarray of bool, shape (n_samples, n_classes)
    groups : ndarray of int64, shape (n_samples,)
    n_folds : int
    random_state : int, default=0

    Returns
    -------
    ndarray of int64, shape (n_samples,)
        Fold of each row.
    """
    _, first, group_of = np.unique(groups, return_index=True, return_inverse=True)
    counts = np.zeros((len(first), Y.shape[1] + 1), np.int64)  # the last column holds what bears no label
    np.add.at(counts, group_of, np.column_stack((Y, ~Y.any(axis=1))))
    order = np.random.default_rng(random_state).permutation(len(first))
    fold_of_group = np.full(len(first), -1, np.int64)
    held = np.zeros((n_folds, counts.shape[1]), np.int64)
    for label in np.argsort((counts > 0).sum(axis=0), kind="stable"):
        for group in order[(counts[order, label] > 0) & (fold_of_group[order] < 0)]:
            fold = min(range(n_folds), key=lambda f: (held[f, label], held[f].sum(), f))
            fold_of_group[group] = fold
            held[fold] += counts[group]
    return fold_of_group[group_of]


def hold_out(groups: NDArray[np.int64], *, share: float, random_state: int = 0) -> NDArray[np.int64]:
    """Draw whole groups for one fold, which bears the number 0; the rest bears -1.

    For very many articles, where chance alone gives each label its share.
    """
    rng = np.random.default_rng(random_state)
    n_groups = int(groups.max()) + 1
    drawn = np.zeros(n_groups, bool)
    drawn[rng.permutation(n_groups)[: max(round(share * n_groups), 1)]] = True
    return np.where(drawn[groups], 0, -1)
