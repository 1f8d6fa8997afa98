"""Whether a text is written in the language of the training articles: how many of its words they use."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from topicml.model.tokens import Tokens

_LEAST_LETTERS = 3
_LOWEST_BITS = 6  # a set of no words still has a byte to look at
_MOST_BITS = 32
_SECOND = np.array(24, np.uint64)  # the second place of a word is made of the bits of its hash from here on
_BYTE, _BIT, _ONE = np.array(3), np.array(7), np.array(1)  # as arrays, which NumPy takes sooner than numbers


@dataclass(frozen=True, eq=False, slots=True)
class WordSet:
    """A set of words in a few bits a word, without the words.

    A Bloom filter of two places a word (Bloom 1970, doi:10.1145/362686.362692), 16 to 32 bits for each
    word: it knows every word that it was made of, and takes one in 70 or fewer of all others for known.
    The vocabulary of the model cannot be asked instead: selection leaves out the words that every
    article has, and of a short text it may hold none.

    Parameters
    ----------
    bits : ndarray of uint8, shape (a power of two,)

    Examples
    --------
    >>> words = WordSet.of(np.array([1 << 63, 1 << 62], np.uint64))
    >>> words.holds(np.array([1 << 62, 7 << 61], np.uint64)).tolist()
    [True, False]
    """

    bits: NDArray[np.uint8]

    @classmethod
    def of(cls, hashes: NDArray[np.uint64]) -> WordSet:
        """Make a set of the hashes of words, as `topicml.model.tokens.Tokens.hashes` gives them."""
        n_bits = min(max((16 * len(hashes) - 1).bit_length(), _LOWEST_BITS), _MOST_BITS)
        flags = np.zeros(1 << n_bits, np.uint8)
        for place in _places(hashes, n_bits):
            flags[place] = 1
        return cls(np.packbits(flags, bitorder="little"))

    def holds(self, hashes: NDArray[np.uint64]) -> NDArray[np.bool_]:
        """Return which of some hashes are those of words in the set."""
        first, second = _places(hashes, (8 * len(self.bits)).bit_length() - 1)
        bit = self.bits.take(first >> _BYTE) >> (first & _BIT) & self.bits.take(second >> _BYTE) >> (
            second & _BIT
        )
        held: NDArray[np.bool_] = (bit & _ONE).astype(bool)
        return held


@dataclass(frozen=True, eq=False, slots=True)
class Familiarity:
    """The words of the training articles, and what share of its words an ordinary text has among them.

    Parameters
    ----------
    words : WordSet
    n_words : ndarray of int64, shape (n_steps,)
        Lengths of texts, in counted words; ascending.
    least_known : ndarray of float64, shape (n_steps,)
        Smallest ordinary share of known words of a text that has so many words, or more up to the next
        step.
    unknown_share : float, optional
        Share of the words of held-out articles that the others did not have.
    rare_share : float, optional
        The largest share of the training articles that any word has which is not among `words`.
    """

    words: WordSet
    n_words: NDArray[np.int64]
    least_known: NDArray[np.float64]
    unknown_share: float | None = None
    rare_share: float | None = None

    def content(self) -> dict[str, Any]:
        """Return its steps and shares as values that JSON can hold."""
        shares = {"unknown_share": self.unknown_share, "rare_share": self.rare_share}
        known = {name: share for name, share in shares.items() if share is not None}
        return {"n_words": self.n_words.tolist(), "least_known": self.least_known.tolist(), **known}

    def unusual(self, tokens: Tokens, hashes: NDArray[np.uint64]) -> NDArray[np.bool_]:
        """Return which documents know fewer words than an ordinary one of their length, or none at all.

        A document's answer depends on its own words alone.

        Parameters
        ----------
        tokens : Tokens
        hashes : ndarray of uint64, shape (n_tokens,)
            ``tokens.hashes()``.
        """
        counted = counted_words(tokens)
        ends = counted.searchsorted(tokens.indptr)
        known = np.zeros(len(counted) + 1, np.int64)
        self.words.holds(hashes.take(counted)).cumsum(out=known[1:])
        known = known.take(ends)
        n_words, n_known = ends[1:] - ends[:-1], known[1:] - known[:-1]
        step = np.maximum(self.n_words.searchsorted(n_words, side="right") - 1, 0)
        unusual: NDArray[np.bool_] = (n_known == 0) | (n_known < self.least_known.take(step) * n_words)
        return unusual


def counted_words(tokens: Tokens) -> NDArray[np.int64]:
    """Return which tokens identify a language: not numbers, nor words of one or two plain letters.

    Random bytes, hexadecimal digits and encoded files fall apart into such, and some corpus or other
    holds all of them. Letters beyond ASCII count from the first on: in many scripts they are words.
    """
    first = tokens.codes.take(tokens.start)
    long = tokens.end - tokens.start >= _LEAST_LETTERS
    return ((first >= 128) | (long & (first >= ord("a")))).nonzero()[0]


def _places(hashes: NDArray[np.uint64], n_bits: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    shift = np.array(64 - n_bits, np.uint64)
    return (hashes >> shift).view(np.int64), ((hashes << _SECOND) >> shift).view(np.int64)
