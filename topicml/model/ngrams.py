"""N-grams of words and pieces of words: their hashes, where they occur in tokens, and where in a text."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from topicml.model.feature_settings import FeatureSettings
from topicml.model.sparse import places_of
from topicml.model.tokens import Tokens, crossing_ngrams, mixed, ngram_hashes

PIECE_BIT = np.uint64(1)
"""Lowest bit of a term's hash where words and pieces share a vocabulary: 1 for pieces, 0 for words."""

_BASE = 0xD1342543DE82EF95
_CHECK_BASE = 0xAF251AF3B0F025B5
_BOUND = np.uint64(0x110001)  # stands for a word's bound: more than any code point plus one


@dataclass(frozen=True, eq=False, slots=True)
class Pieces:
    """The character n-grams of the distinct words of a chunk, each as often as its word holds it."""

    hashes: NDArray[np.uint64]  # (n_pieces,)
    first: NDArray[
        np.int64
    ]  # (n_pieces,), the place in its word where each begins; -1 is the bound before it
    length: NDArray[np.int64]  # (n_pieces,), bounds included
    indptr: NDArray[np.int64]  # (n_words + 1,)
    token: NDArray[np.int64]  # (n_words,), a token that is the word
    word: NDArray[np.int64]  # (n_tokens,), the word that each token is

    def indptr_of(self, kept: NDArray[np.bool_]) -> NDArray[np.int64]:
        """Return where each word's pieces begin when only some of all pieces are kept."""
        return np.concatenate(([0], kept.cumsum())).take(self.indptr)


def word_pieces(tokens: Tokens, hashes: NDArray[np.uint64], orders: range, *, check: bool = False) -> Pieces:
    """Find the character n-grams of these lengths, bounds included, of a chunk's words, by their hashes.

    A piece lies within one word and may take in the word's bounds, so that beginnings and endings
    are told from middles (as ``analyzer="char_wb"`` of scikit-learn does it). The whole word with
    both its bounds is left out: that is the word itself. `check` gives a second, independent hash, to
    notice two pieces that share the first.
    """
    _, token, word = np.unique(hashes, return_index=True, return_inverse=True)
    size = tokens.end[token] - tokens.start[token] + 2  # with both bounds
    begin = np.concatenate(([0], np.cumsum(size)))
    word_at = np.arange(len(size)).repeat(size)
    place = np.arange(begin[-1]) - begin[word_at]
    room = size[word_at] - place
    codes = _codes(tokens, tokens.start[token][word_at] + place - 1, (place == 0) | (room == 1))
    whole = size[word_at]
    table = np.empty((len(codes), len(orders)), np.uint64)
    inside = np.empty(table.shape, bool)
    for n, runs in _rolling(codes, orders, _CHECK_BASE if check else _BASE):
        table[:, n - orders[0]] = runs
        inside[:, n - orders[0]] = (n <= room) & (n < whole)
    at, order = inside.nonzero()
    indptr = at.searchsorted(begin)
    return Pieces(table[inside], place[at] - 1, order + orders[0], indptr, token, word)


def spread(
    values: NDArray[np.int64], indptr: NDArray[np.int64], word: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Hand what is known of each word to each token; return the tokens and the values they get.

    >>> [part.tolist() for part in spread(np.array([7, 8, 9]), np.array([0, 2, 3]), np.array([1, 0]))]
    [[0, 1, 1], [9, 7, 8]]
    """
    place, sizes = places_of(indptr, word)
    return np.arange(len(word)).repeat(sizes), values.take(place)


def piece_text(word: str, first: int, length: int) -> str:
    """Write a piece so that people see where in a word it stands.

    >>> piece_text("china", -1, 4), piece_text("china", 1, 3), piece_text("china", 2, 4)
    ('chi…', '…hin…', '…ina')
    """
    last = first + length
    text = word[max(first, 0) : min(last, len(word))]
    return ("" if first < 0 else "…") + text + ("" if last > len(word) else "…")


def _codes(tokens: Tokens, source: NDArray[np.int64], bound: NDArray[np.bool_]) -> NDArray[np.uint64]:
    """Return each character plus one, so that none is a zero, and a number of its own for a bound."""
    codes = tokens.codes.take(source, mode="clip").astype(np.uint64)
    codes += PIECE_BIT
    codes[bound] = _BOUND
    return codes


def _rolling(codes: NDArray[np.uint64], orders: range, base: int) -> list[tuple[int, NDArray[np.uint64]]]:
    """Return for each order the hash of the run that begins at each place."""
    rolled = np.zeros(len(codes), np.uint64)
    found = []
    for n in range(1, orders[-1] + 1):
        power = np.uint64(pow(base, n - 1, 1 << 64))
        rolled[: max(len(codes) - n + 1, 0)] += codes[n - 1 :] * power
        if n in orders:
            found.append((n, mixed(rolled) | PIECE_BIT))
    return found


@dataclass(frozen=True, eq=False)
class TermIndex:
    """Finds the columns of term hashes, which ascend strictly: the column of a term is its rank."""

    hashes: NDArray[np.uint64]

    def __len__(self) -> int:
        return len(self.hashes)

    def find(self, hashes: NDArray[np.uint64]) -> NDArray[np.int64]:
        """Return the column of each hash, -1 for those that the vocabulary does not hold.

        The highest bits of a hash lead to the few terms that share them: hashes are uniform, so the
        first guess is nearly always right. Measured against an open-addressing table, it takes half
        the time and no memory beside the sorted hashes.
        """
        if not len(self):
            return np.full(len(hashes), -1)
        shift, first, last = self._buckets
        place = first.take((hashes >> shift).view(np.int64)).astype(np.int64)
        seen = self.hashes.take(place)
        waiting = ((seen < hashes) & (hashes <= last)).nonzero()[0]
        while len(waiting):
            further = place.take(waiting) + 1
            found = self.hashes.take(further)
            place[waiting], seen[waiting] = further, found
            waiting = waiting.compress(found < hashes.take(waiting))
        return np.where(seen == hashes, place, -1)

    @cached_property
    def _buckets(self) -> tuple[NDArray[np.uint64], NDArray[np.int32], NDArray[np.uint64]]:
        """Return what leaves of a hash its bucket, the first term from each bucket on, and the last hash."""
        bits = len(self).bit_length() + 1
        shift = np.array(64 - bits, np.uint64)
        sizes = np.bincount((self.hashes >> shift).view(np.int64), minlength=1 << bits)
        first = np.minimum(np.cumsum(sizes) - sizes, len(self) - 1).astype(np.int32)
        return shift, first, np.array(self.hashes[-1])


def find_occurrences(
    tokens: Tokens, hashes: NDArray[np.uint64], index: TermIndex, settings: FeatureSettings
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
    """Find the known terms of a chunk, given ``tokens.hashes()``.

    Returns the token that each begins with or lies in, the term that it is (its column), and of each document
    the share of its terms that are known; 0 for one without terms. Where there are terms made of words it is
    the share of those: nearly every text of an alphabet has known pieces.
    """
    if not settings.char_orders:
        return _words(tokens, hashes, index, settings)
    piece_token, piece_column, known = _pieces(tokens, hashes, index, settings)
    if not settings.orders:
        return piece_token, piece_column, known
    token, column, known = _words(tokens, hashes, index, settings)
    return np.concatenate((token, piece_token)), np.concatenate((column, piece_column)), known


def word_terms(hashes: NDArray[np.uint64], order: int, settings: FeatureSettings) -> NDArray[np.uint64]:
    """Return the hash of each n-gram of words, told from those of pieces where there are pieces, too."""
    ngrams = ngram_hashes(hashes, order)
    return ngrams & ~PIECE_BIT if settings.char_orders else ngrams


def _words(
    tokens: Tokens, hashes: NDArray[np.uint64], index: TermIndex, settings: FeatureSettings
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
    words = tokens.indptr[1:] - tokens.indptr[:-1]
    ngrams = [word_terms(hashes, order, settings) for order in settings.orders]
    column = index.find(np.concatenate(ngrams))
    begin = 0
    for order, part in zip(settings.orders, ngrams, strict=True):
        if len(words) > 1:
            column[begin + crossing_ngrams(tokens.indptr, order)] = -1
        begin += len(part)
    hit = (column >= 0).nonzero()[0]
    token = np.concatenate([np.arange(len(part)) for part in ngrams]).take(hit)
    n_terms = sum(np.maximum(words - order + 1, 0) for order in settings.orders)
    return token, column.take(hit), _share(tokens, token, n_terms)


def _pieces(
    tokens: Tokens, hashes: NDArray[np.uint64], index: TermIndex, settings: FeatureSettings
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
    pieces = word_pieces(tokens, hashes, settings.char_orders)
    column = index.find(pieces.hashes)
    hit = column >= 0
    token, known_column = spread(column.compress(hit), pieces.indptr_of(hit), pieces.word)
    sizes = (pieces.indptr[1:] - pieces.indptr[:-1]).take(pieces.word)
    n_terms = np.bincount(tokens.documents(), sizes, len(tokens.indptr) - 1)
    return token, known_column, _share(tokens, token, n_terms)


def _share(tokens: Tokens, token: NDArray[np.int64], n_terms: NDArray[np.generic]) -> NDArray[np.float64]:
    found = np.bincount(tokens.documents().take(token), minlength=len(tokens.indptr) - 1)
    share: NDArray[np.float64] = found / np.maximum(n_terms, 1)
    return share


@dataclass(frozen=True, eq=False, slots=True)
class Locations:
    """The places of known terms, by column, in the codes of a document's tokens; they may overlap.

    Of a run of words a place is all from the first word to the last one; the bounds of a word, which a piece
    may take in, are no characters and not counted. Ends are exclusive.
    """

    column: NDArray[np.int64]
    start: NDArray[np.int64]
    end: NDArray[np.int64]

    def ordered(self) -> Locations:
        """Sort them by term, those of one term by place."""
        order = np.lexsort((self.end, self.start, self.column))
        return Locations(self.column[order], self.start[order], self.end[order])


def locate_terms(tokens: Tokens, index: TermIndex, settings: FeatureSettings) -> Locations:
    """Locate the known terms of one document, the occurrences that `find_occurrences` finds."""
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
