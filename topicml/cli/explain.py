"""``topicml explain``."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from topicml.article import Problem
from topicml.cli.models import load_named
from topicml.cli.options import Json, Model, one_source
from topicml.cli.terminal import end_quietly_with_the_pipe, in_colour, print_json, readable, say
from topicml.formatting import escaped, line_breaks
from topicml.reading.columns import ReadOptions

if TYPE_CHECKING:
    from topicml.model.explanation import Explanation

_UNSEEN, _STRONG = 0.05, 0.5  # strengths below the one are left plain, above the other are bold


def explain(
    data: Annotated[
        list[Path] | None,
        typer.Argument(metavar="[DATA]", help="File or folder of articles, or - for standard input."),
    ] = None,
    *,
    reading: ReadOptions,
    model: Model = None,
    text: Annotated[str | None, typer.Option("--text", help="Explain this text and nothing else.")] = None,
    label: Annotated[
        str | None,
        typer.Option("--label", help="Label to explain (default: the most probable one)."),
    ] = None,
    top: Annotated[
        int, typer.Option("--top", min=1, help="Words to name for the label, and as many against it.")
    ] = 10,
    pieces: Annotated[
        bool, typer.Option("--pieces", help="Name the model's own terms, such as pieces of words and pairs.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Show which words decided for or against a label.

    Each word is shown with what it added to the score. Articles are read as predict reads them; with --json
    there is one object for each row, which has all words and the --top strongest terms.
    """
    path = one_source("explain", data)
    if (path is None) == (text is None):
        raise typer.BadParameter("give either DATA (or - for standard input) or --text")
    end_quietly_with_the_pipe()
    classifier, _ = load_named(model)
    if path is None:
        explanation = classifier.explain(text or "", label, top=top)
        if as_json:
            print_json(explanation.to_dict())
        else:
            _print(explanation, pieces=pieces)
        return
    from topicml.cli.reports import print_problems
    from topicml.reading.readers import iter_articles

    noted: list[Problem] = []
    for row, item in enumerate(iter_articles(path, reading, note=noted.append), 1):
        if isinstance(item, Problem):
            _tell_problem(row, item, as_json=as_json)
            continue
        explanation = classifier.explain(item, label, top=top)
        if as_json:
            print_json({"row": row, "id": item.id, **explanation.to_dict()})
        else:
            print(f"row {row}" if item.id is None else f"row {row}, id {escaped(item.id)}")
            _print(explanation, pieces=pieces)
            print()
    print_problems(noted)


def _tell_problem(row: int, problem: Problem, *, as_json: bool) -> None:
    if as_json:
        print_json({"row": row, "id": None, "error": str(problem)})
    else:
        say(escaped(str(problem)))


def _print(explanation: Explanation, *, pieces: bool) -> None:
    """Print an explanation; on a terminal with colours also the text with its words coloured."""
    shown = explanation.in_terms() if pieces else explanation
    if in_colour():
        print(_coloured_text(shown), end="\n\n")
        if shown.words:
            legend = (f"for {escaped(shown.label)}", _style(1.0)), ("against it", _style(-1.0))
            print("  ".join(typer.style(text, **style) for text, style in legend), end="\n\n")
    print(shown)


def _coloured_text(explanation: Explanation) -> str:
    """Return the text with its words in colour, in lines that fit the terminal."""
    from topicml.model.explanation import stretches

    cut = [(readable(stretch.text), stretch.strength) for stretch in stretches(explanation)]
    breaks = line_breaks("".join(text for text, _ in cut), shutil.get_terminal_size().columns)
    lines, place = [], 0
    for text, strength in cut:
        fitted = "".join("\n" if place + k in breaks else letter for k, letter in enumerate(text))
        lines.append(_coloured(fitted, strength))
        place += len(text)
    return "".join(lines)


def _coloured(text: str, strength: float) -> str:
    """Colour a stretch line by line: some terminals fill what is right of a coloured line's end."""
    if abs(strength) < _UNSEEN:
        return text
    style = _style(strength)
    return "\n".join(typer.style(line, **style) if line else "" for line in text.split("\n"))


def _style(strength: float) -> dict[str, Any]:
    """Return the terminal's own green, or red and underlined, for those who do not see red from green."""
    style: dict[str, Any] = {"fg": "green"} if strength > 0 else {"fg": "red", "underline": True}
    return {**style, "bold": True} if abs(strength) > _STRONG else style
