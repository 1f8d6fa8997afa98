"""Measuring a model on labelled articles that it was not trained on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace

import numpy as np
from numpy.typing import NDArray

from topicml.arguments import whole_number
from topicml.article import Article
from topicml.corpus.fields import slice_values
from topicml.corpus.near_duplicates import Stories
from topicml.corpus.seen_articles import seen_in_training
from topicml.corpus.targets import encode_labels
from topicml.evaluation.result import Evaluation
from topicml.evaluation.slices import score_slices
from topicml.exceptions import CorpusError
from topicml.formatting import listed
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
from topicml.model.classifier import FittedClassifier
from topicml.model.fitted import ModelInput, as_classifier
from topicml.model.inputs import TextInput, as_articles, as_texts
from topicml.model.predictions import NO_LABEL_REACHED, REASON_CODES, Predictions

_NAMED = 5  # labels in a message
_AVERAGED = tuple(
    f"{mean}_{measure}"
    for measure in ("f1", "precision", "recall")
    for mean in ("micro", "macro", "weighted")
)


def evaluate(
    model: ModelInput,
    articles: Iterable[TextInput],
    labels: Iterable[object] | None = None,
    *,
    by: str | Sequence[str] = (),
    n_resamples: int = 1000,
    random_state: int = 0,
) -> Evaluation:
    """Compare a model's predictions with the labels of articles.

    Articles that the model was trained on say nothing about new ones: `Evaluation.without_copies` is the
    evaluation of the others only.

    Parameters
    ----------
    model : FittedClassifier, TrainingResult or TopicClassifier
        The model to measure.
    articles : iterable of Article, or of texts
        A Corpus or a list. All labelled.
    labels : iterable, optional
        For each text one label, or a list of labels. They replace the labels of articles.
    by : str or sequence of str
        Also measure by the values of these fields: ``source``, ``year``, ``month``, ``length``, or a
        name among the articles' metadata.
    n_resamples : int, default=1000
        Bootstrap samples behind each interval; copies of one article are drawn together.
    random_state : int, default=0
        Random seed.

    Returns
    -------
    Evaluation

    Raises
    ------
    CorpusError
        If there are no articles, one is not labelled, none has a label that the model knows, or none
        has a field of `by`.
    TopicmlTypeError
        If an item is not an Article.
    TopicmlValueError
        If `n_resamples` is less than 1.
    """
    whole_number("n_resamples", n_resamples, 1)
    classifier = as_classifier(model)
    measured_on = labelled_articles(articles, labels)
    check_labels_known(classifier.classes_, measured_on)
    values = {field: slice_values(measured_on, field) for field in ([by] if isinstance(by, str) else by)}
    predictions = classifier.predict(measured_on)
    stories = Stories.of(list(as_texts(measured_on)), n_jobs=-1)
    seen = seen_in_training(classifier, measured_on, sketches=stories.sketches)

    def measured(rows: NDArray[np.int64]) -> Evaluation:
        given = _given(classifier, [measured_on[row] for row in rows], predictions.take(rows))
        groups = np.unique(stories.groups[rows], return_inverse=True)[1]
        drawn = _Drawn(groups, n_resamples, random_state)
        return _evaluation(given, drawn, {field: [own[row] for row in rows] for field, own in values.items()})

    whole = measured(np.arange(len(measured_on)))
    if seen is None or not seen.any():
        return replace(whole, n_seen=None if seen is None else 0)
    others = None if seen.all() else replace(measured(np.flatnonzero(~seen)), n_seen=0)
    return replace(whole, n_seen=int(seen.sum()), without_copies=others)


@dataclass(frozen=True, eq=False, slots=True)
class _Drawn:
    """How articles are resampled, for every measure alike: copies are one group, drawn together."""

    groups: NDArray[np.int64]
    n_resamples: int
    random_state: int


@dataclass(frozen=True, eq=False, slots=True)
class _Given:
    """A model's answers beside the truth: arrays of shape (n_articles, n_classes).

    The classes are the labels of the model, `n_known` of them, then those that it does not know, which have
    the probability 0. Answerable are the articles with a known term.
    """

    classes: tuple[str, ...]
    n_known: int
    multilabel: bool
    truth: NDArray[np.bool_]
    predicted: NDArray[np.bool_]
    probabilities: NDArray[np.float64]
    answered: NDArray[np.bool_]
    answerable: NDArray[np.bool_]
    n_no_label: int


def _given(model: FittedClassifier, articles: Sequence[Article], predictions: Predictions) -> _Given:
    in_data = {label for article in articles for label in article.labels or ()}
    classes = (*model.classes_, *sorted(in_data.difference(model.classes_)))
    beside = ((0, 0), (0, len(classes) - len(model.classes_)))  # labels that the model does not know
    return _Given(
        classes,
        len(model.classes_),
        model.multilabel,
        encode_labels(articles, classes),
        np.pad(predictions.assigned, beside),
        np.pad(predictions.probabilities, beside),
        ~predictions.abstained,
        predictions.reasons != REASON_CODES.index("no_known_terms"),
        int((predictions.reasons == NO_LABEL_REACHED).sum()),
    )


def _evaluation(given: _Given, drawn: _Drawn, values: Mapping[str, Sequence[str]]) -> Evaluation:
    truth, predicted = given.truth, given.predicted
    decided = truth, predicted, given.answered
    slices = {field: score_slices(own, *decided, **asdict(drawn)) for field, own in values.items()}
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
        n_no_label=given.n_no_label,
        measures={name: found.estimate(name) for name in _overall(found, multilabel=given.multilabel)},
        labels=_labels(given, found),
        unknown_labels=unknown,
        absent_labels=absent,
        confusions=confused.named(given.classes, found),
        confusion_matrix=None if given.multilabel else confusion_matrix(truth, predicted),
        confused_pairs=confused.every if given.multilabel else (),
        reliability=_reliability(found),
        coverage_curve=_coverage_curve(cuts, found),
        slices=slices,
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
    """Return labels that only the corpus has, and those that only the model has, with their articles."""
    times_true, times_given = given.truth.sum(axis=0).tolist(), given.predicted.sum(axis=0).tolist()
    n_known = given.n_known
    unknown = dict(zip(given.classes[n_known:], times_true[n_known:], strict=True))
    absent = {given.classes[k]: times_given[k] for k in range(n_known) if not times_true[k]}
    return unknown, absent


def _overall(found: Resampled, *, multilabel: bool) -> list[str]:
    """Return the names of the measures that are one number, in the order in which people look for them.

    With one label for each article, Hamming loss says the same as accuracy.
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


def check_labels_known(classes: Sequence[str], articles: Sequence[Article]) -> None:
    """Make sure that a model knows one of the articles' labels at least: else every score would be 0."""
    own = sorted({label for article in articles for label in article.labels or ()})
    if own and not set(own) & set(classes):
        first, known = (listed(map(repr, labels), _NAMED) for labels in (own, classes))
        raise CorpusError(
            f"the articles and the model have no label in common: the articles have {first}; the model "
            f"knows {known}; give articles with the model's labels, or rename them (--label-mapping)"
        )


def labelled_articles(articles: object, labels: Iterable[object] | None = None) -> list[Article]:
    """Return articles that a model can be measured on, or say what they lack."""
    found = as_articles(articles, labels)
    if not found:
        raise CorpusError("there are no articles to evaluate on")
    if any(article.labels is None for article in found):
        raise CorpusError(
            "an article without labels cannot be evaluated on: leave it out, or read with labelled=True"
        )
    return found
