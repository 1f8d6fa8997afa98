"""Facts about the model and the data on a page, so that a reader can find both again."""

from __future__ import annotations

import platform
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version

from topicml.article import Article, corpus_fingerprint
from topicml.corpus.fields import parse_instant
from topicml.evaluation.result import Evaluation
from topicml.formatting import counted
from topicml.metrics.names import MEASURES
from topicml.model.classifier import FittedClassifier
from topicml.model.record import TrainingRecord
from topicml.version import __version__

Facts = tuple[tuple[str, str], ...]

_MEASURED_WITH = ("numpy", "scipy", "scikit-learn")
_COMPARED = ("accuracy", "macro_f1", "micro_f1", "ece")


@dataclass(frozen=True, eq=False, slots=True)
class Known:
    """The model and the articles of an evaluation, and named facts from the caller."""

    model: FittedClassifier | None
    articles: Sequence[Article] | None
    facts: Mapping[str, str]


def head_of(evaluation: Evaluation, known: Known) -> Facts:
    """Return the facts to know first: which data with which dates, and which model."""
    model, facts = known.model, known.facts
    dates = _dates(known.articles or ())
    data = [facts.get("data", ""), counted(evaluation.n, "article"), f"dated {dates}" if dates else ""]
    found = [("Data", _joined(data))]
    if model is not None:
        record = TrainingRecord.read(model.provenance)
        trained = f"trained on {counted(record.n_articles, 'article')}" if record.n_articles else ""
        if trained and record.dates:
            trained += f", dated {record.dates[0]} to {record.dates[1]}"
        named = [facts.get("model", ""), f"fingerprint {model.fingerprint}", _kind(model), trained]
        found.append(("Model", _joined(named)))
    return tuple(found)


def origins_of(evaluation: Evaluation, known: Known) -> list[tuple[str, Facts]]:
    """Return facts as names and values under headings."""
    model, facts = known.model, known.facts
    named = {role: ((("name", facts[role]),) if role in facts else ()) for role in ("model", "data")}
    others = tuple((name, value) for name, value in facts.items() if name not in named)
    found = [("Data", (*named["data"], *_data_facts(evaluation, known.articles)))]
    if model is not None:
        found.append(("Model", (*named["model"], *_model_facts(model))))
    found.append(("Measured with", _versions()))
    return [*found, *([("More", others)] if others else [])]


def training_scores(model: FittedClassifier | None) -> str:
    """Return the scores of the training articles in a sentence, each scored while it was held out."""
    scores = model and TrainingRecord.read(model.provenance).scores_out_of_fold
    if not scores:
        return ""
    told = ", ".join(f"{MEASURES[name]} {getattr(scores, name):.3f}" for name in _COMPARED)
    return f"For comparison, the cross-validated scores in training: {told}."


def _joined(parts: Sequence[str]) -> str:
    return "; ".join(part for part in parts if part)


def _kind(model: FittedClassifier) -> str:
    n = counted(len(model.classes_), "label")
    return f"{n}, any number for each article" if model.multilabel else f"{n}, one for each article"


def _dates(articles: Sequence[Article]) -> str:
    """Return the dates of the first and the last article; nothing if none has a date."""
    instants = ((parse_instant(article.date), article.date) for article in articles if article.date)
    dates = sorted((instant, date) for instant, date in instants if instant is not None)
    return f"{dates[0][1]} to {dates[-1][1]}" if dates else ""


def _model_facts(model: FittedClassifier) -> Facts:
    facts = [
        ("fingerprint", model.fingerprint),
        ("labels", _kind(model)),
        ("terms", f"{len(model.vectorizer):,}"),
    ]
    if model.min_confidence:
        facts.append(("answers from", f"a probability of {model.min_confidence:.3f}"))
    record = TrainingRecord.read(model.provenance)
    if record.data_sha256 is not None:
        facts += [
            ("trained on", counted(record.n_articles or 0, "article")),
            ("their fingerprint", record.data_sha256),
            ("trained with", ", ".join(f"{name} {number}" for name, number in record.versions.items())),
            *(("note", note) for note in record.notes),
        ]
    return tuple(facts)


def _data_facts(evaluation: Evaluation, articles: Sequence[Article] | None) -> Facts:
    facts = [
        ("articles", f"{evaluation.n:,}"),
        ("stories", f"{evaluation.n_stories:,} (copies count as one)"),
        ("answered", f"{evaluation.n_answered:,}"),
    ]
    if articles is not None:
        facts.append(("fingerprint", corpus_fingerprint(articles)))
        if dates := _dates(articles):
            facts.append(("dated", dates))
    return tuple(facts)


def _versions() -> Facts:
    packages = ((name, version(name)) for name in _MEASURED_WITH)
    return (("topicml", __version__), ("python", platform.python_version()), *packages)
