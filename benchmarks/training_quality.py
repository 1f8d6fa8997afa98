"""How good trained models are on articles that took no part in any choice."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import softmax
from sklearn.preprocessing import MultiLabelBinarizer

from benchmarks.contender_scikit_learn import ScikitLearn
from benchmarks.contender_small_grid import predict_with_small_grid
from benchmarks.markdown import print_section
from benchmarks.training_sets import Part, TrainingSet
from topicml import FittedClassifier, TrainingSettings, train
from topicml.corpus.near_duplicates import group_near_duplicates
from topicml.corpus.targets import encode_labels
from topicml.metrics.probabilities import calibration_tally
from topicml.metrics.scores import Scores, score
from topicml.model.decision import assign_labels
from topicml.training.settings import Search

__all__ = ["Quality", "Trust", "measure_quality", "print_quality", "print_trust", "settings_for"]

_GRID_WORK = 150e6  # characters times labels; more would keep scikit-learn busy for a quarter of an hour
_PEERS = ("scikit-learn", "scikit-learn, small grid")
_OURS: dict[str, Search] = {"topicml": "light", "topicml --tune": "full"}
_SHOWN = {"accuracy": "accuracy", "micro_f1": "micro F1", "macro_f1": "macro F1"}
_PROMISED = 0.95

Labels = list[tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Trust:
    """What a model's probabilities and its promise are worth on the test articles.

    Parameters
    ----------
    ece_before, ece : float
        Calibration error of a softmax of the scores as they are, and of the model's probabilities.
    kept, precision : float
        Share of the articles that is answered under a promise of 0.95, and how much of that is right.
    """

    ece_before: float
    ece: float
    kept: float
    precision: float


@dataclass(frozen=True, slots=True)
class Quality:
    """What the contenders reached on one set.

    Parameters
    ----------
    chosen : TrainingSet
    scores : mapping of str to Scores
        By contender.
    trust : mapping of str to Trust
        Of topicml's models with one label an article and one test part.
    """

    chosen: TrainingSet
    scores: dict[str, Scores]
    trust: dict[str, Trust]


def settings_for(chosen: TrainingSet, search: Search) -> TrainingSettings:
    """Return the settings of a user who touches none, or of one who tunes by the set's measure."""
    return TrainingSettings(
        target_type="multilabel" if chosen.multilabel else "multiclass",
        search=search,
        measure=chosen.measures[0] if search == "full" else "macro_f1",
        abstain_precision=None
        if chosen.multilabel
        else _PROMISED,  # every article is answered here all the same
    )


def measure_quality(chosen: TrainingSet, parts: Sequence[Part]) -> Quality:
    """Train every contender on the training articles of each part, and score all test articles once."""
    answers = dict(_peers_answers(chosen, parts))
    trust = {}
    for name, search in _OURS.items():
        settings = settings_for(chosen, search)
        models = [train(part.train, settings=settings).classifier for part in parts]
        answers[name] = [
            labels for model, part in zip(models, parts, strict=True) for labels in _answers(model, part)
        ]
        if len(parts) == 1 and not chosen.multilabel:
            trust[name] = _trust(models[0], parts[0])
    scores = _scores(
        chosen, [article.labels or () for part in parts for article in part.test], answers, parts
    )
    for name, found in scores.items():
        print(f"{chosen.name}: {name}: {_value(found, chosen.measures[0]):.4f}", file=sys.stderr)
    return Quality(chosen, scores, trust)


def _peers_answers(chosen: TrainingSet, parts: Sequence[Part]) -> Iterator[tuple[str, Labels]]:
    yield _PEERS[0], [labels for part in parts for labels in _plain(chosen, part)]
    if _work(parts[0]) < _GRID_WORK:
        yield _PEERS[1], [labels for part in parts for labels in _small_grid(chosen, part)]


def _work(part: Part) -> int:
    labels = {label for article in part.train for label in article.labels or ()}
    return sum(len(article.full_text) for article in part.train) * len(labels)


def _plain(chosen: TrainingSet, part: Part) -> Labels:
    model = ScikitLearn().train(part.train, multilabel=chosen.multilabel)
    return model.predict([article.full_text for article in part.test])


def _small_grid(chosen: TrainingSet, part: Part) -> Labels:
    texts = [article.full_text for article in part.test]
    return predict_with_small_grid(part.train, texts, chosen.measures[0], multilabel=chosen.multilabel)


def _answers(model: FittedClassifier, part: Part) -> Labels:
    assigned = assign_labels(model.predict_proba(part.test), model.thresholds, multilabel=model.multilabel)
    return [tuple(model.classes_[k] for k in np.flatnonzero(row)) for row in assigned]


def _trust(model: FittedClassifier, part: Part) -> Trust:
    truth = encode_labels(part.test, tuple(sorted({*model.classes_, *_labels_of(part)})))
    known = np.searchsorted(sorted({*model.classes_, *_labels_of(part)}), model.classes_)
    scores, probabilities = model.decision_function(part.test), model.predict_proba(part.test)
    truth = truth[:, known]
    right = truth[np.arange(len(truth)), probabilities.argmax(axis=1)]
    kept = probabilities.max(axis=1) >= model.min_confidence
    return Trust(
        _calibration_error(truth, softmax(scores, axis=1)),
        _calibration_error(truth, probabilities),
        float(kept.mean()),
        float(right[kept].mean()) if kept.any() else float("nan"),
    )


def _calibration_error(truth: NDArray[np.bool_], probabilities: NDArray[np.float64]) -> float:
    tally = calibration_tally(truth, probabilities, multilabel=False)
    return float(tally.measures(tally.columns.sum(axis=0, keepdims=True))["ece"][0])


def _labels_of(part: Part) -> set[str]:
    return {label for article in part.test for label in article.labels or ()}


def _scores(
    chosen: TrainingSet, truth: Labels, answers: dict[str, Labels], parts: Sequence[Part]
) -> dict[str, Scores]:
    groups = group_near_duplicates([article.full_text for part in parts for article in part.test])
    found = {}
    for name, given in answers.items():
        binarizer = MultiLabelBinarizer().fit([*truth, *given])
        Y, predicted = (binarizer.transform(labels).astype(bool) for labels in (truth, given))
        found[name] = score(
            Y,
            predicted,
            _no_probabilities(Y),
            tuple(binarizer.classes_),
            multilabel=chosen.multilabel,
            groups=groups,
        )
    return found


def _no_probabilities(Y: NDArray[np.bool_]) -> NDArray[np.float64]:
    return np.zeros(Y.shape)  # the peers have none; calibration is a table of its own


def _value(scores: Scores, measure: str) -> float:
    return float(getattr(scores, measure))


def print_quality(measured: Sequence[Quality]) -> None:
    """Print the table of all sets."""
    header = (
        "set",
        "measure",
        *_PEERS,
        "published",
        *(cell for name in _OURS for cell in (name, "95% interval")),
        "goal",
    )
    print_section(
        "Quality on the test part; everything was chosen on the training part (more is better)",
        header,
        [_row(quality, place) for quality in measured for place in range(len(quality.chosen.measures))],
        left=2,
        note="A goal in brackets is the better one of scikit-learn's two figures.",
    )


def _row(quality: Quality, place: int) -> list[str]:
    measure, chosen = quality.chosen.measures[place], quality.chosen
    peers = [_value(quality.scores[name], measure) for name in _PEERS if name in quality.scores]
    cells = [f"{value:.4f}" for value in peers]
    for name in _OURS:
        low, high = quality.scores[name].intervals[measure]
        cells += [f"{_value(quality.scores[name], measure):.4f}", f"{low:.3f} to {high:.3f}"]
    grid = [] if len(peers) == len(_PEERS) else ["–"]
    published = chosen.published.split("; ")[place] if chosen.published else "–"
    goal = f"{chosen.goals[place]:.3f}" if chosen.goals else f"({max(peers):.4f})"
    return [chosen.name, _SHOWN[measure], *cells[: len(peers)], *grid, published, *cells[len(peers) :], goal]


def print_trust(measured: Sequence[Quality]) -> None:
    """Print what probabilities and promises are worth."""
    print_section(
        "Probabilities and promises on the test part",
        (
            "set",
            "settings",
            "calibration error before",
            "after",
            "kept under a promise of 0.95",
            "right of those",
        ),
        [
            [
                quality.chosen.name,
                name,
                f"{trust.ece_before:.4f}",
                f"{trust.ece:.4f}",
                f"{trust.kept:.1%}",
                f"{trust.precision:.4f}",
            ]
            for quality in measured
            for name, trust in quality.trust.items()
        ],
        left=2,
        note="Before: a softmax of the decision scores as they are. 15 bins of equally many articles.",
    )
