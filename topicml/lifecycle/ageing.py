"""How much worse an older model does than a fresh one on the same later articles."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from topicml.displays.ageing import AgeingDisplay
from topicml.formatting import counted
from topicml.metrics.names import MEASURES
from topicml.metrics.paired import FEWEST_DIFFERING, DrawnScores, drawn_scores
from topicml.metrics.resampling import Estimate

AgeingVerdict = Literal["it ages", "no ageing shown", "older is better", "too little to tell"]

_DAYS = 7


@dataclass(frozen=True, slots=True)
class Age:
    """How models of one age do, beside fresh ones.

    Parameters
    ----------
    weeks : float
        How much earlier the old model was trained than the fresh one.
    n : int
        Articles that both were tested on.
    score, fresh : Estimate
        Scores of the old models and of the fresh ones.
    drop : Estimate
        fresh - score, on the same articles: above 0 where the old models are worse.
    """

    weeks: float
    n: int
    score: Estimate
    fresh: Estimate
    drop: Estimate

    def to_row(self) -> dict[str, float | None]:
        """Return it as one flat row."""
        estimates = self.score.named("score") | self.fresh.named("fresh") | self.drop.named("drop")
        return {"weeks": self.weeks, "n": self.n, **estimates}


@dataclass(frozen=True, slots=True)
class Ageing:
    """How fast a model ages, and how often to retrain it.

    Parameters
    ----------
    measure : {"accuracy", "micro_f1", "macro_f1"}
    ages : tuple of Age
        From 0 on, in steps of one test window.
    drop_per_week : Estimate
        The cost of a week of age: the slope of the line through 0 that fits the drops best, each weighted
        by its articles.
    label_drops : mapping of str to Estimate
        The same for F1 of each tested label. One in twenty labels seems to age by chance.
    n_differing : int
        Stories on which an old model and a fresh one decide differently.
    tolerance : float
        The acceptable drop, for `retrain_weeks`.
    """

    measure: str
    ages: tuple[Age, ...]
    drop_per_week: Estimate
    label_drops: Mapping[str, Estimate]
    n_differing: int
    tolerance: float

    @property
    def tested_weeks(self) -> float:
        """The age of the oldest model that was tested."""
        return self.ages[-1].weeks

    @property
    def verdict(self) -> AgeingVerdict:
        """The finding that the interval of `drop_per_week` supports."""
        if self.n_differing < FEWEST_DIFFERING:
            return "too little to tell"
        if self.drop_per_week.low > 0:
            return "it ages"
        return "older is better" if self.drop_per_week.high < 0 else "no ageing shown"

    @property
    def retrain_weeks(self) -> Estimate | None:
        """The weeks after which an old model is worse than a fresh one by the tolerance; None if it is not.

        This assumes that the drop grows evenly; nothing beyond `tested_weeks` was tested.
        """
        if self.verdict != "it ages":
            return None
        slope = self.drop_per_week
        return Estimate(
            self.tolerance / slope.value, (self.tolerance / slope.high, self.tolerance / slope.low)
        )

    @property
    def answer(self) -> str:
        """Whether a model ages and how often to retrain it, in a sentence or two."""
        slope, name = self.drop_per_week, MEASURES[self.measure]
        points = f"{_points(slope.low)} to {_points(slope.high)} points of {name} a week"
        match self.verdict:
            case "too little to tell":
                stories = f"{self.n_differing} {'story' if self.n_differing == 1 else 'stories'}"
                return (
                    f"It is not clear whether a model ages: old and fresh models differ on only {stories}. "
                    "More articles or longer windows may show it."
                )
            case "no ageing shown":
                return (
                    "It is not clear whether a model ages: the 95% interval of its loss against a fresh "
                    f"one, {points}, includes 0. {self._at_most()}"
                )
            case "older is better":
                return (
                    "Older models do better than fresh ones here: the 95% interval of their loss is "
                    f"{points}. Look at the later articles before you train on them."
                )
            case "it ages":
                return (
                    f"A model loses {_points(slope.value)} points of {name} a week against a fresh one "
                    f"(95% interval {_points(slope.low)} to {_points(slope.high)}). {self._advice()}"
                )

    def _at_most(self) -> str:
        if self.drop_per_week.high * self.tested_weeks < self.tolerance:
            return (
                f"At worst it loses less than {self._tolerated} in the {duration(self.tested_weeks)} that "
                "were tested, so there is no need to retrain within that time."
            )
        worst = duration(self.tolerance / self.drop_per_week.high)
        return f"At worst it loses {self._tolerated} in {worst}."

    def _advice(self) -> str:
        weeks = self.retrain_weeks
        assert weeks is not None  # noqa: S101  (it is None for other verdicts alone)
        if weeks.value > self.tested_weeks:
            return (
                f"This is less than {self._tolerated} in the {duration(self.tested_weeks)} that were tested; "
                f"at this rate it is as much after {duration(weeks.value)}, which was not tested."
            )
        often = "more than once a day" if weeks.value * _DAYS < 1 else f"every {duration(weeks.value)}"
        advice = (
            f"To stay within {self._tolerated} of a fresh one, retrain {often} "
            f"(95% interval {duration(weeks.low)} to {duration(weeks.high)})"
        )
        if weeks.value < self.ages[1].weeks:
            apart = duration(self.ages[1].weeks)
            return f"{advice}; this is a guess, because the tested models were {apart} apart."
        return f"{advice}."

    @property
    def _tolerated(self) -> str:
        return "1 point" if self.tolerance == 0.01 else f"{_points(self.tolerance)} points"

    def display(self) -> AgeingDisplay:
        """Return the drops by age as a picture and a table: ``plot()``, ``frame()``."""
        return AgeingDisplay(
            rows=[age.to_row() for age in self.ages],
            weeks=[age.weeks for age in self.ages],
            drops=[age.drop for age in self.ages],
            slope=self.drop_per_week,
            measure=MEASURES[self.measure],
        )

    def to_dict(self) -> dict[str, Any]:
        """Return all of it as values that JSON can hold."""
        weeks = self.retrain_weeks
        return {
            "measure": self.measure,
            "verdict": self.verdict,
            "answer": self.answer,
            "drop_per_week": self.drop_per_week.to_dict(),
            "tolerance": self.tolerance,
            "retrain_weeks": weeks and weeks.to_dict(),
            "tested_weeks": self.tested_weeks,
            "n_differing": self.n_differing,
            "labels": {label: drop.to_dict() for label, drop in self.label_drops.items()},
            "ages": [age.to_row() for age in self.ages],
        }


@dataclass(frozen=True, eq=False, slots=True)
class WindowDecisions:
    """Articles of several windows, and the answers of each of several models.

    Parameters
    ----------
    classes : sequence of str
    truth : ndarray of bool, shape (n_articles, n_classes)
    decided : ndarray of bool, shape (n_models, n_articles, n_classes)
        Model k was trained just before window k. Its answers for earlier windows are ignored.
    window_of : ndarray of int64, shape (n_articles,)
    groups : ndarray of int64, shape (n_articles,)
        Articles of one group are drawn together.
    """

    classes: Sequence[str]
    truth: NDArray[np.bool_]
    decided: NDArray[np.bool_]
    window_of: NDArray[np.int64]
    groups: NDArray[np.int64]

    def older_by(self, steps: int) -> NDArray[np.bool_]:
        """Return the answers of the model that is so many windows older than a fresh one.

        Windows without such a model get those of the first one, which do not count.
        """
        chosen: NDArray[np.bool_] = self.decided[
            np.maximum(self.window_of - steps, 0), np.arange(len(self.truth))
        ]
        return chosen


def measure_ageing(
    tested: WindowDecisions, *, weeks: float, measure: str, tolerance: float = 0.01, random_state: int = 0
) -> Ageing:
    """Compare older models with fresh ones in the windows that both were tested on.

    A later window may be harder than an earlier one for any model. So the score of an old model is not
    compared with its own earlier score, but with that of the model trained just before the window, on the
    same articles, and both are resampled together. A window is so many weeks long.
    """
    fresh = tested.older_by(0)
    differs = np.zeros(len(fresh), bool)
    ages, drops, label_drops, sizes = [], [], [], []
    for steps in range(int(tested.window_of.max()) + 1):
        counts, old = tested.window_of >= steps, tested.older_by(steps)
        differs |= counts & (old != fresh).any(axis=1)
        of_fresh, of_old = (
            drawn_scores(
                tested.truth, answers, groups=tested.groups, counted=counts, random_state=random_state
            )
            for answers in (fresh, old)
        )
        ages.append(_age(steps * weeks, of_fresh, of_old, measure))
        drops.append(of_fresh.measures[measure] - of_old.measures[measure])
        label_drops.append(of_fresh.label_f1 - of_old.label_f1)
        sizes.append(of_fresh.n)
    at, weights = np.array([age.weeks for age in ages]), np.array(sizes)
    by_label = np.array(label_drops)
    return Ageing(
        measure=measure,
        ages=tuple(ages),
        drop_per_week=Estimate.of(_slope(at, np.array(drops), weights)),
        label_drops={
            tested.classes[k]: Estimate.of(_slope(at, by_label[:, :, k], weights))
            for k in np.flatnonzero(tested.truth.any(axis=0)).tolist()
        },
        n_differing=len(np.unique(tested.groups[differs])),
        tolerance=tolerance,
    )


def _age(weeks: float, fresh: DrawnScores, old: DrawnScores, measure: str) -> Age:
    scores, of_fresh = old.measures[measure], fresh.measures[measure]
    n = int(fresh.n[0])
    return Age(
        weeks, n, Estimate.share_of(scores), Estimate.share_of(of_fresh), Estimate.of(of_fresh - scores)
    )


def _slope(
    weeks: NDArray[np.float64], drops: NDArray[np.float64], sizes: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return the slope of the line through 0 for each draw, by least squares weighted by sizes.

    >>> drops, sizes = np.array([[0.0], [0.01], [0.03]]), np.ones((3, 1))
    >>> _slope(np.array([0.0, 1.0, 2.0]), drops, sizes).round(6).tolist()
    [0.014]
    """
    spread = (sizes * weeks[:, None] ** 2).sum(axis=0)
    covered = (sizes * weeks[:, None] * drops).sum(axis=0)
    slope: NDArray[np.float64] = covered / np.maximum(spread, np.finfo(np.float64).tiny)
    return slope


def _points(share: float) -> str:
    """Return a share in points.

    >>> _points(0.02845), _points(-0.0001)
    ('2.8', '-0.01')
    """
    return f"{100 * share:.2g}"


def duration(weeks: float) -> str:
    """Return a number of weeks as people say it, in days if there are few.

    >>> duration(0.05), duration(1), duration(1.5), duration(5.7)
    ('less than a day', '7 days', '10 days', '6 weeks')
    """
    if weeks * _DAYS < 1:
        return "less than a day"
    if weeks < 2:
        return counted(round(weeks * _DAYS), "day")
    return f"{weeks:.0f} weeks"
