"""The scores that training prints: few measures of decisions, overall and for each label."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from topicml.exceptions import TopicmlValueError
from topicml.formatting import counted, escaped, table_lines
from topicml.metrics.decisions import decision_statistics, decision_tally, f1_scores, measures
from topicml.metrics.names import MEASURES, SCORES
from topicml.metrics.probabilities import calibration_tally
from topicml.metrics.resampling import Estimate, Tally, resample

_TOLD = ("accuracy", "macro_f1")  # in a representation


@dataclass(frozen=True, slots=True)
class LabelScores:
    """How well one label is found.

    Parameters
    ----------
    precision, recall, f1 : float
        0 where there is nothing to divide by.
    support : int
        Articles with the label.
    """

    precision: float
    recall: float
    f1: float
    support: int


@dataclass(frozen=True, slots=True)
class Scores:
    """Scores of one set of predictions.

    Parameters
    ----------
    n : int
        Articles.
    accuracy : float
        Share of articles with all labels right and none too many.
    micro_f1, macro_f1 : float
        F1 of all decisions together, and the mean of the labels' F1 over the labels that occur in
        the truth or among the predictions.
    ece : float
        Expected calibration error, see `topicml.metrics.probabilities`.
    intervals : mapping of str to (float, float)
        95% bootstrap interval of each of these.
    labels : mapping of str to LabelScores
    precision_at_1 : float, optional
        Of articles with any number of labels: the share with the most probable label right.
    f1_intervals : mapping of str to (float, float)
        95% bootstrap interval of each label's F1; none for a label that no article has or was given.
    """

    n: int
    accuracy: float
    micro_f1: float
    macro_f1: float
    ece: float
    intervals: Mapping[str, tuple[float, float]]
    labels: Mapping[str, LabelScores]
    precision_at_1: float | None = None
    f1_intervals: Mapping[str, tuple[float, float]] = field(default_factory=dict)

    def __repr__(self) -> str:
        told = (
            f"{MEASURES[name]} {estimate}" for name, estimate in self.estimates().items() if name in _TOLD
        )
        return f"Scores({counted(self.n, 'article')}, {', '.join(told)})"

    def estimates(self) -> dict[str, Estimate]:
        """Return each measure of all labels together with its interval."""
        return {name: self.estimate(name) for name in SCORES}

    def estimate(self, name: str) -> Estimate:
        """Return one of the measures, by its name here, with its interval."""
        return Estimate(getattr(self, name), self.intervals.get(name))

    def label_f1(self, label: str) -> Estimate:
        """Return the F1 of a label with its interval."""
        return Estimate(self.labels[label].f1, self.f1_intervals.get(label))

    def to_dict(self) -> dict[str, Any]:
        """Return the scores as values that JSON can hold."""
        first = {} if self.precision_at_1 is None else {"precision_at_1": self.precision_at_1}
        return {
            "n": self.n,
            **first,
            "accuracy": self.accuracy,
            "micro_f1": self.micro_f1,
            "macro_f1": self.macro_f1,
            "ece": self.ece,
            "intervals": {measure: list(interval) for measure, interval in self.intervals.items()},
            "labels": {label: self._label_dict(label) for label in self.labels},
        }

    def _label_dict(self, label: str) -> dict[str, Any]:
        found, interval = self.labels[label], self.f1_intervals.get(label)
        known = {} if interval is None else {"intervals": {"f1": list(interval)}}
        figures = {"precision": found.precision, "recall": found.recall, "f1": found.f1}
        return {**figures, "support": found.support, **known}

    def __str__(self) -> str:
        """Return the scores as two tables: overall with intervals, and by label, the weakest first."""
        return "\n".join((*overall_lines(self), "", *label_score_lines(self)))


def score(
    truth: NDArray[np.bool_],
    predicted: NDArray[np.bool_],
    probabilities: NDArray[np.float64],
    classes: tuple[str, ...],
    *,
    multilabel: bool,
    groups: NDArray[np.int64] | None = None,
    n_resamples: int = 1000,
    random_state: int = 0,
) -> Scores:
    """Score predictions, with bootstrap intervals over groups of articles.

    Parameters
    ----------
    truth, predicted : ndarray of bool, shape (n_articles, n_classes)
        A row of `predicted` without a label is an article that was left to a person, or to which the
        model gave no label.
    probabilities : ndarray of float64, shape (n_articles, n_classes)
    classes : tuple of str
    multilabel : bool
        Whether each label has its own probability, or the highest of a row is the answer.
    groups : ndarray of int64, shape (n_articles,), optional
        Articles of one group, such as copies of one story, are drawn together (cluster bootstrap:
        Field and Welsh 2007, doi:10.1111/j.1467-9868.2007.00593.x). By default each article is its own group.
    n_resamples : int, default=1000
    random_state : int, default=0
    """
    if not len(truth):
        raise TopicmlValueError("there are no articles to score")
    tallies = [
        decision_tally(truth, predicted),
        calibration_tally(truth, probabilities, multilabel=multilabel),
    ]
    names = [*SCORES]
    if multilabel:
        tallies.append(_first_label_tally(truth, probabilities))
        names.append("precision_at_1")
    found = resample(tallies, groups=groups, n_resamples=n_resamples, random_state=random_state)
    overall = {measure: found.estimate(measure) for measure in names}
    present = np.flatnonzero(np.logical_or.reduce(truth | predicted, axis=0)).tolist()
    by_label = zip(present, found.estimates("label_f1"), strict=True)
    return Scores(
        n=len(truth),
        **{measure: estimate.value for measure, estimate in overall.items()},
        intervals={measure: estimate.interval for measure, estimate in overall.items() if estimate.interval},
        labels={label: label_scores(truth[:, k], predicted[:, k]) for k, label in enumerate(classes)},
        f1_intervals={classes[k]: estimate.interval for k, estimate in by_label if estimate.interval},
    )


def _first_label_tally(truth: NDArray[np.bool_], probabilities: NDArray[np.float64]) -> Tally:
    right = truth[np.arange(len(truth)), probabilities.argmax(axis=1)]
    columns = np.column_stack((np.ones(len(truth)), right)).astype(np.float64)
    return Tally(columns, lambda sums: {"precision_at_1": sums[:, 1] / sums[:, 0]})


def quick_score(truth: NDArray[np.bool_], predicted: NDArray[np.bool_], measure: str) -> float:
    """Return one of the measures that `Scores` has, without an interval.

    Parameters
    ----------
    truth, predicted : ndarray of bool, shape (n_articles, n_classes)
    measure : {"accuracy", "micro_f1", "macro_f1"}
    """
    present = np.logical_or.reduce(truth | predicted, axis=0)
    sums = decision_statistics(truth, predicted, present).sum(axis=0, keepdims=True)
    return float(measures(sums, int(present.sum()))[measure][0])


def label_scores(truth: NDArray[np.bool_], predicted: NDArray[np.bool_]) -> LabelScores:
    """Score one label.

    Parameters
    ----------
    truth, predicted : ndarray of bool, shape (n_articles,)
    """
    tp, taken, support = (truth & predicted).sum(), predicted.sum(), truth.sum()
    return LabelScores(
        precision=float(tp / taken) if taken else 0.0,
        recall=float(tp / support) if support else 0.0,
        f1=float(f1_scores(tp, taken, support)),
        support=int(support),
    )


def overall_lines(scores: Scores) -> list[str]:
    """Return a line for each measure with its interval, under a header.

    Micro F1 is left out where it only repeats accuracy, as it does where every article gets one label.
    """
    rows = [["measure", "value", "95% interval"]]
    for measure in SCORES:
        low, high = scores.intervals[measure]
        figures = [f"{getattr(scores, measure):.3f}", f"{low:.3f} to {high:.3f}"]
        if measure != "micro_f1" or figures != rows[1][1:]:
            rows.append([MEASURES[measure], *figures])
    return table_lines(rows, right=[False, True, True])


def label_score_lines(scores: Scores) -> list[str]:
    """Return a line for each label, the weakest first, under a header."""
    rows = [["label", "precision", "recall", "F1", "95% interval", "articles"]]
    for label, found in sorted(scores.labels.items(), key=lambda item: item[1].f1):
        figures = [f"{found.precision:.3f}", f"{found.recall:.3f}", f"{found.f1:.3f}"]
        rows.append([escaped(label), *figures, scores.label_f1(label).interval_text(), str(found.support)])
    return table_lines(rows, right=[False, True, True, True, True, True])
