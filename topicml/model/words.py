"""Contributions of the words of a text: those of its terms, shared among the words that contain them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import fsum
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from topicml.model.ngrams import Locations
from topicml.model.spans import SourceMap
from topicml.model.tokens import INVISIBLE, Tokens

_BETWEEN = tuple(map(ord, " \n-"))  # one of these may stand between the words of a phrase


@dataclass(frozen=True, slots=True)
class WordEvidence:
    """A word or phrase of a text, and its contribution to a label's score.

    Parameters
    ----------
    word : str
        As it is written where it occurs first.
    contribution : float
        Of all its occurrences together; negative if they spoke against the label.
    spans : tuple of (int, int)
        Its places, in characters of the explanation's text, end exclusive.
    """

    word: str
    contribution: float
    spans: tuple[tuple[int, int], ...]


class _Runs(NamedTuple):
    """Places of known terms: first token, last token (exclusive), and the contribution of each place."""

    first: NDArray[np.int64]
    last: NDArray[np.int64]
    share: NDArray[np.float64]

    def sizes(self) -> NDArray[np.int64]:
        """Return how many tokens each has."""
        return self.last - self.first

    def take(self, kept: NDArray[np.bool_]) -> _Runs:
        """Return some of them."""
        return _Runs(self.first[kept], self.last[kept], self.share[kept])


def words_of(
    text: str,
    source: SourceMap,
    tokens: Tokens,
    places: Locations,
    columns: NDArray[np.int32],
    added: NDArray[np.float64],
) -> tuple[WordEvidence, ...]:
    """Share the contributions of a text's terms among its words; return these, the strongest first.

    A term's contribution is divided equally among its places, and the share of a place equally among the
    words there. Each word of the text belongs to one row: a word, a phrase, or a stretch of a script without
    spaces. So the rows add up to the contributions of all terms.
    """
    if not len(columns):
        return ()
    runs = _runs(tokens, places, columns, added)
    token = _covered(runs)
    sizes = runs.sizes()
    totals = np.bincount(token, (runs.share / sizes).repeat(sizes), len(tokens.start)).astype(np.float64)
    known = np.bincount(token, minlength=len(tokens.start)) > 0
    joined = _phrases(tokens, runs, totals) | _stretches(tokens, runs)
    first = (known & ~np.append(False, joined[:-1])).nonzero()[0]
    last = (known & ~joined).nonzero()[0] + 1
    return _folded(text, source, tokens, first, last, totals)


def _runs(tokens: Tokens, places: Locations, columns: NDArray[np.int32], added: NDArray[np.float64]) -> _Runs:
    term = columns.searchsorted(places.column)
    share = added / np.bincount(term, minlength=len(columns))
    first = tokens.end.searchsorted(places.start, side="right")
    return _Runs(first, tokens.start.searchsorted(places.end), share.take(term))


def _covered(runs: _Runs) -> NDArray[np.int64]:
    """Return the tokens of each run, one run after the other.

    >>> _covered(_Runs(np.array([4, 1]), np.array([6, 2]), np.zeros(2))).tolist()
    [4, 5, 1]
    """
    sizes = runs.sizes()
    covered: NDArray[np.int64] = np.arange(sizes.sum()) + (runs.first - sizes.cumsum() + sizes).repeat(sizes)
    return covered


def _phrases(tokens: Tokens, runs: _Runs, totals: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Tell which tokens are one phrase with the next.

    A known run of words is a phrase where they stand together in the text and all speak as the run does, by
    themselves, too. The strongest run comes first, and no word belongs to two.
    """
    joined, taken = np.zeros((2, len(totals)), bool)
    alone = runs.take(runs.sizes() == 1)
    by_itself = np.bincount(alone.first, alone.share, len(totals))
    runs = runs.take(_stands_together(tokens, runs))
    for number in np.argsort(-np.abs(runs.share), kind="stable").tolist():
        place, sign = slice(runs.first[number], runs.last[number]), np.sign(runs.share[number])
        speaks = all_speak((by_itself[place] * sign).tolist()) and (totals[place] * sign).min() > 0
        if speaks and not taken[place].any():
            taken[place] = True
            joined[place.start : place.stop - 1] = True
    return joined


def all_speak(shares: Sequence[float]) -> bool:
    """Tell whether each of some words has at least a quarter of an equal share: none is a mere companion.

    >>> all_speak([0.2, 0.3]), all_speak([0.01, 0.3]), all_speak([0.0, 0.0]), all_speak([0.0, -1.0])
    (True, False, True, False)
    """
    return 4 * len(shares) * min(shares) >= sum(shares) >= 0


def _stands_together(tokens: Tokens, runs: _Runs) -> NDArray[np.bool_]:
    """Tell which runs are several words with nothing but a blank or a hyphen between them."""
    gap = tokens.codes.take(tokens.end[:-1])
    apart = (tokens.start[1:] - tokens.end[:-1] != 1) | ~np.isin(gap, _BETWEEN)
    alone = tokens.stand_alone(np.arange(len(tokens.start)))
    apart |= alone[1:] | alone[:-1]
    n_apart = np.concatenate(([0], apart.cumsum()))
    together: NDArray[np.bool_] = (runs.sizes() > 1) & (n_apart[runs.last - 1] == n_apart[runs.first])
    return together


def _stretches(tokens: Tokens, runs: _Runs) -> NDArray[np.bool_]:
    """Tell which characters of scripts without spaces are one stretch with the next.

    They are if a term covers both. Some term covers most neighbours in a sentence, so it is cut between two
    of them if their terms say less than half as much as those of the neighbours before or after, or if they
    are weaker and speak the other way.
    """
    alone = tokens.stand_alone(np.arange(len(tokens.start)))
    beside = alone[1:] & alone[:-1] & (tokens.start[1:] == tokens.end[:-1])
    runs = runs.take(runs.sizes() > 1)
    links = runs._replace(last=runs.last - 1)
    linked = np.bincount(_covered(links), links.share.repeat(links.sizes()), len(alone))[:-1] * beside
    kept = linked != 0
    for there in (np.append(0.0, linked[:-1]), np.append(linked[1:], 0.0)):
        kept &= np.abs(linked) >= np.abs(there) * np.where(linked * there > 0, 0.5, 1.0)
    return np.append(kept, False)


def _folded(
    text: str,
    source: SourceMap,
    tokens: Tokens,
    firsts: NDArray[np.int64],
    lasts: NDArray[np.int64],
    totals: NDArray[np.float64],
) -> tuple[WordEvidence, ...]:
    """Make one row of all occurrences of the words from a first token to a last one, as written first."""
    letters = tokens.ngram_texts(np.arange(len(tokens.start)), 1)
    spans = source.spans(tokens.start[firsts], tokens.end[lasts - 1])
    found: dict[tuple[str, ...], tuple[list[float], list[tuple[int, int]]]] = {}
    for first, last, span in zip(firsts.tolist(), lasts.tolist(), spans, strict=True):
        shares, where = found.setdefault(tuple(letters[first:last]), ([], []))
        shares += totals[first:last].tolist()
        where.append(span)
    words = (
        WordEvidence(_as_written(text, *where[0]), fsum(shares), tuple(where))
        for shares, where in found.values()
    )
    return tuple(sorted(words, key=lambda word: (-abs(word.contribution), word.spans)))


def _as_written(text: str, start: int, end: int) -> str:
    return " ".join(INVISIBLE.sub("", text[start:end]).split())
