from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.figure import Figure

from topicml.displays.confusion_matrix import ConfusionMatrixDisplay
from topicml.exceptions import TopicmlValueError


def display_of(counts):
    """Return the display of counts between labels, none of which is missing."""
    n = len(counts)
    whole = np.zeros((n + 1, n + 1), np.int64)
    whole[:n, :n] = counts
    support = np.append(whole[:n].sum(axis=1), whole.sum())
    return ConfusionMatrixDisplay(tuple(f"label {k}" for k in range(n)), whole, support, complete=True)


def names(axis):
    return [label.get_text() for label in axis.get_ticklabels()]


def numbers(ax):
    return sorted(int(text.get_text()) for text in ax.texts)


def rows(frame):
    """Return the rows of a frame, of whichever library; pandas writes NaN where something is missing."""
    columns = (map(as_none, frame[name].to_list()) for name in frame.columns)
    return list(zip(*columns, strict=True))


def as_none(value):
    return None if isinstance(value, float) and math.isnan(value) else value


def test_of_one_label_an_article_it_is_the_matrix(multiclass_evaluation):
    display = multiclass_evaluation.confusion_display()
    assert tuple(map(tuple, display.counts[:-1].tolist())) == multiclass_evaluation.confusion_matrix
    found = rows(display.frame())
    assert sum(count for _, _, count, _ in found) == multiclass_evaluation.n
    assert ("economy", "sport", 1, 1 / 9) in found
    assert ("art", None, 1, 1.0) in found
    ax = display.plot()
    assert "(none given)" in names(ax.xaxis)
    assert sorted(names(ax.yaxis)) == ["art", "economy", "sport", "weather"]


def test_of_several_labels_it_holds_what_is_right_and_the_pairs_that_are_counted(multilabel_evaluation):
    display = multilabel_evaluation.confusion_display()
    found = {(true, given): count for true, given, count, _ in rows(display.frame())}
    for confusion in multilabel_evaluation.confusions:
        assert found[confusion.true, confusion.given] == confusion.count
    for label, own in multilabel_evaluation.labels.items():
        assert found.get((label, label), 0) == round(own.recall.value * own.support)


@settings(max_examples=30)  # each draws a picture
@given(st.integers(2, 12), st.integers(1, 12), st.integers(0, 1000))
def test_rows_are_whole_however_few_labels_are_drawn(n, max_labels, seed):
    counts = np.random.default_rng(seed).integers(0, 4, (n, n))
    display = display_of(counts)
    ax = display.plot(max_labels=max_labels)
    drawn = [int(name.removeprefix("label ")) for name in names(ax.yaxis)]
    assert len(drawn) == len(set(drawn)) <= max_labels
    assert sum(numbers(ax)) == counts[drawn].sum()


def test_of_many_labels_the_most_confused_are_drawn():
    counts = np.diag(np.full(90, 20))
    counts[7, 30], counts[30, 7], counts[50, 3], counts[2, 80] = 9, 8, 5, 1
    ax = display_of(counts).plot(max_labels=4)
    assert set(names(ax.yaxis)) == {"label 7", "label 30", "label 50", "label 3"}
    assert "the 4 most confused of 90 labels" in ax.get_title(loc="left")


def test_without_a_confusion_the_first_labels_are_drawn():
    assert len(names(display_of(np.diag(np.full(90, 20))).plot(max_labels=5).yaxis)) == 5


def test_labels_that_are_taken_for_each_other_stand_together():
    counts = np.diag(np.full(12, 50))
    for one, other in ((0, 7), (3, 10), (5, 11)):
        counts[one, other] = counts[other, one] = 20
    order = names(display_of(counts).plot().yaxis)
    for one, other in ((0, 7), (3, 10), (5, 11)):
        assert abs(order.index(f"label {one}") - order.index(f"label {other}")) == 1


def test_numbers_stand_where_there_is_room_for_them_alone():
    display = display_of(np.full((30, 30), 123))
    assert len(display.plot().texts) == 900
    assert not display.plot(Figure(figsize=(3, 3)).subplots()).texts


def test_names_are_no_formulas_and_have_an_end():
    display = ConfusionMatrixDisplay(
        ("$a$ and $b$", "x" * 200), np.diag([1, 1, 0]), np.array([1, 1, 2]), complete=True
    )
    ax = display.plot()
    ax.figure.draw_without_rendering()
    first, second = sorted(names(ax.yaxis))
    assert first == "$a$ and $b$"
    assert len(second) < 30


def test_at_least_one_label():
    with pytest.raises(TopicmlValueError, match="max_labels must be 1 or more, found 0"):
        display_of(np.ones((2, 2))).plot(max_labels=0)
