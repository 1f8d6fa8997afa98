"""Where in one document each known term stands.

`find_occurrences` counts for speed and says only with which token a term begins; explanations want the
whole place, and have one document at a time.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from topicml.feature_settings import FeatureSettings
from topicml.occurrences import word_terms
from topicml.pieces import spread, word_pieces
from topicml.term_index import TermIndex
from topicml.text import Tokens


@dataclass(frozen=True, eq=False, slots=True)
class Locations:
    """The places of known terms in a document; they may overlap.

    Parameters
    ----------
    column : ndarray of int64, shape (n_occurrences,)
        The term.
    start, end : ndarray of int64, shape (n_occurrences,)
        Where it starts, and ends (exclusive), in the codes of the tokens. Of a run of words this is all
        from the first word to the last one; the bounds of a word, which a piece may take in, are no
        characters and not counted.
    """

    column: NDArray[np.int64]
    start: NDArray[np.int64]
    end: NDArray[np.int64]

    def ordered(self) -> Locations:
        """Sort them by term, those of one term by place."""
        order = np.lexsort((self.end, self.start, self.column))
        return Locations(self.column[order], self.start[order], self.end[order])


def locate_terms(tokens: Tokens, index: TermIndex, settings: FeatureSettings) -> Locations:
    """Locate the known terms of one document.

    Parameters
    ----------
    tokens : Tokens
        Of one document.
    index : TermIndex
    settings : FeatureSettings

    Returns
    -------
    Locations
        The same occurrences as `topicml.occurrences.find_occurrences` finds.
    """
    hashes = tokens.hashes()
    parts = [_located_words(tokens, hashes, order, index, settings) for order in settings.orders]
    if settings.char_orders:
        parts.append(_located_pieces(tokens, hashes, index, settings))
    return Locations(
        np.concatenate([part.column for part in parts]),
        np.concatenate([part.start for part in parts]),
        np.concatenate([part.end for part in parts]),
    ).ordered()


def _located_words(
    tokens: Tokens, hashes: NDArray[np.uint64], order: int, index: TermIndex, settings: FeatureSettings
) -> Locations:
    column = index.find(word_terms(hashes, order, settings))
    first = (column >= 0).nonzero()[0]
    return Locations(column[first], tokens.start[first], tokens.end[first + order - 1])


def _located_pieces(
    tokens: Tokens, hashes: NDArray[np.uint64], index: TermIndex, settings: FeatureSettings
) -> Locations:
    pieces = word_pieces(tokens, hashes, settings.char_orders)
    column = index.find(pieces.hashes)
    hit = column >= 0
    token, piece = spread(hit.nonzero()[0], pieces.indptr_of(hit), pieces.word)
    start, end = tokens.start[token], tokens.end[token]
    first = start + pieces.first[piece]
    return Locations(column[piece], np.maximum(first, start), np.minimum(first + pieces.length[piece], end))
