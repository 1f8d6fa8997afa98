"""Dated articles cut into windows of equal length, with the articles before each window."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from topicml.exceptions import CorpusError
from topicml.formatting import counted

DAY = 86_400_000_000  # microseconds, as topicml.corpus.fields counts them
WEEK = 7 * DAY


@dataclass(frozen=True, eq=False, slots=True)
class Timeline:
    """Dated articles in windows, the last of which ends with the day of the last article.

    Parameters
    ----------
    instants : ndarray of int64, shape (n_articles,)
        In microseconds, as `topicml.corpus.fields.parse_instant` gives them.
    edges : ndarray of int64, shape (n_windows + 1,)
        Window k is from edge k to before the next one.
    window_of : ndarray of int64, shape (n_articles,)
        -1 before the first.
    copied : ndarray of bool, shape (n_articles,)
        Whether an article of a window is a copy of one dated before it.
    """

    instants: NDArray[np.int64]
    edges: NDArray[np.int64]
    window_of: NDArray[np.int64]
    copied: NDArray[np.bool_]

    @classmethod
    def cut(
        cls,
        instants: NDArray[np.int64],
        groups: NDArray[np.int64],
        *,
        n_windows: int,
        length: timedelta | None = None,
    ) -> Timeline:
        """Cut the end of the time into windows, by default as few whole days each as cover the later half.

        It is an error if no article is left before the first window.

        >>> line = Timeline.cut(np.arange(8) * DAY, np.arange(8), n_windows=2)
        >>> line.window_of.tolist(), line.weeks * 7
        ([-1, -1, -1, -1, 0, 0, 1, 1], 2.0)
        """
        end = int(instants.max()) // DAY * DAY + DAY
        if length is None:
            begin = int(np.sort(instants)[len(instants) // 2]) // DAY * DAY
            size = -(-(end - begin) // (n_windows * DAY)) * DAY
        else:
            size = length // timedelta(microseconds=1)
        edges = end - size * np.arange(n_windows, -1, -1)
        if not (instants < edges[0]).any():
            raise CorpusError(
                f"no article is left to train on before {counted(n_windows, 'window')} of "
                f"{timedelta(microseconds=size)}: the dates go from {written(int(instants.min()))} to "
                f"{written(int(instants.max()))}; ask for fewer steps, or shorter windows"
            )
        window_of = np.searchsorted(edges, instants, side="right") - 1
        earliest = np.full(groups.max() + 1, np.iinfo(np.int64).max)
        np.minimum.at(earliest, groups, instants)
        copied = (window_of >= 0) & (earliest[groups] < edges[np.maximum(window_of, 0)])
        return cls(instants, edges, window_of, copied)

    @property
    def n_windows(self) -> int:
        """How many windows there are."""
        return len(self.edges) - 1

    @property
    def weeks(self) -> float:
        """The length of a window."""
        return float(self.edges[1] - self.edges[0]) / WEEK

    def edge(self, k: int) -> str:
        """Return where window k begins, and the one before it ends, as ISO 8601."""
        return written(int(self.edges[k]))

    def before(self, window: int, history: timedelta | None = None) -> NDArray[np.int64]:
        """Return the articles dated before a window, and no longer than so long before it."""
        past = self.instants < self.edges[window]
        if history is not None:
            past &= self.instants >= self.edges[window] - history // timedelta(microseconds=1)
        return np.flatnonzero(past)

    def to_test(self) -> NDArray[np.int64]:
        """Return the articles of all windows that are no copies of earlier ones."""
        return np.flatnonzero((self.window_of >= 0) & ~self.copied)

    def n_copied(self, window: int) -> int:
        """Count the articles of a window that are copies of earlier ones."""
        return int((self.copied & (self.window_of == window)).sum())


def written(instant: int) -> str:
    """Return an instant as ISO 8601 in UTC, a day as its date alone.

    >>> written(738_000 * DAY), written(738_000 * DAY + 3_600_000_000)
    ('2021-07-30', '2021-07-30T01:00:00')
    """
    moment = datetime.min + timedelta(microseconds=instant)
    return moment.date().isoformat() if instant % DAY == 0 else moment.isoformat()
