"""What a page says of the model and the data, so that a reader can find both again."""

from __future__ import annotations

import platform
from collections.abc import Mapping, Sequence
from importlib.metadata import version

from topicml.article import Article, corpus_fingerprint
from topicml.corpus.fields import parse_instant
from topicml.evaluation.result import Evaluation
from topicml.formatting import counted
from topicml.metrics.names import MEASURES
from topicml.metrics.resampling import Estimate
from topicml.metrics.scores import Scores
from topicml.model.classifier import FittedClassifier
from topicml.model.record import RecordedScores, TrainingRecord
from topicml.version import __version__

BESIDE = {
    "without copies": "those of the articles that are not in the training data",
    "in training": "those of the training articles, each scored while it was held out",
}
"""Scores that are told beside those that were measured, and what they are."""

Facts = tuple[tuple[str, str], ...]

_MEASURED_WITH = ("numpy", "scipy", "scikit-learn")


def origins_of(
    evaluation: Evaluation,
    *,
    model: FittedClassifier | None,
    articles: Sequence[Article] | None,
    facts: Mapping[str, str],
) -> list[tuple[str, Facts]]:
    """Return headings with what is known under each, as names and values.

    The articles are those that were measured on; the facts, such as names of files, the caller knows.
    """
    found = [("Data", _data_facts(evaluation, articles)), ("Measured with", _versions())]
    if model is not None:
        found.insert(0, ("Model", _model_facts(model)))
    if facts:
        found.insert(0, ("Given", tuple(facts.items())))
    return found


def scores_beside(evaluation: Evaluation, model: FittedClassifier | None) -> dict[str, dict[str, Estimate]]:
    """Return what to hold the scores beside, as far as it is known, by the names in `BESIDE`."""
    beside = {}
    if evaluation.scores_without_seen is not None:
        beside["without copies"] = _estimates(evaluation.scores_without_seen)
    trained = model and TrainingRecord.read(model.provenance).scores_out_of_fold
    if trained:
        beside["in training"] = _estimates(trained)
    return beside


def _estimates(scores: Scores | RecordedScores) -> dict[str, Estimate]:
    known = [name for name in MEASURES if name in scores.intervals]
    return {name: Estimate(getattr(scores, name), scores.intervals[name]) for name in known}


def _model_facts(model: FittedClassifier) -> Facts:
    kind = "any number of labels each" if model.multilabel else "one label each"
    facts = [
        ("answers", f"{counted(len(model.classes_), 'label')}, {kind}"),
        ("terms", f"{len(model.vectorizer):,}"),
    ]
    if model.min_confidence:
        facts.append(("answered from", f"a probability of {model.min_confidence:.3f} on"))
    record = TrainingRecord.read(model.provenance)
    if record.data_sha256 is not None:
        facts += [
            ("trained on", counted(record.n_articles or 0, "article")),
            ("fingerprint of these", record.data_sha256),
            ("trained with", ", ".join(f"{name} {number}" for name, number in record.versions.items())),
            *(("note", note) for note in record.notes),
        ]
    return tuple(facts)


def _data_facts(evaluation: Evaluation, articles: Sequence[Article] | None) -> Facts:
    facts = [
        ("articles", f"{evaluation.n:,}"),
        ("stories", f"{evaluation.n_stories:,}; copies are one"),
        ("answered", f"{evaluation.n_answered:,}"),
    ]
    if articles is not None:
        facts.append(("fingerprint", corpus_fingerprint(articles)))
        instants = ((parse_instant(article.date), article.date) for article in articles if article.date)
        dates = sorted((instant, date) for instant, date in instants if instant is not None)
        if dates:
            facts.append(("dated", f"{dates[0][1]} to {dates[-1][1]}"))
    return tuple(facts)


def _versions() -> Facts:
    packages = ((name, version(name)) for name in _MEASURED_WITH)
    return (("topicml", __version__), ("python", platform.python_version()), *packages)
