"""The terms that tell labels apart are kept."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.sparse import csr_array
from sklearn.feature_selection import chi2

from topicml.model.sparse import SparseRows
from topicml.training.selection import best_terms, chi_squared, ranked_terms, strongest_terms

# Column 0 is in every row, 1 in those of the first label, 2 in those of the second, 3 in none.
X = np.array([[1, 1, 0, 0], [1, 1, 0, 0], [1, 0, 1, 0], [1, 0, 1, 0]])
Y = np.array([[True, False], [True, False], [False, True], [False, True]])


def rows_from(dense: np.ndarray) -> SparseRows:
    sparse = csr_array(dense.astype(np.float32))
    return SparseRows(
        sparse.data, sparse.indices.astype(np.int32), sparse.indptr.astype(np.int64), dense.shape[1]
    )


ROWS = rows_from(X)


def test_terms_that_go_with_a_label_are_kept():
    assert best_terms(ROWS, Y, 2).tolist() == [1, 2]


@pytest.mark.parametrize("n_terms", [3, 4, 100_000])
def test_all_that_a_row_holds_are_kept_where_there_are_no_more(n_terms):
    assert best_terms(ROWS, Y, n_terms).tolist() == [0, 1, 2]


@pytest.mark.parametrize("n_terms", [1, 2, 3])
def test_what_no_row_holds_is_never_kept(n_terms):
    """Nor where it ties with a term that tells nothing, and comes before it: columns 0 and 1 are empty."""
    kept = best_terms(rows_from(X[:, [3, 3, 0, 0, 1, 0]]), Y, n_terms)
    assert kept.min() > 1


@pytest.mark.parametrize("n_terms", [1, 2, 3])
def test_as_many_are_kept_as_asked_and_in_order(n_terms):
    kept = best_terms(ROWS, Y, n_terms)
    assert len(kept) == n_terms
    assert (np.diff(kept) > 0).all()


def test_a_tie_goes_to_the_lower_column():
    assert best_terms(ROWS, Y, 1).tolist() == [1]


@pytest.mark.parametrize(
    "column",
    [
        pytest.param([False] * 4, id="a label that no row bears"),
        pytest.param([True] * 4, id="a label that all rows bear"),
        pytest.param([True, False, True, False], id="a label that no term goes with"),
    ],
)
@pytest.mark.parametrize("place", [0, 1, 2])
def test_a_label_that_says_nothing_does_not_change_the_choice(column, place):
    """As in a fold that holds all articles of a rare label: its chi-squared is 0/0, and must not spread."""
    assert best_terms(ROWS, np.insert(Y, place, column, axis=1), 2).tolist() == [1, 2]


def test_rows_may_bear_several_labels_or_none():
    several = np.array([[True, True], [True, False], [False, False], [False, False]])
    assert best_terms(ROWS, several, 1).tolist() == [1]


def test_one_label_is_told_from_its_absence():
    assert best_terms(ROWS, Y[:, :1], 2).tolist() == [1, 2]


def test_ranked_terms_begin_with_the_best_of_any_number():
    rng = np.random.default_rng(3)
    rows = rows_from(np.where(rng.random((40, 30)) < 0.2, rng.random((40, 30)), 0))
    labels = np.eye(4, dtype=bool)[rng.integers(4, size=40)]
    ranked = ranked_terms(rows, labels)
    assert len(ranked) == len(set(ranked.tolist())) == np.asarray(rows.indices).max() + 1
    for n in range(1, len(ranked) + 2):
        assert sorted(ranked[:n].tolist()) == best_terms(rows, labels, n).tolist()


def test_ranked_terms_without_labels_are_those_that_a_row_holds():
    assert ranked_terms(ROWS, np.zeros((4, 2), bool)).tolist() == [0, 1, 2]


def test_strongest_terms_are_so_for_any_label_and_whatever_the_sign():
    coef = np.array([[0.1, 0.1, 0.1], [0.0, -0.5, 0.0], [0.4, 0.0, 0.0], [0.0, 0.0, 0.5]], np.float32)
    assert strongest_terms(coef).tolist() == [1, 3, 2, 0]  # equals stay in their order


def test_strongest_of_no_terms():
    assert strongest_terms(np.empty((0, 3), np.float32)).tolist() == []


@pytest.mark.parametrize("n_labels", [1, 2, 5])
@pytest.mark.parametrize("several", [False, True])
def test_the_statistic_is_scikit_learn_s(n_labels, several):
    rng = np.random.default_rng(n_labels)
    dense = rng.random((60, 30)) * (rng.random((60, 30)) < 0.2)
    dense[:, 7] = 0
    labels = rng.random((60, n_labels)) < 0.4
    if not several:
        labels = np.eye(n_labels, dtype=bool)[rng.integers(n_labels, size=60)]
        if n_labels == 1:
            labels[::3] = False
    with np.errstate(invalid="ignore"):
        expected, _ = chi2(csr_array(dense.astype(np.float32)), labels)
    np.testing.assert_allclose(chi_squared(rows_from(dense), labels), np.nan_to_num(expected), rtol=1e-6)


def test_a_label_that_no_row_bears_changes_no_statistic():
    unborne = np.hstack((Y, np.zeros((len(Y), 1), bool)))
    assert chi_squared(ROWS, unborne).tolist() == chi_squared(ROWS, Y).tolist()
