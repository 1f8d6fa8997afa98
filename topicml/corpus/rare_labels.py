"""Labels with few articles: leaving them out, and a word of warning where they are many."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from topicml.article import Article, TargetType
from topicml.corpus.targets import inferred_target_type
from topicml.exceptions import CorpusError
from topicml.formatting import counted, listed

_FEW = 5  # articles: fewer cannot be spread over five folds
_MANY = 20  # labels
_LISTED = 5


@dataclass(frozen=True, eq=False, slots=True)
class FrequentLabels:
    """Articles of which all labels have enough articles.

    Parameters
    ----------
    articles : tuple of Article
    target_type : {"multiclass", "multilabel"}
        That of all articles, before any was left out.
    rows : ndarray of int64, shape (n_articles,)
        Which of the articles these are.
    labels : mapping of str to int
        Labels that were dropped, with their articles.
    n_dropped : int
        Articles that were left out, because no label of theirs is left.
    min_articles : int
    """

    articles: tuple[Article, ...]
    target_type: TargetType
    rows: NDArray[np.int64]
    labels: Mapping[str, int]
    n_dropped: int
    min_articles: int

    @property
    def notes(self) -> tuple[str, ...]:
        """Remarks for the reader."""
        if not self.labels:
            return ()
        ranked = sorted(self.labels.items(), key=lambda item: -item[1])
        named = listed((f"{label!r} ({count})" for label, count in ranked), _LISTED)
        dropped = counted(len(self.labels), "label")
        return (
            f"left out by min_articles: {dropped} with fewer than {self.min_articles} articles ({named}), "
            f"and {counted(self.n_dropped, 'article')} with no other label",
        )


def keep_frequent_labels(
    articles: Sequence[Article], min_articles: int, *, target_type: TargetType | None = None
) -> FrequentLabels:
    """Drop labels with fewer articles, and articles that are left without a label by it.

    >>> names = ["sport", "sport", "sports", "art", "art"]
    >>> found = keep_frequent_labels([Article("...", labels=(name,)) for name in names], 2)
    >>> found.rows.tolist(), dict(found.labels), found.n_dropped
    ([0, 1, 3, 4], {'sports': 1}, 1)
    """
    kind = target_type or inferred_target_type(articles)
    counts = Counter(label for article in articles for label in set(article.labels or ()))
    few = {label: counts[label] for label in sorted(counts) if counts[label] < min_articles}
    kept = [(row, _without(article, few)) for row, article in enumerate(articles)]
    kept = [(row, article) for row, article in kept if article.labels or not articles[row].labels]
    if articles and not kept:
        raise CorpusError(f"every label has fewer than {min_articles} articles: ask for fewer")
    return FrequentLabels(
        tuple(article for _, article in kept),
        kind,
        np.array([row for row, _ in kept], np.int64),
        few,
        len(articles) - len(kept),
        min_articles,
    )


def many_rare_labels(counts: Mapping[str, int]) -> str | None:
    r"""Say how many labels have few articles, where most labels of a corpus do; else return None.

    >>> print(*many_rare_labels({f"keyword {k}": 1 for k in range(30)}).split("; "), sep="\n")
    30 of 30 labels have fewer than 5 articles
    merge or drop them with topicml labels, or train with --min-articles 5
    """
    n_few = sum(count < _FEW for count in counts.values())
    if n_few < _MANY or 2 * n_few < len(counts):
        return None
    return (
        f"{n_few:,} of {counted(len(counts), 'label')} have fewer than {_FEW} articles; merge or drop "
        f"them with topicml labels, or train with --min-articles {_FEW}"
    )


def _without(article: Article, dropped: Mapping[str, int]) -> Article:
    labels = article.labels or ()
    if not any(label in dropped for label in labels):
        return article
    return replace(article, labels=tuple(label for label in labels if label not in dropped))
