from __future__ import annotations

from topicml.displays.ageing import AgeingDisplay
from topicml.metrics.resampling import Estimate

DROPS = [Estimate(0.0, (0.0, 0.0)), Estimate(0.05, (0.02, 0.08))]
ROWS = [{"weeks": 0.0, "drop": 0.0}, {"weeks": 4.0, "drop": 0.05}]
DISPLAY = AgeingDisplay(ROWS, [0.0, 4.0], DROPS, Estimate(0.0125, (0.005, 0.02)), "macro F1")


def test_older_models_are_drawn_in_points_beside_the_slope(dots):
    ax = DISPLAY.plot()
    assert dots(ax) == [(4.0, 5.0)]
    assert ax.get_title(loc="left") == "1.2 points a week (0.5 to 2)"
    assert ax.get_ylabel() == "points of macro F1 lost"


def test_its_table_has_the_rows():
    assert DISPLAY.frame()["drop"].to_list() == [0.0, 0.05]
