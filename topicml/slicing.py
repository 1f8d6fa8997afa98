"""Where a model does well and where it does not: by outlet, by year, by length, by any field."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from topicml.article import Article
from topicml.fields import field_values
from topicml.instants import parse_instant
from topicml.metrics.decisions import answer_tally, decision_tally
from topicml.metrics.resampling import Estimate, resample

SLICE_MEASURES = ("accuracy", "micro_f1", "macro_f1", "coverage")
_MOST = 50
_LENGTHS = (50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000)


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
        Stories: copies are one. Of fewer than about 30, an interval says little: stories that are all
        right have an interval without width, however few they are.
    measures : mapping of str to Estimate
        ``accuracy``, ``micro_f1``, ``macro_f1`` (over the labels that occur in the slice) and ``coverage``.
    """

    value: str | None
    n: int
    n_stories: int
    measures: Mapping[str, Estimate]

    def to_dict(self) -> dict[str, Any]:
        """Return the slice as values that JSON can hold."""
        return {
            "value": self.value,
            "n": self.n,
            "n_stories": self.n_stories,
            **{name: estimate.value for name, estimate in self.measures.items()},
            "intervals": {
                name: estimate.interval and list(estimate.interval)
                for name, estimate in self.measures.items()
            },
        }


def slice_values(articles: Sequence[Article], field: str) -> list[str]:
    """Return the value of a field of each article.

    Parameters
    ----------
    articles : sequence of Article
    field : str
        ``source``; a name among the articles' metadata; or, where that has no such name, ``year`` or
        ``month`` (of the date as it is written) or ``length`` (a band of characters, title and text).

    Raises
    ------
    CorpusError
        If no article has the field.

    Examples
    --------
    >>> slice_values([Article("Rain", date="2024-03-31"), Article("Snow", date="soon")], "year")
    ['2024', '']
    >>> slice_values([Article("Rain"), Article("Snow" * 100)], "length")
    ['under 50', '200 to 499']
    """
    derived = _DERIVED.get(field)
    if derived and not any(field in article.metadata for article in articles):
        return [derived(article) for article in articles]
    return field_values(articles, field, others=tuple(_DERIVED))


def _year(article: Article) -> str:
    return _month(article)[:4]


def _month(article: Article) -> str:
    written = (article.date or "").strip()
    if parse_instant(written) is None:
        return ""
    moment = datetime.fromisoformat(written)
    return f"{moment.year:04}-{moment.month:02}"


def _length(article: Article) -> str:
    return _BANDS[bisect_right(_LENGTHS, len(article.full_text))]


_DERIVED: Mapping[str, Callable[[Article], str]] = MappingProxyType(
    {"year": _year, "month": _month, "length": _length}
)
_BANDS = (
    f"under {_LENGTHS[0]}",
    *(f"{low:,} to {high - 1:,}" for low, high in pairwise(_LENGTHS)),
    f"{_LENGTHS[-1]:,} or more",
)
_RANK = {band: rank for rank, band in enumerate(_BANDS)}


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

    Parameters
    ----------
    values : sequence of str
        Of each article, see `slice_values`.
    truth, predicted : ndarray of bool, shape (n_articles, n_classes)
    answered : ndarray of bool, shape (n_articles,)
    groups : ndarray of int64, shape (n_articles,)
        Copies within a slice are drawn together.
    n_resamples, random_state : int

    Returns
    -------
    tuple of Slice
        Bands of length from short to long, all others sorted by value.
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
        measures = {name: found.estimate(name) for name in SLICE_MEASURES}
        slices.append(Slice(value, int(rows.sum()), len(np.unique(groups[rows])), measures))
    return tuple(slices)
