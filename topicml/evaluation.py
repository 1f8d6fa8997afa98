"""Measuring a model on labelled articles that it was not trained on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from topicml.article import Article
from topicml.classifier import FittedClassifier
from topicml.exceptions import CorpusError
from topicml.inputs import as_articles
from topicml.metrics import Scores, score
from topicml.near_duplicates import group_near_duplicates
from topicml.seen_articles import seen_in_training
from topicml.targets import encode_labels

__all__ = ["Evaluation", "evaluate", "labelled_articles"]


@dataclass(frozen=True, slots=True)
class Evaluation:
    """How a model does on a corpus.

    Parameters
    ----------
    scores : Scores
        Over the labels of the model and those of the corpus: a label that the model does not know
        counts as missed.
    coverage : float
        Share of the articles that the model answered; the rest counts as not labelled.
    unknown_labels : mapping of str to int
        Labels of the corpus that the model does not know, with their articles.
    n_seen : int, optional
        Articles that are also among those that the model was trained on, exactly or nearly, see
        `topicml.seen_articles`; None if the model keeps no fingerprints of them.
    scores_without_seen : Scores, optional
        Of the other articles, if some were seen and some were not.
    """

    scores: Scores
    coverage: float
    unknown_labels: dict[str, int]
    n_seen: int | None = None
    scores_without_seen: Scores | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return the evaluation as values that JSON can hold."""
        return {
            **self.scores.to_dict(),
            "coverage": self.coverage,
            "unknown_labels": self.unknown_labels,
            "n_seen": self.n_seen,
            "scores_without_seen": self.scores_without_seen and self.scores_without_seen.to_dict(),
        }


def evaluate(
    model: FittedClassifier, articles: Iterable[Article], *, n_resamples: int = 1000, random_state: int = 0
) -> Evaluation:
    """Compare a model's predictions with the labels of articles.

    Parameters
    ----------
    model : FittedClassifier
    articles : iterable of Article
        All labelled.
    n_resamples : int, default=1000
        Bootstrap samples behind each interval; copies of one article are drawn together.
    random_state : int, default=0

    Returns
    -------
    Evaluation

    Raises
    ------
    CorpusError
        If there are no articles, or one is not labelled.
    TopicmlTypeError
        If one of them is no Article.
    """
    articles = labelled_articles(articles)
    known = set(model.classes_)
    unknown = Counter(label for article in articles for label in article.labels or () if label not in known)
    classes = (*model.classes_, *sorted(unknown))
    predictions = model.predict(articles)
    probabilities = np.zeros((len(articles), len(classes)))
    probabilities[:, : len(known)] = [prediction.class_probabilities for prediction in predictions]
    truth, predicted = encode_labels(articles, classes), encode_labels(predictions, classes)
    groups = group_near_duplicates([article.full_text for article in articles], n_jobs=-1)

    def scores_of(rows: NDArray[np.bool_]) -> Scores:
        return score(
            truth[rows],
            predicted[rows],
            probabilities[rows],
            classes,
            multilabel=model.multilabel,
            groups=groups[rows],
            n_resamples=n_resamples,
            random_state=random_state,
        )

    seen = seen_in_training(model, articles)
    return Evaluation(
        scores=scores_of(np.ones(len(articles), bool)),
        coverage=sum(not prediction.abstained for prediction in predictions) / len(articles),
        unknown_labels=dict(sorted(unknown.items())),
        n_seen=None if seen is None else int(seen.sum()),
        scores_without_seen=None if seen is None or seen.all() or not seen.any() else scores_of(~seen),
    )


def labelled_articles(articles: object) -> list[Article]:
    """Return articles that a model can be measured on.

    Raises
    ------
    CorpusError
        If there are none, or one is not labelled.
    TopicmlTypeError
        If one of them is no Article.
    """
    listed = as_articles(articles)
    if not listed:
        raise CorpusError("there are no articles to evaluate on")
    if any(article.labels is None for article in listed):
        raise CorpusError(
            "an article without labels cannot be evaluated on: leave it out, or read with labelled=True"
        )
    return listed
