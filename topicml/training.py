"""Labelled articles in, a trained classifier and its honest scores out."""

from __future__ import annotations

import platform
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from hashlib import sha256
from importlib.metadata import version
from typing import Any

import numpy as np
from numpy.typing import NDArray

from topicml import __version__
from topicml.article import Article
from topicml.calibration import Calibration, fit_sigmoids, fit_temperature
from topicml.classifier import FittedClassifier
from topicml.crossfit import CrossFit, cross_fit
from topicml.exceptions import CorpusError
from topicml.folds import assign_folds, copies
from topicml.metrics import Scores, score
from topicml.settings import TrainingSettings
from topicml.stop_words import without_stop_words
from topicml.targets import Targets, encode_targets
from topicml.thresholds import choose_thresholds
from topicml.vectorizer import TermStrings, Vectorizer
from topicml.vocabulary import fit_vectorizer, term_strings

__all__ = ["TrainingResult", "train"]


@dataclass(frozen=True, slots=True)
class TrainingResult:
    """A trained classifier and what is known about it.

    Parameters
    ----------
    classifier : FittedClassifier
        Trained on all articles.
    scores : Scores
        Out-of-fold: each article was scored by a model that had not seen it, nor a copy of it.
    probabilities : ndarray of float64, shape (n_articles, n_classes)
        Out-of-fold, calibrated.
    folds : ndarray of int64, shape (n_articles,)
    settings : TrainingSettings
    notes : tuple of str
        What a person should know about the data and the choices made.
    """

    classifier: FittedClassifier
    scores: Scores
    probabilities: NDArray[np.float64]
    folds: NDArray[np.int64]
    settings: TrainingSettings
    notes: tuple[str, ...]


def train(
    articles: Sequence[Article],
    *,
    settings: TrainingSettings | None = None,
    n_jobs: int = -1,
    progress: Callable[[str], None] | None = None,
) -> TrainingResult:
    """Train a classifier on labelled articles, and score it on articles that it had not seen.

    Parameters
    ----------
    articles : sequence of Article
        All labelled; `topicml.read_corpus` with ``labelled=True`` gives such.
    settings : TrainingSettings, optional
    n_jobs : int, default=-1
        Processes to use, as in joblib: -1 is one for each core. The result does not depend on it.
    progress : callable, optional
        Called with the name of each step as it begins.

    Returns
    -------
    TrainingResult

    Raises
    ------
    CorpusError
        If there are no articles, labels or terms to learn from.
    """
    settings = settings or TrainingSettings()
    report = progress or _no_progress
    if not len(articles):
        raise CorpusError("there are no articles to train on")
    targets = encode_targets(articles, target_type=settings.target_type, labels=settings.labels)
    texts = [article.full_text for article in articles]
    report("counting terms")
    candidates = fit_vectorizer(texts, settings.features, min_df=settings.min_df, max_df=settings.max_df)
    candidates, stop_notes = without_stop_words(candidates, texts, settings.stop_words)
    counts = candidates.count(texts)
    report("fitting")
    groups = copies(texts)
    folds = _folds(targets, groups, settings)
    multilabel = targets.target_type == "multilabel"
    fit = cross_fit(counts, candidates, targets.Y, folds, settings, multilabel=multilabel, n_jobs=n_jobs)
    report("writing terms down")
    vectorizer, weights_rows, collision_notes = _with_strings(candidates.restricted(fit.kept), texts)
    report("calibrating and scoring")
    calibration = _calibrated(fit, targets)
    probabilities = calibration.apply(fit.scores)
    thresholds = (
        choose_thresholds(probabilities, targets.Y) if multilabel else np.full(targets.Y.shape[1], 0.5)
    )
    scores = score(
        targets.Y,
        _decided(probabilities, thresholds, fit.answerable, multilabel=multilabel),
        probabilities,
        targets.classes_,
        multilabel=multilabel,
        groups=groups,
        random_state=settings.random_state,
    )
    notes = targets.notes + stop_notes + collision_notes
    classifier = FittedClassifier(
        classes_=targets.classes_,
        target_type=targets.target_type,
        vectorizer=vectorizer,
        coef=fit.weights.coef[weights_rows],
        intercept=fit.weights.intercept,
        calibration=calibration,
        thresholds=thresholds,
        provenance=_provenance(articles, settings, scores, notes),
    )
    return TrainingResult(classifier, scores, probabilities, folds, settings, notes)


def _no_progress(_step: str) -> None:
    """Report nothing."""


def _folds(targets: Targets, groups: NDArray[np.int64], settings: TrainingSettings) -> NDArray[np.int64]:
    n_groups = len(np.unique(groups))
    if n_groups < 2:
        raise CorpusError("training needs two different articles or more: all of these have the same text")
    wanted = settings.n_folds or (5 if n_groups < 5000 else 3)
    return assign_folds(targets.Y, groups, n_folds=min(wanted, n_groups), random_state=settings.random_state)


def _with_strings(
    vectorizer: Vectorizer, texts: Sequence[str]
) -> tuple[Vectorizer, NDArray[np.int64], tuple[str, ...]]:
    """Write the terms down, and leave out those that share a hash; return the rows of coef that stay."""
    strings, collided = term_strings(texts, vectorizer)
    rows = np.setdiff1d(np.arange(len(vectorizer)), collided)
    terms = TermStrings.pack([strings[row] for row in rows])
    kept = vectorizer.restricted(rows)
    notes = tuple(
        f"the term {strings[row]!r} shares its hash with another and was left out" for row in collided
    )
    return Vectorizer(kept.settings, kept.hashes, kept.idf, terms), rows, notes


def _calibrated(fit: CrossFit, targets: Targets) -> Calibration:
    if targets.target_type == "multilabel":
        return fit_sigmoids(fit.scores, targets.Y)
    return fit_temperature(fit.scores, targets.Y.argmax(axis=1))


def _decided(
    probabilities: NDArray[np.float64],
    thresholds: NDArray[np.float64],
    answerable: NDArray[np.bool_],
    *,
    multilabel: bool,
) -> NDArray[np.bool_]:
    """Return the labels that the model would assign, as `FittedClassifier.predict` does it."""
    if multilabel:
        decided = probabilities >= thresholds
    else:
        decided = np.zeros(probabilities.shape, bool)
        decided[np.arange(len(decided)), probabilities.argmax(axis=1)] = True
    return decided & answerable[:, None]


def _provenance(
    articles: Sequence[Article], settings: TrainingSettings, scores: Scores, notes: tuple[str, ...]
) -> dict[str, Any]:
    packages = ("numpy", "scipy", "scikit-learn")
    return {
        "data_sha256": _fingerprint(articles),
        "n_articles": len(articles),
        "settings": asdict(settings),
        "scores_out_of_fold": scores.to_dict(),
        "notes": list(notes),
        "versions": {
            "topicml": __version__,
            "python": platform.python_version(),
            **{name: version(name) for name in packages},
        },
    }


def _fingerprint(articles: Sequence[Article]) -> str:
    """Hash what was learned from: each article's text and labels, in order."""
    digest = sha256()
    for article in articles:
        for part in (article.full_text, *(article.labels or ())):
            data = part.encode("utf-8", "surrogatepass")
            digest.update(len(data).to_bytes(8, "little") + data)
        digest.update(b"\n")
    return digest.hexdigest()
