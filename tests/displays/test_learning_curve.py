from __future__ import annotations

import pytest

from topicml.displays.learning_curve import LearningCurveDisplay
from topicml.metrics.resampling import Estimate

SCORES = (Estimate(0.6, (0.5, 0.7)), Estimate(0.75, (0.65, 0.85)))
ROWS = [{"n_train": 100.0, "macro_f1": 0.6}, {"n_train": 200.0, "macro_f1": 0.75}]
MEASURED = [(100.0, 0.6), (200.0, 0.75)]


def display(guess):
    return LearningCurveDisplay(ROWS, [100.0, 200.0], SCORES, guess, "macro F1")


@pytest.mark.parametrize(
    ("guess", "expected"),
    [(Estimate(0.9, (0.8, 0.95)), [*MEASURED, (400.0, 0.9)]), (None, MEASURED)],
)
def test_a_guess_is_of_twice_as_many(guess, expected, dots):
    ax = display(guess).plot()
    assert dots(ax) == expected
    assert [label.get_text() for label in ax.get_xticklabels()][:2] == ["100", "200"]
    assert ax.get_ylabel() == "macro F1"


def test_the_sizes_stay_as_they_were():
    shown = display(SCORES[1])
    shown.plot()
    assert shown.sizes == [100.0, 200.0]


def test_its_table_has_the_rows():
    assert display(None).frame()["macro_f1"].to_list() == [0.6, 0.75]
