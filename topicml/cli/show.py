"""``topicml show``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from topicml.cli.options import Json
from topicml.cli.terminal import end_quietly_with_the_pipe, escaped, print_json

__all__ = ["show"]


def show(
    model: Annotated[Path, typer.Argument(metavar="MODEL", help="The model's folder.")],
    *,
    as_json: Json = False,
) -> None:
    """Tell what a model is: its labels, size, origin and scores; checks that it is whole.

    Exit status: 0 the model is whole, 1 it is not, 2 wrong usage.
    """
    from topicml.model_card import describe, model_card
    from topicml.predict import load_model

    end_quietly_with_the_pipe()
    classifier = load_model(model, verify=True)
    if as_json:
        print_json(describe(classifier))
        return
    for line in model_card(classifier).splitlines():
        print(escaped(line))
