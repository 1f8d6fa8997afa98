"""Scores of predictions against the truth, each with an interval."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from topicml.exceptions import TopicmlValueError

__all__ = [
    "LabelScores",
    "Scores",
    "decision_statistics",
    "expected_calibration_error",
    "f1_scores",
    "measures",
    "percentile_interval",
    "quick_score",
    "resampled_sums",
    "score",
    "summed_by_group",
]

_RESAMPLES_AT_ONCE = 100
_N_BINS = 15


@dataclass(frozen=True, slots=True)
class LabelScores:
    """How well one label is found.

    Parameters
    ----------
    precision, recall, f1 : float
        0 where there is nothing to divide by.
    support : int
        Articles that bear the label.
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
        Share of articles whose labels are all right and none too many.
    micro_f1, macro_f1 : float
        F1 of all decisions together, and the mean of the labels' F1 over the labels that occur in
        the truth or among the predictions.
    ece : float
        Expected calibration error, see `expected_calibration_error`.
    intervals : mapping of str to (float, float)
        95 % bootstrap interval of each of these.
    labels : mapping of str to LabelScores
    """

    n: int
    accuracy: float
    micro_f1: float
    macro_f1: float
    ece: float
    intervals: Mapping[str, tuple[float, float]]
    labels: Mapping[str, LabelScores]

    def to_dict(self) -> dict[str, Any]:
        """Return the scores as values that JSON can hold."""
        return {
            "n": self.n,
            "accuracy": self.accuracy,
            "micro_f1": self.micro_f1,
            "macro_f1": self.macro_f1,
            "ece": self.ece,
            "intervals": {measure: list(interval) for measure, interval in self.intervals.items()},
            "labels": {
                label: {"precision": s.precision, "recall": s.recall, "f1": s.f1, "support": s.support}
                for label, s in self.labels.items()
            },
        }


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
    """Score predictions, with percentile bootstrap intervals over groups of articles.

    Parameters
    ----------
    truth, predicted : ndarray of bool, shape (n_articles, n_classes)
        A row of `predicted` without a label is an article that the model did not answer, or that it
        found to bear none.
    probabilities : ndarray of float64, shape (n_articles, n_classes)
    classes : tuple of str
    multilabel : bool
        Whether each probability stands for itself or the highest of a row for the answer.
    groups : ndarray of int64, shape (n_articles,), optional
        Articles of one group, such as copies of one story, are drawn together (cluster bootstrap:
        Field and Welsh 2007, doi:10.1111/j.1467-9868.2007.00593.x). By default each stands alone.
    n_resamples : int, default=1000
    random_state : int, default=0
    """
    if not len(truth):
        raise TopicmlValueError("there are no articles to score")
    present = np.logical_or.reduce(truth | predicted, axis=0)
    parts = (
        decision_statistics(truth, predicted, present),
        _calibration_gaps(truth, probabilities, multilabel=multilabel),
    )
    sums = summed_by_group(np.hstack(parts), groups)
    n_present = int(present.sum())
    values = measures(sums.sum(axis=0, keepdims=True), n_present)
    resampled = measures(resampled_sums(sums, n_resamples, random_state), n_present)
    # A sum of absolute values grows under resampling: its draws are moved back by that bias.
    bias = resampled["ece"].mean() - values["ece"]
    resampled["ece"] = np.clip(resampled["ece"] - bias, 0.0, 1.0)
    return Scores(
        n=len(truth),
        accuracy=float(values["accuracy"][0]),
        micro_f1=float(values["micro_f1"][0]),
        macro_f1=float(values["macro_f1"][0]),
        ece=float(values["ece"][0]),
        intervals={measure: percentile_interval(draws) for measure, draws in resampled.items()},
        labels={label: _label_scores(truth[:, k], predicted[:, k]) for k, label in enumerate(classes)},
    )


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


def expected_calibration_error(
    truth: NDArray[np.bool_], probabilities: NDArray[np.float64], *, multilabel: bool
) -> float:
    """Return the mean gap between what probabilities promise and what holds, over 15 bins of equal mass.

    For multiclass it looks at each row's highest probability, for multilabel at every probability
    (Naeini, Cooper and Hauskrecht 2015, "Obtaining Well Calibrated Probabilities Using Bayesian
    Binning"; with bins of equal mass as in Nixon et al. 2019, arXiv:1904.01685).

    Examples
    --------
    >>> truth = np.array([[True, False], [True, False]])
    >>> expected_calibration_error(truth, np.array([[0.9, 0.1], [0.7, 0.3]]), multilabel=False)
    0.2
    """
    gaps = _calibration_gaps(truth, probabilities, multilabel=multilabel)
    return round(float(np.abs(gaps.sum(axis=0)).sum() / len(truth)), 12)


def _calibration_gaps(
    truth: NDArray[np.bool_], probabilities: NDArray[np.float64], *, multilabel: bool
) -> NDArray[np.float64]:
    """Each article's sum of (probability - outcome) in each bin, over the decisions it stands for.

    With one decision an article, the absolute column sums over the number of articles are the
    calibration error; with several, each weighs the same part of one.
    """
    if not multilabel:
        best = probabilities.argmax(axis=1)[:, None]
        truth, probabilities = np.take_along_axis(truth, best, 1), np.take_along_axis(probabilities, best, 1)
    order = np.argsort(probabilities, axis=None, kind="stable")
    flat = np.empty(probabilities.size, np.int64)
    flat[order] = np.arange(probabilities.size) * _N_BINS // max(probabilities.size, 1)
    bins = flat.reshape(probabilities.shape)
    gaps = np.zeros((len(truth), _N_BINS))
    np.add.at(gaps, (np.arange(len(truth))[:, None], bins), (probabilities - truth) / max(truth.shape[1], 1))
    return gaps


def decision_statistics(
    truth: NDArray[np.bool_], predicted: NDArray[np.bool_], present: NDArray[np.bool_]
) -> NDArray[np.float64]:
    """Return each article's part in the sums that `measures` makes scores of.

    The columns: 1; whether all is right; and for each label that is present, whether it was found,
    whether it was given, and whether it is true.

    >>> truth, predicted = np.array([[True, False]]), np.array([[True, True]])
    >>> decision_statistics(truth, predicted, np.array([True, True])).tolist()
    [[1.0, 0.0, 1.0, 0.0, 1.0, 1.0, 1.0, 0.0]]
    """
    parts = (
        np.ones((len(truth), 1)),
        (truth == predicted).all(axis=1, keepdims=True),
        (truth & predicted)[:, present],
        predicted[:, present],
        truth[:, present],
    )
    return np.hstack(parts).astype(np.float64)


def measures(sums: NDArray[np.float64], n_labels: int) -> dict[str, NDArray[np.float64]]:
    """Return the scores of each row of summed statistics.

    The columns are those of `decision_statistics`, and after them what calibration adds, if anything.
    """
    n, right, rest = sums[:, 0], sums[:, 1], sums[:, 2:]
    tp, taken, support = (rest[:, part * n_labels : (part + 1) * n_labels] for part in range(3))
    return {
        "accuracy": right / n,
        "micro_f1": f1_scores(tp.sum(axis=1), taken.sum(axis=1), support.sum(axis=1)),
        # A label that a resample happens to lack says nothing there: it is left out of the mean.
        "macro_f1": f1_scores(tp, taken, support).sum(axis=1)
        / np.maximum((taken + support > 0).sum(axis=1), 1),
        "ece": np.abs(rest[:, 3 * n_labels :]).sum(axis=1) / n,
    }


def summed_by_group(statistics: NDArray[np.float64], groups: NDArray[np.int64] | None) -> NDArray[np.float64]:
    """Return the sum of the rows of each group; without groups, the rows."""
    if groups is None:
        return statistics
    _, group_of = np.unique(groups, return_inverse=True)
    sums = np.zeros((group_of.max() + 1, statistics.shape[1]))
    np.add.at(sums, group_of, statistics)
    return sums


def resampled_sums(sums: NDArray[np.float64], n_resamples: int, random_state: int) -> NDArray[np.float64]:
    """Draw as many groups as there are, with replacement, again and again, and sum their statistics."""
    rng = np.random.default_rng(random_state)
    n = len(sums)
    drawn = []
    for first in range(0, n_resamples, _RESAMPLES_AT_ONCE):
        some = min(_RESAMPLES_AT_ONCE, n_resamples - first)
        drawn.append(
            np.stack([np.bincount(rng.integers(n, size=n), minlength=n) for _ in range(some)]) @ sums
        )
    return np.concatenate(drawn)


def percentile_interval(draws: NDArray[np.float64]) -> tuple[float, float]:
    """Return the interval that holds the middle 95 % of the draws."""
    low, high = np.percentile(draws, [2.5, 97.5])
    return float(low), float(high)


def _label_scores(truth: NDArray[np.bool_], predicted: NDArray[np.bool_]) -> LabelScores:
    tp, taken, support = (truth & predicted).sum(), predicted.sum(), truth.sum()
    return LabelScores(
        precision=float(tp / taken) if taken else 0.0,
        recall=float(tp / support) if support else 0.0,
        f1=float(f1_scores(tp, taken, support)),
        support=int(support),
    )


def f1_scores(tp: Any, taken: Any, support: Any) -> Any:  # noqa: ANN401  (numbers or arrays of them)
    """Return F1 from how often labels were found, given and true; 0 where there is nothing to divide by."""
    return 2 * tp / np.maximum(taken + support, 1)
