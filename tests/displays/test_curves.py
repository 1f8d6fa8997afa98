"""Displays of estimates: what is drawn is what was measured, and what was not is left out."""

from __future__ import annotations

import numpy as np
import pytest

from topicml.displays.coverage import CoverageDisplay
from topicml.displays.label_scores import LabelScoresDisplay
from topicml.displays.reliability import ReliabilityDisplay
from topicml.lifecycle.ageing import Age, Ageing
from topicml.lifecycle.learning_curve import CurvePoint, LearningCurve
from topicml.metrics.decisions import LabelMeasures
from topicml.metrics.probabilities import CoveragePoint, ReliabilityBin
from topicml.metrics.resampling import Estimate

NOTHING = Estimate(0.0, None)
SOME = Estimate(0.5, (0.25, 0.75))
ALL = Estimate(1.0, (1.0, 1.0))


def dots(ax):
    """Return the places of all dots."""
    lines = (line for line in ax.lines if line.get_marker() == "o")
    return [tuple(place) for line in lines for place in line.get_xydata().tolist()]


def strokes(ax):
    """Return both ends of all lines that stand for intervals."""
    return [np.asarray(stroke).tolist() for lines in ax.collections for stroke in lines.get_segments()]


def test_reliability():
    display = ReliabilityDisplay((ReliabilityBin(50, 0.4, SOME), ReliabilityBin(9, 0.9, NOTHING)), SOME)
    ax = display.plot()
    assert dots(ax) == [(0.4, 0.5)]
    assert strokes(ax) == [[[0.4, 0.25], [0.4, 0.75]]]
    frame = display.frame()
    assert list(frame.columns) == ["decisions", "probability", "share", "share_low", "share_high"]
    assert frame["decisions"].to_list() == [50, 9]
    assert frame["share_low"].to_list()[0] == 0.25


def test_coverage():
    points = (CoveragePoint(0.9, SOME, ALL), CoveragePoint(0.2, ALL, SOME), CoveragePoint(0.1, ALL, NOTHING))
    ax = CoverageDisplay(points).plot()
    assert dots(ax) == [(0.5, 1.0), (1.0, 0.5)]
    assert {text.get_text() for text in ax.texts} == {"from 0.90", "from 0.20"}
    assert CoverageDisplay(points).frame()["precision_high"].to_list()[:2] == [1.0, 0.75]


def test_without_an_answer_there_is_no_curve():
    assert dots(CoverageDisplay(()).plot()) == []


def test_label_scores():
    weak = LabelMeasures(SOME, SOME, SOME, support=4, given=4)
    strong = LabelMeasures(ALL, ALL, ALL, support=2, given=2)
    unknown = LabelMeasures(NOTHING, NOTHING, NOTHING, support=0, given=0)
    display = LabelScoresDisplay({"a": strong, "b": weak, "c": unknown}, SOME)
    ax = display.plot()
    assert [label.get_text() for label in ax.get_yticklabels()] == ["c  (0)", "b  (4)", "a  (2)"]
    assert dots(ax) == [(0.5, 1.0), (1.0, 2.0)]
    assert display.frame()["label"].to_list() == ["c", "b", "a"]
    assert display.frame()["articles"].to_list() == [0, 4, 2]


@pytest.mark.parametrize("guess", [Estimate(0.9, (0.8, 0.95)), None])
def test_learning_curve(guess):
    points = tuple(
        CurvePoint(share, n, {"macro_f1": Estimate(value, (value - 0.1, value + 0.1))})
        for share, n, value in ((0.5, 100.0, 0.6), (1.0, 200.0, 0.75))
    )
    curve = LearningCurve("macro_f1", 250, points, Estimate(0.15, (0.1, 0.2)), 30, (), guess, ())
    ax = curve.display().plot()
    expected = [(100.0, 0.6), (200.0, 0.75)]
    assert dots(ax) == (expected if guess is None else [*expected, (400.0, 0.9)])
    assert [label.get_text() for label in ax.get_xticklabels()][:2] == ["100", "200"]
    assert ax.get_ylabel() == "macro F1"
    assert curve.display().frame()["macro_f1_low"].to_list() == pytest.approx([0.5, 0.65])


def test_ageing():
    same, less = Estimate(0.8, (0.7, 0.9)), Estimate(0.75, (0.65, 0.85))
    nothing, drop = Estimate(0.0, (0.0, 0.0)), Estimate(0.05, (0.02, 0.08))
    ages = (Age(0.0, 100, same, same, nothing), Age(4.0, 60, less, same, drop))
    ageing = Ageing("macro_f1", ages, Estimate(0.0125, (0.005, 0.02)), {}, 30, 0.01)
    ax = ageing.display().plot()
    assert dots(ax) == [(4.0, 5.0)]
    assert ax.get_title(loc="left") == "1.2 points a week (0.5 to 2)"
    assert ageing.display().frame()["drop_high"].to_list() == [0.0, 0.08]
