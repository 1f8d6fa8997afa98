from __future__ import annotations

from topicml.displays.label_scores import LabelScoresDisplay
from topicml.metrics.decisions import LabelMeasures
from topicml.metrics.resampling import Estimate

SOME, ALL, NOTHING = Estimate(0.5, (0.25, 0.75)), Estimate(1.0, (1.0, 1.0)), Estimate(0.0, None)
LABELS = {
    "strong": LabelMeasures(ALL, ALL, ALL, support=2, given=2),
    "weak": LabelMeasures(SOME, SOME, SOME, support=4, given=4),
    "unknown": LabelMeasures(NOTHING, NOTHING, NOTHING, support=0, given=0),
}


def test_the_weakest_are_drawn_first_with_their_articles(dots):
    ax = LabelScoresDisplay(LABELS, SOME).plot()
    assert [label.get_text() for label in ax.get_yticklabels()] == [
        "unknown  (0)",
        "weak  (4)",
        "strong  (2)",
    ]
    assert dots(ax) == [(0.5, 1.0), (1.0, 2.0)]


def test_its_table_has_the_same_order():
    frame = LabelScoresDisplay(LABELS, SOME).frame()
    assert frame["label"].to_list() == ["unknown", "weak", "strong"]
    assert frame["articles"].to_list() == [0, 4, 2]
    assert frame["recall_high"].to_list()[1:] == [0.75, 1.0]
