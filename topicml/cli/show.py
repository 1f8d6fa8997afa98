"""``topicml show``."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from topicml.cli.options import Json, ModelArgument
from topicml.cli.terminal import end_quietly_with_the_pipe, heading, print_json
from topicml.formatting import counted, escaped, wrapped

if TYPE_CHECKING:
    from topicml.model.classifier import FittedClassifier


def show(
    model: ModelArgument,
    *,
    as_json: Json = False,
    top_terms: Annotated[
        int | None, typer.Option("--top-terms", min=1, help="Also show N typical words for each label.")
    ] = None,
    pieces: Annotated[
        bool, typer.Option("--pieces", help="Show the model's own terms in place of typical words.")
    ] = False,
) -> None:
    """Show what a model is, and check that it is undamaged.

    Prints its fingerprint, dates, labels, scores and size.
    """
    from topicml.model.folder import size_on_disk
    from topicml.predict import load_model, resolve_model
    from topicml.training.model_card import describe, model_card

    end_quietly_with_the_pipe()
    classifier = load_model(model, verify=True)
    n_bytes = size_on_disk(resolve_model(model))
    labels = classifier.classes_ if top_terms else ()
    if as_json:
        words = {label: classifier.top_words(label, top_terms or 1) for label in labels}
        terms = {label: classifier.top_terms(label, top_terms or 1) for label in labels}
        asked = {"top_words": words, "top_terms": terms} if labels else {}
        print_json({**describe(classifier), "bytes": n_bytes, **asked})
        return
    heading(f"{escaped(model.resolve().name)}, fingerprint {classifier.fingerprint}")
    for line in [*_identity(classifier, n_bytes), "", *model_card(classifier).splitlines()]:
        print(escaped(line))
    if labels:
        strongest = classifier.top_terms if pieces else classifier.top_words
        found = {label: strongest(label, top_terms or 1) for label in labels}
        _print_words(found, title="Strongest terms" if pieces else "Typical words")


def _identity(classifier: FittedClassifier, n_bytes: int) -> Iterator[str]:
    """Yield what the model gives, what it was made of, and how large it is."""
    from topicml.formatting import size_text
    from topicml.model.record import TrainingRecord
    from topicml.training.model_card import learned_from, trained_on

    several = "any number for each article" if classifier.multilabel else "one for each article"
    yield f"{counted(len(classifier.classes_), 'label')}, {several}"
    record = TrainingRecord.read(classifier.provenance)
    if record.n_articles is not None:
        dates = f" from {record.dates[0]} to {record.dates[1]}" if record.dates else ""
        made = f"; made on {record.created}" if record.created else ""
        yield f"{trained_on(record)}{dates}{made}"
    if also := learned_from(record):
        yield also
    if record.measured is False:
        yield "not measured: no score, and probabilities that no labelled article has checked"
    n_terms = counted(len(classifier.vectorizer), "term")
    yield f"{size_text(n_bytes)} on disk; {n_terms}, coefficients as {classifier.coefficients.dtype}"


def _print_words(words: Mapping[str, Sequence[tuple[str, float]]], *, title: str) -> None:
    print()
    heading(f"## {title} for each label")
    print()
    width = shutil.get_terminal_size().columns if sys.stdout.isatty() else sys.maxsize
    for label, found in words.items():
        listed = ", ".join(f"{word} ({added:.2f})" for word, added in found)
        print("\n".join(wrapped(f"- {label}: {listed}", width=width, hanging="  ")))
