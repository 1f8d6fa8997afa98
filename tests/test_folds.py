from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from topicml.corpus.stratification import assign_folds, unscored_label_notes


def one_hot(y, n_classes):
    return np.asarray(y)[:, None] == np.arange(n_classes)


def counts_by_fold(column, folds, n_folds):
    return np.bincount(folds[column], minlength=n_folds)


@st.composite
def single_label_corpora(draw, *, max_group_size=1):
    """One label a group, since copies of one story mostly bear one label."""
    labels = draw(st.lists(st.integers(0, 3), min_size=5, max_size=60))
    sizes = draw(st.lists(st.integers(1, max_group_size), min_size=len(labels), max_size=len(labels)))
    order = draw(st.permutations(range(sum(sizes))))
    return one_hot(np.repeat(labels, sizes), 4)[order], np.repeat(np.arange(len(labels)), sizes)[order]


class TestAssignFolds:
    @given(single_label_corpora(max_group_size=4), st.integers(2, 5))
    def test_folds_part_the_rows_and_never_split_a_group(self, corpus, n_folds):
        Y, groups = corpus
        folds = assign_folds(Y, groups, n_folds=n_folds)
        assert folds.shape == (len(Y),)
        assert set(folds.tolist()) <= set(range(n_folds))
        assert all(len(set(folds[groups == group].tolist())) == 1 for group in set(groups.tolist()))

    @given(single_label_corpora(), st.integers(2, 5))
    def test_each_fold_has_its_share_of_each_label(self, corpus, n_folds):
        Y, groups = corpus
        folds = assign_folds(Y, groups, n_folds=n_folds)
        for k in range(Y.shape[1]):
            held = counts_by_fold(Y[:, k], folds, n_folds)
            assert held.max() - held.min() <= 1

    @given(single_label_corpora(max_group_size=4), st.integers(2, 5))
    def test_shares_differ_by_one_group_at_most(self, corpus, n_folds):
        Y, groups = corpus
        folds = assign_folds(Y, groups, n_folds=n_folds)
        for k in np.flatnonzero(Y.any(axis=0)):
            held = counts_by_fold(Y[:, k], folds, n_folds)
            assert held.max() - held.min() <= np.bincount(groups[Y[:, k]]).max()

    @given(single_label_corpora(), st.integers(2, 5))
    def test_no_fold_is_empty_where_there_are_groups_enough(self, corpus, n_folds):
        Y, groups = corpus
        assert len(set(assign_folds(Y, groups, n_folds=n_folds).tolist())) == n_folds

    @given(
        st.lists(st.lists(st.booleans(), min_size=3, max_size=3), min_size=5, max_size=40), st.integers(2, 5)
    )
    def test_no_fold_is_empty_for_any_multilabel_rows(self, Y, n_folds):
        folds = assign_folds(np.array(Y), np.arange(len(Y)), n_folds=n_folds)
        assert len(set(folds.tolist())) == n_folds

    def test_fold_sizes_are_even(self):
        folds = assign_folds(one_hot(np.arange(103) % 7, 7), np.arange(103), n_folds=5)
        assert np.ptp(np.bincount(folds)) <= 1

    def test_rare_labels_of_a_multilabel_corpus_are_spread(self):
        rng = np.random.default_rng(0)
        Y = rng.random((300, 3)) < (0.5, 0.3, 0.1)
        rare = np.zeros((300, 2), bool)
        rare[rng.choice(300, 5, replace=False), 0] = True
        rare[rng.choice(300, 10, replace=False), 1] = True
        Y = np.hstack((Y, rare))
        folds = assign_folds(Y, np.arange(300), n_folds=5)
        assert counts_by_fold(Y[:, 3], folds, 5).tolist() == [1] * 5
        assert counts_by_fold(Y[:, 4], folds, 5).tolist() == [2] * 5

    def test_rows_without_labels_are_spread(self):
        Y = one_hot(np.repeat([0, 1, 9], 20), 2)
        folds = assign_folds(Y, np.arange(60), n_folds=5)
        assert counts_by_fold(~Y.any(axis=1), folds, 5).tolist() == [4] * 5

    def test_copies_with_different_labels_stay_together(self):
        Y = one_hot([0, 1, 0, 1, 0, 1], 2)
        folds = assign_folds(Y, np.array([0, 0, 1, 1, 2, 2]), n_folds=3)
        assert folds[0] == folds[1]
        assert sorted(folds[::2].tolist()) == [0, 1, 2]

    def test_groups_need_no_order_and_no_density(self):
        Y = one_hot([0, 1, 0, 1], 2)
        folds = assign_folds(Y, np.array([900, -3, 900, 7]), n_folds=2)
        assert folds[0] == folds[2]

    @given(single_label_corpora(), st.integers(2, 5))
    def test_rows_of_a_label_go_to_the_folds_in_their_order(self, corpus, n_folds):
        Y, groups = corpus
        folds = assign_folds(Y, groups, n_folds=n_folds)
        assert all((np.diff(folds[Y[:, k]]) >= 0).all() for k in range(Y.shape[1]))

    def test_a_shuffled_file_gives_each_fold_its_share_as_well(self):
        """A fold that lacks a label teaches nothing about it, whatever the order of the rows."""
        order = np.random.default_rng(0).permutation(12)
        Y = one_hot(np.repeat([0, 1, 2], 4), 3)
        for rows in (Y, Y[order]):
            folds = assign_folds(rows, np.arange(12), n_folds=3)
            assert all(rows[folds == fold].any(axis=0).all() for fold in range(3))


class TestUnscoredLabels:
    @given(single_label_corpora(max_group_size=3), st.integers(2, 5))
    def test_those_of_one_story_are_named_and_no_others(self, corpus, n_folds):
        Y, groups = corpus
        notes = unscored_label_notes(Y, assign_folds(Y, groups, n_folds=n_folds), "abcd")
        lonely = [k for k in range(4) if len(set(groups[Y[:, k]].tolist())) == 1]
        sizes = [int(Y[:, k].sum()) for k in lonely]
        named = [f"'{'abcd'[k]}' ({n} article{'s' * (n > 1)})" for k, n in zip(lonely, sizes, strict=True)]
        start = "labels whose articles were all held out at once, so that they count as missed: "
        assert notes == ((start + ", ".join(named),) if named else ())

    def test_labels_that_were_never_held_out_are_named_apart(self):
        """Of very many articles one part is held out, and a label may be wholly in it or wholly not."""
        Y = one_hot([0, 0, 1, 2, 2], 4)
        assert unscored_label_notes(Y, np.array([0, -1, 0, -1, -1]), "abcd") == (
            "labels whose articles were all held out at once, so that they count as missed: 'b' (1 article)",
            "labels of which no article was held out, so that they have no score: 'c' (2 articles)",
        )
