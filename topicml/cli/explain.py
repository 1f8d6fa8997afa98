"""``topicml explain``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from topicml.article import Problem
from topicml.cli.options import Json, Model
from topicml.cli.terminal import end_quietly_with_the_pipe, in_colour, print_json, readable, say
from topicml.formatting import escaped
from topicml.reading.columns import ReadOptions

if TYPE_CHECKING:
    from topicml.model.explanation import Explanation, Stretch

_UNSEEN, _STRONG = 0.05, 0.5  # strengths below the one are left plain, above the other are bold


def explain(
    data: Annotated[
        Path | None,
        typer.Argument(metavar="[DATA]", help="File or folder of articles, or - for standard input."),
    ] = None,
    *,
    reading: ReadOptions,
    model: Model = None,
    text: Annotated[str | None, typer.Option("--text", help="Explain this text and nothing else.")] = None,
    label: Annotated[
        str | None, typer.Option("--label", help="The label to explain; by default the most probable one.")
    ] = None,
    top: Annotated[
        int, typer.Option("--top", min=1, help="Terms to name that spoke for the label, and against it.")
    ] = 10,
    as_json: Json = False,
) -> None:
    """Say which words of an article spoke for a label, which against it, and how much each added.

    Articles are read as predict reads them; with --json there is one object for each row.

    Exit status: 0 done, 1 the input or the model cannot be used, 2 wrong usage.
    """
    if (data is None) == (text is None):
        raise typer.BadParameter("give either DATA (or - for standard input) or --text")
    from topicml.predict import load_model

    end_quietly_with_the_pipe()
    classifier = load_model(model)
    if data is None:
        explanation = classifier.explain(text or "", label, top=top)
        if as_json:
            print_json(explanation.to_dict())
        else:
            _print(explanation)
        return
    from topicml.reading.readers import iter_articles

    for row, item in enumerate(iter_articles(data, reading), 1):
        if isinstance(item, Problem):
            _tell_problem(row, item, as_json=as_json)
            continue
        explanation = classifier.explain(item, label, top=top)
        if as_json:
            print_json({"row": row, "id": item.id, **explanation.to_dict()})
        else:
            print(f"row {row}" if item.id is None else f"row {row}, id {escaped(item.id)}")
            _print(explanation)
            print()


def _tell_problem(row: int, problem: Problem, *, as_json: bool) -> None:
    if as_json:
        print_json({"row": row, "id": None, "error": str(problem)})
    else:
        say(escaped(str(problem)))


def _print(explanation: Explanation) -> None:
    """Print an explanation; on a terminal with colours the text, too, with its words in them."""
    from topicml.model.explanation import stretches

    if in_colour():
        print("".join(map(_coloured, stretches(explanation))), end="\n\n")
    print(explanation)


def _coloured(stretch: Stretch) -> str:
    """Colour a stretch by the terminal's own green and red, which its owner can read; bold if it is strong.

    Lines are coloured one by one: some terminals fill what is right of a coloured line's end.
    """
    text = readable(stretch.text)
    if abs(stretch.strength) < _UNSEEN:
        return text
    colour = "green" if stretch.strength > 0 else "red"
    strong = abs(stretch.strength) > _STRONG
    return "\n".join(typer.style(line, fg=colour, bold=strong) if line else "" for line in text.split("\n"))
