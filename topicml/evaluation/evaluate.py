"""Measuring a model on labelled articles that it was not trained on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass

import numpy as np
from numpy.typing import NDArray

from topicml.article import Article
from topicml.corpus.fields import slice_values
from topicml.corpus.near_duplicates import Stories
from topicml.corpus.seen_articles import seen_in_training
from topicml.corpus.targets import encode_labels
from topicml.evaluation.result import Evaluation
from topicml.evaluation.slices import Slice, score_slices
from topicml.exceptions import CorpusError, TopicmlValueError
from topicml.metrics.confusion import confusion_matrix, most_confused
from topicml.metrics.decisions import LABEL_MEASURES, LabelMeasures, answer_tally, decision_tally
from topicml.metrics.probabilities import (
    CoveragePoint,
    ReliabilityBin,
    calibration_tally,
    coverage_cuts,
    coverage_tally,
    loss_tally,
)
from topicml.metrics.ranking import average_precision, ranking_tally
from topicml.metrics.resampling import Estimate, Resampled, Tally, resample
from topicml.metrics.scores import Scores, score
from topicml.model.classifier import FittedClassifier
from topicml.model.inputs import as_articles, as_texts
from topicml.model.prediction import Prediction

_AVERAGED = tuple(
    f"{mean}_{measure}"
    for measure in ("f1", "precision", "recall")
    for mean in ("micro", "macro", "weighted")
)


def evaluate(
    model: FittedClassifier,
    articles: Iterable[Article],
    *,
    by: str | Sequence[str] = (),
    n_resamples: int = 1000,
    random_state: int = 0,
) -> Evaluation:
    """Compare a model's predictions with the labels of articles.

    Parameters
    ----------
    model : FittedClassifier
    articles : iterable of Article
        All labelled.
    by : str or sequence of str
        Fields by whose values to measure, too: ``source``, ``year``, ``month``, ``length``, or a
        name among the articles' metadata.
    n_resamples : int, default=1000
        Bootstrap samples behind each interval; copies of one article are drawn together.
    random_state : int, default=0

    Returns
    -------
    Evaluation

    Raises
    ------
    CorpusError
        If there are no articles, one is not labelled, or none has a field of `by`.
    TopicmlTypeError
        If one of them is no Article.
    TopicmlValueError
        If `n_resamples` is less than 1.
    """
    if n_resamples < 1:
        raise TopicmlValueError(f"n_resamples must be 1 or more, found {n_resamples}")
    articles = labelled_articles(articles)
    values = {field: slice_values(articles, field) for field in ([by] if isinstance(by, str) else by)}
    given = _given(model, articles)
    stories = Stories.of(list(as_texts(articles)), n_jobs=-1)
    drawn = _Drawn(stories.groups, n_resamples, random_state)
    decided = given.truth, given.predicted, given.answered
    slices = {field: score_slices(own, *decided, **asdict(drawn)) for field, own in values.items()}
    return _evaluation(given, drawn, slices, seen_in_training(model, articles, sketches=stories.sketches))


@dataclass(frozen=True, eq=False, slots=True)
class _Drawn:
    """How articles are resampled, as every measure wants it said: copies are one group, drawn together."""

    groups: NDArray[np.int64]
    n_resamples: int
    random_state: int


@dataclass(frozen=True, eq=False, slots=True)
class _Given:
    """What a model said of articles, beside what is true: arrays of shape (n_articles, n_classes).

    The classes are the labels of the model, `n_known` of them, then those that it does not know, which have
    the probability 0. Answerable is what has a known term.
    """

    classes: tuple[str, ...]
    n_known: int
    multilabel: bool
    truth: NDArray[np.bool_]
    predicted: NDArray[np.bool_]
    probabilities: NDArray[np.float64]
    answered: NDArray[np.bool_]
    answerable: NDArray[np.bool_]


def _given(model: FittedClassifier, articles: Sequence[Article]) -> _Given:
    borne = {label for article in articles for label in article.labels or ()}
    classes = (*model.classes_, *sorted(borne.difference(model.classes_)))
    predictions: list[Prediction] = model.predict(articles)
    probabilities = np.zeros((len(articles), len(classes)))
    probabilities[:, : len(model.classes_)] = [prediction.class_probabilities for prediction in predictions]
    return _Given(
        classes,
        len(model.classes_),
        model.multilabel,
        encode_labels(articles, classes),
        encode_labels(predictions, classes),
        probabilities,
        np.array([not prediction.abstained for prediction in predictions]),
        np.array([prediction.reason != "no_known_terms" for prediction in predictions]),
    )


def _evaluation(
    given: _Given,
    drawn: _Drawn,
    slices: Mapping[str, tuple[Slice, ...]],
    seen: NDArray[np.bool_] | None,
) -> Evaluation:
    truth, predicted = given.truth, given.predicted
    confused = most_confused(truth, predicted)
    confidence = np.where(given.answerable, given.probabilities.max(axis=1), -np.inf)
    cuts = coverage_cuts(confidence[given.answerable])
    found = resample(
        (*_tallies(given), coverage_tally(confidence, _best_is_true(given), cuts), confused.tally),
        **asdict(drawn),
        weighted=average_precision(truth, given.probabilities) if given.multilabel else None,
    )
    unknown, absent = _one_sided(given)
    return Evaluation(
        multilabel=given.multilabel,
        n=len(truth),
        n_stories=int(drawn.groups.max()) + 1,
        n_answered=int(given.answered.sum()),
        measures={name: found.estimate(name) for name in _overall(found, multilabel=given.multilabel)},
        labels=_labels(given, found),
        unknown_labels=unknown,
        absent_labels=absent,
        confusions=confused.named(given.classes, found),
        confusion_matrix=None if given.multilabel else confusion_matrix(truth, predicted),
        reliability=_reliability(found),
        coverage_curve=_coverage_curve(cuts, found),
        slices=slices,
        n_seen=None if seen is None else int(seen.sum()),
        scores_without_seen=_scores_of(~seen, given, drawn)
        if seen is not None and 0 < seen.mean() < 1
        else None,
    )


def _scores_of(rows: NDArray[np.bool_], given: _Given, drawn: _Drawn) -> Scores:
    return score(
        given.truth[rows],
        given.predicted[rows],
        given.probabilities[rows],
        given.classes,
        multilabel=given.multilabel,
        groups=drawn.groups[rows],
        n_resamples=drawn.n_resamples,
        random_state=drawn.random_state,
    )


def _tallies(given: _Given) -> tuple[Tally, ...]:
    truth, probabilities = given.truth, given.probabilities
    return (
        decision_tally(truth, given.predicted),
        answer_tally(truth, given.predicted, given.answered),
        loss_tally(truth, probabilities, multilabel=given.multilabel),
        calibration_tally(truth, probabilities, multilabel=given.multilabel),
        ranking_tally(truth, probabilities, multilabel=given.multilabel, n_known=given.n_known),
    )


def _best_is_true(given: _Given) -> NDArray[np.bool_]:
    rows = np.arange(len(given.truth))
    true: NDArray[np.bool_] = given.truth[rows, given.probabilities.argmax(axis=1)]
    return true


def _one_sided(given: _Given) -> tuple[dict[str, int], dict[str, int]]:
    """Return labels that the corpus alone has, and those that the model alone has, with their articles."""
    borne, times_given = given.truth.sum(axis=0).tolist(), given.predicted.sum(axis=0).tolist()
    n_known = given.n_known
    unknown = dict(zip(given.classes[n_known:], borne[n_known:], strict=True))
    absent = {given.classes[k]: times_given[k] for k in range(n_known) if not borne[k]}
    return unknown, absent


def _overall(found: Resampled, *, multilabel: bool) -> list[str]:
    """Return the names of what is one number, as people look for them.

    Of one label an article, Hamming loss says what accuracy says.
    """
    first = ["accuracy", *_AVERAGED, "coverage", "answered_accuracy", "log_loss", "brier", "ece"]
    left_out = first if multilabel else [*first, "hamming_loss"]
    return first + [name for name, drawn in found.drawn.items() if drawn.ndim == 1 and name not in left_out]


def _labels(given: _Given, found: Resampled) -> dict[str, LabelMeasures]:
    support, times_given = given.truth.sum(axis=0).tolist(), given.predicted.sum(axis=0).tolist()
    present = np.flatnonzero(given.truth.any(axis=0) | given.predicted.any(axis=0)).tolist()
    by_measure = [found.estimates(f"label_{name}") for name in LABEL_MEASURES]
    estimates = dict(zip(present, zip(*by_measure, strict=True), strict=True))
    nothing = (Estimate(0.0, None),) * len(LABEL_MEASURES)
    ranked = found.estimates("label_average_precision") if given.multilabel else None
    return {
        label: LabelMeasures(
            **dict(zip(LABEL_MEASURES, estimates.get(k, nothing), strict=True)),
            support=support[k],
            given=times_given[k],
            average_precision=ranked[k] if ranked else None,
        )
        for k, label in enumerate(given.classes)
    }


def _reliability(found: Resampled) -> tuple[ReliabilityBin, ...]:
    n, probability = found.drawn["bin_n"][0], found.drawn["bin_probability"][0]
    shares = found.estimates("bin_share")
    return tuple(
        ReliabilityBin(int(n[k]), float(probability[k]), shares[k]) for k in np.flatnonzero(n).tolist()
    )


def _coverage_curve(cuts: NDArray[np.float64], found: Resampled) -> tuple[CoveragePoint, ...]:
    points = zip(
        cuts.tolist(), found.estimates("cut_coverage"), found.estimates("cut_precision"), strict=True
    )
    return tuple(CoveragePoint(cut, coverage, precision) for cut, coverage, precision in points)


def labelled_articles(articles: object) -> list[Article]:
    """Return articles that a model can be measured on, or say what they lack."""
    listed = as_articles(articles)
    if not listed:
        raise CorpusError("there are no articles to evaluate on")
    if any(article.labels is None for article in listed):
        raise CorpusError(
            "an article without labels cannot be evaluated on: leave it out, or read with labelled=True"
        )
    return listed
