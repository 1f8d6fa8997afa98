"""The articles that a model gets wrong, the surest mistakes first, and the words that led it there."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from topicml.arguments import whole_number
from topicml.article import Article, place_of
from topicml.corpus.seen_articles import seen_in_training
from topicml.displays.tables import Table, html_view
from topicml.evaluation.evaluate import labelled_articles
from topicml.evaluation.excerpts import Excerpt, telling_excerpt
from topicml.evaluation.result import plain
from topicml.formatting import counted, percent, shortened, wrapped
from topicml.model.classifier import FittedClassifier
from topicml.model.fitted import ModelInput, as_classifier
from topicml.model.inputs import TextInput
from topicml.model.prediction import Prediction
from topicml.model.predictions import Predictions

Words = tuple[tuple[str, float], ...]

_INDENT = " " * 4


@dataclass(frozen=True, slots=True)
class LabelEvidence:
    """The words of an article for and against one label.

    Parameters
    ----------
    label : str
    probability : float or None
        None if the model does not know the label; then there are no words either.
    supporting, opposing : tuple of (str, float)
        Words of the article with their contributions to the label's score, the strongest first; see
        `topicml.Explanation`.
    characteristic : tuple of str
        Words that speak most for the label in any article, `FittedClassifier.top_words`.
    """

    label: str
    probability: float | None
    supporting: Words
    opposing: Words
    characteristic: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Mistake:
    """An article that a model got wrong.

    Parameters
    ----------
    position : int
        Among the articles, counted from 0.
    place : str
        Where it was read; else its id; else its row, counted from 1.
    title : str
    excerpt : str
        The part of it where the words are that led to the mistake.
    marks : tuple of (int, int)
        Where these words are in the excerpt, end exclusive.
    true, given : tuple of str
        Its labels, and those that the model gave it; sorted.
    confidence : float
        The probability of a wrong label that it was given; in a multilabel model also one less the
        probability of a label that it should have been given. The largest of them.
    wrong : LabelEvidence or None
        For the most probable wrong label that it was given.
    missed : LabelEvidence or None
        For the least probable label that it should have been given.
    seen : bool
        Whether it is in the training data, exactly or nearly.
    """

    position: int
    place: str
    title: str
    excerpt: str
    marks: tuple[tuple[int, int], ...]
    true: tuple[str, ...]
    given: tuple[str, ...]
    confidence: float
    wrong: LabelEvidence | None
    missed: LabelEvidence | None
    seen: bool

    @property
    def evidence(self) -> list[LabelEvidence]:
        """For the wrong label and for the missed one, where there are such."""
        return [found for found in (self.wrong, self.missed) if found is not None]

    def spoken(self, evidence: Iterable[LabelEvidence]) -> list[tuple[str, Words]]:
        """Return the words for each label, and those against a label that was only missed."""
        found = [(f"for {own.label}", own.supporting) for own in evidence]
        if self.missed is not None and self.wrong is None:
            found.append((f"against {self.missed.label}", self.missed.opposing))
        return found

    def __repr__(self) -> str:
        found = f"{self.place}: predicted {named(self.given)}, labelled {named(self.true)}"
        return f"Mistake({shortened(found, 300)}, confidence {self.confidence:.3f})"

    def __str__(self) -> str:
        head = f"predicted {named(self.given)}, labelled {named(self.true)}"
        told = [
            f"{heading}: {_words(words) or 'no known word'}" for heading, words in self.spoken(self.evidence)
        ]
        told += [
            f"typical words for {found.label}: {', '.join(found.characteristic)}"
            for found in self.evidence
            if found.characteristic
        ]
        lines = wrapped(f"{head} (the model's confidence: {percent(self.confidence)})", hanging=_INDENT)
        place = f"{self.place}: {self.title}" if self.title else self.place
        lines.append(_INDENT + shortened(place, 80 - len(_INDENT)))
        width = 80 - 2 * len(_INDENT)
        lines += [2 * _INDENT + shortened(line, width) for line in wrapped(self.excerpt, width=width)]
        for line in told:
            lines += wrapped(line, indent=_INDENT, hanging=_INDENT + "  ")
        return "\n".join(lines)


@dataclass(frozen=True, slots=True)
class ErrorCounts:
    """How many articles a model got wrong.

    Parameters
    ----------
    n : int
        Articles.
    n_wrong : int
        Those that were given a label too many or too few, among the labels that the model knows.
    n_abstained : int
        Those that were left to a person; they are no mistakes.
    """

    n: int
    n_wrong: int
    n_abstained: int


@dataclass(frozen=True, slots=True, repr=False)
class Errors:
    """The articles of a corpus that a model gets wrong.

    Parameters
    ----------
    n, n_wrong, n_abstained : int
        As in `ErrorCounts`, of all articles.
    unknown_labels : mapping of str to int
        Labels of the corpus that the model does not know, with their articles.
    mistakes : tuple of Mistake
        The surest first, ties in the order of the corpus. Mistakes in articles that the model was trained
        on come last.
    n_seen : int or None
        Articles that are in the training data, exactly or nearly; None if the model keeps no record of them.
    without_copies : ErrorCounts or None
        Counts for the other articles, if some are in the training data and some are not.
    """

    n: int
    n_wrong: int
    n_abstained: int
    unknown_labels: Mapping[str, int]
    mistakes: tuple[Mistake, ...]
    n_seen: int | None = None
    without_copies: ErrorCounts | None = None

    @property
    def shown(self) -> tuple[Mistake, ...]:
        """The mistakes to look at: those in articles that the model was not trained on, if there are any."""
        if self.without_copies is None:
            return self.mistakes
        return tuple(mistake for mistake in self.mistakes if not mistake.seen)

    def summary(self) -> list[str]:
        """Return in sentences how many articles are wrong, without those that the model was trained on."""
        counts = self.without_copies or ErrorCounts(self.n, self.n_wrong, self.n_abstained)
        told = f"{counts.n_wrong:,} of {counted(counts.n, 'article')} {_were(counts.n_wrong)} predicted wrong"
        if counts.n_abstained:
            told += f"; {counts.n_abstained:,} {_were(counts.n_abstained)} left to a person"
        if self.shown and len(self.shown) < counts.n_wrong:
            n = len(self.shown)
            told += ". Here is the surest" if n == 1 else f". Here are the {n:,} surest mistakes"
        seen = "in the training data, exactly or nearly"
        if self.without_copies is not None:
            first = [f"{self.n_seen:,} of {counted(self.n, 'article')} are {seen}. They are left out below."]
        elif self.n_seen:
            first = [f"All articles are {seen}: this says nothing about new articles."]
        else:
            first = []
        return [*first, f"{told}."]

    def to_dict(self) -> dict[str, Any]:
        """Return all of it as values that JSON can hold."""
        return dict(plain(self))

    def rows(self) -> list[dict[str, Any]]:
        """Return one flat row for each mistake, for a table."""
        return [
            {
                "place": mistake.place,
                "confidence": mistake.confidence,
                "true": "; ".join(mistake.true),
                "given": "; ".join(mistake.given),
                "wrong": mistake.wrong and mistake.wrong.label,
                "wrong_terms": _words(mistake.wrong.supporting) if mistake.wrong else "",
                "missed": mistake.missed and mistake.missed.label,
                "missed_terms": _words(mistake.missed.supporting) if mistake.missed else "",
                "title": mistake.title,
                "excerpt": mistake.excerpt,
                "seen": mistake.seen,
            }
            for mistake in self.mistakes
        ]

    def __repr__(self) -> str:
        return f"Errors({self.n_wrong:,} of {counted(self.n, 'article')} predicted wrong)"

    def _repr_html_(self) -> str:
        header = ("predicted", "labelled", "confidence", "words that led there", "article")
        rows = [
            (
                named(mistake.given),
                named(mistake.true),
                percent(mistake.confidence),
                "; ".join(_words(words) for _, words in mistake.spoken(mistake.evidence[:1])),
                mistake.title or mistake.excerpt,
            )
            for mistake in self.shown
        ]
        table = Table("Mistakes", (header, *rows), (False, False, True, False, False), 40)
        return html_view(self.summary(), *([table] if rows else []))

    def __str__(self) -> str:
        lines = [line for sentence in self.summary() for line in wrapped(sentence)]
        for label, count in self.unknown_labels.items():
            lines += wrapped(f"the model does not know the label {label!r} ({counted(count, 'article')})")
        return "\n\n".join(["\n".join(lines), *map(str, self.shown)])


def find_errors(
    model: ModelInput,
    articles: Iterable[TextInput],
    labels: Iterable[object] | None = None,
    *,
    top: int | None = 20,
    n_terms: int = 5,
) -> Errors:
    """Find the articles that a model gets wrong, and which words led it there.

    A sure mistake is worth a look: either the model has learned something it should not, or the label
    in the data is wrong. Articles that the model was trained on are set apart, because it has learned their
    labels; to find wrong labels among them, use `topicml.suspect_labels`.

    Parameters
    ----------
    model : FittedClassifier, TrainingResult or TopicClassifier
        The model whose mistakes are listed.
    articles : iterable of Article, or of texts
        A Corpus or a list. All labelled.
    labels : iterable, optional
        For each text one label, or a list of labels. They replace the labels of articles.
    top : int or None, default=20
        How many mistakes to return at most, the surest first; None for all.
    n_terms : int, default=5
        How many words to name for each label.

    Returns
    -------
    Errors

    Raises
    ------
    CorpusError
        If there are no articles, or one is not labelled.
    TopicmlTypeError
        If an item is not an Article.
    TopicmlValueError
        If `top` or `n_terms` is less than 1.

    Examples
    --------
    >>> from topicml import TrainingSettings, train
    >>> cup, rain = Article("the cup final", labels=("sport",)), Article("rain tonight", labels=("weather",))
    >>> model = train([cup, rain], settings=TrainingSettings(search="none"), n_jobs=1, fewest=2).classifier
    >>> found = find_errors(model, [cup, rain, Article("rain stopped the cup final", labels=("weather",))])
    >>> found.n_wrong, found.mistakes[0].given, found.mistakes[0].wrong.supporting[0][0]
    (1, ('sport',), 'cup final')
    """
    whole_number("top", 1 if top is None else top, 1)
    whole_number("n_terms", n_terms, 1)
    model = as_classifier(model)
    listed = labelled_articles(articles, labels)
    predictions = model.predict(listed)
    seen = seen_in_training(model, listed)
    new = np.ones(len(listed), bool) if seen is None else ~seen
    sure = _surest_first(listed, predictions, new, multilabel=model.multilabel)
    known = set(model.classes_)
    unknown = Counter(label for article in listed for label in article.labels or () if label not in known)
    evidence = _Evidence(model, n_terms)
    return Errors(
        **asdict(_counts(np.ones(len(listed), bool), predictions, sure)),
        unknown_labels=dict(sorted(unknown.items())),
        mistakes=tuple(
            _mistake(listed[row], predictions[row], row, confidence, evidence, seen=not new[row])
            for confidence, row in sure[:top]
        ),
        n_seen=None if seen is None else int(seen.sum()),
        without_copies=_counts(new, predictions, sure) if 0 < new.sum() < len(new) else None,
    )


def _surest_first(
    articles: Sequence[Article],
    predictions: Sequence[Prediction],
    new: NDArray[np.bool_],
    *,
    multilabel: bool,
) -> list[tuple[float, int]]:
    """Return the confidence and the row of each mistake, those in new articles first."""
    found = [
        (confidence, row)
        for row, (article, prediction) in enumerate(zip(articles, predictions, strict=True))
        if (confidence := _confidence(article, prediction, multilabel=multilabel)) is not None
    ]
    return sorted(found, key=lambda mistake: (not new[mistake[1]], -mistake[0]))


def _counts(
    which: NDArray[np.bool_], predictions: Predictions, sure: Sequence[tuple[float, int]]
) -> ErrorCounts:
    """Count some of the articles, those that are wrong, and those that were left to a person."""
    n_wrong = sum(bool(which[row]) for _, row in sure)
    return ErrorCounts(int(which.sum()), n_wrong, int((which & predictions.abstained).sum()))


def _confidence(article: Article, prediction: Prediction, *, multilabel: bool) -> float | None:
    """Return the confidence of a wrong prediction; None for a right one or an article left to a person."""
    if prediction.abstained:
        return None
    probability = dict(zip(prediction.classes, prediction.class_probabilities, strict=True))
    true, given = set(article.labels or ()), set(prediction.labels)
    sure = [probability[label] for label in given - true]
    if multilabel or not sure:
        sure += [1 - probability[label] for label in true - given if label in probability]
    return max(sure, default=None)


class _Evidence:
    """Explains articles by one model, whose typical words are looked up once for each label."""

    def __init__(self, model: FittedClassifier, n_terms: int) -> None:
        self._model, self._n_terms = model, n_terms
        self._characteristic: dict[str, tuple[str, ...]] = {}

    def of(self, article: Article, label: str) -> LabelEvidence:
        """Return the words for and against a label."""
        if label not in self._model.classes_:
            return LabelEvidence(label, None, (), (), ())
        if label not in self._characteristic:
            words = self._model.top_words(label, self._n_terms)
            self._characteristic[label] = tuple(word for word, _ in words)
        found = self._model.explain(article, label, top=self._n_terms)
        supporting, opposing = (
            tuple((word.word, word.contribution) for word in words)
            for words in (found.supporting, found.opposing)
        )
        return LabelEvidence(label, found.probability, supporting, opposing, self._characteristic[label])

    def excerpt(self, article: Article, wrong: str | None, missed: str | None) -> Excerpt:
        """Return the part of an article where the words are for a wrong label, else against a missed one."""
        label = wrong or missed
        if label not in self._model.classes_:
            return telling_excerpt(article.full_text, ())
        found = self._model.explain(article, label, top=self._n_terms)
        return telling_excerpt(article.full_text, found.supporting if wrong else found.opposing)


def _mistake(
    article: Article,
    prediction: Prediction,
    row: int,
    confidence: float,
    evidence: _Evidence,
    *,
    seen: bool,
) -> Mistake:
    probability = dict(zip(prediction.classes, prediction.class_probabilities, strict=True))
    true, given = set(article.labels or ()), set(prediction.labels)
    wrong = max(sorted(given - true), key=lambda label: probability[label], default=None)
    # Labels that the model does not know come last: it has no words for those.
    missed = min(sorted(true - given), key=lambda label: probability.get(label, 2.0), default=None)
    excerpt = evidence.excerpt(article, wrong, missed)
    return Mistake(
        position=row,
        place=place_of(article, row),
        title=" ".join(article.title.split()),
        excerpt=excerpt.text,
        marks=excerpt.marks,
        true=tuple(sorted(true)),
        given=tuple(sorted(given)),
        confidence=confidence,
        wrong=None if wrong is None else evidence.of(article, wrong),
        missed=None if missed is None else evidence.of(article, missed),
        seen=seen,
    )


def _were(n: int) -> str:
    return "was" if n == 1 else "were"


def named(labels: Sequence[str]) -> str:
    """Return labels in one line."""
    return " + ".join(labels) or "no label"


def _words(words: Words) -> str:
    return ", ".join(f"{word} {contribution:+.2f}" for word, contribution in words)
