"""``topicml show``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated

import typer

from topicml.cli.options import Json
from topicml.cli.terminal import end_quietly_with_the_pipe, print_json
from topicml.formatting import escaped


def show(
    model: Annotated[Path, typer.Argument(metavar="MODEL", help="The model's folder.")],
    *,
    as_json: Json = False,
    top_terms: Annotated[
        int | None, typer.Option("--top-terms", min=1, help="Also name each label's most telling terms.")
    ] = None,
) -> None:
    """Tell what a model is: its labels, size, origin and scores; checks that it is whole.

    Exit status: 0 the model is whole, 1 it is not, 2 wrong usage.
    """
    from topicml.formatting import size_text
    from topicml.model.folder import size_on_disk
    from topicml.predict import load_model
    from topicml.training.model_card import describe, model_card

    end_quietly_with_the_pipe()
    classifier = load_model(model, verify=True)
    terms = {label: classifier.top_terms(label, top_terms) for label in classifier.classes_ if top_terms}
    if as_json:
        size = {"bytes": size_on_disk(model)}
        print_json({**describe(classifier), **size, **({"top_terms": terms} if terms else {})})
        return
    for line in model_card(classifier).splitlines():
        print(escaped(line))
    print(f"\n## Size\n\n- {size_text(size_on_disk(model))} on disk")
    print(f"- {len(classifier.vectorizer):,} terms, coefficients as {classifier.coefficients.dtype}\n")
    if terms:
        _print_terms(terms)


def _print_terms(terms: Mapping[str, Sequence[tuple[str, float]]]) -> None:
    print("## Terms that speak most for a label\n")
    for label, found in terms.items():
        listed = ", ".join(f"{term} ({weight:.2f})" for term, weight in found)
        print(escaped(f"- {label}: {listed}"))
