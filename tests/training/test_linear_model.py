from __future__ import annotations

import numpy as np
import pytest
from scipy.sparse import csr_array
from sklearn.svm import LinearSVC

from tests.support import one_hot
from topicml.model.sparse import SparseRows
from topicml.training.linear_model import fit_linear
from topicml.training.settings import SolverSettings

N_ROWS, N_TERMS = 60, 20


@pytest.fixture(scope="module")
def dense():
    """Rows whose first terms tell the label, among noise."""
    rng = np.random.default_rng(0)
    X = rng.random((N_ROWS, N_TERMS)) * (rng.random((N_ROWS, N_TERMS)) < 0.3)
    X[np.arange(N_ROWS), np.arange(N_ROWS) % 4] += 1
    return X.astype(np.float32)


@pytest.fixture(scope="module")
def rows(dense):
    sparse = csr_array(dense)
    return SparseRows(sparse.data, sparse.indices, sparse.indptr.astype(np.int64), N_TERMS)


def reference(dense, y, *, tol=0.01, **parameters):
    return LinearSVC(dual=True, tol=tol, random_state=0, **parameters).fit(
        csr_array(dense.astype(np.float64)), y
    )


def test_multiclass_weights_are_those_of_scikit_learn(dense, rows):
    y = np.arange(N_ROWS) % 4
    weights = fit_linear(rows, one_hot(y, 4), SolverSettings(tol=0.01), multilabel=False)
    svm = reference(dense, y)
    np.testing.assert_array_equal(weights.coef, svm.coef_.T.astype(np.float32))
    np.testing.assert_array_equal(weights.intercept, svm.intercept_)


def test_multilabel_weights_are_those_of_one_machine_a_label(dense, rows):
    Y = np.column_stack([(np.arange(N_ROWS) % 4 == k) | (np.arange(N_ROWS) % 5 == k) for k in range(3)])
    weights = fit_linear(rows, Y, SolverSettings(tol=0.01), multilabel=True)
    for k in range(3):
        svm = reference(dense, Y[:, k])
        np.testing.assert_array_equal(weights.coef[:, k], svm.coef_[0].astype(np.float32))
        assert weights.intercept[k] == svm.intercept_[0]


@pytest.mark.parametrize("multilabel", [False, True])
def test_weights_by_label_go_to_the_label_of_that_name(dense, rows, multilabel):
    y, settings = np.arange(N_ROWS) % 4, SolverSettings(class_weight={"c": 3.0})
    weights = fit_linear(rows, one_hot(y, 4), settings, labels="abcd", multilabel=multilabel)
    target, by_class = (y == 2, {True: 3.0}) if multilabel else (y, {2: 3.0})
    svm = reference(dense, target, class_weight=by_class)
    np.testing.assert_array_equal(weights.coef[:, 2], svm.coef_[0 if multilabel else 2].astype(np.float32))


def test_the_first_of_two_labels_has_the_negative_of_the_second(rows):
    y = np.arange(N_ROWS) % 2
    weights = fit_linear(rows, one_hot(y, 2), SolverSettings(), multilabel=False)
    np.testing.assert_array_equal(weights.coef[:, 0], -weights.coef[:, 1])
    assert weights.intercept[0] == -weights.intercept[1]
    assert (rows.dot(weights.coef) + weights.intercept).argmax(axis=1).tolist() == y.tolist()


@pytest.mark.parametrize("multilabel", [False, True])
@pytest.mark.parametrize("absent", [0, 1, 3])
def test_a_label_that_no_row_bears_has_weights_0_and_intercept_minus_1(rows, multilabel, absent):
    present = [k for k in range(4) if k != absent]
    y = np.array(present)[np.arange(N_ROWS) % 3]
    weights = fit_linear(rows, one_hot(y, 4), SolverSettings(), multilabel=multilabel)
    assert not weights.coef[:, absent].any()
    assert weights.intercept[absent] == -1


@pytest.mark.parametrize("absent", [0, 1, 3])
def test_an_absent_label_does_not_change_the_others(rows, absent):
    """Regression (columns shifted by a label without rows): weights went to the neighbouring label."""
    present = [k for k in range(4) if k != absent]
    place = np.arange(N_ROWS) % 3
    with_gap = fit_linear(rows, one_hot(np.array(present)[place], 4), SolverSettings(), multilabel=False)
    without = fit_linear(rows, one_hot(place, 3), SolverSettings(), multilabel=False)
    np.testing.assert_array_equal(with_gap.coef[:, present], without.coef)
    np.testing.assert_array_equal(with_gap.intercept[present], without.intercept)


def test_two_labels_among_absent_ones_keep_their_columns(rows):
    y = np.array([1, 3])[np.arange(N_ROWS) % 2]
    weights = fit_linear(rows, one_hot(y, 5), SolverSettings(), multilabel=False)
    assert (rows.dot(weights.coef) + weights.intercept).argmax(axis=1).tolist() == y.tolist()


@pytest.mark.parametrize("multilabel", [False, True])
def test_a_label_that_all_rows_bear_has_weights_0_and_intercept_1(rows, multilabel):
    weights = fit_linear(rows, one_hot(np.ones(N_ROWS), 2), SolverSettings(), multilabel=multilabel)
    assert not weights.coef.any()
    assert weights.intercept.tolist() == [-1, 1]


def test_types_and_shapes(rows):
    weights = fit_linear(rows, one_hot(np.arange(N_ROWS) % 3, 3), SolverSettings(), multilabel=False)
    assert (weights.coef.dtype, weights.coef.shape) == (np.float32, (N_TERMS, 3))
    assert (weights.intercept.dtype, weights.intercept.shape) == (np.float64, (3,))


def test_the_same_seed_gives_the_same_bits(rows):
    Y = one_hot(np.arange(N_ROWS) % 3, 3)
    first, again = (fit_linear(rows, Y, SolverSettings(), multilabel=False, random_state=7) for _ in range(2))
    assert first.coef.tobytes() == again.coef.tobytes()
    assert first.intercept.tobytes() == again.intercept.tobytes()


def test_the_settings_reach_the_solver(dense, rows):
    y = np.arange(N_ROWS) % 3
    weights = fit_linear(rows, one_hot(y, 3), SolverSettings(C=0.01, tol=1e-4), multilabel=False)
    np.testing.assert_array_equal(
        weights.coef, reference(dense, y, C=0.01, tol=1e-4).coef_.T.astype(np.float32)
    )


def test_too_few_iterations_are_no_warning(rows):
    y = np.random.default_rng(0).integers(3, size=N_ROWS)
    weights = fit_linear(rows, one_hot(y, 3), SolverSettings(C=1e4, tol=1e-12, max_iter=1), multilabel=False)
    assert np.isfinite(weights.coef).all()


def test_many_labels_of_few_rows_are_no_warning(rows):
    """Labels of one article each were called a problem for a regression, in the middle of training."""
    y = np.minimum(np.arange(N_ROWS), 39)
    weights = fit_linear(rows, one_hot(y, 40), SolverSettings(), multilabel=False)
    assert len(np.unique(weights.coef, axis=1).T) == 40
