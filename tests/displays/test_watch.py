from __future__ import annotations

from topicml.displays.watch import WatchDisplay
from topicml.metrics.resampling import Estimate

NOTHING = Estimate(0.0, None)
DISPLAY = WatchDisplay(
    rows=[{"window": "2024-01-01 to 2024-01-07", "n": 300}, {"window": "2024-01-08 to 2024-01-14", "n": 200}],
    names=["2024-01-01 to 2024-01-07", "2024-01-08 to 2024-01-14"],
    accuracies=[Estimate(0.75, (0.7, 0.8)), NOTHING],
    left_to_person=[Estimate(0.1, (0.05, 0.2)), Estimate(0.25, (0.2, 0.3))],
    training_accuracy=0.8,
    training_left=None,
    measure="accuracy",
)


def test_windows_are_drawn_with_their_first_days():
    ax = DISPLAY.plot()
    drawn = [list(zip(*line.get_data(), strict=True)) for line in ax.lines]
    assert [(0.0, 0.75)] in drawn
    assert [(0.0, 0.1), (1.0, 0.25)] in drawn
    assert [label.get_text() for label in ax.get_xticklabels()] == ["2024-01-01", "2024-01-08"]


def test_training_is_a_dashed_line_where_it_is_known():
    [dashed] = [line for line in DISPLAY.plot().lines if line.get_linestyle() == "--"]
    assert set(dashed.get_ydata()) == {0.8}


def test_its_table_has_the_rows():
    assert DISPLAY.frame()["n"].to_list() == [300, 200]
