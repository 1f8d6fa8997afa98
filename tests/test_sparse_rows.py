"""Sparse rows and their product, with scipy beside it."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_array

from topicml.scipy_rows import as_scipy
from topicml.sparse_rows import _BLOCK_CELLS, SparseRows, row_blocks


def rows_from(dense: np.ndarray) -> SparseRows:
    sparse = csr_array(dense)
    return SparseRows(
        sparse.data.astype(np.float32),
        sparse.indices.astype(np.int32),
        sparse.indptr.astype(np.int64),
        dense.shape[1],
    )


def random_rows(seed: int, n_rows: int, n_columns: int, density: float) -> SparseRows:
    rng = np.random.default_rng(seed)
    dense = rng.normal(size=(n_rows, n_columns)).astype(np.float32)
    return rows_from(np.where(rng.random(dense.shape) < density, dense, 0))


MATRICES = st.builds(
    random_rows,
    st.integers(0, 2**32 - 1),
    st.integers(0, 12),
    st.integers(0, 40),
    st.sampled_from([0, 0.1, 0.9]),
)


@settings(deadline=None)
@given(MATRICES, st.integers(0, 5), st.integers(0, 2**32 - 1))
def test_dot_is_scipys(rows, n_outputs, seed):
    dense = np.random.default_rng(seed).normal(size=(rows.n_columns, n_outputs)).astype(np.float32)
    expected = as_scipy(rows) @ dense.astype(np.float64)
    np.testing.assert_allclose(rows.dot(dense), expected, rtol=0, atol=1e-6)


@settings(deadline=None)
@given(MATRICES, st.integers(0, 5), st.integers(0, 2**32 - 1))
def test_a_row_gives_the_same_bits_alone_and_in_a_batch(rows, n_outputs, seed):
    dense = np.random.default_rng(seed).normal(size=(rows.n_columns, n_outputs)).astype(np.float32)
    batch = rows.dot(dense)
    for row in range(len(rows)):
        assert rows.take(np.array([row])).dot(dense).tobytes() == batch[row].tobytes()


@pytest.mark.parametrize("n_outputs", [1, 2, 20])
def test_long_rows_give_the_same_bits_alone_and_in_a_batch(n_outputs):
    """Rows that fill a block, and one that is longer than a block, are summed in the same order."""
    n_columns = 2 * _BLOCK_CELLS // n_outputs
    rng = np.random.default_rng(0)
    sizes = [n_columns // 3, 0, n_columns, 7, n_columns // 2 + 1]
    indptr = np.concatenate(([0], np.cumsum(sizes)))
    indices = np.concatenate([np.arange(size, dtype=np.int32) for size in sizes])
    rows = SparseRows(rng.normal(size=len(indices)).astype(np.float32), indices, indptr, n_columns)
    dense = rng.normal(size=(n_columns, n_outputs)).astype(np.float32)
    alone = [rows.take(np.array([row])).dot(dense) for row in range(len(rows))]
    assert np.concatenate(alone).tobytes() == rows.dot(dense).tobytes()


@pytest.mark.parametrize("shape", [(0, 0), (0, 3), (3, 0), (2, 3)])
def test_dot_of_nothing_is_zeros(shape):
    result = rows_from(np.zeros(shape)).dot(np.ones((shape[1], 2), np.float32))
    assert np.array_equal(result, np.zeros((shape[0], 2)))


def test_dot_worked_by_hand():
    rows = rows_from(np.array([[2.0, 0.0, 1.0], [0.0, 0.0, 0.0], [0.0, 3.0, 0.0]]))
    dense = np.array([[1.0, 10.0], [2.0, 20.0], [3.0, 30.0]], np.float32)
    assert rows.dot(dense).tolist() == [[5.0, 50.0], [0.0, 0.0], [6.0, 60.0]]


@settings(deadline=None)
@given(MATRICES, st.data())
def test_take_is_scipys_row_indexing(rows, data):
    named = data.draw(st.lists(st.integers(0, len(rows) - 1), max_size=20) if len(rows) else st.just([]))
    taken = rows.take(np.array(named, np.int64))
    assert np.array_equal(as_scipy(taken).toarray(), as_scipy(rows).toarray()[named])


def test_take_keeps_the_types_of_its_arrays():
    taken = random_rows(0, 4, 5, 0.5).take(np.array([3, 1]))
    assert (taken.data.dtype, taken.indices.dtype, taken.indptr.dtype) == (np.float32, np.int32, np.int64)
    assert len(taken) == 2


@given(st.lists(st.integers(0, 9), max_size=20), st.integers(0, 12))
def test_blocks_hold_all_rows_in_order_and_are_small(sizes, n_values):
    indptr = np.concatenate(([0], np.cumsum(sizes, dtype=np.int64)))
    blocks = list(row_blocks(indptr, n_values))
    assert [row for first, last in blocks for row in range(first, last)] == list(range(len(sizes)))
    limit = max(n_values, 1)
    assert all(last == first + 1 or indptr[last] - indptr[first] <= limit for first, last in blocks)
