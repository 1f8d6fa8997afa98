from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from topicml.corpus.stratification import draw_part

SHARES = st.floats(0.05, 0.95)
SEEDS = st.integers(0, 2**32 - 1)


def one_hot(y, n_classes):
    return np.asarray(y)[:, None] == np.arange(n_classes)


@st.composite
def tagged_groups(draw):
    """Any labels on any articles, in groups of any size."""
    rows = draw(st.lists(st.lists(st.booleans(), min_size=4, max_size=4), min_size=1, max_size=40))
    groups = draw(st.lists(st.integers(0, 30), min_size=len(rows), max_size=len(rows)))
    return np.array(rows), np.array(groups)


@given(tagged_groups(), SHARES, SEEDS)
def test_no_group_is_parted(corpus, share, seed):
    Y, groups = corpus
    drawn = draw_part(Y, groups, share=share, random_state=seed)
    assert all(len(set(drawn[groups == group].tolist())) == 1 for group in set(groups.tolist()))


@given(tagged_groups(), SHARES, SEEDS)
def test_every_label_is_left_something_to_learn_from(corpus, share, seed):
    Y, groups = corpus
    drawn = draw_part(Y, groups, share=share, random_state=seed)
    assert (Y[~drawn].any(axis=0) == Y.any(axis=0)).all()


@given(st.lists(st.integers(0, 9), min_size=1, max_size=60), SHARES, SEEDS)
def test_every_label_of_two_articles_or_more_is_on_both_sides(y, share, seed):
    """A class of two articles was never drawn into a part of a fifth, on any seed, and so had no score."""
    Y = one_hot(y, 10)
    drawn = draw_part(Y, np.arange(len(y)), share=share, random_state=seed)
    assert (Y[drawn].any(axis=0) == (Y.sum(axis=0) >= 2)).all()


@pytest.mark.parametrize("share", [0.2, 0.5])
def test_labels_that_overlap_are_on_both_sides_where_a_search_finds_it(share):
    """Against all splits of small corpora: what is possible is found, but for a few in a thousand."""
    rng = np.random.default_rng(0)
    worse = 0
    for _ in range(150):
        Y = rng.random((7, 4)) < 0.35
        drawn = draw_part(Y, np.arange(7), share=share)
        wanted = Y.sum(axis=0) >= 2
        lacking = (wanted & ~Y[drawn].any(axis=0)).sum()
        sides = (np.array(side, bool) for side in product((False, True), repeat=7)) if lacking else ()
        possible = [s for s in sides if (Y[~s].any(axis=0) == Y.any(axis=0)).all()]
        worse += bool(lacking) and lacking > min((wanted & ~Y[s].any(axis=0)).sum() for s in possible)
    assert worse <= 2


@given(st.lists(st.integers(0, 5), min_size=4, max_size=80), SHARES, SEEDS)
def test_each_label_has_its_share_to_one_article(y, share, seed):
    Y = one_hot(y, 6)
    drawn = draw_part(Y, np.arange(len(y)), share=share, random_state=seed)
    counts = Y.sum(axis=0)
    assert (np.abs(Y[drawn].sum(axis=0) - share * counts) <= 1)[counts >= 2].all()


@given(st.integers(2, 30), st.integers(3, 12), st.sampled_from([0.2, 0.25, 0.3, 0.5]), SEEDS)
def test_small_labels_add_up_to_the_share_of_all(n_labels, of_each, share, seed):
    """Rounded each for itself, a fifth of seven articles is one, and the part would be a seventh."""
    Y = one_hot(np.repeat(np.arange(n_labels), of_each), n_labels)
    drawn = draw_part(Y, np.arange(len(Y)), share=share, random_state=seed)
    forced = max(n_labels - share * len(Y), 0)  # every label has one, whatever its share
    assert abs(drawn.sum() - share * len(Y)) <= 1 + forced


def test_rows_without_labels_have_their_share():
    Y = one_hot(np.repeat([0, 1, 9], 20), 2)
    drawn = draw_part(Y, np.arange(60), share=0.2)
    assert drawn[40:].sum() == 4


def test_rare_labels_of_a_multilabel_corpus_are_spread():
    rng = np.random.default_rng(0)
    Y = rng.random((300, 5)) < (0.5, 0.3, 0.1, 0.02, 0.03)
    drawn = draw_part(Y, np.arange(300), share=0.2)
    assert (np.abs(Y[drawn].sum(axis=0) / Y.sum(axis=0) - 0.2) < 0.08).all()


def test_the_seed_decides():
    Y, groups = one_hot(np.arange(50) % 3, 3), np.arange(50)
    same = [draw_part(Y, groups, share=0.2, random_state=1).tolist() for _ in range(2)]
    assert same[0] == same[1] != draw_part(Y, groups, share=0.2, random_state=2).tolist()
