"""Sparse rows in NumPy alone, the coefficients they are multiplied with, and that one product."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, Literal, cast

import numpy as np
from numpy.typing import NDArray

CoefDtype = Literal["float32", "int16", "int8"]

_BLOCK_CELLS = 1 << 16  # products held at once: 256 KB, so that they stay in the cache


@dataclass(frozen=True, eq=False, slots=True)
class SparseRows:
    """A matrix by rows, laid out as in ``scipy.sparse.csr_array``.

    scipy is not used, because importing it costs a prediction half a second.

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

    def scaled(self, factors: NDArray[np.float32]) -> SparseRows:
        """Multiply each column with a factor."""
        return replace(self, data=self.data * factors.take(self.indices))

    def dot(self, dense: NDArray[Any]) -> NDArray[np.float64]:
        """Multiply with a dense matrix that has one row for each column of this one.

        A row's result depends on that row alone and is summed in one order, so that an article
        gets the same bits alone and in a batch; a product by BLAS would not promise that. With 20 labels
        it takes a quarter of the time of a BLAS product a row on headlines, and 1.5 times it on long posts.

        Parameters
        ----------
        dense : ndarray of float32, int16 or int8, shape (n_columns, n_outputs)
            Whole numbers become float32 in the product, and only those of the rows that are touched.

        Returns
        -------
        ndarray of float64, shape (n_rows, n_outputs)
        """
        out = np.zeros((len(self), dense.shape[1]))
        for first, last in row_blocks(self.indptr, _BLOCK_CELLS // max(dense.shape[1], 1)):
            self._dot_block(dense, first, last, out)
        return out

    def _dot_block(self, dense: NDArray[Any], first: int, last: int, out: NDArray[np.float64]) -> None:
        begin, end = self.indptr[first], self.indptr[last]
        if begin == end:
            return
        products = dense.take(self.indices[begin:end], axis=0) * self.data[begin:end, None]
        starts = self.indptr[first:last] - begin
        filled = (self.indptr[first + 1 : last + 1] > self.indptr[first:last]).nonzero()[0]
        out[first + filled] = np.add.reduceat(products, starts[filled], axis=0, dtype=np.float64)


@dataclass(frozen=True, eq=False, slots=True)
class Coefficients:
    """What each term speaks for each label: the dense matrix of a linear model, stored in few bytes.

    Whole numbers stand for ``values * scale``, with a scale for each term: most terms have small
    coefficients, which one scale a label would leave with few steps. On 20 Newsgroups int8 so moves a
    score by 0.001 on average and 0.007 at most, where a scale a label moves it by 0.007 and 0.091, and
    int16 moves none by more than 0.00003. float16 was refused: it takes the room of int16, moves
    scores ten times as far, and the product takes 1.8 times as long.

    Parameters
    ----------
    values : ndarray of float32, int16 or int8, shape (n_terms, n_classes)
    scale : ndarray of float32, shape (n_terms,), optional
        Of whole numbers; None for float32.

    Examples
    --------
    >>> coef = np.array([[0.5, -1.27], [0.0, 0.0]], np.float32)
    >>> stored = Coefficients.stored_as("int8", coef)
    >>> stored.values.tolist()
    [[50, -127], [0, 0]]
    >>> stored.dense().round(4).tolist()
    [[0.5, -1.2699999809265137], [0.0, 0.0]]
    """

    values: NDArray[Any]
    scale: NDArray[np.float32] | None = None

    @classmethod
    def stored_as(cls, dtype: CoefDtype, coef: NDArray[np.float32]) -> Coefficients:
        """Store a matrix, each row by itself, so that some rows are stored as they are among all."""
        if dtype == "float32":
            return cls(np.asarray(coef, np.float32))
        largest = np.abs(coef).max(axis=1, initial=0.0)
        scale = (largest / np.float32(np.iinfo(dtype).max)).astype(np.float32)
        # Below the smallest normal number a scale has too few digits to divide by.
        scale[scale < np.finfo(np.float32).tiny] = 0.0
        divisor = np.where(scale > 0, scale, np.inf).astype(np.float32)
        return cls(np.rint(coef / divisor[:, None]).astype(dtype), scale)

    @property
    def shape(self) -> tuple[int, int]:
        """Numbers of terms and of labels."""
        n_terms, n_classes = self.values.shape
        return n_terms, n_classes

    @property
    def dtype(self) -> CoefDtype:
        """How a coefficient is stored."""
        return cast(CoefDtype, self.values.dtype.name)

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Return the arrays that a saved model holds, by name."""
        return {"coef": self.values, **({} if self.scale is None else {"coef_scale": self.scale})}

    def scores(self, rows: SparseRows) -> NDArray[np.float64]:
        """Return the product of weighed texts with the coefficients, shape (n_rows, n_classes)."""
        return (rows if self.scale is None else rows.scaled(self.scale)).dot(self.values)

    def products(self, row: SparseRows, label: int) -> NDArray[np.float64]:
        """Return what each term of one weighed text adds to a label's score, as `scores` adds it."""
        scaled = row if self.scale is None else row.scaled(self.scale)
        products: NDArray[np.float64] = (self.values[scaled.indices, label] * scaled.data).astype(np.float64)
        return products

    def column(self, label: int) -> NDArray[np.float32]:
        """Return one label's coefficients, shape (n_terms,)."""
        values: NDArray[np.float32] = self.values[:, label]
        return values if self.scale is None else values * self.scale

    def rows(self, terms: NDArray[np.int32]) -> NDArray[np.float32]:
        """Return some terms' coefficients, shape (n_named, n_classes)."""
        values: NDArray[np.float32] = self.values[terms]
        return values if self.scale is None else values * self.scale[terms, None]

    def copy(self) -> Coefficients:
        """Return the same in memory of its own, where these may be mapped from a file."""
        return Coefficients(np.array(self.values), None if self.scale is None else np.array(self.scale))

    def dense(self) -> NDArray[np.float32]:
        """Return all of them as float32, not to be written; of whole numbers a new copy each time."""
        if self.scale is None:
            return self.values
        dense: NDArray[np.float32] = self.values * self.scale[:, None]
        dense.setflags(write=False)  # so that nobody believes to have changed the model
        return dense


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
