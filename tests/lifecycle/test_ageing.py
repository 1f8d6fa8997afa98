from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from topicml.lifecycle.ageing import Ageing, WindowDecisions, duration, measure_ageing
from topicml.metrics.resampling import Estimate

CLASSES = ("art", "sport")


def decisions(right, window_of, copies=1):
    """Articles that are all about art, and models that are right about them or say sport."""
    right = np.repeat(np.array(right, bool), copies, axis=1)
    window_of = np.repeat(window_of, copies)
    truth = np.tile([True, False], (len(window_of), 1))
    decided = np.stack((right, ~right), axis=2)
    return WindowDecisions(CLASSES, truth, decided, window_of, np.arange(len(window_of)) // copies)


def losing(per_window, n=400, n_windows=3, seed=0):
    """Models that are right of 0.9 of the articles when fresh, and of less with each window of age."""
    rng = np.random.default_rng(seed)
    window_of = np.arange(n) % n_windows
    hardness = rng.random(n)
    right = [hardness < 0.9 - per_window * np.maximum(window_of - k, 0) for k in range(n_windows)]
    return decisions(right, window_of)


def measured(tested, **how):
    return measure_ageing(tested, **{"weeks": 2.0, "measure": "accuracy", **how})


def test_worked_by_hand():
    """Two articles in each of three windows; fresh models are right, model 0 is right in window 0 alone.

    One window older: model 0 in window 1 (0 of 2) and model 1 in window 2 (1 of 2), so 1/4 beside 1.
    Two windows older: model 0 in window 2 (0 of 2), so 0 beside 1. With windows of two weeks the slope is
    (4 * 2 * 3/4 + 2 * 4 * 1) / (4 * 2 * 2 + 2 * 4 * 4) = 14 / 48.
    """
    right = [[1, 1, 0, 0, 0, 0], [0, 0, 1, 1, 1, 0], [0, 0, 0, 0, 1, 1]]
    found = measured(decisions(right, np.array([0, 0, 1, 1, 2, 2])))
    assert [(age.weeks, age.n) for age in found.ages] == [(0, 6), (2, 4), (4, 2)]
    assert [age.score.value for age in found.ages] == [1, 0.25, 0]
    assert [age.fresh.value for age in found.ages] == [1, 1, 1]
    assert [age.drop.value for age in found.ages] == [0, 0.75, 1]
    assert found.drop_per_week.value == pytest.approx(14 / 48)
    assert found.n_differing == 4  # those of windows 1 and 2
    assert found.tested_weeks == 4


def test_harder_windows_are_not_taken_for_age():
    """All models are right in the first window and half right in the second: nobody is older for it."""
    right = np.tile(np.repeat([1, 1, 1, 0], 20), (2, 1))
    found = measured(decisions(right, np.repeat([0, 1], 40)))
    assert (found.ages[1].drop.value, found.drop_per_week) == (0, Estimate(0, (0, 0)))


@pytest.mark.parametrize("measure", ["accuracy", "micro_f1"])
def test_an_even_loss_is_found(measure):
    found = measured(losing(0.04), measure=measure)
    low, high = found.drop_per_week.low, found.drop_per_week.high
    assert low < 0.02 < high
    assert low > 0
    assert found.verdict == "it ages"
    assert found.retrain_weeks.value == pytest.approx(0.01 / found.drop_per_week.value)
    assert found.retrain_weeks.low < found.retrain_weeks.value < found.retrain_weeks.high


def test_the_labels_that_lose_are_named():
    found = measured(losing(0.1))
    assert list(found.label_drops) == ["art"]  # no article is about sport
    assert found.label_drops["art"].value > 0


def test_copies_are_no_evidence():
    once = losing(0.04, n=60)
    rows = np.tile(np.arange(60), 9)
    often = WindowDecisions(
        CLASSES, once.truth[rows], once.decided[:, rows], once.window_of[rows], once.groups[rows]
    )
    assert measured(often).drop_per_week == pytest.approx(measured(once).drop_per_week)


def test_the_same_seed_gives_the_same():
    assert measured(losing(0.04)) == measured(losing(0.04))
    assert measured(losing(0.04)) != measured(losing(0.04), random_state=1)


def test_windows_after_the_last_article_are_no_ages():
    tested = decisions(np.ones((3, 4)), np.array([0, 0, 1, 1]))
    assert len(measured(tested).ages) == 2


def ageing(low, value, high, *, n_differing=50, tolerance=0.01, weeks=2.0):
    """A result of three windows with a given loss a week."""
    found = measured(losing(0.04), weeks=weeks, tolerance=tolerance)
    return replace(found, drop_per_week=Estimate(value, (low, high)), n_differing=n_differing)


@pytest.mark.parametrize(
    ("found", "verdict", "told"),
    [
        (
            ageing(0.002, 0.004, 0.01),
            "it ages",
            "retrain every 2 weeks (95% interval 7 days to 5 weeks).",
        ),
        (ageing(0.02, 0.04, 0.1), "it ages", "a guess, because the tested models were 2 weeks apart."),
        (
            ageing(0.02, 0.2, 0.3),
            "it ages",
            "retrain more than once a day (95% interval less than a day to",
        ),
        (ageing(0.0001, 0.0002, 0.0004), "it ages", "after 50 weeks, which was not tested."),
        (ageing(-0.001, 0.001, 0.005), "no ageing shown", "At worst it loses 1 point in 2 weeks."),
        (ageing(-0.001, 0, 0.001), "no ageing shown", "there is no need to retrain within that time."),
        (ageing(-0.03, -0.02, -0.01), "older is better", "Older models do better than fresh ones here"),
        (ageing(0.002, 0.004, 0.01, n_differing=5), "too little to tell", "differ on only 5 stories."),
        (ageing(0.004, 0.004, 0.004, n_differing=1), "too little to tell", "differ on only 1 story."),
        (ageing(0.002, 0.005, 0.01, tolerance=0.02), "it ages", "stay within 2 points"),
    ],
)
def test_the_answer_says_what_the_interval_does(found, verdict, told):
    assert found.verdict == verdict
    assert told in found.answer
    assert (found.retrain_weeks is None) == (verdict != "it ages")


def test_it_is_plain_data():
    found = measured(losing(0.04))
    assert isinstance(found, Ageing)
    told = found.to_dict()
    assert json.loads(json.dumps(told)) == told
    assert [row["weeks"] for row in told["ages"]] == [0, 2, 4]


def test_its_display_has_what_was_measured():
    found = measured(losing(0.04))
    display = found.display()
    assert list(display.rows) == found.to_dict()["ages"]
    assert list(display.drops) == [age.drop for age in found.ages]
    assert (display.weeks, display.slope) == ([0, 2, 4], found.drop_per_week)
    assert display.measure == "accuracy"


@pytest.mark.parametrize(
    ("weeks", "told"),
    [(0.1, "less than a day"), (1 / 7, "1 day"), (1.99, "14 days"), (2, "2 weeks"), (30.4, "30 weeks")],
)
def test_durations(weeks, told):
    assert duration(weeks) == told
