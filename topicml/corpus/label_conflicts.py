"""Copies of a story in a corpus: where their labels conflict, and how many only repeat."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from topicml.article import Article, place_of
from topicml.formatting import counted, listed

_LISTED = 5


@dataclass(frozen=True, slots=True)
class LabelConflict:
    """Copies of one text with different labels.

    There is a count for each set of labels, in the order of its first article. Rows are counted from 1. A
    place is where the article was read, else its id, else ``row`` and its number.

    >>> print(LabelConflict(((("sport",), 1), (("economy", "jobs"), 2)), (25, 26, 27), ("a", "b", "c")))
    sport 1, economy + jobs 2 (rows 25, 26, 27)
    """

    counts: tuple[tuple[tuple[str, ...], int], ...]
    rows: tuple[int, ...]
    places: tuple[str, ...]

    @property
    def tally(self) -> str:
        """The labels with their counts, as a person reads them."""
        return ", ".join(f"{' + '.join(labels) or 'no label'} {count}" for labels, count in self.counts)

    def __str__(self) -> str:
        return f"{self.tally} (rows {listed(map(str, self.rows), _LISTED, more=', ...')})"

    def located(self) -> str:
        """Return the same with the places in the files.

        >>> LabelConflict(((("sport",), 1), (("economy",), 1)), (1, 2), ("a.csv:2", "a.csv:3")).located()
        'sport 1, economy 1 (a.csv:2, a.csv:3)'
        """
        return f"{self.tally} ({listed(self.places, _LISTED, more=', ...')})"


@dataclass(frozen=True, slots=True)
class CopySummary:
    """Copies in a corpus.

    Counted are the articles that repeat an earlier one with the same labels, and the texts that they repeat;
    copies with conflicting labels do not count. Conflicts are in the order of their first articles.
    """

    n_copies: int
    n_groups: int
    conflicts: tuple[LabelConflict, ...]


def conflicting_labels(articles: Sequence[Article], groups: NDArray[np.int64]) -> tuple[LabelConflict, ...]:
    """Return the groups whose articles have different labels, in the order of their first articles.

    An article without labels conflicts with nothing, and the order of an article's labels does not matter.

    >>> shares = [Article("Club shares fall", labels=(label,)) for label in ("sport", "economy")]
    >>> [str(conflict) for conflict in conflicting_labels(shares, np.array([0, 0]))]
    ['sport 1, economy 1 (rows 1, 2)']
    """
    return summarize_copies(articles, groups).conflicts


def summarize_copies(articles: Sequence[Article], groups: NDArray[np.int64]) -> CopySummary:
    """Count the copies that agree, and list those that do not; parameters as for `conflicting_labels`."""
    n_copies = n_groups = 0
    conflicts = []
    for rows in _repeated(articles, groups):
        with_label = Counter(tuple(sorted(articles[row].labels or ())) for row in rows)
        if len(with_label) > 1:
            places = tuple(place_of(articles[row], row) for row in rows)
            conflicts.append(LabelConflict(tuple(with_label.items()), tuple(row + 1 for row in rows), places))
        else:
            n_copies += len(rows) - 1
            n_groups += 1
    return CopySummary(n_copies, n_groups, tuple(conflicts))


def conflict_notes(articles: Sequence[Article], groups: NDArray[np.int64]) -> tuple[str, ...]:
    """Return one note about all conflicts, or none; without places, so that a moved file is the same data."""
    conflicts = conflicting_labels(articles, groups)
    if not conflicts:
        return ()
    first = ":" if len(conflicts) == 1 else ", the first:"
    return (f"{counted(len(conflicts), 'text')} with conflicting labels{first} {conflicts[0]}",)


def _repeated(articles: Sequence[Article], groups: NDArray[np.int64]) -> list[list[int]]:
    """Return the rows of each group of two or more labelled articles, by first row."""
    labelled = np.flatnonzero([article.labels is not None for article in articles])
    order = labelled[np.argsort(groups[labelled], kind="stable")]
    parts = np.split(order, np.flatnonzero(np.diff(groups[order])) + 1)
    return sorted(part.tolist() for part in parts if len(part) > 1)
