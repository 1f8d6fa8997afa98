"""Texts to TF-IDF rows over a fixed vocabulary of term hashes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from topicml.elementary import log
from topicml.exceptions import ModelFormatError
from topicml.model.feature_settings import FeatureSettings
from topicml.model.ngrams import PIECE_BIT, TermIndex, find_occurrences
from topicml.model.sparse import SparseRows, row_blocks
from topicml.model.tokens import Tokens, chunked, tokenize
from topicml.parallel import in_threads

_VALUES_AT_ONCE = 1 << 20  # weighed at once: about 40 MB of temporaries
_DAMPED = np.append(0.0, log(np.arange(1, 1000)) + 1.0)  # of counts that occur, by the count


@dataclass(frozen=True, eq=False)
class TermStrings:
    """The text of each term, end to end in one array, so that loading them costs nothing.

    Parameters
    ----------
    blob : ndarray of uint8
        All terms in UTF-8.
    lengths : ndarray of uint16, shape (n_terms,)
        Bytes of each. Where one begins is summed up when the first is asked for: prediction asks for none.

    Examples
    --------
    >>> terms = TermStrings.pack(["rain", "heavy rain"])
    >>> len(terms), terms[1]
    (2, 'heavy rain')
    """

    blob: NDArray[np.uint8]
    lengths: NDArray[np.uint16]

    @classmethod
    def pack(cls, terms: Iterable[str]) -> TermStrings:
        """Lay terms end to end; the longest that settings of features allow has 1,300 bytes."""
        encoded = [term.encode("utf-8", "surrogatepass") for term in terms]
        lengths = np.array([len(term) for term in encoded], np.uint16)
        return cls(np.frombuffer(b"".join(encoded), np.uint8), lengths)

    @cached_property
    def offsets(self) -> NDArray[np.int64]:
        """Where each begins, and at last the blob's length, shape (n_terms + 1,)."""
        return np.concatenate(([0], self.lengths.cumsum(dtype=np.int64)))

    def __len__(self) -> int:
        return len(self.lengths)

    def __getitem__(self, term: int) -> str:
        written = self.blob[self.offsets[term] : self.offsets[term + 1]].tobytes()
        try:
            return written.decode("utf-8", "surrogatepass")
        except UnicodeDecodeError as error:  # not looked for when a model is loaded: prediction needs none
            raise ModelFormatError(
                f"the model's term {term} is not UTF-8 ({error.reason}): the model was changed after it was "
                "trained; train it again"
            ) from error


@dataclass(frozen=True, eq=False, slots=True)
class Counts:
    """How often each known term occurs in each document.

    Parameters
    ----------
    values : ndarray of int32, shape (nnz,)
    indices : ndarray of int32, shape (nnz,)
        The term of each count, ascending within a document.
    indptr : ndarray of int64, shape (n_documents + 1,)
    known : ndarray of float64, shape (n_documents,)
        Share of the document's terms that the vocabulary holds; 0 for a document without terms.
    """

    values: NDArray[np.int32]
    indices: NDArray[np.int32]
    indptr: NDArray[np.int64]
    known: NDArray[np.float64]

    def restricted(self, kept: NDArray[np.int64], n_terms: int) -> Counts:
        """Keep some of the terms, named by their columns in ascending order, and renumber them.

        `known` stays the share of the vocabulary before.
        """
        column = np.full(n_terms, -1, np.int32)
        column[kept] = np.arange(len(kept))
        indices = column[self.indices]
        inside = indices >= 0
        indptr = np.concatenate(([0], np.cumsum(inside)))[self.indptr]
        return Counts(self.values[inside], indices[inside], indptr, self.known)


@dataclass(frozen=True, eq=False)
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

    def transform(self, texts: Iterable[str], *, n_jobs: int = 1) -> tuple[SparseRows, NDArray[np.float64]]:
        """Turn texts into rows of unit length.

        Parameters
        ----------
        texts : iterable of str
        n_jobs : int, default=1
            Threads; -1 is one for each core.

        Returns
        -------
        rows : SparseRows, shape (n_texts, n_terms)
        known : ndarray of float64, shape (n_texts,)
            Share of each text's terms that the vocabulary holds.
        """
        counts = self.count(texts, n_jobs=n_jobs)
        return self.weigh(counts), counts.known

    def count(self, texts: Iterable[str], *, n_jobs: int = 1) -> Counts:
        """Count the known terms of each text, a chunk of texts at a time."""
        parts = list(in_threads(self.count_chunk, chunked(texts), n_jobs=n_jobs)) or [self.count_chunk([])]
        if len(parts) == 1:
            return parts[0]
        return Counts(
            np.concatenate([part.values for part in parts]),
            np.concatenate([part.indices for part in parts]),
            _stacked_indptr([part.indptr for part in parts]),
            np.concatenate([part.known for part in parts]),
        )

    def weigh(self, counts: Counts) -> SparseRows:
        """Turn counts into TF-IDF weights, each row of unit length.

        The weight of a term is ``tf * idf`` with ``idf = ln((1 + n) / (1 + df)) + 1``, as
        ``sklearn.feature_extraction.text.TfidfVectorizer`` defines it.
        """
        data = np.empty(len(counts.values), np.float32)
        for first, last in row_blocks(counts.indptr, _VALUES_AT_ONCE):
            self._weigh_block(counts, first, last, data)
        return SparseRows(data, counts.indices, counts.indptr, len(self))

    def _weigh_block(self, counts: Counts, first: int, last: int, out: NDArray[np.float32]) -> None:
        begin, end = counts.indptr[first], counts.indptr[last]
        values, indices = counts.values[begin:end], counts.indices[begin:end]
        weight = _damped(values) if self.settings.sublinear_tf else values.astype(np.float64)
        weight *= self.idf.take(indices)
        sizes = counts.indptr[first + 1 : last + 1] - counts.indptr[first:last]
        document = np.arange(len(sizes)).repeat(sizes)
        if self._two_kinds:
            scale = self._scale_of_kinds(weight, document, indices, len(sizes))
        else:
            scale = np.sqrt(np.bincount(document, weight * weight, len(sizes))).take(document)
        np.divide(weight, scale, out=out[begin:end])

    def _scale_of_kinds(
        self,
        weight: NDArray[np.float64],
        document: NDArray[np.int64],
        indices: NDArray[np.int32],
        n_documents: int,
    ) -> NDArray[np.float64]:
        """Return what gives words and pieces of a document the same length, and both together length 1.

        There are several times more pieces than words: under one norm they would drown the words.
        """
        kind = 2 * document + self._is_piece.take(indices)
        norm = np.sqrt(np.bincount(kind, weight * weight, 2 * n_documents))
        n_kinds = (norm > 0).reshape(-1, 2).sum(axis=1)
        scale: NDArray[np.float64] = norm.take(kind) * np.sqrt(n_kinds).take(document)
        return scale

    @cached_property
    def index(self) -> TermIndex:
        """Where each term's hash is found."""
        return TermIndex(self.hashes)

    @property
    def _two_kinds(self) -> bool:
        return bool(self.settings.orders) and bool(self.settings.char_orders)

    @cached_property
    def _is_piece(self) -> NDArray[np.bool_]:
        return (self.hashes & PIECE_BIT).astype(bool)

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Return the arrays of terms that a saved model holds, by name."""
        terms = self.terms
        return {
            "hashes": self.hashes,
            "idf": self.idf,
            "term_lengths": terms.lengths,
            "term_blob": terms.blob,
        }

    def restricted(self, kept: NDArray[np.int64]) -> Vectorizer:
        """Keep some of the terms, named by their columns in ascending order; their strings are let go."""
        return replace(self, hashes=self.hashes[kept], idf=self.idf[kept], terms=TermStrings.pack([]))

    def count_chunk(self, texts: Sequence[str]) -> Counts:
        """Count the known terms of a few texts, all at once."""
        read = self.settings.as_read(texts)
        tokens = tokenize(read, min_token_length=self.settings.min_token_length)
        return self.count_tokens(tokens, tokens.hashes())

    def count_tokens(self, tokens: Tokens, hashes: NDArray[np.uint64]) -> Counts:
        """Count the known terms of texts that are cut into tokens, given ``tokens.hashes()``."""
        token, column, known = find_occurrences(tokens, hashes, self.index, self.settings)
        document = tokens.documents().take(token)
        if self.settings.title_weight > 1:
            again = tokens.in_title().take(token).nonzero()[0].repeat(self.settings.title_weight - 1)
            document, column = (np.concatenate((part, part.take(again))) for part in (document, column))
        # One 64-bit key for each occurrence: sorting plain integers is what NumPy does fastest.
        keys = document * len(self) + column
        keys.sort()
        first = run_starts(keys)
        keys = keys.take(first)
        row_start = np.arange(len(tokens.indptr)) * len(self)
        indptr = keys.searchsorted(row_start)
        column = keys - row_start[:-1].repeat(indptr[1:] - indptr[:-1])
        return Counts(
            run_lengths(first, len(document)).astype(np.int32), column.astype(np.int32), indptr, known
        )


def _damped(counts: NDArray[np.int32]) -> NDArray[np.float64]:
    """Return ``1 + ln(count)`` of each count."""
    try:
        return _DAMPED.take(counts)
    except IndexError:  # a word stands a thousand times in a text
        return log(counts) + 1.0


def run_starts(ordered: NDArray[Any]) -> NDArray[np.int64]:
    """Return where each run of equal values starts.

    >>> run_starts(np.array([3, 3, 5])).tolist()
    [0, 2]
    """
    new = np.empty(len(ordered), bool)
    new[:1] = True
    np.not_equal(ordered[1:], ordered[:-1], out=new[1:])
    return new.nonzero()[0]


def run_lengths(starts: NDArray[np.int64], total: int) -> NDArray[np.int64]:
    """Return how long each run is, given where they start and where the last one ends.

    >>> run_lengths(np.array([0, 2]), 3).tolist()
    [2, 1]
    """
    return np.concatenate((starts[1:], (total,)))[: len(starts)] - starts


def _stacked_indptr(parts: list[NDArray[np.int64]]) -> NDArray[np.int64]:
    """Row ends of matrices laid one under the other.

    >>> _stacked_indptr([np.array([0, 2]), np.array([0, 1, 4])]).tolist()
    [0, 2, 3, 6]
    """
    sizes = np.concatenate([np.diff(part) for part in parts])
    return np.concatenate(([0], np.cumsum(sizes)))
