"""Which unlabelled articles training may learn from: no copies of labelled ones, none in another language."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from topicml.corpus.near_duplicates import Sketches, sketch
from topicml.corpus.seen_articles import copies_of, fingerprints_of
from topicml.exceptions import CorpusError
from topicml.formatting import counted
from topicml.model.feature_settings import FeatureSettings
from topicml.model.inputs import TextInput, as_texts
from topicml.training.crossfit import TrainingData
from topicml.training.vocabulary import fit_vectorizer

_OF_MEDIAN = 0.4  # texts of other languages know a tenth of the words, with many names a quarter
_FEWEST = 20


@dataclass(frozen=True, eq=False, slots=True)
class Unlabelled:
    """The unlabelled articles that are fit to learn from, and why others are not.

    Parameters
    ----------
    texts : tuple of str
    n_given : int
    n_copies : int
        Exact or near copies of labelled articles.
    n_strange : int
        Articles that have few words in common with the labelled ones.
    """

    texts: tuple[str, ...]
    n_given: int
    n_copies: int
    n_strange: int

    @property
    def objection(self) -> str | None:
        """Why the archive should not be used at all, if it should not."""
        if 2 * self.n_strange > self.n_given - self.n_copies:
            return (
                f"{self.n_strange:,} of {counted(self.n_given, 'unlabelled article')} have few words in "
                "common with the labelled ones: they are in another language, or on other topics"
            )
        if len(self.texts) < _FEWEST:
            return (
                f"{counted(len(self.texts), 'unlabelled article')} of {self.n_given:,} can be learned from, "
                f"fewer than {_FEWEST}"
            )
        return None

    @property
    def notes(self) -> tuple[str, ...]:
        """Say how many were left out, and why."""
        left_out = []
        if self.n_copies:
            left_out.append(f"{counted(self.n_copies, 'copy', 'copies')} of labelled articles")
        if self.n_strange:
            left_out.append(f"{self.n_strange:,} with few words in common with the labelled articles")
        given = counted(self.n_given, "unlabelled article")
        return (f"left out of {given}: {' and '.join(left_out)}",) if left_out else ()


def usable_articles(
    texts: Sequence[str],
    data: TrainingData,
    fingerprints: NDArray[np.uint64],
    features: FeatureSettings,
    *,
    n_jobs: int = -1,
) -> Unlabelled:
    """Leave out copies of labelled articles, which would give held-out ones away, and strange articles.

    An article is strange if the labelled articles have few of its words: less than two fifths of the
    share that they have, in the median, of the words of one of them that is held out.
    """
    copies = copies_of(fingerprints, sketch(texts, n_jobs=n_jobs))
    others = [text for text, copy in zip(texts, copies.tolist(), strict=True) if not copy]
    strange = _strange(others, data, replace(features, ngram_range=(1, 1), char_ngram_range=None), n_jobs)
    kept = tuple(text for text, left_out in zip(others, strange.tolist(), strict=True) if not left_out)
    return Unlabelled(kept, len(texts), int(copies.sum()), int(strange.sum()))


def without_copies(articles: Iterable[TextInput], of: Sketches, *, n_jobs: int = -1) -> list[str]:
    """Return the texts of unlabelled articles, without copies of articles that a model is measured on."""
    texts = list(as_texts(articles))
    copies = copies_of(fingerprints_of(of), sketch(texts, n_jobs=n_jobs))
    return [text for text, copy in zip(texts, copies.tolist(), strict=True) if not copy]


def _strange(
    texts: Sequence[str], data: TrainingData, words: FeatureSettings, n_jobs: int
) -> NDArray[np.bool_]:
    try:
        usual = [
            _known([data.texts[row] for row in rows.tolist()], _without(data, rows), words, n_jobs)
            for rows in data.held_out()
        ]
        known = _known(texts, data.texts, words, n_jobs)
    except CorpusError:  # the texts have no words: nothing can be said
        return np.zeros(len(texts), bool)
    least: float = _OF_MEDIAN * float(np.median(np.concatenate(usual)))
    return known < least


def _known(
    texts: Sequence[str], among: Sequence[str], words: FeatureSettings, n_jobs: int
) -> NDArray[np.float64]:
    """Return the share of each text's words that other texts have."""
    return fit_vectorizer(among, words, min_df=1).count(texts, n_jobs=n_jobs).known


def _without(data: TrainingData, rows: NDArray[np.int64]) -> list[str]:
    return [data.texts[row] for row in np.setdiff1d(np.arange(len(data.texts)), rows).tolist()]
