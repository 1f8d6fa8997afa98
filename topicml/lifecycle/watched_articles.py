"""Articles without labels in counts, week by week, without keeping the articles."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import PurePath

import numpy as np
from numpy.typing import NDArray

from topicml.article import Article, place_of
from topicml.corpus.fields import parse_instant
from topicml.exceptions import TopicmlTypeError, TopicmlValueError
from topicml.formatting import counted
from topicml.lifecycle.rising_words import Beginning, TrainingWords, WordCounts
from topicml.lifecycle.timeline import DAY, WEEK
from topicml.model.classifier import FittedClassifier
from topicml.model.decision import assign_labels
from topicml.model.inputs import TextInput, as_texts
from topicml.model.predictions import REASON_CODES
from topicml.model.record import TrainingRecord
from topicml.model.reference import N_BINS, confidence_counts
from topicml.model.tokens import tokenize

_AT_ONCE = 1_000
_LINE = re.compile(r"(?::\d+)+$", re.ASCII)  # of an origin
_ENOUGH = 200  # articles of a window, with fewer of which intervals would be too wide
_BEGIN = 160  # characters of an article's beginning
_MOST_FILES = 20  # windows of articles without dates


@dataclass(slots=True)
class Tally:
    """What is counted in some articles.

    Parameters
    ----------
    n : int
    reasons : ndarray of int64
        By place in `topicml.model.predictions.REASON_CODES`.
    labels : ndarray of int64, shape (n_classes,)
        How often each was given, also to articles that are left to a person.
    confidence : ndarray of int64, shape (20,)
        Given labels by their probability, as `topicml.model.reference.confidence_counts` has them.
    total_confidence : float
        Sum of these probabilities.
    n_words, n_unknown : int
    sources : Counter of str
    words : WordCounts
    """

    n: int
    reasons: NDArray[np.int64]
    labels: NDArray[np.int64]
    confidence: NDArray[np.int64]
    total_confidence: float = 0.0
    n_words: int = 0
    n_unknown: int = 0
    sources: Counter[str] = field(default_factory=Counter)
    words: WordCounts = field(default_factory=WordCounts)

    @classmethod
    def empty(cls, n_classes: int) -> Tally:
        """Return a tally of no articles."""
        reasons, labels, confidence = (
            np.zeros(size, np.int64) for size in (len(REASON_CODES), n_classes, N_BINS)
        )
        return cls(0, reasons, labels, confidence)

    def merge(self, other: Tally) -> None:
        """Count what another one counted, too."""
        self.n += other.n
        self.reasons += other.reasons
        self.labels += other.labels
        self.confidence += other.confidence
        self.total_confidence += other.total_confidence
        self.n_words += other.n_words
        self.n_unknown += other.n_unknown
        self.sources.update(other.sources)
        self.words.merge(other.words)


@dataclass(frozen=True, eq=False, slots=True)
class Watched:
    """Tallies of windows in order of time, each with its name, and remarks on articles left out."""

    windows: tuple[tuple[str, Tally], ...]
    notes: tuple[str, ...]


_Key = tuple[str, int | None]  # the file that an article is from, and its week
_Dated = tuple[Article, int | None, Beginning]


def count_articles(
    model: FittedClassifier, articles: Iterable[TextInput], *, since: str | None = None, n_jobs: int = -1
) -> Watched:
    """Predict articles, a thousand at a time, and count what comes out, by week or by file."""
    words, tallies, left_out = TrainingWords(model), dict[_Key, Tally](), Counter[str]()
    stream = _taken(articles, None if since is None else _instant(since), left_out)
    while some := list(islice(stream, _AT_ONCE)):
        _count(model, words, some, tallies, n_jobs)
    found = _windows(tallies, len(model.classes_), left_out)
    return replace(found, notes=found.notes + _of_training(model, tallies))


def _instant(since: str) -> int:
    instant = parse_instant(since)
    if instant is None:
        raise TopicmlValueError(f"since must be a date such as 2024-03-31, found {since!r}")
    return instant


def _taken(articles: Iterable[TextInput], since: int | None, left_out: Counter[str]) -> Iterator[_Dated]:
    """Yield the articles that count, each with its instant, its place and how it begins."""
    if isinstance(articles, str | Article):
        raise TopicmlTypeError(
            "expected an iterable of articles to watch, found one text: put it into a list"
        )
    for row, item in enumerate(articles):
        article = _article(item, row)
        instant = parse_instant(article.date) if article.date else None
        if not article.full_text.strip():
            left_out["without text"] += 1
        elif since is not None and instant is None:
            left_out["without a date that can be read"] += 1
        elif since is not None and instant is not None and instant < since:
            left_out["dated earlier"] += 1
        else:
            yield article, instant, (PurePath(place_of(article, row)).name, _beginning(article))


def _beginning(article: Article) -> str:
    """Return how an article begins, title first, without a look at all of a long text."""
    parts = (part[:_BEGIN].strip() for part in (article.title, article.text))
    return " / ".join(filter(None, parts))


def _article(item: TextInput, row: int) -> Article:
    if isinstance(item, Article):
        return item
    if not isinstance(item, str):
        raise TopicmlTypeError(f"expected text or an Article at position {row}, found {type(item).__name__}")
    return Article(item)


def _count(
    model: FittedClassifier,
    words: TrainingWords,
    some: Sequence[_Dated],
    tallies: dict[_Key, Tally],
    n_jobs: int,
) -> None:
    articles, begins = [article for article, _, _ in some], [begin for _, _, begin in some]
    keys = [(_file(article), None if at is None else at // WEEK) for article, at, _ in some]
    distinct = list(dict.fromkeys(keys))
    window = np.array([distinct.index(key) for key in keys])
    found = [tallies.setdefault(key, Tally.empty(len(model.classes_))) for key in distinct]
    _count_predictions(model, articles, window, found, n_jobs)
    settings = model.vectorizer.settings
    texts = settings.as_read(list(as_texts(articles)))
    tokens = tokenize(texts, min_token_length=settings.min_token_length)
    hashes = tokens.hashes()
    words.count(tokens, hashes, window, begins, [tally.words for tally in found])
    n_words, n_unknown = words.unknown(tokens, hashes)
    for k, tally in enumerate(found):
        own = np.flatnonzero(window == k)
        tally.n_words += int(n_words[own].sum())
        tally.n_unknown += int(n_unknown[own].sum())
        tally.sources.update(source for row in own.tolist() if (source := articles[row].source))


def _count_predictions(
    model: FittedClassifier,
    articles: Sequence[Article],
    window: NDArray[np.int64],
    found: Sequence[Tally],
    n_jobs: int,
) -> None:
    predictions = model.predict(articles, n_jobs=n_jobs)
    probabilities = predictions.probabilities
    given = assign_labels(probabilities, model.thresholds, multilabel=model.multilabel)
    for k, tally in enumerate(found):
        own = window == k
        sure = probabilities[own][given[own]]
        tally.n += int(own.sum())
        tally.reasons += np.bincount(predictions.reasons[own], minlength=len(REASON_CODES))
        tally.labels += given[own].sum(axis=0)
        tally.confidence += confidence_counts(sure)
        tally.total_confidence += float(sure.sum())


def _file(article: Article) -> str:
    return PurePath(_LINE.sub("", article.origin)).name if article.origin else ""


def _windows(tallies: dict[_Key, Tally], n_classes: int, left_out: Counter[str]) -> Watched:
    n = sum(tally.n for tally in tallies.values())
    undated = sum(tally.n for (_, week), tally in tallies.items() if week is None)
    if undated * 2 <= n:
        left_out["without a date that can be read"] += undated
        windows = _by_week(tallies, n_classes)
    else:
        windows = _by_file(tallies, n_classes)
    notes = tuple(f"left out: {counted(n, 'article')} {why}" for why, n in left_out.items() if n)
    return Watched(tuple(windows), notes)


def _of_training(model: FittedClassifier, tallies: dict[_Key, Tally]) -> tuple[str, ...]:
    """Return notes on articles that the model may have learned from, if there can be any."""
    record = TrainingRecord.read(model.provenance)
    return (*_of_archive(record), *_before(record, tallies))


def _of_archive(record: TrainingRecord) -> tuple[str, ...]:
    if record.archive is None or not record.archive.used:
        return ()
    return (
        f"the model also learned from {counted(record.archive.n_articles, 'unlabelled article')}, and looks "
        "better on these; watch only articles that are newer than that archive",
    )


def _before(record: TrainingRecord, tallies: dict[_Key, Tally]) -> tuple[str, ...]:
    """Return a note on articles of weeks that ended before the last training article, if there are any."""
    _, last = record.dates or ("", "")
    until = parse_instant(last) or 0
    n = sum(
        tally.n for (_, week), tally in tallies.items() if week is not None and (week + 1) * WEEK <= until
    )
    if not n:
        return ()
    return (
        f"{counted(n, 'article')} of weeks before {last}, the date of the last training article: the model "
        "may have learned from them, and looks better on these; leave them out with --since",
    )


def _by_week(tallies: dict[_Key, Tally], n_classes: int) -> list[tuple[str, Tally]]:
    """Return weeks; those with few articles are joined with weeks before, the oldest with weeks after."""
    weeks: dict[int, Tally] = {}
    for (_, week), tally in tallies.items():
        if week is not None:
            weeks.setdefault(week, Tally.empty(n_classes)).merge(tally)
    joined: list[tuple[int, int, Tally]] = []
    for week in sorted(weeks, reverse=True):
        if joined and (joined[-1][2].n < _ENOUGH):
            _, last, tally = joined[-1]
            tally.merge(weeks[week])
            joined[-1] = (week, last, tally)
        else:
            joined.append((week, week, weeks[week]))
    if len(joined) > 1 and joined[-1][2].n < _ENOUGH:
        begin, _, few = joined.pop()
        joined[-1][2].merge(few)
        joined[-1] = (begin, joined[-1][1], joined[-1][2])
    return [(_days(begin, end), tally) for begin, end, tally in reversed(joined)]


def _by_file(tallies: dict[_Key, Tally], n_classes: int) -> list[tuple[str, Tally]]:
    files: dict[str, Tally] = {}
    for (name, _), tally in tallies.items():
        files.setdefault(name, Tally.empty(n_classes)).merge(tally)
    if len(files) <= _MOST_FILES and "" not in files:
        return list(files.items())
    every = Tally.empty(n_classes)
    for tally in files.values():
        every.merge(tally)
    return [("all articles", every)]


def _days(begin: int, end: int) -> str:
    """Return the first and the last day of some weeks.

    >>> _days(105585, 105585)
    '2024-07-29 to 2024-08-04'
    """
    first = datetime(1, 1, 1, tzinfo=UTC) + timedelta(microseconds=begin * WEEK)
    last = datetime(1, 1, 1, tzinfo=UTC) + timedelta(microseconds=(end + 1) * WEEK - DAY)
    return f"{first.date()} to {last.date()}"
