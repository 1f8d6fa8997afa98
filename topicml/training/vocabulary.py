"""Which terms a model may have: counted, frequent enough, without stop words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from topicml.elementary import log
from topicml.exceptions import CorpusError
from topicml.formatting import listed
from topicml.model.feature_settings import FeatureSettings
from topicml.model.ngrams import spread, word_pieces, word_terms
from topicml.model.tokens import Tokens, chunked, tokenize
from topicml.model.vectorizer import TermStrings, Vectorizer, run_lengths, run_starts
from topicml.training.crossfit import TrainingData
from topicml.training.selection import best_terms
from topicml.training.settings import MANY_ARTICLES, TrainingSettings
from topicml.training.term_strings import term_strings

_PAIRS_AT_ONCE = 1 << 25  # (document, term) pairs counted before they are merged: 256 MB
_MAX_CANDIDATES = 2_000_000
_MERGE_SLICES = 16
_NAMED = 5  # in a note

_Run: TypeAlias = tuple[NDArray[np.uint64], NDArray[np.int32]]
"""Distinct terms in ascending order, and in how many documents each occurs."""


@dataclass(frozen=True, eq=False, slots=True)
class DocumentFrequencies:
    """In how many documents each term occurs; hashes are strictly ascending."""

    hashes: NDArray[np.uint64]
    df: NDArray[np.int32]
    n_documents: int

    def limited(self, *, min_df: int, max_df: float) -> DocumentFrequencies:
        """Keep the terms that occur in `min_df` documents or more, and in no more than a share of them."""
        kept = np.flatnonzero((self.df >= min_df) & (self.df <= max_df * self.n_documents))
        if len(kept) > _MAX_CANDIDATES:  # then the most frequent; of equals, those with the lower hash
            kept = np.sort(kept[np.argsort(-self.df[kept], kind="stable")[:_MAX_CANDIDATES]])
        return replace(self, hashes=self.hashes[kept], df=self.df[kept])

    def idf(self) -> NDArray[np.float32]:
        """Inverse document frequencies, smoothed as scikit-learn does it: ``ln((1 + n) / (1 + df)) + 1``."""
        return (log((1 + self.n_documents) / (1 + self.df)) + 1).astype(np.float32)


def default_min_df(n_documents: int) -> int:
    """Return how many documents a term must occur in when nobody says: 2, but 1 in a small corpus.

    Below 200 documents most words that tell a label occur once.
    """
    return 1 if n_documents < 200 else 2


def count_documents(texts: Sequence[str], settings: FeatureSettings) -> DocumentFrequencies:
    """Count in how many texts each term occurs, in memory that grows with the terms and not with the text."""
    runs: list[_Run] = []
    waiting: list[NDArray[np.uint64]] = []
    for chunk in chunked(texts):  # not in threads: the loop over documents would fight for Python's lock
        tokens = tokenize(chunk, min_token_length=settings.min_token_length)
        hashes = tokens.hashes()
        if settings.orders:
            waiting.append(_distinct_ngrams(tokens, hashes, settings))
        if settings.char_orders:
            waiting.append(_distinct_pieces(tokens, hashes, settings))
        if sum(map(len, waiting)) > _PAIRS_AT_ONCE:
            runs.append(_tally(waiting))
            waiting = []
            while len(runs) > 1 and 2 * len(runs[-1][0]) > len(runs[-2][0]):  # each term is merged few times
                runs.append(_merged(runs.pop(), runs.pop()))
    runs.append(_tally(waiting))
    while len(runs) > 1:
        runs.append(_merged(runs.pop(), runs.pop()))
    return DocumentFrequencies(*runs[0], len(texts))


def fit_vectorizer(
    texts: Sequence[str],
    settings: FeatureSettings,
    *,
    min_df: int | None = None,
    max_df: float = 1.0,
) -> Vectorizer:
    """Learn a vocabulary and its weights, without the strings of its terms.

    A term occurs in `min_df` documents or more, by default as `default_min_df` says, and in no larger share
    of them than `max_df`. That no text has a token, or no term passes these limits, is an error.
    """
    found = count_documents(texts, settings)
    if not len(found.hashes):
        raise CorpusError(_no_tokens_message(texts, settings))
    limit = default_min_df(len(texts)) if min_df is None else min_df
    kept = found.limited(min_df=limit, max_df=max_df)
    if not len(kept.hashes):
        at_least = int((found.df >= limit).sum())
        raise CorpusError(
            f"no term is left: with min_df={limit} and max_df={max_df:g}, {at_least} of {len(found.df)} "
            f"terms occur in {limit} or more of the {len(texts)} documents. Lower min_df, or raise max_df."
        )
    return Vectorizer(settings, kept.hashes, kept.idf(), TermStrings.pack([]))


def _distinct_ngrams(
    tokens: Tokens, hashes: NDArray[np.uint64], settings: FeatureSettings
) -> NDArray[np.uint64]:
    """Return the n-grams of words of each document without repetition, document after document.

    Sorting a few hundred hashes at a time stays in the cache: much faster than sorting all at once.
    """
    ngrams = [(order, word_terms(hashes, order, settings)) for order in settings.orders]
    distinct = []
    for begin, end in pairwise(tokens.indptr.tolist()):
        terms = np.concatenate([part[begin : max(end - order + 1, begin)] for order, part in ngrams])
        terms.sort()
        distinct.append(terms[run_starts(terms)])
    return np.concatenate(distinct) if distinct else np.empty(0, np.uint64)


def _distinct_pieces(
    tokens: Tokens, hashes: NDArray[np.uint64], settings: FeatureSettings
) -> NDArray[np.uint64]:
    """Return the pieces of each document's words without repetition, document after document."""
    pieces = word_pieces(tokens, hashes, settings.char_orders)
    distinct, number = np.unique(pieces.hashes, return_inverse=True)
    token, number = spread(number, pieces.indptr, pieces.word)
    keys = tokens.documents().take(token) * len(distinct) + number
    keys.sort()
    return distinct.take(keys.take(run_starts(keys)) % max(len(distinct), 1))


def _tally(parts: list[NDArray[np.uint64]]) -> _Run:
    terms = np.concatenate(parts) if parts else np.empty(0, np.uint64)
    terms.sort()
    first = run_starts(terms)
    return terms[first], run_lengths(first, len(terms)).astype(np.int32)


def _merged(a: _Run, b: _Run) -> _Run:
    """Merge two runs slice by slice of the hashes, so that the temporaries stay small beside the runs."""
    corners = np.arange(1, _MERGE_SLICES, dtype=np.uint64) << np.uint64(64 - _MERGE_SLICES.bit_length() + 1)
    cuts = [np.concatenate(([0], hashes.searchsorted(corners), [len(hashes)])) for hashes, _ in (a, b)]
    slices = []
    for (begin_a, end_a), (begin_b, end_b) in zip(pairwise(cuts[0]), pairwise(cuts[1]), strict=True):
        hashes = np.concatenate((a[0][begin_a:end_a], b[0][begin_b:end_b]))
        order = hashes.argsort(kind="stable")  # which merges sorted runs
        hashes = hashes[order]
        df = np.concatenate((a[1][begin_a:end_a], b[1][begin_b:end_b]))[order]
        first = run_starts(hashes)
        sums = np.add.reduceat(df, first, dtype=np.int32) if len(first) else df
        slices.append((hashes[first], sums))
    return np.concatenate([hashes for hashes, _ in slices]), np.concatenate([df for _, df in slices])


def _no_tokens_message(texts: Sequence[str], settings: FeatureSettings) -> str:
    example = next((text.strip() for text in texts if text.strip()), "")
    example = example[:60] + ("..." if len(example) > 60 else "")
    return (
        f"{len(texts)} of {len(texts)} documents have no token after tokenising (words need "
        f"{settings.min_token_length} characters or more: min_token_length); the text column holds, for "
        f"example, {example!r}. Name the right column, or lower min_token_length."
    )


def without_stop_words(
    vectorizer: Vectorizer, texts: Sequence[str], stop_words: Sequence[str]
) -> tuple[Vectorizer, tuple[str, ...]]:
    """Leave out the terms that hold one of the words; the strings of the terms go, too.

    The list goes through the tokeniser that the texts go through, so that case, accents and kinds
    of apostrophe do not matter. A contraction falls apart there: "won't" becomes "won" and a letter
    too short to count. Its pieces are left in, because "won" is also a verb, and a note names them. The
    texts that the vocabulary comes from show how terms are written.
    """
    if not stop_words:
        return vectorizer, ()
    settings = vectorizer.settings
    whole, pieces = _tokenized(settings.as_read(stop_words), settings.min_token_length)
    strings, _ = term_strings(texts, vectorizer)
    words = _words(strings)
    kept = [column for column, held in enumerate(words) if whole.isdisjoint(held)]
    if not kept:
        raise CorpusError("no term is left: every term contains a stop word; shorten the list")
    left = sorted({word for column in kept for word in words[column]} & pieces)
    notes = (f"these pieces of stop words stay terms: {listed(left, _NAMED)}",) if left else ()
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


def candidate_terms(data: TrainingData, settings: TrainingSettings) -> tuple[Vectorizer, tuple[str, ...]]:
    """Learn the vocabulary that selection chooses from; return it with notes about stop words.

    Of very many articles, a sample chooses for all, so that the counts of millions of terms need not
    be held: where some are never held out, a sample of those, so that no held-out label takes part.
    With an archive it is those that occur in the most articles, because labels are few.
    """
    texts, folds = data.every_text, data.folds
    candidates = fit_vectorizer(texts, settings.features, min_df=settings.min_df, max_df=settings.max_df)
    candidates, notes = without_stop_words(candidates, texts, settings.stop_words)
    if data.archive:
        frequent = np.argsort(candidates.idf, kind="stable")[: settings.max_terms]
        return candidates.restricted(np.sort(frequent)), notes
    if len(texts) <= MANY_ARTICLES or len(candidates) <= settings.max_terms:
        return candidates, notes
    rng = np.random.default_rng(settings.random_state)
    trained_on = np.flatnonzero(folds < 0) if (folds < 0).any() else np.arange(len(texts))
    sample = np.sort(rng.choice(trained_on, min(MANY_ARTICLES // 2, len(trained_on)), replace=False))
    rows, _ = candidates.transform([texts[row] for row in sample])
    return candidates.restricted(best_terms(rows, data.targets.Y[sample], settings.max_terms)), notes
