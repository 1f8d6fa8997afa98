"""Sparse rows and their product, with scipy beside it."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_array

from topicml.model.sparse import _BLOCK_CELLS, Coefficients, SparseRows, row_blocks
from topicml.training.selection import as_scipy

LEVELS = {"int8": 127, "int16": 32767}
DTYPES = ("float32", "int16", "int8")
COEF = st.builds(
    lambda seed, n_terms, n_classes, size: (
        np.random.default_rng(seed).normal(size=(n_terms, n_classes)) * size
    ).astype(np.float32),
    st.integers(0, 2**32 - 1),
    st.integers(0, 30),
    st.integers(1, 6),
    st.sampled_from([1e-30, 1e-3, 1.0, 1e30]),
)


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


class TestCoefficients:
    @given(COEF, st.sampled_from(list(LEVELS)))
    def test_are_off_by_half_a_step_of_their_term_at_most(self, coef, dtype):
        stored = Coefficients.stored_as(dtype, coef)
        assert stored.dtype == dtype == stored.values.dtype.name
        largest = np.abs(coef).max(axis=1, initial=0).astype(np.float64)
        rounding = 4 * largest * 2.0**-24  # of float32: in the scale, its quotient and the product
        error = np.abs(stored.dense().astype(np.float64) - coef)
        assert (error <= (largest / LEVELS[dtype] / 2 + rounding)[:, None]).all()

    @given(COEF, st.sampled_from(DTYPES))
    def test_stored_again_they_are_the_same(self, coef, dtype):
        once = Coefficients.stored_as(dtype, coef).dense()
        np.testing.assert_array_equal(Coefficients.stored_as(dtype, once).values[...], _values(dtype, coef))

    def test_float32_stays_as_it_is(self):
        coef = np.array([[0.1, -3e38], [1e-45, 0.0]], np.float32)
        assert Coefficients.stored_as("float32", coef).dense().tobytes() == coef.tobytes()

    def test_whole_numbers_worked_by_hand(self):
        coef = np.array([[1.27, -0.004, 0.006], [0.0, 0.0, 0.0], [-254.0, 127.0, 3.0]], np.float32)
        stored = Coefficients.stored_as("int8", coef)
        assert stored.values.tolist() == [[127, 0, 1], [0, 0, 0], [-127, 64, 2]]
        np.testing.assert_allclose(stored.scale, [0.01, 0.0, 2.0], rtol=1e-6)

    @pytest.mark.parametrize("dtype", list(LEVELS))
    @pytest.mark.parametrize("tiny", [1e-45, 1e-40, 3e-38])
    def test_too_small_for_a_scale_is_nothing_and_no_warning(self, dtype, tiny):
        coef = np.array([[tiny, -tiny], [1.0, -1.0]], np.float32)
        stored = Coefficients.stored_as(dtype, coef)
        assert np.isfinite(stored.scale).all()
        assert np.abs(stored.dense()[0]).max() <= 2 * tiny
        assert stored.dense()[1].tolist() == [1.0, -1.0]

    @settings(deadline=None)
    @given(MATRICES, st.integers(1, 5), st.integers(0, 2**32 - 1), st.sampled_from(DTYPES))
    def test_scores_are_the_product_with_what_they_stand_for(self, rows, n_classes, seed, dtype):
        coef = np.random.default_rng(seed).normal(size=(rows.n_columns, n_classes)).astype(np.float32)
        stored = Coefficients.stored_as(dtype, coef)
        expected = as_scipy(rows) @ stored.dense().astype(np.float64)
        np.testing.assert_allclose(stored.scores(rows), expected, rtol=0, atol=1e-5)

    @settings(deadline=None)
    @given(MATRICES, st.integers(1, 5), st.integers(0, 2**32 - 1), st.sampled_from(DTYPES))
    def test_a_row_scores_the_same_bits_alone_and_in_a_batch(self, rows, n_classes, seed, dtype):
        coef = np.random.default_rng(seed).normal(size=(rows.n_columns, n_classes)).astype(np.float32)
        stored = Coefficients.stored_as(dtype, coef)
        batch = stored.scores(rows)
        for row in range(len(rows)):
            assert stored.scores(rows.take(np.array([row]))).tobytes() == batch[row].tobytes()

    @given(COEF, st.sampled_from(DTYPES), st.data())
    def test_rows_and_columns_are_those_of_the_whole(self, coef, dtype, data):
        stored = Coefficients.stored_as(dtype, coef)
        assert stored.shape == coef.shape
        named = np.array(data.draw(st.lists(st.integers(0, len(coef) - 1))) if len(coef) else [], np.int32)
        assert stored.rows(named).tobytes() == stored.dense()[named].tobytes()
        label = data.draw(st.integers(0, coef.shape[1] - 1))
        assert stored.column(label).tobytes() == stored.dense()[:, label].tobytes()

    @given(COEF, st.sampled_from(DTYPES), st.data())
    def test_some_rows_are_stored_as_among_all(self, coef, dtype, data):
        """Training drops a term here and there after it has scored: the others must not change by that."""
        kept = np.array(data.draw(st.lists(st.integers(0, len(coef) - 1))) if len(coef) else [], np.int64)
        some, whole = Coefficients.stored_as(dtype, coef[kept]), Coefficients.stored_as(dtype, coef)
        assert some.dense().tobytes() == whole.dense()[kept].tobytes()

    def test_the_matrix_of_whole_numbers_cannot_be_written(self):
        dense = Coefficients.stored_as("int8", np.ones((2, 2), np.float32)).dense()
        with pytest.raises(ValueError, match="read-only"):
            dense[0, 0] = 2.0


def _values(dtype, coef):
    return Coefficients.stored_as(dtype, coef).values
