from __future__ import annotations

from topicml.displays.coverage import CoverageDisplay
from topicml.metrics.probabilities import CoveragePoint
from topicml.metrics.resampling import Estimate

SOME, ALL, NOTHING = Estimate(0.5, (0.25, 0.75)), Estimate(1.0, (1.0, 1.0)), Estimate(0.0, None)
POINTS = (CoveragePoint(0.9, SOME, ALL), CoveragePoint(0.2, ALL, SOME), CoveragePoint(0.1, ALL, NOTHING))


def test_points_are_drawn_with_their_confidence_where_there_was_an_answer(dots):
    ax = CoverageDisplay(POINTS).plot()
    assert dots(ax) == [(0.5, 1.0), (1.0, 0.5)]
    assert {text.get_text() for text in ax.texts} == {"0.90", "0.20"}


def test_its_table_has_all_points():
    frame = CoverageDisplay(POINTS).frame()
    assert frame["confidence"].to_list() == [0.9, 0.2, 0.1]
    assert frame["precision_high"].to_list()[:2] == [1.0, 0.75]


def test_without_an_answer_there_is_no_curve(dots):
    assert dots(CoverageDisplay(()).plot()) == []


def test_without_an_answer_the_table_has_its_columns_alone():
    columns = ["coverage", "coverage_low", "coverage_high", "precision", "precision_low", "precision_high"]
    assert list(CoverageDisplay(()).frame().columns) == ["confidence", *columns]
