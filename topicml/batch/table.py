"""Rows as a table for a screen."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from topicml.article import Problem
from topicml.batch.rows import Row
from topicml.formatting import percent, shortened, table_lines
from topicml.model.prediction import REASONS, Prediction

_LEAST = 24  # characters of a column
_GAP = 2
_UNSURE = ("low_confidence", "no_label_reached")


def table_of(rows: Iterable[Row], *, width: int, header: bool = False) -> str:
    """Return lines of at most `width` characters: titles, and labels or why there are none."""
    right = max(min(46 + (width - 80) // 3, width - _LEAST - _GAP), _LEAST)
    left = max(width - right - _GAP, _LEAST)
    ruler = ("-" * left, "-" * right)
    head = [("article", "sections"), ruler] if header else [ruler]
    cells = (line for row in rows for line in _lines(row, left, right))
    lines = table_lines([*head, *cells], right=[False, False])
    return "".join(f"{line}\n" for line in (lines if header else lines[1:]))


def _lines(row: Row, left: int, right: int) -> Iterator[tuple[str, str]]:
    """Yield the lines of a row; the first has the beginning of the title, or of the text."""
    item, prediction = row.item, row.prediction
    if isinstance(item, Problem) or prediction is None:
        name, pieces = f"row {row.number}", f"error: {item}".split()
    else:
        name, pieces = item.title or item.text, _pieces(prediction)
    for answer in _filled(pieces, right):
        yield shortened(name, left), shortened(answer, right)
        name = ""


def _pieces(prediction: Prediction) -> list[str]:
    """Return labels with probabilities, or the words of the reason why there are none."""
    shown = {label: f"{label} {percent(p)}" for label, p in prediction.probabilities.items()}
    if prediction.reason is None:
        *others, last = (shown[label] for label in prediction.labels)
        return [*(f"{label}," for label in others), last]
    best = [f"(best: {next(iter(shown.values()))})"] if prediction.reason in _UNSURE else []
    return [*f"review: {REASONS[prediction.reason]}".split(), *best]


def _filled(pieces: Sequence[str], width: int) -> list[str]:
    """Return lines of as many whole pieces as fit."""
    lines = [""]
    for piece in pieces:
        longer = f"{lines[-1]} {piece}".strip()
        if lines[-1] and len(longer) > width:
            lines.append(piece)
        else:
            lines[-1] = longer
    return lines
