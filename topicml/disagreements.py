"""The articles on which two models part."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from topicml.article import Article


@dataclass(frozen=True, slots=True)
class Disagreement:
    """An article to which two models give different labels.

    Parameters
    ----------
    position : int
        Among the articles, counted from 0.
    id : str, optional
        Its own, or else where it was read.
    truth, a, b : tuple of str
        Its labels, and those that each model gave it; sorted.
    """

    position: int
    id: str | None
    truth: tuple[str, ...]
    a: tuple[str, ...]
    b: tuple[str, ...]


def find_disagreements(
    articles: Sequence[Article],
    truth: NDArray[np.bool_],
    a: NDArray[np.bool_],
    b: NDArray[np.bool_],
    classes: Sequence[str],
) -> tuple[Disagreement, ...]:
    """Return the articles about which two sets of decisions differ, in their order.

    Parameters
    ----------
    articles : sequence of Article
    truth, a, b : ndarray of bool, shape (n_articles, n_classes)
    classes : sequence of str
    """

    def borne(row: NDArray[np.bool_]) -> tuple[str, ...]:
        return tuple(classes[k] for k in np.flatnonzero(row).tolist())

    rows = np.flatnonzero((a != b).any(axis=1)).tolist()
    names = [articles[row].id or articles[row].origin or None for row in rows]
    return tuple(
        Disagreement(row, name, borne(truth[row]), borne(a[row]), borne(b[row]))
        for row, name in zip(rows, names, strict=True)
    )
