"""How much of a text is in another, by runs of four words, as article extractors are compared.

The measure is that of the article extraction benchmark of Zyte (scrapinghub): precision and recall of
each page, their means over the pages, and the harmonic mean of these two.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from statistics import mean

__all__ = ["TextScore", "score_texts"]

_WORD = re.compile(r"\w+")
_LENGTH = 4


@dataclass(frozen=True, slots=True)
class TextScore:
    """How well texts were found.

    Parameters
    ----------
    precision, recall : float
    """

    precision: float
    recall: float

    @property
    def f1(self) -> float:
        """The harmonic mean of the two."""
        total = self.precision + self.recall
        return 2 * self.precision * self.recall / total if total else 0.0


def score_texts(pairs: Iterable[tuple[str, str]]) -> TextScore:
    """Score pairs of the text that was expected and the one that was found.

    Examples
    --------
    >>> score = score_texts([("one two three four five", "one two three four")])
    >>> score.precision, score.recall
    (1.0, 0.5)
    """
    counted = [(_shingles(expected), _shingles(found)) for expected, found in pairs]
    common = [(expected & found).total() for expected, found in counted]
    precisions = [c / found.total() for c, (_, found) in zip(common, counted, strict=True) if found]
    recalls = [c / expected.total() for c, (expected, _) in zip(common, counted, strict=True) if expected]
    return TextScore(mean(precisions or [0.0]), mean(recalls or [0.0]))


def _shingles(text: str) -> Counter[tuple[str, ...]]:
    words = _WORD.findall(text)
    return Counter(tuple(words[i : i + _LENGTH]) for i in range(max(1, len(words) - _LENGTH + 1)) if words)
