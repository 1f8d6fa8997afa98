"""The words that speak most for a label in any text."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from topicml.model.ngrams import PIECE_BIT
from topicml.model.tokens import tokenize
from topicml.model.vectorizer import Vectorizer
from topicml.model.words import all_speak

Words = tuple[tuple[str, float], ...]

_CANDIDATES = 1000  # terms that are looked at, those with the largest coefficients: 20 ms
_OVERLAP = 2  # letters that two pieces must have in common to be joined
_MORE = "…"


def strongest_words(
    vectorizer: Vectorizer,
    coefficients: NDArray[np.float32],
    added: Callable[[list[str]], NDArray[np.float64]],
    n: int,
) -> Words:
    """Return words and phrases with the score that a text of each alone adds to a label, the largest first.

    `added` gives that for some texts. No word is named twice, so a phrase takes the place of its words where
    it adds more than each of them, and all of them speak for the label.
    """
    order = np.argsort(-coefficients, kind="stable")
    order = order[coefficients[order] > 0]
    if not vectorizer.settings.orders:
        terms = order[:_CANDIDATES].tolist()
        return _joined_pieces({vectorizer.terms[term]: float(coefficients[term]) for term in terms}, n)
    if vectorizer.settings.char_orders:
        order = order[vectorizer.hashes[order] & PIECE_BIT == 0]
    texts = [vectorizer.terms[term] for term in order[: max(_CANDIDATES, n)].tolist()]
    return _without_repeats(vectorizer, texts, added(texts), n)


def _without_repeats(vectorizer: Vectorizer, texts: list[str], added: NDArray[np.float64], n: int) -> Words:
    tokens = tokenize(texts, min_token_length=vectorizer.settings.min_token_length)
    letters = tokens.ngram_texts(np.arange(len(tokens.start)), 1)
    words = [letters[begin:end] for begin, end in pairwise(tokens.indptr.tolist())]
    alone = {own[0]: value for own, value in zip(words, added.tolist(), strict=True) if len(own) == 1}
    found: list[tuple[str, float]] = []
    named: set[str] = set()
    for place in np.argsort(-added, kind="stable").tolist():
        if added[place] <= 0 or len(found) == n:
            break
        if named.isdisjoint(words[place]) and all_speak([alone.get(word, 0.0) for word in words[place]]):
            found.append((texts[place], float(added[place])))
            named.update(words[place])
    return tuple(found)


def _joined_pieces(pieces: Mapping[str, float], n: int) -> Words:
    """Join pieces of words to the longest stretches, each with the largest coefficient of its pieces.

    >>> _joined_pieces({"…accin…": 0.5, "vacci…": 0.4, "…cine": 0.3, "ha…": 0.1}, 5)
    (('vaccine', 0.5), ('ha…', 0.1))
    """
    found: list[tuple[str, float]] = []
    for piece, coefficient in pieces.items():
        inner = piece.strip(_MORE)
        if len(found) < n and not any(inner in stretch for stretch, _ in found):
            found.append((_lengthened(piece, pieces), coefficient))
    return tuple(found)


def _lengthened(stretch: str, pieces: Mapping[str, float]) -> str:
    """Add letters at both ends, those of the strongest piece that fits, as long as the word goes on."""
    used: set[str] = set()
    while fitting := next((p for p in pieces if p not in used and _joined(stretch, p) is not None), None):
        used.add(fitting)
        stretch = _joined(stretch, fitting) or stretch
    return stretch


def _joined(stretch: str, piece: str) -> str | None:
    """Return two pieces in one where the end of one is the beginning of the other; None where it is not.

    >>> _joined("…accin…", "vacci…"), _joined("…accin…", "…cine"), _joined("ha…", "…ba")
    ('vaccin…', '…accine', None)
    """
    for left, right in ((piece, stretch), (stretch, piece)):
        if left.endswith(_MORE) and right.startswith(_MORE):
            before, after = left[:-1], right[1:]
            longest = min(len(before.strip(_MORE)), len(after.strip(_MORE))) - 1
            for size in range(longest, _OVERLAP - 1, -1):
                if before.endswith(after[:size]):
                    return before + after[size:]
    return None
