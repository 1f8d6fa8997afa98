"""What is kept of a text to find its copies: a few hashes, however long it is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import blake2b, shake_128

import numpy as np
from numpy.typing import NDArray

from topicml.model.tokens import Tokens, chunked, crossing_ngrams, mixed, ngram_hashes, normalize, tokenize
from topicml.parallel import in_threads

SHINGLE = 3  # words
HASHES = 64
_LEAD = 32  # words that a story and its shortened version begin with


@dataclass(frozen=True, eq=False, slots=True)
class Sketches:
    """What is kept of each text: 300 bytes, however long it is.

    Parameters
    ----------
    key, lead : ndarray of uint64, shape (n,)
        Hash of all tokens in their order, and of the first 32.
    n_tokens : ndarray of int64, shape (n,)
    minima : ndarray of uint32, shape (n, 64)
        MinHash signature of the shingles.
    """

    key: NDArray[np.uint64]
    lead: NDArray[np.uint64]
    n_tokens: NDArray[np.int64]
    minima: NDArray[np.uint32]

    @classmethod
    def empty(cls, n: int) -> Sketches:
        """Return room for n sketches."""
        minima = np.empty((n, HASHES), np.uint32)
        return cls(np.empty(n, np.uint64), np.empty(n, np.uint64), np.empty(n, np.int64), minima)

    def take(self, rows: NDArray[np.int64]) -> Sketches:
        """Return the sketches of some texts."""
        return Sketches(self.key[rows], self.lead[rows], self.n_tokens[rows], self.minima[rows])

    def put(self, rows: slice, part: Sketches) -> None:
        """Write the sketches of a chunk."""
        self.key[rows], self.lead[rows] = part.key, part.lead
        self.n_tokens[rows], self.minima[rows] = part.n_tokens, part.minima


def sketch(texts: Sequence[str], *, n_jobs: int = 1) -> Sketches:
    """Return the sketches of texts, whose case, punctuation and white space play no part.

    Parameters
    ----------
    texts : sequence of str
    n_jobs : int, default=1
        Threads; -1 is one for each core. The result does not depend on it.

    Examples
    --------
    >>> one, other, third = sketch(["Rain tonight", "RAIN,  tonight!", "Rain again"]).key
    >>> bool(one == other), bool(one == third)
    (True, False)
    """
    sketches = Sketches.empty(len(texts))
    begin = 0
    for part in in_threads(_sketch_chunk, chunked(texts), n_jobs=n_jobs):
        sketches.put(slice(begin, begin + len(part.key)), part)
        begin += len(part.key)
    return sketches


def _sketch_chunk(texts: Sequence[str]) -> Sketches:
    tokens = tokenize(texts, min_token_length=1)
    hashes = tokens.hashes()
    n_tokens = np.diff(tokens.indptr)
    position = np.arange(len(hashes)) - tokens.indptr[:-1].repeat(n_tokens)
    placed = mixed(hashes + mixed(position.astype(np.uint64) + np.uint64(1)))
    sums = np.concatenate((np.zeros(1, np.uint64), placed.cumsum(dtype=np.uint64)))
    start = tokens.indptr[:-1]
    key = mixed(sums[tokens.indptr[1:]] - sums[start])
    for row in np.flatnonzero(n_tokens == 0).tolist():
        key[row] = _key_of_characters(texts[row])
    lead = sums[start + np.minimum(n_tokens, _LEAD)] - sums[start]
    return Sketches(key, lead, n_tokens, _minima(hashes, tokens))


def _key_of_characters(text: str) -> int:
    data = " ".join(normalize(text).split()).encode("utf-8", "surrogatepass")
    return int.from_bytes(blake2b(data, digest_size=8).digest(), "little")


def _minima(hashes: NDArray[np.uint64], tokens: Tokens) -> NDArray[np.uint32]:
    """Return the smallest of each text's shingles under 64 linear permutations of the 32-bit numbers."""
    shingles, indptr = shingles_of(hashes, tokens)
    top = (shingles >> np.uint64(32)).astype(np.uint32)
    minima = np.full((HASHES, len(indptr) - 1), np.iinfo(np.uint32).max, np.uint32)
    filled = np.flatnonzero(np.diff(indptr))
    if len(filled):
        # Not by numpy.random, whose numbers another version may change: models keep what comes of these.
        factors = np.frombuffer(shake_128(b"minima").digest(8 * HASHES), "<u4")
        for k, (factor, offset) in enumerate(factors.reshape(HASHES, 2)):
            minima[k, filled] = np.minimum.reduceat(top * (factor | np.uint32(1)) + offset, indptr[filled])
    return np.ascontiguousarray(minima.T)


def shingles_of(hashes: NDArray[np.uint64], tokens: Tokens) -> tuple[NDArray[np.uint64], NDArray[np.int64]]:
    """Return the shingles of each text, one text after the other, and where each text's begin."""
    shingles = np.delete(ngram_hashes(hashes, SHINGLE), crossing_ngrams(tokens.indptr, SHINGLE))
    sizes = np.maximum(np.diff(tokens.indptr) - SHINGLE + 1, 0)
    return shingles, np.concatenate(([0], sizes.cumsum()))
