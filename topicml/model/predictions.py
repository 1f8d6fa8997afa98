"""The answers of a model for many articles: arrays, of which a `Prediction` is made when one is looked at."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import overload

import numpy as np
from numpy.typing import NDArray

from topicml.formatting import counted, percent, shortened
from topicml.model.prediction import Prediction, Reason

REASON_CODES: tuple[Reason | None, ...] = (
    None,
    "no_known_terms",
    "unusual_language",
    "low_confidence",
    "no_label_reached",
)
"""What the numbers in `Predictions.reasons` mean; of several that hold, the first says most."""

NO_LABEL_REACHED = REASON_CODES.index("no_label_reached")
"""The one reason with which a model does not abstain."""

_SHOWN, _LISTED = 5, 20  # predictions that a representation names, and those in a notebook
_LONGEST = 60  # characters of each


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Predictions(Sequence[Prediction]):
    """The predictions for many articles, in their order.

    A sequence: it has a length, items and slices, and equals a list of the same predictions. ``list(x)``
    gives such a list. It can be pickled.

    Parameters
    ----------
    probabilities : ndarray of float64, shape (n_articles, n_classes)
        Of each label, columns as in `classes_`.
    assigned : ndarray of bool, shape (n_articles, n_classes)
        Which labels each article is given.
    reasons : ndarray of int8, shape (n_articles,)
        Why a person should review the article, by place in `topicml.model.predictions.REASON_CODES`; 0
        where nobody needs to.
    known_terms : ndarray of float64, shape (n_articles,)
        Share of each text's terms that the model knows.
    classes_ : tuple of str
        The labels of the model, sorted.
    fingerprint : str
        Which model answered.

    Examples
    --------
    >>> predictions = Predictions(
    ...     probabilities=np.array([[0.2, 0.8]]),
    ...     assigned=np.array([[False, True]]),
    ...     reasons=np.array([0], np.int8),
    ...     known_terms=np.array([1.0]),
    ...     classes_=("art", "sport"),
    ...     fingerprint="0123456789ab",
    ... )
    >>> predictions[0].label
    'sport'
    >>> predictions == list(predictions)
    True
    """

    probabilities: NDArray[np.float64]
    assigned: NDArray[np.bool_]
    reasons: NDArray[np.int8]
    known_terms: NDArray[np.float64]
    classes_: tuple[str, ...]
    fingerprint: str

    def __len__(self) -> int:
        return len(self.reasons)

    @overload
    def __getitem__(self, index: int) -> Prediction: ...
    @overload
    def __getitem__(self, index: slice) -> Predictions: ...
    def __getitem__(self, index: int | slice) -> Prediction | Predictions:
        if isinstance(index, slice):
            return self.take(index)
        place = range(len(self))[index]  # an index counts from the end, or is refused, as one of a list
        return next(iter(self.take(slice(place, place + 1))))

    def __iter__(self) -> Iterator[Prediction]:
        for taken, reason, known, row, best in zip(
            self._labels(),
            self.reasons.tolist(),
            self.known_terms.tolist(),
            map(tuple, self.probabilities.tolist()),
            self.probabilities.argmax(axis=1).tolist(),
            strict=True,
        ):
            labels = tuple([self.classes_[k] for k in taken])
            yield Prediction(
                labels[0] if labels else None,
                labels,
                row[taken[0] if taken else best],
                0 < reason < NO_LABEL_REACHED,
                REASON_CODES[reason],
                known,
                self.classes_,
                row,
                self.fingerprint,
            )

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Predictions | list):
            return NotImplemented
        return len(self) == len(other) and all(a == b for a, b in zip(self, other, strict=True))

    __hash__ = None  # type: ignore[assignment]  # as a list has none

    def __repr__(self) -> str:
        found = [", ".join(one.labels) or f"none ({one.reason})" for one in self[:_SHOWN]]
        more = [f"and {len(self) - _SHOWN:,} more"] if len(self) > _SHOWN else []
        labels = "; ".join([shortened(each, _LONGEST) for each in found] + more)
        return f"Predictions({counted(len(self), 'article')}: {labels})" if found else "Predictions([])"

    def _repr_html_(self) -> str:
        from topicml.displays.tables import html_view, table_of_rows  # noqa: PLC0415  (prediction needs none)

        rows = [
            {"labels": ", ".join(one.labels) or "none", "probability": percent(one.probability)}
            for one in self[:_LISTED]
        ]
        shown = f"the first {_LISTED} of " if len(self) > _LISTED else ""
        return html_view([f"{shown}{counted(len(self), 'article')}"], table_of_rows("Predictions", rows))

    @property
    def abstained(self) -> NDArray[np.bool_]:
        """Which articles the model leaves to a person, shape (n_articles,)."""
        return (self.reasons > 0) & (self.reasons < NO_LABEL_REACHED)

    def take(self, rows: slice | NDArray[np.int64]) -> Predictions:
        """Return the predictions for some of the articles.

        Parameters
        ----------
        rows : slice or ndarray of int64
            Their places, counted from 0.
        """
        return Predictions(
            self.probabilities[rows],
            self.assigned[rows],
            self.reasons[rows],
            self.known_terms[rows],
            self.classes_,
            self.fingerprint,
        )

    def _labels(self) -> Iterator[list[int]]:
        """Yield the places of each article's labels in `classes_`, the most probable first."""
        row, label = self.assigned.nonzero()
        ranked = label.take(np.lexsort((-self.probabilities[row, label], row))).tolist()
        ends = row.searchsorted(np.arange(len(self) + 1)).tolist()
        return (ranked[begin:end] for begin, end in pairwise(ends))


def reasons_of(
    *, no_known_terms: NDArray[np.bool_], unusual: NDArray[np.bool_], low: NDArray[np.bool_]
) -> NDArray[np.int8]:
    """Return why a model leaves each article to a person, as `Predictions.reasons` has it.

    >>> yes, no = np.array([True]), np.array([False])
    >>> reasons_of(no_known_terms=no, unusual=yes, low=yes).tolist()
    [2]
    """
    reasons = np.zeros(len(low), np.int8)
    # From the one that says least to the one that says most, which stays.
    for code, rows in ((3, low), (2, unusual), (1, no_known_terms)):
        reasons[rows] = code
    return reasons
