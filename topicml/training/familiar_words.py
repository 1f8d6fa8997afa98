"""Learning which words are familiar, and how few of them an ordinary article has."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from topicml.elementary import exp, log
from topicml.model.familiarity import Familiarity, WordSet, counted_words
from topicml.model.tokens import chunked, tokenize
from topicml.training.minimizing import Curved, minimize
from topicml.training.vocabulary import default_min_df

_ENOUGH = 50  # articles, below which a share that one in hundreds falls under cannot be guessed
_SAMPLE = 8_000_000  # characters looked at: more would not move the shares, and training would take longer
_MOST_WORDS = 1 << 14  # nine in ten words of an English newspaper; the set has 32 KB
_RARE = 0.003
_BEGIN = log([8.0, 2.0])
_OF_MEAN = 0.4  # texts of other languages know a tenth of their words, with many names a quarter
_WORDLESS = 0.05
_STEPS = (1, 2, 3, 4, 5, 6, 8, 10, 12, 16, 20, 24, 32, 48, 64, 96, 128, 256, 512)
_DECIMALS = 4


@dataclass(frozen=True, eq=False, slots=True)
class _Words:
    """The counted words of a sample of articles.

    Parameters
    ----------
    hashes : ndarray of uint64, shape (n_distinct,)
        Ascending.
    document, word : ndarray of int64, shape (n_words,)
        The article that each word is in, and which of the distinct words it is.
    n_documents : int
    """

    hashes: NDArray[np.uint64]
    document: NDArray[np.int64]
    word: NDArray[np.int64]
    n_documents: int

    def frequencies(self, folds: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the number of articles in each fold that have each word; the first row is for fold -1."""
        n = len(self.hashes)
        pairs = np.unique(self.document * n + self.word)
        fold = folds[pairs // max(n, 1)] + 1
        n_folds = int(folds.max(initial=-1)) + 2
        return np.bincount(fold * n + pairs % max(n, 1), minlength=n_folds * n).reshape(n_folds, n)


def learn_familiarity(
    texts: Sequence[str], folds: NDArray[np.int64], *, min_token_length: int, random_state: int = 0
) -> Familiarity | None:
    """Learn which words the articles use, and how few of these an unseen article may have.

    The words are the most frequent ones of those in `default_min_df` articles. Each
    held-out article is looked up among the words of the articles outside of its fold: among words that
    it brought itself it would know them all.

    Parameters
    ----------
    texts : sequence of str
    folds : ndarray of int64, shape (n_texts,)
        The fold that each text was held out in; -1 for those that never were.
    min_token_length : int
    random_state : int, default=0
        Draws the articles that are looked at, where all of them have more than 8 million characters.

    Returns
    -------
    Familiarity or None
        None if nothing can be said: of fewer than 50 articles, or of texts that are not made of words
        that return, such as numbers.
    """
    if len(texts) < _ENOUGH:
        return None
    rows = _sample(texts, random_state)
    words = _words([texts[row] for row in rows.tolist()], min_token_length)
    n_words, n_known = _held_out_counts(words, folds[rows])
    if not len(n_words) or (n_known == 0).mean() > _WORDLESS:
        return None
    some = n_words > 0
    frequencies = words.frequencies(folds[rows]).sum(axis=0)
    frequent = _frequent(frequencies, default_min_df(len(rows)))
    return Familiarity(
        WordSet.of(words.hashes[frequent]),
        np.array(_STEPS),
        least_known_shares(n_words[some], n_known[some], np.array(_STEPS)),
        unknown_share=float(round(1 - n_known.sum() / n_words.sum(), _DECIMALS)),
        rare_share=int(np.delete(frequencies, frequent).max(initial=0)) / len(rows),
    )


def least_known_shares(
    n_words: NDArray[np.int64], n_known: NDArray[np.int64], lengths: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Return the share of known words under which an article of each length is not ordinary.

    Three in a thousand ordinary articles fall under it, by a beta-binomial distribution fitted to those
    that were held out. It is never more than two fifths of the mean share: another topic has other
    words, too, and articles of few topics would make every other topic look like another language.

    Parameters
    ----------
    n_words, n_known : ndarray of int64, shape (n_articles,)
        Words of each held-out article, one or more, and those known of them.
    lengths : ndarray of int64, shape (n_lengths,)

    Examples
    --------
    >>> known = np.array([17, 18, 19, 20, 18])
    >>> least_known_shares(np.full(5, 20), known, np.array([1, 4, 16])).tolist()
    [0.0, 0.368, 0.368]
    """
    a, b = _beta_binomial(n_words, n_known)
    highest = _OF_MEAN * a / (a + b)
    lowest = np.array([_quantile(int(n), a, b) / n for n in lengths])
    least: NDArray[np.float64] = np.minimum(lowest, highest).round(_DECIMALS)
    return least


def _sample(texts: Sequence[str], random_state: int) -> NDArray[np.int64]:
    """Draw texts that have so many characters together, but as many as are needed, or take all."""
    order = np.random.default_rng(random_state).permutation(len(texts))
    size = np.fromiter(map(len, texts), np.int64, len(texts))
    n_taken = int(size[order].cumsum().searchsorted(_SAMPLE, side="right"))
    taken: NDArray[np.int64] = np.sort(order[: max(n_taken, _ENOUGH)])
    return taken


def _words(texts: Sequence[str], min_token_length: int) -> _Words:
    hashes, documents, first = [np.empty(0, np.uint64)], [np.empty(0, np.int64)], 0
    for chunk in chunked(texts):
        tokens = tokenize(chunk, min_token_length=min_token_length)
        counted = counted_words(tokens)
        hashes.append(tokens.hashes()[counted])
        documents.append(first + tokens.documents()[counted])
        first += len(chunk)
    distinct, word = np.unique(np.concatenate(hashes), return_inverse=True)
    return _Words(distinct, np.concatenate(documents), word, len(texts))


def _held_out_counts(words: _Words, folds: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return how many words each held-out article has, and how many the articles of other folds know."""
    frequencies = words.frequencies(folds)
    overall = frequencies.sum(axis=0)
    n_words = np.bincount(words.document, minlength=words.n_documents)
    n_known = np.zeros_like(n_words)
    for fold in range(len(frequencies) - 1):
        known = np.zeros(len(words.hashes), bool)
        known[_frequent(overall - frequencies[fold + 1], default_min_df(int((folds != fold).sum())))] = True
        inside = folds == fold
        n_known[inside] = np.bincount(words.document, known[words.word], len(folds))[inside]
    return n_words[folds >= 0], n_known[folds >= 0]


def _frequent(frequency: NDArray[np.int64], min_df: int) -> NDArray[np.int64]:
    """Return the most frequent words; of equals those with the lower hash."""
    enough = np.flatnonzero(frequency >= min_df)
    return enough[np.argsort(-frequency[enough], kind="stable")[:_MOST_WORDS]]


def _beta_binomial(n: NDArray[np.int64], k: NDArray[np.int64]) -> tuple[float, float]:
    """Fit the two parameters of a beta-binomial distribution by maximum likelihood."""
    found = exp(
        minimize(partial(_loss, of_k=_above(k), of_rest=_above(n - k), of_n=_above(n)), _BEGIN, farthest=10.0)
    )
    return float(found[0]), float(found[1])


def _above(counts: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return the share of counts above 0, 1, 2 and so on."""
    return 1 - np.bincount(counts).cumsum()[:-1] / len(counts)


def _loss(
    parameters: NDArray[np.float64],
    of_k: NDArray[np.float64],
    of_rest: NDArray[np.float64],
    of_n: NDArray[np.float64],
) -> Curved:
    """Mean negative log likelihood by the logarithms of a and b, the binomial coefficients left out.

    ``ln B(k + a, n - k + b) - ln B(a, b)`` is the sum of ``ln(a + i)`` over i below k, and of ``ln(b + i)``
    over i below n - k, less that of ``ln(a + b + i)`` over i below n.
    """
    a, b = exp(parameters).tolist()
    parts = [_of_one(a, of_k), _of_one(b, of_rest), _of_one(a + b, of_n)]
    (value_a, slope_a, bend_a), (value_b, slope_b, bend_b), (value_n, slope_n, bend_n) = parts
    gradient = np.array([a * (slope_n - slope_a), b * (slope_n - slope_b)])
    mixed = a * b * bend_n
    curvature = np.array([[a * a * (bend_n - bend_a), mixed], [mixed, b * b * (bend_n - bend_b)]])
    return Curved(value_n - value_a - value_b, gradient, curvature + np.diag(gradient))


def _of_one(parameter: float, shares: NDArray[np.float64]) -> tuple[float, float, float]:
    """Return the sum of ``ln(parameter + i)``, each as often as the shares say, and its two derivatives."""
    from_here = parameter + np.arange(len(shares))
    once = shares / from_here
    return float((shares * log(from_here)).sum()), float(once.sum()), -float((once / from_here).sum())


def _quantile(n: int, a: float, b: float) -> int:
    """Return the smallest count of n under which fewer than three in a thousand fall.

    >>> _quantile(10, 90.0, 10.0), _quantile(10, 9.0, 1.0)
    (6, 4)
    """
    i = np.arange(n)
    known, unknown, either, ways = (np.append(0.0, log(begin + i).cumsum()) for begin in (a, b, a + b, 1.0))
    logarithms = ways[n] - ways - ways[::-1] + known + unknown[::-1] - either[n]
    return int(exp(logarithms).cumsum().searchsorted(_RARE))
