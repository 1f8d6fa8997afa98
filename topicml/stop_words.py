"""Leaving out the terms that hold a stop word."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from topicml.exceptions import CorpusError
from topicml.model.tokens import chunked, tokenize
from topicml.model.vectorizer import Vectorizer
from topicml.term_strings import term_strings


def without_stop_words(
    vectorizer: Vectorizer, texts: Sequence[str], stop_words: Sequence[str]
) -> tuple[Vectorizer, tuple[str, ...]]:
    """Leave out the terms that hold one of the words.

    The list goes through the tokeniser that the texts go through, so that case, accents and kinds
    of apostrophe do not matter. A contraction falls apart there: "won't" becomes "won" and a letter
    too short to count. Its pieces are left in, since "won" is also a verb, and a note names them.

    Parameters
    ----------
    vectorizer : Vectorizer
    texts : sequence of str
        The corpus, to find how terms are written.
    stop_words : sequence of str

    Returns
    -------
    vectorizer : Vectorizer
        Without the strings of its terms.
    notes : tuple of str

    Raises
    ------
    CorpusError
        If no term is left.
    """
    if not stop_words:
        return vectorizer, ()
    whole, pieces = _tokenized(stop_words, vectorizer.settings.min_token_length)
    strings, _ = term_strings(texts, vectorizer)
    words = _words(strings)
    kept = [column for column, held in enumerate(words) if whole.isdisjoint(held)]
    if not kept:
        raise CorpusError("no term is left: every one holds a stop word; shorten the list")
    left = sorted({word for column in kept for word in words[column]} & pieces)
    notes = (f"stop words that fall apart leave their pieces in: {', '.join(left)}",) if left else ()
    return vectorizer.restricted(np.array(kept, np.int64)), notes


def _words(terms: Sequence[str]) -> list[list[str]]:
    """Return the words of each term."""
    held: list[list[str]] = []
    for chunk in chunked(terms):
        tokens = tokenize(chunk, min_token_length=1)
        words = tokens.ngram_texts(np.arange(len(tokens.start)), 1)
        held.extend(words[begin:end] for begin, end in pairwise(tokens.indptr.tolist()))
    return held


def _tokenized(stop_words: Sequence[str], min_token_length: int) -> tuple[set[str], set[str]]:
    """Return the stop words that are one token, and the pieces of the others."""
    whole: set[str] = set()
    pieces: set[str] = set()
    for word in stop_words:
        every = tokenize([word], min_token_length=1)
        long_enough = tokenize([word], min_token_length=min_token_length)
        tokens = set(long_enough.ngram_texts(np.arange(len(long_enough.start)), 1))
        (whole if len(every.start) == 1 else pieces).update(tokens)
    return whole, pieces
