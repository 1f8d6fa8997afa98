"""Labelled articles in, a trained classifier and its honest scores out."""

from __future__ import annotations

import platform
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from hashlib import sha256
from importlib.metadata import version
from typing import Any

import numpy as np
from numpy.typing import NDArray

from topicml import __version__
from topicml.abstention import check_promises
from topicml.article import Article, Corpus, Problem
from topicml.calibration_report import CalibrationReport
from topicml.classifier import FittedClassifier
from topicml.crossfit import cross_fit
from topicml.decision_rule import DecisionRule, choose_rule
from topicml.exceptions import CorpusError
from topicml.familiar_words import learn_familiarity
from topicml.folds import assign_folds, unscored_label_notes
from topicml.inputs import as_articles, as_texts
from topicml.label_conflicts import conflict_notes, summarize_copies
from topicml.metrics import Scores
from topicml.near_duplicates import group_near_duplicates
from topicml.seen_articles import fingerprints_of
from topicml.selection import best_terms
from topicml.settings import MANY_ARTICLES, TrainingSettings
from topicml.sketches import sketch
from topicml.stop_words import without_stop_words
from topicml.targets import Targets, encode_targets
from topicml.term_strings import term_strings
from topicml.tuning import Trial, search_settings
from topicml.vectorizer import TermStrings, Vectorizer
from topicml.vocabulary import fit_vectorizer

__all__ = ["STEPS", "TrainingResult", "train"]

STEPS = ("counting terms", "fitting", "writing terms down", "calibrating and scoring")
"""The steps of training, as they are reported."""


@dataclass(frozen=True, eq=False, slots=True)
class TrainingResult:
    """A trained classifier and what is known about it.

    Parameters
    ----------
    classifier : FittedClassifier
        Trained on all articles.
    scores : Scores
        Out-of-fold: each article was scored by a model that had not seen it, nor a copy of it.
    calibration_report : CalibrationReport
        What calibration did for the probabilities, out of sample.
    probabilities : ndarray of float64, shape (n_held_out, n_classes)
        Out-of-fold, by calibrations that were fitted without the articles' block of the data, of the
        articles whose fold is not -1.
    folds : ndarray of int64, shape (n_articles,)
        The fold in which each article was held out; -1 for those that never were, which happens
        with more than 200,000 articles, where a fifth is enough.
    settings : TrainingSettings
        Those that were chosen.
    trials : tuple of Trial
        Settings that were tried on the way there.
    notes : tuple of str
        What a person should know about the data and the choices made.
    """

    classifier: FittedClassifier
    scores: Scores
    calibration_report: CalibrationReport
    probabilities: NDArray[np.float64]
    folds: NDArray[np.int64]
    settings: TrainingSettings
    trials: tuple[Trial, ...]
    notes: tuple[str, ...]


def train(
    articles: Iterable[Article],
    *,
    settings: TrainingSettings | None = None,
    n_jobs: int = -1,
    progress: Callable[[str], None] | None = None,
) -> TrainingResult:
    """Train a classifier on labelled articles, and score it on articles that it had not seen.

    Parameters
    ----------
    articles : iterable of Article
        All labelled; `topicml.read_corpus` with ``labelled=True`` gives such. Of a Corpus it is also
        recorded how many rows were left out, and why.
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
    TopicmlTypeError
        If one of them is no Article.
    """
    settings = settings or TrainingSettings()
    report = progress or _no_progress
    problems = articles.problems if isinstance(articles, Corpus) else ()
    articles = as_articles(articles)
    if not articles:
        raise CorpusError("there are no articles to train on")
    targets = encode_targets(articles, target_type=settings.target_type, labels=settings.labels)
    check_promises(targets.classes_, settings.min_precision)
    texts = list(as_texts(articles))
    sketches = sketch(texts, n_jobs=n_jobs)
    groups = group_near_duplicates(texts, sketches=sketches)
    fingerprints = fingerprints_of(sketches) if settings.fingerprints else None
    del sketches
    folds = _folds(targets, groups, settings)
    given = settings
    titled = any(article.title for article in articles)
    settings, trials = search_settings(
        texts,
        targets.Y,
        folds,
        settings,
        multilabel=targets.multilabel,
        titled=titled,
        n_jobs=n_jobs,
        progress=progress,
    )
    report(STEPS[0])
    candidates, stop_notes = _candidates(texts, targets, folds, settings)
    counts = candidates.count(texts, n_jobs=n_jobs)
    report(STEPS[1])
    fit = cross_fit(
        counts, candidates, targets.Y, folds, settings, multilabel=targets.multilabel, n_jobs=n_jobs
    )
    del counts
    report(STEPS[2])
    vectorizer, rows, collision_notes = _with_strings(candidates.restricted(fit.kept), texts)
    report(STEPS[3])
    rule = choose_rule(
        fit,
        targets,
        folds,
        groups,
        measure=settings.measure,
        abstain_precision=settings.abstain_precision,
        min_precision=settings.min_precision,
        random_state=settings.random_state,
    )
    notes = targets.notes + unscored_label_notes(targets.Y, folds, targets.classes_)
    notes += conflict_notes(articles, groups) + stop_notes + collision_notes + rule.notes
    classifier = FittedClassifier(
        classes_=targets.classes_,
        target_type=targets.target_type,
        vectorizer=vectorizer,
        coef=fit.weights.coef[rows],
        intercept=fit.weights.intercept,
        calibration=rule.calibration,
        thresholds=rule.thresholds,
        min_confidence=rule.abstention.min_confidence if rule.abstention else 0.0,
        familiarity=learn_familiarity(
            texts,
            folds,
            min_token_length=settings.features.min_token_length,
            random_state=settings.random_state,
        ),
        min_label_confidence=rule.min_label_confidence,
        provenance={
            **_provenance(articles, given, settings, trials, rule, notes),
            **rule.to_dict(targets),
            "rows": _rows(articles, groups, problems),
        },
        fingerprints=fingerprints,
    )
    return TrainingResult(
        classifier,
        rule.scores,
        rule.calibration_report,
        rule.probabilities,
        folds,
        settings,
        trials,
        notes,
    )


def _candidates(
    texts: Sequence[str],
    targets: Targets,
    folds: NDArray[np.int64],
    settings: TrainingSettings,
) -> tuple[Vectorizer, tuple[str, ...]]:
    """Learn the vocabulary that selection chooses from.

    Of very many articles, a sample chooses for all, so that the counts of millions of terms need not
    be held: where some are never held out, a sample of those, so that no held-out label takes part.
    """
    candidates = fit_vectorizer(texts, settings.features, min_df=settings.min_df, max_df=settings.max_df)
    candidates, notes = without_stop_words(candidates, texts, settings.stop_words)
    if len(texts) <= MANY_ARTICLES or len(candidates) <= settings.max_terms:
        return candidates, notes
    rng = np.random.default_rng(settings.random_state)
    trained_on = np.flatnonzero(folds < 0) if (folds < 0).any() else np.arange(len(texts))
    sample = np.sort(rng.choice(trained_on, min(MANY_ARTICLES // 2, len(trained_on)), replace=False))
    rows, _ = candidates.transform([texts[row] for row in sample])
    return candidates.restricted(best_terms(rows, targets.Y[sample], settings.max_terms)), notes


def _no_progress(_step: str) -> None:
    """Report nothing."""


def _folds(targets: Targets, groups: NDArray[np.int64], settings: TrainingSettings) -> NDArray[np.int64]:
    n_groups = int(groups.max()) + 1
    if n_groups < 2:
        raise CorpusError("training needs two different articles or more: all of these have the same text")
    many = len(groups) > MANY_ARTICLES and settings.n_folds is None
    wanted = settings.n_folds or (5 if n_groups < 5000 or many else 3)
    folds = assign_folds(targets.Y, groups, n_folds=min(wanted, n_groups))
    return np.where(folds == folds.max(), 0, -1) if many else folds


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


def _provenance(
    articles: Sequence[Article],
    given: TrainingSettings,
    settings: TrainingSettings,
    trials: Sequence[Trial],
    rule: DecisionRule,
    notes: tuple[str, ...],
) -> dict[str, Any]:
    packages = ("numpy", "scipy", "scikit-learn")
    return {
        "data_sha256": _fingerprint(articles),
        "n_articles": len(articles),
        "settings": asdict(settings),
        "settings_given": asdict(given),
        "tried": [trial.to_dict() for trial in trials],
        "scores_out_of_fold": rule.scores.to_dict(),
        "abstention": rule.abstention and rule.abstention.to_dict(),
        "notes": list(notes),
        "versions": {
            "topicml": __version__,
            "python": platform.python_version(),
            **{name: version(name) for name in packages},
        },
    }


def _rows(
    articles: Sequence[Article], groups: NDArray[np.int64], problems: Sequence[Problem]
) -> dict[str, Any]:
    """Return which rows were used, which were left out, and which repeat or contradict each other."""
    copies = summarize_copies(articles, groups)
    return {
        "used": len(articles),
        "left_out": Counter(problem.kind for problem in problems if problem.left_out),
        "noted": Counter(problem.kind for problem in problems if not problem.left_out),
        "copies": copies.n_copies,
        "copied_texts": copies.n_groups,
        "conflicts": len(copies.conflicts),
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
