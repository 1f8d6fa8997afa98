"""How many pages each source of labels covers."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass

from topicml.article import Article
from topicml.pages.section_signals import LABEL_SOURCES

_EXAMPLES = 3


@dataclass(frozen=True, slots=True)
class SourceCoverage:
    """What one source says on the pages of a collection.

    Parameters
    ----------
    source : str
    n_pages : int
        Articles on whose pages it says something.
    n_labelled : int
        Articles whose labels came from it.
    examples : tuple of str
        The first labels that it gives.
    """

    source: str
    n_pages: int
    n_labelled: int
    examples: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Coverage:
    """What a collection came to.

    Parameters
    ----------
    n_articles : int
        Rows of the corpus.
    n_left_out : int
        Pages that gave none.
    sources : tuple of SourceCoverage
        In the order of `topicml.pages.section_signals.LABEL_SOURCES`.
    """

    n_articles: int
    n_left_out: int
    sources: tuple[SourceCoverage, ...]

    @property
    def n_labelled(self) -> int:
        """Articles that have a label."""
        return sum(source.n_labelled for source in self.sources)

    def share(self, n_pages: int) -> float:
        """Return a number of articles as a share of all."""
        return n_pages / self.n_articles if self.n_articles else 0.0


class CoverageCounter:
    """Counts articles as they come, in memory that their number does not change."""

    def __init__(self) -> None:
        self._n_articles = 0
        self._n_left_out = 0
        self._seen: Counter[str] = Counter()
        self._used: Counter[str] = Counter()
        self._examples: dict[str, list[str]] = {source: [] for source in LABEL_SOURCES}

    def add(self, article: Article) -> None:
        """Count an article."""
        self._n_articles += 1
        seen: dict[str, list[str]] = json.loads(article.metadata.get("sections_seen", "{}"))
        self._seen.update(seen.keys())
        used = article.metadata.get("label_source", "")
        self._used.update([used] if used else [])
        for source, names in seen.items():
            examples, shown = self._examples[source], (article.labels or ()) if source == used else names[-1:]
            if len(examples) < _EXAMPLES:
                examples += [name for name in shown[:1] if name not in examples]

    def leave_out(self) -> None:
        """Count a page that gave no article."""
        self._n_left_out += 1

    def result(self) -> Coverage:
        """Return what was counted."""
        sources = (
            SourceCoverage(source, self._seen[source], self._used[source], tuple(self._examples[source]))
            for source in LABEL_SOURCES
        )
        return Coverage(self._n_articles, self._n_left_out, tuple(sources))
