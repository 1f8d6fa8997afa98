"""How a model does on the articles of each source, year, length or any other field."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from topicml.corpus.fields import BAND_RANK as _RANK
from topicml.metrics.decisions import answer_tally, decision_tally
from topicml.metrics.names import OVERALL
from topicml.metrics.resampling import Estimate, intervals_of, resample

_MEASURES = (*OVERALL, "coverage")
_MOST = 50


@dataclass(frozen=True, slots=True)
class Slice:
    """The articles that have one value of a field, and how a model does on them.

    Parameters
    ----------
    value : str or None
        Empty for articles without one; None for all rarer values together.
    n : int
        Articles.
    n_stories : int
        Stories: copies count as one. Intervals for fewer than about 30 stories are unreliable: where all
        are right, the interval has no width, however few they are.
    measures : mapping of str to Estimate
        ``accuracy``, ``micro_f1``, ``macro_f1`` (over the labels that occur in the slice) and ``coverage``.
    """

    value: str | None
    n: int
    n_stories: int
    measures: Mapping[str, Estimate]

    @property
    def name(self) -> str:
        """Name of the value in a table."""
        return "(all others)" if self.value is None else self.value or "(none)"

    def to_dict(self) -> dict[str, Any]:
        """Return the slice as values that JSON can hold."""
        return {
            "value": self.value,
            "n": self.n,
            "n_stories": self.n_stories,
            **{name: estimate.value for name, estimate in self.measures.items()},
            "intervals": intervals_of(self.measures),
        }


def score_slices(
    values: Sequence[str],
    truth: NDArray[np.bool_],
    predicted: NDArray[np.bool_],
    answered: NDArray[np.bool_],
    *,
    groups: NDArray[np.int64],
    n_resamples: int,
    random_state: int,
) -> tuple[Slice, ...]:
    """Measure the articles of each value by themselves: the most frequent 50, and all others together.

    Each article has a value (see `slice_values`); truth and predicted are of shape (n_articles, n_classes).
    Bands of length come from short to long, other values sorted.
    """
    counts = Counter(values)
    chosen = sorted(counts, key=lambda value: (-counts[value], value))
    own = sorted(chosen[:_MOST], key=lambda value: (_RANK.get(value, 0), value))
    rows_of = {value: np.array([other == value for other in values]) for value in own}
    parts: list[tuple[str | None, NDArray[np.bool_]]] = list(rows_of.items())
    if len(chosen) > _MOST:
        parts.append((None, ~np.logical_or.reduce(list(rows_of.values()))))
    slices = []
    for value, rows in parts:
        tallies = (
            decision_tally(truth[rows], predicted[rows]),
            answer_tally(truth[rows], predicted[rows], answered[rows]),
        )
        found = resample(tallies, groups=groups[rows], n_resamples=n_resamples, random_state=random_state)
        measures = {name: found.estimate(name) for name in _MEASURES}
        slices.append(Slice(value, int(rows.sum()), len(np.unique(groups[rows])), measures))
    return tuple(slices)
