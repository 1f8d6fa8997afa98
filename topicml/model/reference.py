"""What a model met in training, in counts: what later articles without labels are compared with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from topicml.model.predictions import REASON_CODES

N_BINS = 20
"""Ranges of equal width that probabilities are counted in."""


@dataclass(frozen=True, slots=True)
class Reference:
    """What the model did with training articles while they were held out.

    Parameters
    ----------
    n_articles : int
    labels : tuple of int, length n_classes
        How often each label was given.
    reasons : tuple of int
        Articles left to a person for each reason, as in `topicml.model.predictions.REASON_CODES`; the first
        number is that of the others. Unusual language is not counted: about 3 in 1,000 have it.
    confidence, right : tuple of int, length 20
        Labels given by their probability, in steps of 0.05, and how many of them were right.
    sources : mapping of str to int
        Articles of the most frequent outlets. Empty where articles have no outlets.
    """

    n_articles: int
    labels: tuple[int, ...]
    reasons: tuple[int, ...]
    confidence: tuple[int, ...]
    right: tuple[int, ...]
    sources: Mapping[str, int]

    def content(self) -> dict[str, Any]:
        """Return it as values that JSON can hold."""
        return {
            "n_articles": self.n_articles,
            "labels": list(self.labels),
            "reasons": list(self.reasons),
            "confidence": list(self.confidence),
            "right": list(self.right),
            "sources": dict(self.sources),
        }

    @classmethod
    def read(cls, content: Mapping[str, Any], n_classes: int) -> Reference:
        """Read what `content` returned; a ValueError names what is wrong."""
        sizes = {"labels": n_classes, "reasons": len(REASON_CODES), "confidence": N_BINS, "right": N_BINS}
        counts = {name: _counts(content[name], size, name) for name, size in sizes.items()}
        (n_articles,) = _counts([content["n_articles"]], 1, "n_articles")
        sources = dict(content["sources"])
        numbers = _counts(list(sources.values()), len(sources), "sources")
        if not n_articles or any(
            right > n for right, n in zip(counts["right"], counts["confidence"], strict=True)
        ):
            raise ValueError("unexpected numbers in the reference")
        return cls(n_articles=n_articles, sources=dict(zip(sources, numbers, strict=True)), **counts)


def confidence_counts(probabilities: NDArray[np.float64]) -> NDArray[np.int64]:
    """Count probabilities in steps of 0.05.

    >>> confidence_counts(np.array([0.0, 0.07, 0.99, 1.0])).nonzero()[0].tolist()
    [0, 1, 19]
    """
    steps = np.minimum((probabilities * N_BINS).astype(np.int64), N_BINS - 1)
    return np.bincount(steps, minlength=N_BINS)


def _counts(values: Sequence[Any], size: int, name: str) -> tuple[int, ...]:
    if len(values) != size or any(type(value) is not int or value < 0 for value in values):
        raise ValueError(f"unexpected {name} in the reference")
    return tuple(values)
