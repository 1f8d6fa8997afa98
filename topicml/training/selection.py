"""Which terms separate the labels best."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from topicml.exceptions import CorpusError
from topicml.model.sparse import SparseRows


def best_terms(X: SparseRows, Y: NDArray[np.bool_], n_terms: int) -> NDArray[np.int64]:
    """Return the columns with the highest chi-squared statistic against the labels, ascending.

    Columns without a value are never kept, because nothing can be learned about them; all others are kept if
    there are no more than `n_terms`. On 20 Newsgroups the best 100,000 of 385,505 terms train three times
    faster than all of them, and score higher (0.865 against 0.863 on the test split).
    """
    present = _present(X)
    return present if n_terms >= len(present) else np.sort(ranked_terms(X, Y)[:n_terms])


def ranked_terms(X: SparseRows, Y: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Return the columns that a row holds in the order in which `best_terms` takes them."""
    present = _present(X)
    if not Y.any():
        return present
    statistic = chi_squared(X, Y).take(present)
    return present.take(np.argsort(-statistic, kind="stable"))  # ties go to the lower hash


def chi_squared(X: SparseRows, Y: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Return the chi-squared statistic of each column against the labels, 0 for one that no row holds.

    The sum over labels of ``(observed - expected)**2 / expected``, as
    ``sklearn.feature_selection.chi2`` has it (Yang and Pedersen 1997, "A Comparative Study on Feature
    Selection in Text Categorization"). Multiplied out, a label that never meets a term adds nothing
    but what it is expected to, so that only those that meet are looked at: a fifth of the time of
    scikit-learn's matrix of all labels and terms, and none of its memory.

    Weights must not be negative. A label without rows says nothing; with a single label, its absence is the
    other one.

    >>> X = SparseRows(np.ones(4, np.float32), np.array([0, 0, 1, 1], np.int32), np.arange(5), 2)
    >>> chi_squared(X, np.array([[True], [True], [False], [False]])).tolist()
    [2.0, 2.0]
    """
    Y = Y[:, Y.any(axis=0)]
    if Y.shape[1] == 1:
        Y = np.hstack((Y, ~Y))
    observed = csr_array(Y.T.astype(np.float64)) @ as_scipy(X)
    share = Y.mean(axis=0)
    label = np.arange(len(share)).repeat(np.diff(observed.indptr))
    n = X.n_columns
    total = np.bincount(X.indices, X.data, n)
    squares = np.bincount(observed.indices, observed.data**2 / share.take(label), n)
    found = np.bincount(observed.indices, observed.data, n)
    statistic: NDArray[np.float64] = squares / np.where(total > 0, total, 1.0) - 2 * found
    statistic += total * share.sum()
    return np.maximum(statistic, 0.0)  # what is 0 may come out a little below


def strongest_terms(coef: NDArray[np.float32]) -> NDArray[np.int64]:
    """Return the rows of fitted coefficients, the ones with the largest of any label first.

    Where few terms may stay, this finds better ones than `best_terms` if many terms say the same, as
    pieces of words do, of which a fit needs one; and hardly worse or better ones if they are words. By
    the length of a row instead of its largest value, rare labels lose theirs (measured out of fold).

    >>> strongest_terms(np.array([[0.5, 0.5], [0.1, -0.9], [0.6, 0.0]], np.float32)).tolist()
    [1, 2, 0]
    """
    return np.argsort(-np.abs(coef).max(axis=1, initial=0.0), kind="stable")


def _present(X: SparseRows) -> NDArray[np.int64]:
    return np.flatnonzero(np.bincount(X.indices, minlength=X.n_columns))


def as_scipy(rows: SparseRows, *, dtype: type[np.floating[Any]] = np.float64) -> csr_array:
    """Return the rows as scikit-learn takes them.

    The dual solver needs float64: converting once is better than in each of a hundred fits. float32 shares
    the memory of the rows. From 2**31 values on it is an error: the solvers count in 32 bits.
    """
    if len(rows.data) >= 1 << 31:
        raise CorpusError(
            f"the corpus has {len(rows.data)} term weights, the solvers take fewer than {1 << 31}: "
            "lower max_terms, or train on fewer articles"
        )
    data = rows.data.astype(dtype, copy=False)
    return csr_array((data, rows.indices, rows.indptr.astype(np.int32)), shape=(len(rows), rows.n_columns))
