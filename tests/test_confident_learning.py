from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from topicml.lifecycle.suspects import confident_classes, confident_joint, contradicted, self_confidence

GIVEN = np.array([0, 0, 0, 0, 1, 1, 1, 2, 2, 2])
PROBABILITIES = np.array(
    [
        [0.80, 0.10, 0.10],
        [0.70, 0.20, 0.10],
        [0.10, 0.75, 0.15],  # surely of class 1
        [0.40, 0.30, 0.30],  # of class 0, and not surely
        [0.20, 0.70, 0.10],
        [0.55, 0.35, 0.10],  # surely of class 0
        [0.30, 0.60, 0.10],
        [0.10, 0.10, 0.80],
        [0.10, 0.30, 0.60],
        [0.50, 0.10, 0.40],  # exactly at the threshold of class 0
    ]
)


def random_case(seed, n=60, n_classes=4):
    rng = np.random.default_rng(seed)
    given = np.concatenate((np.arange(n_classes), rng.integers(0, n_classes, n)))
    probabilities = rng.dirichlet(np.full(n_classes, 0.7), len(given))
    return given, probabilities


def test_worked_by_hand():
    """Thresholds are (0.8 + 0.7 + 0.1 + 0.4) / 4, (0.7 + 0.35 + 0.6) / 3 and (0.8 + 0.6 + 0.4) / 3."""
    assert self_confidence(GIVEN, PROBABILITIES) == pytest.approx([0.5, 0.55, 0.6])
    confident = confident_classes(GIVEN, PROBABILITIES)
    assert confident.tolist() == [0, 0, 1, -1, 1, 0, 1, 2, 2, 0]
    assert confident_joint(GIVEN, confident, 3).tolist() == [[2, 1, 0], [1, 2, 0], [1, 0, 2]]


def test_where_two_classes_reach_their_thresholds_the_more_probable_one_is_taken():
    given = np.array([0, 1, 0])
    probabilities = np.array([[0.2, 0.8], [0.7, 0.3], [0.55, 0.45]])
    assert self_confidence(given, probabilities) == pytest.approx([0.375, 0.3])
    assert confident_classes(given, probabilities).tolist() == [1, 0, 0]


def test_a_rare_class_that_is_never_probable_contradicts_nothing():
    """With a threshold of 0.01, rows of 0.02 are confidently of the class, and not suspected for it."""
    given = np.array([1] + [0] * 99)
    chance = np.full(100, 0.001)
    chance[0], chance[1:5], chance[5] = 0.01, 0.02, 0.7
    probabilities = np.column_stack((1 - chance, chance))
    confident = confident_classes(given, probabilities)
    assert confident[:6].tolist() == [1] * 6
    assert np.flatnonzero(contradicted(given, confident, probabilities)).tolist() == [5]


@given(st.integers(0, 999))
def test_what_is_contradicted_is_confidently_and_more_probably_another(seed):
    given, probabilities = random_case(seed)
    confident = confident_classes(given, probabilities)
    found = contradicted(given, confident, probabilities)
    for row in np.flatnonzero(found).tolist():
        assert confident[row] >= 0
        assert probabilities[row, confident[row]] > probabilities[row, given[row]]


def test_a_class_that_was_never_given_is_never_suggested():
    probabilities = np.array([[0.1, 0.0, 0.9], [0.2, 0.8, 0.0]])
    assert 2 not in confident_classes(np.array([0, 1]), probabilities)


def test_equal_probabilities_reach_their_own_mean():
    """The mean of a hundred equal numbers is above each of them by a rounding error for some numbers."""
    probabilities = np.tile([0.7, 0.3], (100, 1))
    assert confident_classes(np.zeros(100, np.int64), probabilities).tolist() == [0] * 100


@given(st.integers(0, 999))
def test_the_order_of_classes_plays_no_part(seed):
    given, probabilities = random_case(seed)
    order = np.random.default_rng(seed).permutation(4)
    place = np.append(np.argsort(order), -1)  # -1 stays -1
    confident = confident_classes(given, probabilities)
    turned = confident_classes(place[given], probabilities[:, order])
    assert (turned == place[confident]).all()


@given(st.integers(0, 999))
def test_the_joint_counts_each_confident_row_once(seed):
    given, probabilities = random_case(seed)
    confident = confident_classes(given, probabilities)
    joint = confident_joint(given, confident, 4)
    assert joint.sum() == (confident >= 0).sum()
    assert (joint.sum(axis=1) <= np.bincount(given, minlength=4)).all()


@pytest.mark.parametrize("n_classes", [2, 3, 4])
@pytest.mark.parametrize("seed", range(10))
def test_it_finds_what_cleanlab_finds(seed, n_classes):
    """Where several classes reach their thresholds, cleanlab takes the most probable of all classes.

    The paper takes the most probable of those that reach them, so rows where this is another may differ.
    """
    count = pytest.importorskip("cleanlab.count")
    given, probabilities = random_case(seed, n_classes=n_classes)
    joint, rows = count.compute_confident_joint(
        given, probabilities, calibrate=False, return_indices_of_off_diagonals=True
    )
    reached = probabilities >= self_confidence(given, probabilities)
    odd = (reached.sum(axis=1) > 1) & ~reached[np.arange(len(given)), probabilities.argmax(axis=1)]
    confident = confident_classes(given, probabilities)
    suspects = np.flatnonzero((confident >= 0) & (confident != given))
    assert set(suspects.tolist()) ^ set(rows) <= set(np.flatnonzero(odd).tolist())
    own = confident_joint(given, confident, n_classes)
    # cleanlab counts one row at least on the diagonal, so that its estimates can be scaled.
    np.fill_diagonal(own, np.maximum(own.diagonal(), 1))
    assert np.abs(own - joint).sum() <= 2 * odd.sum()
