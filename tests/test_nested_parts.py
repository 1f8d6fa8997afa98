from __future__ import annotations

from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from topicml.corpus.stratification import FEWEST_STORIES, assign_folds, nested_parts

SHARES = (0.125, 0.25, 0.5, 1.0)


@st.composite
def corpora(draw):
    """Articles with any labels, in groups of one to three, and their folds."""
    n = draw(st.integers(30, 120))
    rng = np.random.default_rng(draw(st.integers(0, 999)))
    groups = np.arange(n).repeat(rng.integers(1, 4, n))
    Y = (rng.random((n, 4)) < 0.4)[groups]
    return Y, groups, assign_folds(Y, groups, n_folds=3)


@given(corpora(), st.integers(0, 99))
def test_each_part_is_within_the_next_and_none_holds_its_fold(corpus, seed):
    Y, groups, folds = corpus
    parts = nested_parts(Y, groups, folds, SHARES, random_state=seed)
    assert list(parts) == sorted(parts)
    for fold in range(3):
        rows = [set(of_folds[fold].tolist()) for of_folds in parts.values()]
        assert rows[-1] == set(np.flatnonzero(folds != fold).tolist())
        assert all(small < large for small, large in pairwise(rows))


@given(corpora(), st.integers(0, 99))
def test_no_story_is_parted_and_none_is_too_small(corpus, seed):
    Y, groups, folds = corpus
    for of_folds in nested_parts(Y, groups, folds, SHARES, random_state=seed).values():
        for fold, rows in enumerate(of_folds):
            inside = np.isin(np.arange(len(groups)), rows)
            outside = ~inside & (folds != fold)
            assert not set(groups[inside]) & set(groups[outside])
            assert len(set(groups[rows].tolist())) >= FEWEST_STORIES
            assert Y[rows].any(axis=0).sum() >= 2


def test_every_part_holds_its_share_of_every_label():
    Y = np.arange(600)[:, None] % 10 < np.array([1, 3, 6])
    parts = nested_parts(Y, np.arange(600), np.arange(600) * 3 // 600, SHARES)
    for share, of_folds in parts.items():
        for rows in of_folds:
            assert np.abs(Y[rows].sum(axis=0) - share * np.array([40, 120, 240])).max() <= 1.5


def test_small_shares_are_left_out():
    Y = np.arange(40)[:, None] % 2 == np.arange(2)
    parts = nested_parts(Y, np.arange(40), np.arange(40) // 20, (0.1, 0.4, 0.6, 1.0))
    assert list(parts) == [0.6, 1.0]
