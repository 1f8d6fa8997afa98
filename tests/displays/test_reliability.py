from __future__ import annotations

import pytest

from topicml.displays.reliability import ReliabilityDisplay
from topicml.metrics.probabilities import ReliabilityBin
from topicml.metrics.resampling import Estimate

SOME, NOTHING = Estimate(0.5, (0.25, 0.75)), Estimate(0.0, None)
DISPLAY = ReliabilityDisplay((ReliabilityBin(50, 0.4, SOME), ReliabilityBin(9, 0.9, NOTHING)), SOME)


def test_bins_are_drawn_with_their_intervals_and_left_out_without(dots, strokes):
    ax = DISPLAY.plot()
    assert dots(ax) == [(0.4, 0.5)]
    assert strokes(ax) == [[[0.4, 0.25], [0.4, 0.75]]]


def test_its_table_has_all_bins():
    frame = DISPLAY.frame()
    assert list(frame.columns) == ["decisions", "probability", "share", "share_low", "share_high"]
    assert frame["decisions"].to_list() == [50, 9]
    assert frame["share_low"].to_list()[0] == 0.25


def test_bars_say_how_many_there_are_where_most_are():
    ax = DISPLAY.plot()
    heights = [bar.get_height() for bar in ax.patches]
    assert [k for k, height in enumerate(heights) if height] == [4, 9]
    assert heights[4] / heights[9] == pytest.approx(50 / 9)
    assert [text.get_text() for text in ax.texts] == ["50", "9"]
