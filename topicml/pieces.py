"""Character n-grams within words, worked out once for each distinct word of a chunk.

A language says most of what it says with few words, so a chunk of 250,000 characters has a fifth as
many distinct words as words: hashing and looking up their pieces costs little beside handing them out.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from topicml.sparse_rows import places_of
from topicml.text import Tokens, mixed

PIECE_BIT = np.uint64(1)
"""Lowest bit of a term's hash where words and pieces share a vocabulary: 1 for pieces, 0 for words."""

_BASE = 0xD1342543DE82EF95
_CHECK_BASE = 0xAF251AF3B0F025B5
_BOUND = np.uint64(0x110001)  # stands for a word's bound: more than any code point plus one


@dataclass(frozen=True, eq=False, slots=True)
class Pieces:
    """The character n-grams of the distinct words of a chunk.

    Parameters
    ----------
    hashes : ndarray of uint64, shape (n_pieces,)
        One that a word holds twice stands there twice.
    first : ndarray of int64, shape (n_pieces,)
        The place in its word where each begins; -1 is the bound before the word.
    length : ndarray of int64, shape (n_pieces,)
        Characters, bounds included.
    indptr : ndarray of int64, shape (n_words + 1,)
        Word ``i`` holds the pieces ``indptr[i]`` to ``indptr[i + 1]``.
    token : ndarray of int64, shape (n_words,)
        A token that is the word.
    word : ndarray of int64, shape (n_tokens,)
        The word that each token is.
    """

    hashes: NDArray[np.uint64]
    first: NDArray[np.int64]
    length: NDArray[np.int64]
    indptr: NDArray[np.int64]
    token: NDArray[np.int64]
    word: NDArray[np.int64]

    def indptr_of(self, kept: NDArray[np.bool_]) -> NDArray[np.int64]:
        """Return where each word's pieces begin when only some of all pieces are kept."""
        return np.concatenate(([0], kept.cumsum())).take(self.indptr)


def word_pieces(tokens: Tokens, hashes: NDArray[np.uint64], orders: range, *, check: bool = False) -> Pieces:
    """Find the character n-grams of the words of a chunk.

    A piece lies within one word and may take in the word's bounds, so that beginnings and endings
    are told from middles (as ``analyzer="char_wb"`` of scikit-learn does it). The whole word with
    both its bounds is left out: that is the word itself.

    Parameters
    ----------
    tokens : Tokens
    hashes : ndarray of uint64, shape (n_tokens,)
        Of the tokens: equal ones are one word.
    orders : range
        Lengths of pieces, bounds included.
    check : bool, default=False
        Give a second, independent hash, to notice two pieces that share the first.
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
