"""Finding out how the terms of a vocabulary are written."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from topicml.model.ngrams import piece_text, word_pieces, word_terms
from topicml.model.tokens import Tokens, chunked, crossing_ngrams, ngram_hashes, tokenize
from topicml.model.vectorizer import TermStrings, Vectorizer


def term_strings(texts: Sequence[str], vectorizer: Vectorizer) -> tuple[list[str], NDArray[np.int64]]:
    """Find how each term is written, and the terms whose hash two different terms share.

    They are written as first seen in the texts that the vocabulary was found in; words are joined by a blank,
    characters of scripts without spaces by nothing. In a piece of a word, dots mark where the word goes on.
    Terms with the same hash cannot be distinguished at prediction, so the caller leaves their columns out.
    """
    written = _Written(
        [""] * len(vectorizer), np.zeros(len(vectorizer), np.uint64), np.zeros(len(vectorizer), bool)
    )
    for chunk in chunked(texts):
        tokens = tokenize(chunk, min_token_length=vectorizer.settings.min_token_length)
        hashes = tokens.hashes()
        _write_ngrams(tokens, hashes, vectorizer, written)
        if vectorizer.settings.char_orders:
            _write_pieces(tokens, hashes, vectorizer, written)
    return written.strings, np.array(sorted(written.collided), np.int64)


@dataclass(frozen=True, slots=True)
class _Written:
    """What is known so far: strings, second hashes, and which terms have both."""

    strings: list[str]
    check: NDArray[np.uint64]
    seen: NDArray[np.bool_]
    collided: set[int] = field(default_factory=set)

    def note(
        self,
        column: NDArray[np.int64],
        check: NDArray[np.uint64],
        texts_of: Callable[[NDArray[np.int64]], list[str]],
    ) -> None:
        """Take in occurrences: `texts_of` writes some of them, named by their places in `column`."""
        fresh = np.flatnonzero(~self.seen[column])
        self.check[column[fresh]] = check[fresh]  # any occurrence serves as the one to compare with
        once = fresh[np.unique(column[fresh], return_index=True)[1]]
        for found, text in zip(column[once].tolist(), texts_of(once), strict=True):
            self.strings[found] = text
        self.seen[column] = True
        self.collided.update(column[self.check[column] != check].tolist())


def _write_ngrams(
    tokens: Tokens, hashes: NDArray[np.uint64], vectorizer: Vectorizer, written: _Written
) -> None:
    checks = tokens.check_hashes()
    for order in vectorizer.settings.orders:
        column = vectorizer.index.find(word_terms(hashes, order, vectorizer.settings))
        column[crossing_ngrams(tokens.indptr, order)] = -1
        hit = np.flatnonzero(column >= 0)

        def texts_of(some: NDArray[np.int64], hit: NDArray[np.int64] = hit, order: int = order) -> list[str]:
            return tokens.ngram_texts(hit[some], order)

        written.note(column[hit], ngram_hashes(checks, order)[hit], texts_of)


def _write_pieces(
    tokens: Tokens, hashes: NDArray[np.uint64], vectorizer: Vectorizer, written: _Written
) -> None:
    orders = vectorizer.settings.char_orders
    pieces = word_pieces(tokens, hashes, orders)
    column = vectorizer.index.find(pieces.hashes)
    hit = np.flatnonzero(column >= 0)

    def texts_of(some: NDArray[np.int64]) -> list[str]:
        places = hit[some]
        words = tokens.ngram_texts(pieces.token[pieces.indptr.searchsorted(places, side="right") - 1], 1)
        first, length = pieces.first[places].tolist(), pieces.length[places].tolist()
        return [piece_text(*parts) for parts in zip(words, first, length, strict=True)]

    written.note(column[hit], word_pieces(tokens, hashes, orders, check=True).hashes[hit], texts_of)


def with_strings(
    vectorizer: Vectorizer, texts: Sequence[str]
) -> tuple[Vectorizer, NDArray[np.int64], tuple[str, ...]]:
    """Write the terms down, and leave out those that share a hash.

    Returned are also the columns that the terms had before, and notes on those that are left out.
    """
    strings, collided = term_strings(texts, vectorizer)
    rows = np.setdiff1d(np.arange(len(vectorizer)), collided)
    terms = TermStrings.pack([strings[row] for row in rows])
    kept = vectorizer.restricted(rows)
    notes = tuple(
        f"the term {strings[row]!r} shares its hash with another and was left out" for row in collided
    )
    return Vectorizer(kept.settings, kept.hashes, kept.idf, terms), rows, notes
