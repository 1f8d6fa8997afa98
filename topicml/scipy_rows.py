"""The bridge from our rows to scipy's, for the rooms that train."""

from __future__ import annotations

import numpy as np
from scipy.sparse import csr_array

from topicml.exceptions import CorpusError
from topicml.sparse_rows import SparseRows

__all__ = ["as_scipy"]


def as_scipy(rows: SparseRows) -> csr_array:
    """Return the rows as scikit-learn takes them, its values as float64.

    Raises
    ------
    CorpusError
        If there are 2**31 values or more: scikit-learn's solvers count in 32 bits.
    """
    if len(rows.data) >= 1 << 31:
        raise CorpusError(
            f"the corpus has {len(rows.data)} term weights, the solvers take fewer than {1 << 31}: "
            "lower max_terms, or train on a part of the articles"
        )
    data = rows.data.astype(np.float64)  # once here, and not in each of a hundred fits
    return csr_array((data, rows.indices, rows.indptr.astype(np.int32)), shape=(len(rows), rows.n_columns))
