from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from sklearn.metrics import confusion_matrix as reference

from topicml.metrics.confusion import confusion_matrix, most_confused
from topicml.metrics.resampling import Estimate, resample

CLASSES = ("art", "sport", "war")


def confused(truth, predicted):
    pairs = most_confused(truth, predicted)
    found = resample([pairs.tally], groups=None, n_resamples=50, random_state=0)
    return pairs.named(CLASSES, found)


@given(arrays(np.int64, 20, elements=st.integers(0, 2)), arrays(np.int64, 20, elements=st.integers(0, 3)))
def test_the_matrix_is_scikit_learns_with_a_column_for_no_answer(y, answered):
    found = confusion_matrix(np.eye(3, dtype=bool)[y], np.eye(4, dtype=bool)[answered, :3])
    assert np.array_equal(found, reference(y, answered, labels=range(4))[:3])


@given(arrays(np.int64, 20, elements=st.integers(0, 2)), arrays(np.int64, 20, elements=st.integers(0, 3)))
def test_of_one_label_each_the_pairs_are_the_matrix_beside_its_diagonal(y, answered):
    truth, predicted = np.eye(3, dtype=bool)[y], np.eye(4, dtype=bool)[answered, :3]
    matrix = np.array(confusion_matrix(truth, predicted))
    found = confused(truth, predicted)
    names = [*CLASSES, None]
    assert {(names.index(pair.true), names.index(pair.given)): pair.count for pair in found} == {
        (true, given): matrix[true, given] for true, given in np.argwhere(matrix) if true != given
    }
    assert [pair.count for pair in found] == sorted((pair.count for pair in found), reverse=True)
    for pair in found:
        assert pair.share.value == pair.count / (y == names.index(pair.true)).sum()


def test_several_labels_worked_by_hand():
    # art for sport; a label too many; nothing given; all right.
    truth = np.array([[1, 0, 1], [0, 1, 0], [0, 1, 1], [1, 0, 0]], bool)
    predicted = np.array([[0, 1, 1], [0, 1, 1], [0, 0, 0], [1, 0, 0]], bool)
    found = {(pair.true, pair.given): (pair.count, pair.share.value) for pair in confused(truth, predicted)}
    assert found == {
        ("art", "sport"): (1, 0.5),
        (None, "war"): (1, 0.25),
        ("sport", None): (1, 0.5),
        ("war", None): (1, 0.5),
    }


def test_without_mistakes_there_are_none():
    assert confused(np.eye(3, dtype=bool), np.eye(3, dtype=bool)) == ()


def test_the_share_has_an_interval():
    truth, predicted = np.eye(3, dtype=bool)[[0] * 20], np.eye(3, dtype=bool)[[0, 1] * 10]
    [pair] = confused(truth, predicted)
    assert isinstance(pair.share, Estimate)
    low, high = pair.share.interval
    assert 0.2 < low < 0.5 < high < 0.8
