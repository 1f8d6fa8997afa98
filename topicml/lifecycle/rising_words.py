"""Words that are new or rising: in far more articles than training articles would make one expect."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from topicml.elementary import exp, log
from topicml.formatting import shortened
from topicml.model.classifier import FittedClassifier
from topicml.model.familiarity import counted_words
from topicml.model.tokens import Tokens

_FEWEST = 3  # articles that a word is in
_LEAST_RISE = 2.0  # times its share in training
_LEAST_SURPRISE = 20.0  # twice the logarithm of the likelihood ratio: one word in 100,000 by chance
_NAMED = 3  # articles of a word
_CELLS = 80  # of an article's beginning
_TINY = 1e-12
_AT_LEAST = 1_000  # training articles of a model that does not say how many it had

Beginning = tuple[str, str]
"""Where an article is, and how it begins."""


@dataclass(frozen=True, slots=True)
class RisingWord:
    """A word that is in more articles than in training.

    Parameters
    ----------
    word : str
        In small letters.
    is_new : bool
        Whether it was in few training articles or none, so that the model does not know it.
    n_articles : int
    share, training_share : float
        Share of the articles that it is in, and the share in training: for a new word the most it may be.
    articles : tuple of (str, str)
        Up to three articles in which it stands: their places, and how they begin.
    """

    word: str
    is_new: bool
    n_articles: int
    share: float
    training_share: float
    articles: tuple[Beginning, ...]

    def to_dict(self) -> dict[str, Any]:
        """Return it as values that JSON can hold."""
        return {
            "word": self.word,
            "is_new": self.is_new,
            "n_articles": self.n_articles,
            "share": self.share,
            "training_share": self.training_share,
            "articles": [{"place": place, "begins": begin} for place, begin in self.articles],
        }


@dataclass(slots=True)
class WordCounts:
    """How many articles have each word, by its hash, with the word and a few of the articles."""

    n_articles: dict[int, int] = field(default_factory=dict)
    words: dict[int, str] = field(default_factory=dict)
    articles: dict[int, list[Beginning]] = field(default_factory=dict)

    def add(self, word: int, written: str, n: int, articles: Sequence[Beginning]) -> None:
        """Count a word in some more articles."""
        self.n_articles[word] = self.n_articles.get(word, 0) + n
        self.words.setdefault(word, written)
        known = self.articles.setdefault(word, [])
        known.extend(articles[: _NAMED - len(known)])

    def merge(self, other: WordCounts) -> None:
        """Count what another one counted, too."""
        for word, n in other.n_articles.items():
            self.add(word, other.words[word], n, other.articles[word])


class TrainingWords:
    """In which share of the training articles words are, as far as the model knows.

    It knows the words that it has weights for, and which of the others were rare in training.
    """

    def __init__(self, model: FittedClassifier) -> None:
        self._vectorizer, self._familiarity = model.vectorizer, model.familiarity
        self._rare = self._familiarity.rare_share if self._familiarity else None
        self._n_articles = model.reference.n_articles if model.reference else _AT_LEAST

    def shares(self, hashes: NDArray[np.uint64]) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
        """Return the share of training articles with each word, NaN if not known, and which words are new."""
        known = self._vectorizer.hashes
        shares, new = np.full(len(hashes), np.nan), np.zeros(len(hashes), bool)
        if len(known):
            column = np.minimum(known.searchsorted(hashes), len(known) - 1)
            held = known[column] == hashes
            shares[held] = exp(1 - self._vectorizer.idf[column[held]].astype(np.float64))
        if self._familiarity is not None and self._rare is not None:
            new = np.isnan(shares) & ~self._familiarity.words.holds(hashes)
            shares[new] = self._rare
        return shares, new

    def count(
        self,
        tokens: Tokens,
        hashes: NDArray[np.uint64],
        windows: NDArray[np.int64],
        articles: Sequence[Beginning],
        counts: Sequence[WordCounts],
    ) -> None:
        """Count the words of a chunk of articles, each in its window, whose place in `counts` is given."""
        kept = counted_words(tokens)
        kept = kept[~np.isnan(self.shares(hashes[kept])[0])]
        distinct, first, word = np.unique(hashes[kept], return_index=True, return_inverse=True)
        n_words, document = len(distinct), tokens.documents()[kept]
        pairs = np.unique((windows[document] * n_words + word) * len(articles) + document)
        in_window, starts, n = np.unique(
            pairs // max(len(articles), 1), return_index=True, return_counts=True
        )
        written = tokens.ngram_texts(kept[first], 1)
        documents = (pairs % max(len(articles), 1)).tolist()
        for key, start, found in zip(in_window.tolist(), starts.tolist(), n.tolist(), strict=True):
            own = documents[start : start + min(found, _NAMED)]
            k = key % n_words
            some = [articles[row] for row in own]
            counts[key // n_words].add(int(distinct[k]), written[k], found, some)

    def unknown(
        self, tokens: Tokens, hashes: NDArray[np.uint64]
    ) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return how many words each article has, and how many of them training articles did not have."""
        words = counted_words(tokens)
        document, n = tokens.documents()[words], len(tokens.indptr) - 1
        if self._familiarity is None:
            return np.bincount(document, minlength=n), np.zeros(n, np.int64)
        missing = ~self._familiarity.words.holds(hashes[words])
        return np.bincount(document, minlength=n), np.bincount(document[missing], minlength=n)

    def rising(self, counts: WordCounts, n: int, most: int) -> tuple[RisingWord, ...]:
        """Return the words of n articles that rose most, the most surprising first."""
        frequent = [word for word, found in counts.n_articles.items() if found >= _FEWEST]
        if not frequent:
            return ()
        hashes = np.array(sorted(frequent), np.uint64)
        expected, new = self.shares(hashes)
        found = np.array([counts.n_articles[word] for word in hashes.tolist()])
        surprise = _surprise(found / n, n, expected, self._n_articles)
        risen = (found >= _LEAST_RISE * expected * n) & (surprise >= _LEAST_SURPRISE)
        rows = np.flatnonzero(risen)[np.argsort(-surprise[risen], kind="stable")[:most]]
        return tuple(
            RisingWord(
                counts.words[word],
                bool(new[row]),
                int(found[row]),
                int(found[row]) / n,
                float(expected[row]),
                tuple((place, shortened(begin, _CELLS)) for place, begin in counts.articles[word]),
            )
            for row, word in zip(rows.tolist(), hashes[rows].tolist(), strict=True)
        )


def _surprise(
    share: NDArray[np.float64], n: int, before: NDArray[np.float64], n_before: int
) -> NDArray[np.float64]:
    """Return twice the logarithm of how much likelier two shares are than one share for both.

    >>> _surprise(np.array([0.1, 0.1]), 100, np.array([0.1, 0.01]), 1000).round(1).tolist()
    [0.0, 22.9]
    """
    both = (n * share + n_before * before) / (n + n_before)
    surprise: NDArray[np.float64] = 2 * (n * _divergence(share, both) + n_before * _divergence(before, both))
    return surprise


def _divergence(p: NDArray[np.float64], q: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the Kullback-Leibler divergence of chances, those of q from those of p."""
    p, q = (np.clip(share, _TINY, 1 - _TINY) for share in (p, q))
    divergence: NDArray[np.float64] = p * log(p / q) + (1 - p) * log((1 - p) / (1 - q))
    return divergence
