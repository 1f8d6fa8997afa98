"""Rows of text as lines with aligned columns."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

__all__ = ["shortened", "table_lines"]


def table_lines(rows: Sequence[Sequence[str]], *, right: Sequence[bool]) -> list[str]:
    """Return rows as lines with aligned columns; wide characters count twice.

    Parameters
    ----------
    rows : sequence of sequence of str
        All as long; the texts stay on one line.
    right : sequence of bool
        Which columns are aligned to the right.

    Examples
    --------
    >>> table_lines([["label", "F1"], ["art", "0.5"]], right=[False, True])
    ['label   F1', 'art    0.5']
    """
    widths = [max(map(_width, column)) for column in zip(*rows, strict=True)]
    lines = []
    for row in rows:
        cells = zip(row, widths, right, strict=True)
        padded = [_padded(cell, width - _width(cell), to_right) for cell, width, to_right in cells]
        lines.append("  ".join(padded).rstrip())
    return lines


def _padded(text: str, blanks: int, to_right: bool) -> str:  # noqa: FBT001  (one of three, in order)
    return " " * blanks + text if to_right else text + " " * blanks


def shortened(text: str, width: int) -> str:
    """Return a text that takes no more cells than a width, with an ellipsis where it was cut.

    >>> shortened("China-UN engagements", 12)
    'China-UN en…'
    """
    if _width(text) <= width:
        return text
    end = 0
    while _width(text[: end + 1]) < width:
        end += 1
    return text[:end] + "…"


def _width(text: str) -> int:
    """Cells that a text takes in a terminal (Unicode Standard Annex 11; marks take none)."""
    return sum(map(_cells, text))


def _cells(character: str) -> int:
    if unicodedata.category(character) in ("Mn", "Me"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1
