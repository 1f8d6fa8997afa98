"""Measures of decisions, of all labels and of each: who was given which, and whether it was right."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from topicml.metrics.resampling import Estimate, Tally, intervals_of

LABEL_MEASURES = ("precision", "recall", "f1")
"""Measures of each label, for models of either kind."""


@dataclass(frozen=True, slots=True)
class LabelMeasures:
    """How well one label is found.

    Parameters
    ----------
    precision, recall, f1 : Estimate
        0 without an interval where there is nothing to divide by: the precision of a label that was never
        given, the recall of a label that no article has.
    support, given : int
        Articles that have the label, and articles that were given it.
    average_precision : Estimate or None
        How high its articles rank when all are ordered by its probability, whatever the threshold;
        None for a multiclass model.
    """

    precision: Estimate
    recall: Estimate
    f1: Estimate
    support: int
    given: int
    average_precision: Estimate | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return them as values that JSON can hold."""
        measures = {name: getattr(self, name) for name in LABEL_MEASURES}
        if self.average_precision is not None:
            measures["average_precision"] = self.average_precision
        return {
            **{name: estimate.value for name, estimate in measures.items()},
            "support": self.support,
            "given": self.given,
            "intervals": intervals_of(measures),
        }


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
    """Return the scores of each row of summed statistics, whose columns are those of `decision_statistics`.

    Precision, recall and F1 are 0 where there is nothing to divide by, as scikit-learn has them by
    default, and a mean over labels is over those that are true or given somewhere in the row: a label
    that a resample happens to lack says nothing there.
    """
    tp, taken, support = _by_label(sums, n_labels)
    there = taken + support > 0
    n_there = np.maximum(there.sum(axis=1), 1)
    n_support = np.maximum(support.sum(axis=1), 1)
    found: dict[str, NDArray[np.float64]] = {"accuracy": sums[:, 1] / sums[:, 0]}
    total = tp.sum(axis=1), taken.sum(axis=1), support.sum(axis=1)
    for name, overall, each in zip(
        ("precision", "recall", "f1"), _ratios(*total), _ratios(tp, taken, support), strict=True
    ):
        found[f"micro_{name}"] = overall
        found[f"macro_{name}"] = each.sum(axis=1) / n_there
        found[f"weighted_{name}"] = (each * support).sum(axis=1) / n_support
    return found


def decision_tally(truth: NDArray[np.bool_], predicted: NDArray[np.bool_]) -> Tally:
    """Return the tally of all measures of decisions.

    Beside those of `measures` it gives Hamming loss, and for each label that is present (true or given
    anywhere) the values ``label_precision``, ``label_recall`` and ``label_f1``. A row of `predicted` without
    a label is an article that was not answered, or found to have none.
    """
    present = np.logical_or.reduce(truth | predicted, axis=0)
    n_present, n_classes = int(present.sum()), truth.shape[1]

    def of_sums(sums: NDArray[np.float64]) -> dict[str, NDArray[np.float64]]:
        tp, taken, support = _by_label(sums, n_present)
        wrong = (taken + support - 2 * tp).sum(axis=1)
        return {
            **measures(sums, n_present),
            "hamming_loss": wrong / (sums[:, 0] * max(n_classes, 1)),
            "label_precision": _share(tp, taken),
            "label_recall": _share(tp, support),
            "label_f1": _share(2 * tp, taken + support),
        }

    return Tally(decision_statistics(truth, predicted, present), of_sums)


def answer_tally(
    truth: NDArray[np.bool_], predicted: NDArray[np.bool_], answered: NDArray[np.bool_]
) -> Tally:
    """Return the tally of ``coverage``, the share that is answered, and ``answered_accuracy``, of those."""
    right = (truth == predicted).all(axis=1) & answered
    columns = np.column_stack((np.ones(len(truth)), answered, right)).astype(np.float64)

    def of_sums(sums: NDArray[np.float64]) -> dict[str, NDArray[np.float64]]:
        return {
            "coverage": sums[:, 1] / sums[:, 0],
            "answered_accuracy": _share(sums[:, 2], sums[:, 1]),
        }

    return Tally(columns, of_sums)


def f1_scores(tp: Any, taken: Any, support: Any) -> Any:  # noqa: ANN401  (numbers or arrays of them)
    """Return F1 from how often labels were found, given and true; 0 where there is nothing to divide by."""
    return 2 * tp / np.maximum(taken + support, 1)


def _by_label(sums: NDArray[np.float64], n_labels: int) -> tuple[NDArray[np.float64], ...]:
    """Return how often each label was found, given and true."""
    return tuple(sums[:, 2 + part * n_labels : 2 + (part + 1) * n_labels] for part in range(3))


def _ratios(
    tp: NDArray[np.float64], taken: NDArray[np.float64], support: NDArray[np.float64]
) -> tuple[NDArray[np.float64], ...]:
    return tp / np.maximum(taken, 1), tp / np.maximum(support, 1), f1_scores(tp, taken, support)


def _share(part: NDArray[np.float64], whole: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return a ratio, NaN where there is nothing to divide by."""
    share: NDArray[np.float64] = np.divide(part, whole, out=np.full(whole.shape, np.nan), where=whole > 0)
    return share
