from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from topicml.lifecycle.label_errors import ERROR_KINDS, estimate_label_errors


def random_case(seed, n=200, n_classes=5, *, multilabel=True):
    """Probabilities, and labels that are drawn by them: the models are right about how sure they are."""
    rng = np.random.default_rng(seed)
    if not multilabel:
        probabilities = rng.dirichlet(np.full(n_classes, 0.2), n)
        drawn = [rng.choice(n_classes, p=row) for row in probabilities]
        return np.eye(n_classes, dtype=bool)[drawn], probabilities
    probabilities = rng.beta(0.15, 0.5, (n, n_classes))
    Y = rng.random((n, n_classes)) < probabilities
    kept = Y.any(axis=1)
    return Y[kept], probabilities[kept]


def with_errors(Y, seed, kind, share=0.1):
    """Plant errors of one kind; return which rows have one. None is left without a label."""
    rng, Y = np.random.default_rng(seed), Y.copy()
    possible = (Y.sum(axis=1) > (kind == "missing")) & ~Y.all(axis=1)
    rows = rng.choice(np.flatnonzero(possible), int(share * len(Y)), replace=False)
    for row in rows:
        given, others = np.flatnonzero(Y[row]), np.flatnonzero(~Y[row])
        if kind != "one_too_many":
            Y[row, rng.choice(given)] = False
        if kind != "missing":
            Y[row, rng.choice(others)] = True
    return Y, np.isin(np.arange(len(Y)), rows)


def test_worked_by_hand():
    """The given label has the odds 1:4 and 3:1, the others 1:1 and 1:3: each likelihood is a product of odds.

    With nothing but copies of one article, the shares are those under which its labels are likeliest: all are
    wrong, but for the one error of the other kind that counts as seen.
    """
    Y = np.array([[True, False, False]] * 1000)
    found = estimate_label_errors(Y, np.array([[0.2, 0.5, 0.25]] * 1000), multilabel=True)
    # Wrong: 4 * (1 + 1/3) / (1 * 2); missing: (1 + 1/3) / 2, below 1; one too many: none would be left.
    assert found.shares == pytest.approx([1, 0, 0], abs=0.01)
    assert (found.least_given[0], found.most_missing[0]) == (0, 1)


@pytest.mark.parametrize("multilabel", [True, False])
def test_a_corpus_without_errors_has_hardly_any(multilabel):
    shares = [
        estimate_label_errors(
            *random_case(seed, n=1000, multilabel=multilabel), multilabel=multilabel
        ).shares.sum()
        for seed in range(10)
    ]
    assert np.mean(shares) < 0.02


def estimated_shares(kind):
    """Plant errors of one kind in one article in ten, and return the shares of all kinds that are found."""
    shares = []
    for seed in range(10):
        Y, probabilities = random_case(seed, n=1000)
        Y, _ = with_errors(Y, seed, kind)
        shares.append(estimate_label_errors(Y, probabilities, multilabel=True).shares)
    return dict(zip(ERROR_KINDS, np.mean(shares, axis=0).tolist(), strict=True))


@pytest.mark.parametrize("kind", ["wrong", "one_too_many"])
def test_planted_errors_are_counted(kind):
    assert estimated_shares(kind)[kind] == pytest.approx(0.1, abs=0.025)


@pytest.mark.parametrize("kind", ERROR_KINDS)
def test_planted_errors_are_taken_for_their_own_kind(kind):
    shares = estimated_shares(kind)
    assert shares.pop(kind) > 2 * sum(shares.values())


@pytest.mark.parametrize("multilabel", [True, False])
def test_of_those_with_an_estimated_probability_as_many_are_wrong(multilabel):
    """Calibration: where models are right about how sure they are, so is the estimate of an error."""
    estimates, wrong = [], []
    for seed in range(10):
        Y, probabilities = random_case(seed, n=1000, multilabel=multilabel)
        Y, planted = with_errors(Y, seed, "wrong")
        found = estimate_label_errors(Y, probabilities, multilabel=multilabel)
        estimates.append(found.probabilities[:, 0])
        wrong.append(planted)
    estimate, is_wrong = np.concatenate(estimates), np.concatenate(wrong)
    for low, high in ((0.1, 0.5), (0.5, 0.9), (0.9, 1.0)):
        there = (estimate >= low) & (estimate <= high)
        assert is_wrong[there].mean() == pytest.approx(estimate[there].mean(), abs=0.1)


@given(st.integers(0, 999), st.booleans())
def test_the_order_of_classes_and_articles_does_not_matter(seed, multilabel):
    Y, probabilities = random_case(seed, n=30, multilabel=multilabel)
    rng = np.random.default_rng(seed)
    rows, columns = rng.permutation(len(Y)), rng.permutation(Y.shape[1])
    found = estimate_label_errors(Y, probabilities, multilabel=multilabel)
    turned = estimate_label_errors(
        Y[rows][:, columns], probabilities[rows][:, columns], multilabel=multilabel
    )
    np.testing.assert_allclose(turned.probabilities, found.probabilities[rows], atol=1e-9)
    np.testing.assert_allclose(turned.shares, found.shares, atol=1e-9)


@given(st.integers(0, 999))
def test_probabilities_add_up_to_less_than_one(seed):
    Y, probabilities = random_case(seed, n=30)
    found = estimate_label_errors(Y, probabilities, multilabel=True)
    assert (found.probabilities >= 0).all()
    assert (found.probabilities.sum(axis=1) <= 1 + 1e-9).all()


def test_an_article_with_one_label_has_none_too_many_where_none_is_empty():
    Y, probabilities = random_case(0)
    found = estimate_label_errors(Y, probabilities, multilabel=True)
    assert (found.probabilities[Y.sum(axis=1) == 1, ERROR_KINDS.index("one_too_many")] == 0).all()


def test_one_class_alone_is_never_wrong():
    found = estimate_label_errors(np.ones((3, 1), bool), np.full((3, 1), 0.9), multilabel=False)
    assert (found.probabilities < 0.1).all()
