"""Whether a model still fits the news: what it does with articles that nobody labelled, beside training."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

import numpy as np

from topicml.exceptions import CorpusError
from topicml.lifecycle.accuracy_estimate import estimated_accuracy, estimated_share, gained_share
from topicml.lifecycle.rising_words import TrainingWords
from topicml.lifecycle.watch_result import TrainingSide, Watch, WatchedWindow
from topicml.lifecycle.watched_articles import Tally, count_articles
from topicml.model.classifier import FittedClassifier
from topicml.model.fitted import ModelInput, as_classifier
from topicml.model.inputs import TextInput
from topicml.model.predictions import REASON_CODES
from topicml.model.reference import Reference

_WORDS = 10  # of each window
_LOST = 0.02  # accuracy, at the least
_MORE_LEFT = 0.05  # share of articles left to a person, at the least
_MORE_UNKNOWN = 0.05  # share of words
_MOVED_LABELS = 0.15  # share of given labels
_MOVED_SOURCES = 0.1  # share of articles
_GROWN = 2.0  # times its share in training, from which on an outlet is new to the model

WITHOUT_REFERENCE = (
    "without counts of the training articles, accuracy is not estimated, and labels and articles left to a "
    "person have no comparison; retrain the model to add these counts"
)


def watch(
    model: ModelInput, articles: Iterable[TextInput], *, since: str | None = None, n_jobs: int = -1
) -> Watch:
    """Look whether a model still fits the news, without labels.

    Articles are put into weeks by their dates; weeks with fewer than 200 articles are joined. If most have
    no date, they are put together by the file that they were read from. Each window is compared with the
    training articles, as the model met them while they were held out.

    Parameters
    ----------
    model : FittedClassifier, or a result of training
        Without counts of its training articles, as older models are, there is no estimate and no verdict.
    articles : iterable of Article, or of texts
        Read once, a thousand at a time; labels that they have are ignored.
    since : str, optional
        Leave out articles dated before this day, and those without a date.
    n_jobs : int, default=-1
        Threads to predict in; -1 is one for each core.

    Returns
    -------
    Watch

    Raises
    ------
    CorpusError
        If there are no articles.
    TopicmlTypeError
        If an item is not a text or an Article.
    TopicmlValueError
        If `since` is no date.

    Examples
    --------
    >>> from topicml import Article, train
    >>> sport = [Article(f"cup final number {k}", labels=("sport",)) for k in range(30)]
    >>> rain = [Article(f"heavy rain warning {k}", labels=("weather",)) for k in range(30)]
    >>> watch(train([*sport, *rain], n_jobs=1), ["rain tonight", "the cup final"]).verdict
    'too little to tell'
    """
    classifier = as_classifier(model)
    found = count_articles(classifier, articles, since=since, n_jobs=n_jobs)
    if not found.windows:
        left_out = f" ({'; '.join(found.notes)})" if found.notes else ""
        raise CorpusError(f"there are no articles to watch{left_out}")
    words = TrainingWords(classifier)
    return Watch(
        windows=tuple(_window(name, tally, classifier, words) for name, tally in found.windows),
        training=_training(classifier),
        multilabel=classifier.multilabel,
        fingerprint=classifier.fingerprint,
        notes=found.notes + ((WITHOUT_REFERENCE,) if classifier.reference is None else ()),
    )


def _training(model: FittedClassifier) -> TrainingSide:
    unknown = model.familiarity.unknown_share if model.familiarity else None
    known = model.reference
    if known is None:
        return TrainingSide(None, {}, unknown, None)
    given = max(sum(known.labels), 1)
    return TrainingSide(
        left_to_person=1 - known.reasons[0] / known.n_articles,
        labels={label: n / given for label, n in zip(model.classes_, known.labels, strict=True)},
        unknown_words=unknown,
        accuracy=sum(known.right) / given,
    )


def _window(name: str, tally: Tally, model: FittedClassifier, words: TrainingWords) -> WatchedWindow:
    known, training = model.reference, _training(model)
    sources = None if known is None else _new_sources(tally, known)
    given = int(tally.labels.sum())
    window = WatchedWindow(
        name=name,
        n=tally.n,
        left_to_person=estimated_share(tally.n - int(tally.reasons[0]), tally.n),
        reasons={reason: n for reason, n in zip(REASON_CODES, tally.reasons.tolist(), strict=True) if reason},
        labels={
            label: estimated_share(n, given)
            for label, n in zip(model.classes_, tally.labels.tolist(), strict=True)
        },
        confidence=tally.total_confidence / max(given, 1),
        unknown_words=None if training.unknown_words is None else tally.n_unknown / max(tally.n_words, 1),
        accuracy=None
        if known is None
        else estimated_accuracy(known, tally.confidence, doubtful=sources or 0.0),
        new_sources=sources,
        words=words.rising(tally.words, tally.n, _WORDS),
        findings=(),
    )
    moved = 0.0 if known is None else gained_share(tally.labels, np.array(known.labels))
    return replace(window, findings=tuple(_findings(window, training, moved)))


def _new_sources(tally: Tally, known: Reference) -> float | None:
    """Return the share of articles from new outlets, beyond chance; None where outlets are not known."""
    if not known.sources or 2 * sum(tally.sources.values()) < tally.n:
        return None
    names = sorted({*known.sources, *tally.sources})
    now, before = (
        np.array([counts.get(name, 0) for name in names]) for counts in (tally.sources, known.sources)
    )
    return gained_share(now, before, grown=_GROWN)


def _findings(window: WatchedWindow, training: TrainingSide, moved: float) -> Iterator[str]:
    """Yield what speaks for retraining: differences from training that are large, and not of chance."""
    accuracy, before = window.accuracy, training.accuracy
    if accuracy and accuracy.interval and before is not None and accuracy.high < before - _LOST:
        yield f"it is right less often, {accuracy.value:.0%} by estimate and {before:.0%} in training"
    left, usual = window.left_to_person, training.left_to_person
    if usual is not None and left.low > usual + _MORE_LEFT:
        yield f"{left.value:.0%} of articles are left to a person, {usual:.0%} in training"
    unknown, known = window.unknown_words, training.unknown_words
    if unknown is not None and known is not None and unknown > known + _MORE_UNKNOWN:
        yield f"{unknown:.0%} of words are unknown, {known:.0%} in training"
    if moved > _MOVED_LABELS:
        yield f"{moved:.0%} of labels moved to sections that grew"
    if (window.new_sources or 0.0) > _MOVED_SOURCES:
        yield (
            f"{window.new_sources:.0%} of articles come from outlets that training hardly had, so the "
            "estimated accuracy may be too high"
        )
