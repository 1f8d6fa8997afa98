"""Sparse rows in NumPy alone, with the one product that prediction needs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["SparseRows", "places_of", "row_blocks"]

_BLOCK_CELLS = 1 << 16  # products held at once: 256 KB, so that they stay in the cache


@dataclass(frozen=True, eq=False, slots=True)
class SparseRows:
    """A matrix by rows, laid out as in ``scipy.sparse.csr_array``.

    scipy is not used, since importing it costs a prediction half a second.

    Parameters
    ----------
    data : ndarray of float32, shape (nnz,)
    indices : ndarray of int32, shape (nnz,)
        Column of each value, ascending within a row.
    indptr : ndarray of int64, shape (n_rows + 1,)
    n_columns : int
    """

    data: NDArray[np.float32]
    indices: NDArray[np.int32]
    indptr: NDArray[np.int64]
    n_columns: int

    def __len__(self) -> int:
        return len(self.indptr) - 1

    def take(self, rows: NDArray[np.int64]) -> SparseRows:
        """Return the named rows, in the order in which they are named."""
        place, sizes = places_of(self.indptr, rows)
        indptr = np.concatenate(([0], np.cumsum(sizes)))
        return SparseRows(self.data[place], self.indices[place], indptr, self.n_columns)

    def dot(self, dense: NDArray[np.float32]) -> NDArray[np.float64]:
        """Multiply with a dense matrix that has one row for each column of this one.

        A row's result depends on that row alone and is summed in one order, so that an article
        gets the same bits alone and in a batch; a product by BLAS would not promise that. Measured on
        20 labels it takes no more time than a BLAS product a row, too.

        Parameters
        ----------
        dense : ndarray of float32, shape (n_columns, n_outputs)

        Returns
        -------
        ndarray of float64, shape (n_rows, n_outputs)
        """
        out = np.zeros((len(self), dense.shape[1]))
        for first, last in row_blocks(self.indptr, _BLOCK_CELLS // max(dense.shape[1], 1)):
            self._dot_block(dense, first, last, out)
        return out

    def _dot_block(self, dense: NDArray[np.float32], first: int, last: int, out: NDArray[np.float64]) -> None:
        begin, end = self.indptr[first], self.indptr[last]
        if begin == end:
            return
        products = dense.take(self.indices[begin:end], axis=0)
        products *= self.data[begin:end, None]
        starts = self.indptr[first:last] - begin
        filled = (self.indptr[first + 1 : last + 1] > self.indptr[first:last]).nonzero()[0]
        out[first + filled] = np.add.reduceat(products, starts[filled], axis=0, dtype=np.float64)


def places_of(
    indptr: NDArray[np.int64], rows: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return where the values of some rows stand, one row after the other, and how many each row has.

    >>> [part.tolist() for part in places_of(np.array([0, 2, 2, 5]), np.array([2, 1, 0]))]
    [[2, 3, 4, 0, 1], [3, 0, 2]]
    """
    sizes = indptr[rows + 1] - indptr[rows]
    begins = sizes.cumsum() - sizes
    return np.arange(sizes.sum()) + (indptr[rows] - begins).repeat(sizes), sizes


def row_blocks(indptr: NDArray[np.int64], n_values: int) -> Iterator[tuple[int, int]]:
    """Cut rows into blocks of about so many values; a longer row is a block of its own.

    >>> list(row_blocks(np.array([0, 2, 4, 9, 10]), 4))
    [(0, 2), (2, 3), (3, 4)]
    """
    first = 0
    while first < len(indptr) - 1:
        limit = indptr[first] + max(n_values, 1)
        last = max(int(indptr.searchsorted(limit, side="right")) - 1, first + 1)
        yield first, last
        first = last
