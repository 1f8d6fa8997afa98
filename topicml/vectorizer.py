"""Texts to TF-IDF rows over a fixed vocabulary of term hashes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from topicml.exceptions import TopicmlValueError
from topicml.sparse_rows import SparseRows
from topicml.text import MAX_TOKEN_LENGTH, Tokens, chunked, ngram_hashes, tokenize

__all__ = ["Counts", "FeatureSettings", "TermStrings", "Vectorizer"]


@dataclass(frozen=True, slots=True)
class FeatureSettings:
    """How text becomes terms and terms become weights.

    Parameters
    ----------
    ngram_range : tuple of two int, default=(1, 2)
        The shortest and the longest run of words that is a term.
    min_token_length : int, default=2
        Characters that a word needs. A character of a script without spaces is a token whatever
        this says.
    sublinear_tf : bool, default=True
        Weigh a term by ``1 + ln(count)`` and not by its count.

    Raises
    ------
    TopicmlValueError
        If the range is empty, goes beyond 5, or a length is out of bounds.
    """

    ngram_range: tuple[int, int] = (1, 2)
    min_token_length: int = 2
    sublinear_tf: bool = True

    def __post_init__(self) -> None:
        low, high = self.ngram_range
        if not 1 <= low <= high <= 5:
            raise TopicmlValueError(
                f"ngram_range must be (low, high) with 1 <= low <= high <= 5, found {(low, high)}"
            )
        if not 1 <= self.min_token_length <= MAX_TOKEN_LENGTH:
            raise TopicmlValueError(
                f"min_token_length must be from 1 to {MAX_TOKEN_LENGTH}, found {self.min_token_length}"
            )

    @property
    def orders(self) -> range:
        """The n of every n-gram that is a term."""
        return range(self.ngram_range[0], self.ngram_range[1] + 1)


@dataclass(frozen=True, slots=True)
class TermStrings:
    """The text of each term, end to end in one array, so that loading them costs nothing.

    Parameters
    ----------
    blob : ndarray of uint8
        All terms in UTF-8.
    offsets : ndarray of int64, shape (n_terms + 1,)
        Where each begins; the last one is the blob's length.

    Examples
    --------
    >>> terms = TermStrings.pack(["rain", "heavy rain"])
    >>> len(terms), terms[1]
    (2, 'heavy rain')
    """

    blob: NDArray[np.uint8]
    offsets: NDArray[np.int64]

    @classmethod
    def pack(cls, terms: Iterable[str]) -> TermStrings:
        """Lay terms end to end."""
        encoded = [term.encode("utf-8", "surrogatepass") for term in terms]
        offsets = np.zeros(len(encoded) + 1, np.int64)
        np.cumsum([len(term) for term in encoded], out=offsets[1:])
        return cls(np.frombuffer(b"".join(encoded), np.uint8), offsets)

    def __len__(self) -> int:
        return len(self.offsets) - 1

    def __getitem__(self, term: int) -> str:
        return (
            self.blob[self.offsets[term] : self.offsets[term + 1]].tobytes().decode("utf-8", "surrogatepass")
        )


@dataclass(frozen=True, slots=True)
class Counts:
    """How often each known term occurs in each document.

    Parameters
    ----------
    values : ndarray of int64, shape (nnz,)
    indices : ndarray of int32, shape (nnz,)
        The term of each count, ascending within a document.
    indptr : ndarray of int64, shape (n_documents + 1,)
    known : ndarray of float64, shape (n_documents,)
        Share of the document's shortest terms (its words) that the vocabulary holds; 0 for a
        document without words.
    """

    values: NDArray[np.int64]
    indices: NDArray[np.int32]
    indptr: NDArray[np.int64]
    known: NDArray[np.float64]


@dataclass(frozen=True)
class Vectorizer:
    """A fitted vocabulary with its inverse document frequencies.

    Parameters
    ----------
    settings : FeatureSettings
    hashes : ndarray of uint64, shape (n_terms,)
        Hash of each term, strictly ascending: the column of a term is its rank.
    idf : ndarray of float32, shape (n_terms,)
    terms : TermStrings
    """

    settings: FeatureSettings
    hashes: NDArray[np.uint64]
    idf: NDArray[np.float32]
    terms: TermStrings

    def __len__(self) -> int:
        return len(self.hashes)

    def transform(self, texts: Iterable[str]) -> tuple[SparseRows, NDArray[np.float64]]:
        """Turn texts into rows of unit length.

        The weight of a term is ``tf * idf`` with ``idf = ln((1 + n) / (1 + df)) + 1``, as
        ``sklearn.feature_extraction.text.TfidfVectorizer`` defines it.

        Parameters
        ----------
        texts : iterable of str

        Returns
        -------
        rows : SparseRows, shape (n_texts, n_terms)
        known : ndarray of float64, shape (n_texts,)
            Share of each text's words that the vocabulary holds.
        """
        counts = [self.count(chunk) for chunk in chunked(texts)]
        if not counts:
            counts = [self.count([])]
        rows = SparseRows(
            np.concatenate([self._weigh(part) for part in counts]),
            np.concatenate([part.indices for part in counts]),
            _stacked_indptr([part.indptr for part in counts]),
            len(self),
        )
        return rows, np.concatenate([part.known for part in counts])

    def count(self, texts: list[str]) -> Counts:
        """Count the known terms of one chunk of texts."""
        tokens = tokenize(texts, min_token_length=self.settings.min_token_length)
        document, column, known = self._occurrences(tokens)
        # One 64-bit key for each occurrence: sorting plain integers is what NumPy does fastest.
        keys = document * len(self) + column
        keys.sort()
        first = np.flatnonzero(np.diff(keys, prepend=-1))
        document, column = np.divmod(keys[first], max(len(self), 1))
        indptr = np.searchsorted(document, np.arange(len(texts) + 1))
        return Counts(np.diff(first, append=len(keys)), column.astype(np.int32), indptr, known)

    def find(self, hashes: NDArray[np.uint64]) -> NDArray[np.int64]:
        """Return the column of each hash, -1 for those that the vocabulary does not hold.

        The highest bits of a hash lead to the few terms that share them (an interpolation search
        whose guess is nearly always right, since hashes are uniform).
        """
        bits, first = self._buckets
        if not len(self):
            return np.full(len(hashes), -1)
        place = first[(hashes >> np.uint64(64 - bits)).view(np.int64)].astype(np.int64)
        seen = self.hashes[place]
        waiting = np.flatnonzero(seen < hashes)
        while len(waiting):
            place[waiting] += 1
            waiting = waiting[place[waiting] < len(self)]
            seen[waiting] = self.hashes[place[waiting]]
            waiting = waiting[seen[waiting] < hashes[waiting]]
        return np.where(seen == hashes, place, -1)

    @cached_property
    def _buckets(self) -> tuple[int, NDArray[np.int32]]:
        """Return how many bits choose a bucket, and the first term at or after each bucket's start."""
        bits = max(len(self).bit_length(), 1)
        sizes = np.bincount((self.hashes >> np.uint64(64 - bits)).view(np.int64), minlength=1 << bits)
        first = np.cumsum(sizes) - sizes
        return bits, np.minimum(first, max(len(self) - 1, 0)).astype(np.int32)

    def _occurrences(
        self, tokens: Tokens
    ) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
        hashes = tokens.hashes()
        n_documents = len(tokens.indptr) - 1
        document_of = np.repeat(np.arange(n_documents), np.diff(tokens.indptr))
        documents, columns = [], []
        known = np.zeros(n_documents)
        for order in self.settings.orders:
            ngrams, first = ngram_hashes(hashes, tokens.indptr, order)
            column = self.find(ngrams)
            hit = np.flatnonzero(column >= 0)
            documents.append(document_of[first[hit]])
            columns.append(column[hit])
            if order == self.settings.orders[0]:
                total = np.bincount(document_of[first], minlength=n_documents)
                known = np.bincount(documents[0], minlength=n_documents) / np.maximum(total, 1)
        return np.concatenate(documents), np.concatenate(columns), known

    def _weigh(self, counts: Counts) -> NDArray[np.float32]:
        weight = (
            np.log(counts.values) + 1.0 if self.settings.sublinear_tf else counts.values.astype(np.float64)
        )
        weight *= self.idf[counts.indices]
        sizes = np.diff(counts.indptr)
        norm = np.sqrt(np.bincount(np.repeat(np.arange(len(sizes)), sizes), weight * weight, len(sizes)))
        return (weight / np.repeat(norm, sizes)).astype(np.float32)


def _stacked_indptr(parts: list[NDArray[np.int64]]) -> NDArray[np.int64]:
    """Row ends of matrices laid one under the other.

    >>> _stacked_indptr([np.array([0, 2]), np.array([0, 1, 4])]).tolist()
    [0, 2, 3, 6]
    """
    sizes = np.concatenate([np.diff(part) for part in parts])
    return np.concatenate(([0], np.cumsum(sizes)))
