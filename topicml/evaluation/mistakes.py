"""The articles that a model gets wrong, the surest mistakes first, and the words that led it there."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from topicml.article import Article, excerpt, place_of
from topicml.evaluation.evaluate import labelled_articles
from topicml.evaluation.result import plain
from topicml.exceptions import TopicmlValueError
from topicml.formatting import counted, shortened, wrapped
from topicml.model.classifier import FittedClassifier
from topicml.model.prediction import Prediction

Terms = tuple[tuple[str, float], ...]

_INDENT = " " * 7


@dataclass(frozen=True, slots=True)
class LabelEvidence:
    """What an article held for and against one label.

    Parameters
    ----------
    label : str
    probability : float or None
        None if the model does not know the label; then there are no terms either.
    supporting, opposing : tuple of (str, float)
        Terms of the article with what each added to the label's score, the strongest first; see
        `topicml.Explanation`.
    characteristic : tuple of str
        The terms that speak most for the label in any article, `FittedClassifier.top_terms`.
    """

    label: str
    probability: float | None
    supporting: Terms
    opposing: Terms
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
    excerpt : str
        How it begins.
    true, given : tuple of str
        Its labels, and those that the model gave it; sorted.
    confidence : float
        How sure the model was of what is wrong: the probability of a label that it gave; for a label of
        a multilabel model that it did not give, one less its probability. The largest of them.
    wrong : LabelEvidence or None
        Of the most probable label that it gave and that is not true.
    missed : LabelEvidence or None
        Of the least probable label that is true and that it did not give.
    """

    position: int
    place: str
    excerpt: str
    true: tuple[str, ...]
    given: tuple[str, ...]
    confidence: float
    wrong: LabelEvidence | None
    missed: LabelEvidence | None

    @property
    def evidence(self) -> list[LabelEvidence]:
        """Of the wrong label and of the missed one, where there are such."""
        return [found for found in (self.wrong, self.missed) if found is not None]

    def spoken(self, evidence: Iterable[LabelEvidence]) -> list[tuple[str, Terms]]:
        """Return what spoke for each label, and of one that was only missed what spoke against it."""
        found = [(f"for {own.label}", own.supporting) for own in evidence]
        if self.missed is not None and self.wrong is None:
            found.append((f"against {self.missed.label}", self.missed.opposing))
        return found

    def __str__(self) -> str:
        head = f"{self.confidence:.3f}  {named(self.given)}, but it is {named(self.true)}  [{self.place}]"
        told = [f"{heading}: {_terms(terms) or 'no term'}" for heading, terms in self.spoken(self.evidence)]
        told += [
            f"{found.label} is told by: {', '.join(found.characteristic)}"
            for found in self.evidence
            if found.characteristic
        ]
        lines = wrapped(head, hanging=_INDENT)
        lines.append(_INDENT + shortened(self.excerpt, 80 - len(_INDENT)))
        for line in told:
            lines += wrapped(line, indent=_INDENT, hanging=_INDENT + "  ")
        return "\n".join(lines)


@dataclass(frozen=True, slots=True)
class Errors:
    """What a model gets wrong in a corpus.

    Parameters
    ----------
    n : int
        Articles.
    n_wrong : int
        Those that were answered with a label too many or too few, among the labels that it knows.
    n_abstained : int
        Those that were not answered; they are no mistakes.
    unknown_labels : mapping of str to int
        Labels of the corpus that the model does not know, with their articles.
    mistakes : tuple of Mistake
        The surest ones first; of equal ones, in the order of the corpus.
    """

    n: int
    n_wrong: int
    n_abstained: int
    unknown_labels: Mapping[str, int]
    mistakes: tuple[Mistake, ...]

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
                "wrong_terms": _terms(mistake.wrong.supporting) if mistake.wrong else "",
                "missed": mistake.missed and mistake.missed.label,
                "missed_terms": _terms(mistake.missed.supporting) if mistake.missed else "",
                "excerpt": mistake.excerpt,
            }
            for mistake in self.mistakes
        ]

    def __str__(self) -> str:
        lines = [f"{self.n_wrong} of {counted(self.n, 'article')} wrong, {self.n_abstained} not answered"]
        if self.mistakes and len(self.mistakes) < self.n_wrong:
            lines[0] += f"; the {len(self.mistakes)} surest"
        for label, count in self.unknown_labels.items():
            lines += wrapped(f"the model does not know the label {label!r} of {counted(count, 'article')}")
        return "\n\n".join(["\n".join(lines), *map(str, self.mistakes)])


def find_errors(
    model: FittedClassifier, articles: Iterable[Article], *, top: int | None = 20, n_terms: int = 5
) -> Errors:
    """Find the articles that a model gets wrong, and say which terms led it there.

    A sure mistake is worth a look: either the model has learned something it should not, or the label
    in the data is wrong. Of articles that the model was trained on it shows little; for wrong labels
    among those see `topicml.suspect_labels`.

    Parameters
    ----------
    model : FittedClassifier
    articles : iterable of Article
        All labelled.
    top : int or None, default=20
        How many to tell of, the surest; None is all.
    n_terms : int, default=5
        How many terms to name for each label.

    Returns
    -------
    Errors

    Raises
    ------
    CorpusError
        If there are no articles, or one is not labelled.
    TopicmlTypeError
        If one of them is no Article.
    TopicmlValueError
        If `top` or `n_terms` is less than 1.

    Examples
    --------
    >>> from topicml import TrainingSettings, train
    >>> cup, rain = Article("the cup final", labels=("sport",)), Article("rain tonight", labels=("weather",))
    >>> model = train([cup, rain], settings=TrainingSettings(search="none"), n_jobs=1).classifier
    >>> found = find_errors(model, [cup, rain, Article("rain stopped the cup final", labels=("weather",))])
    >>> found.n_wrong, found.mistakes[0].given, found.mistakes[0].wrong.supporting[0][0]
    (1, ('sport',), 'cup')
    """
    for name, number in (("top", top), ("n_terms", n_terms)):
        if number is not None and number < 1:
            raise TopicmlValueError(f"{name} must be 1 or more, found {number}")
    listed = labelled_articles(articles)
    predictions = model.predict(listed)
    sure = [
        (confidence, row)
        for row, (article, prediction) in enumerate(zip(listed, predictions, strict=True))
        if (confidence := _confidence(article, prediction, multilabel=model.multilabel)) is not None
    ]
    sure.sort(key=lambda found: -found[0])
    known = set(model.classes_)
    unknown = Counter(label for article in listed for label in article.labels or () if label not in known)
    evidence = _Evidence(model, n_terms)
    return Errors(
        n=len(listed),
        n_wrong=len(sure),
        n_abstained=sum(prediction.abstained for prediction in predictions),
        unknown_labels=dict(sorted(unknown.items())),
        mistakes=tuple(
            _mistake(listed[row], predictions[row], row, confidence, evidence)
            for confidence, row in sure[:top]
        ),
    )


def _confidence(article: Article, prediction: Prediction, *, multilabel: bool) -> float | None:
    """Return how sure a prediction was of what is wrong; None if nothing is, or it was not answered."""
    if prediction.abstained:
        return None
    probability = dict(zip(prediction.classes, prediction.class_probabilities, strict=True))
    true, given = set(article.labels or ()), set(prediction.labels)
    sure = [probability[label] for label in given - true]
    if multilabel or not sure:
        sure += [1 - probability[label] for label in true - given if label in probability]
    return max(sure, default=None)


class _Evidence:
    """Explains articles by one model, whose characteristic terms are looked up once for each label."""

    def __init__(self, model: FittedClassifier, n_terms: int) -> None:
        self._model, self._n_terms = model, n_terms
        self._characteristic: dict[str, tuple[str, ...]] = {}

    def of(self, article: Article, label: str) -> LabelEvidence:
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


def _mistake(
    article: Article, prediction: Prediction, row: int, confidence: float, evidence: _Evidence
) -> Mistake:
    probability = dict(zip(prediction.classes, prediction.class_probabilities, strict=True))
    true, given = set(article.labels or ()), set(prediction.labels)
    wrong = max(sorted(given - true), key=lambda label: probability[label], default=None)
    # Labels that the model does not know come last: of those there is nothing to say.
    missed = min(sorted(true - given), key=lambda label: probability.get(label, 2.0), default=None)
    return Mistake(
        position=row,
        place=place_of(article, row),
        excerpt=excerpt(article),
        true=tuple(sorted(true)),
        given=tuple(sorted(given)),
        confidence=confidence,
        wrong=None if wrong is None else evidence.of(article, wrong),
        missed=None if missed is None else evidence.of(article, missed),
    )


def named(labels: Sequence[str]) -> str:
    """Return labels in one line."""
    return " + ".join(labels) or "no label"


def _terms(terms: Terms) -> str:
    return ", ".join(f"{term} {contribution:+.2f}" for term, contribution in terms)
