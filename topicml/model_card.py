"""What a model says of itself, for people and for programs."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from topicml.classifier import FittedClassifier
from topicml.escaping import escaped

__all__ = ["MEASURES", "describe", "model_card"]

MEASURES: Mapping[str, str] = MappingProxyType(
    {"accuracy": "accuracy", "micro_f1": "micro F1", "macro_f1": "macro F1", "ece": "calibration error"}
)
"""The scores that have an interval, and what people call them."""


def describe(classifier: FittedClassifier) -> dict[str, Any]:
    """Return what is known about a model, as values that JSON can hold."""
    return {
        "target_type": classifier.target_type,
        "classes": list(classifier.classes_),
        "n_terms": len(classifier.vectorizer),
        "min_confidence": classifier.min_confidence,
        "provenance": dict(classifier.provenance),
    }


def model_card(classifier: FittedClassifier) -> str:
    """Return a model's card in Markdown: what it is for, its data, its scores, its limits."""
    origin = classifier.provenance
    kind = "any number of labels" if classifier.multilabel else "one label"
    lines = [
        "# Model card",
        "",
        f"Assigns {kind} of {len(classifier.classes_)} to an article, from {len(classifier.vectorizer)}",
        "terms (words and pairs of neighbouring words), by a linear function a label.",
        "",
    ]
    if "scores_out_of_fold" in origin:
        lines += _data_lines(origin) + _score_lines(origin["scores_out_of_fold"])
    lines += [
        "## Limits",
        "",
        "It knows the words of its training articles and nothing else. Articles of another time, place or",
        "language than those are outside of what the scores promise. A text without a known term is not",
        "answered.",
        "",
    ]
    return "\n".join(lines)


def _data_lines(origin: Any) -> list[str]:  # noqa: ANN401  (read from JSON)
    versions = ", ".join(f"{name} {version}" for name, version in sorted(origin["versions"].items()))
    notes = [f"- note: {note}" for note in origin["notes"]]
    return [
        "## Data",
        "",
        f"- {origin['n_articles']} articles, fingerprint `{origin['data_sha256'][:16]}`",
        f"- trained with {versions}",
        *notes,
        "",
    ]


def _score_lines(scores: Any) -> list[str]:  # noqa: ANN401  (read from JSON)
    overall = []
    for key, name in MEASURES.items():
        low, high = scores["intervals"][key]
        overall.append(f"| {name} | {scores[key]:.3f} | {low:.3f} to {high:.3f} |")
    labels = [
        f"| {_cell(label)} | {s['precision']:.3f} | {s['recall']:.3f} | {s['f1']:.3f} | {s['support']} |"
        for label, s in scores["labels"].items()
    ]
    return [
        "## Scores",
        "",
        "Out of fold: every article was scored by a model that had not seen it, nor a copy of it.",
        "",
        *["| measure | value | 95 % interval |", "|---|---|---|", *overall, ""],
        *["| label | precision | recall | F1 | articles |", "|---|---|---|---|---|", *labels, ""],
    ]


def _cell(label: str) -> str:
    r"""Return a label that stays in one cell of one line.

    >>> _cell("a|b\nc")
    'a\\|b c'
    """
    return escaped(" ".join(label.replace("|", "\\|").split()))
