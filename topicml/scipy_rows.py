"""The bridge from our rows to scipy's, for the rooms that train."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.sparse import csr_array

from topicml.exceptions import CorpusError
from topicml.model.sparse import SparseRows


def as_scipy(rows: SparseRows, *, dtype: type[np.floating[Any]] = np.float64) -> csr_array:
    """Return the rows as scikit-learn takes them.

    Parameters
    ----------
    rows : SparseRows
    dtype : type, default=numpy.float64
        Of the values. The dual solver wants float64, and had better get it once than convert anew
        in each of a hundred fits; float32 shares the memory of the rows.

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
    data = rows.data.astype(dtype, copy=False)
    return csr_array((data, rows.indices, rows.indptr.astype(np.int32)), shape=(len(rows), rows.n_columns))
