"""Tables and stretches of text for people, measured in the cells that a terminal gives a character."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence

from topicml.escaping import escaped

_MORE = "..."


def table_lines(rows: Iterable[Sequence[str]], *, right: Sequence[bool]) -> list[str]:
    r"""Return rows as lines with aligned columns; wide characters count twice.

    Parameters
    ----------
    rows : iterable of sequence of str
        The first one is the header; cells hold nothing that steers a terminal.
    right : sequence of bool
        Which columns are aligned to the right.

    Examples
    --------
    >>> print("\n".join(table_lines([["label", "F1"], ["sport", "0.9"]], right=[False, True])))
    label   F1
    sport  0.9
    """
    cells = list(rows)
    widths = [max(map(_width, column)) for column in zip(*cells, strict=True)]
    return [
        "  ".join(
            " " * (width - _width(cell)) + cell if to_right else cell + " " * (width - _width(cell))
            for cell, width, to_right in zip(row, widths, right, strict=True)
        ).rstrip()
        for row in cells
    ]


def shortened(text: str, width: int) -> str:
    r"""Return the beginning of a text on one line, in no more than so many cells.

    Examples
    --------
    >>> shortened("Envoys meet\n\nTalks resumed in Geneva", 20)
    'Envoys meet Talks...'
    """
    line = escaped(" ".join(text.split()))
    if _width(line) <= width:
        return line
    taken, cells = 0, 0
    while cells + _cells(line[taken]) <= width - len(_MORE):
        cells += _cells(line[taken])
        taken += 1
    return line[:taken].rstrip() + _MORE


def wrapped(text: str, *, width: int = 80, indent: str = "", hanging: str = "") -> list[str]:
    """Return a sentence in lines of no more than so many cells.

    Only blanks part lines, and none between a number and its %; a longer word stands alone on a line that
    is too long.

    Parameters
    ----------
    text : str
    width : int, default=80
    indent, hanging : str, default=""
        What the first line begins with, and what the others do.

    Examples
    --------
    >>> wrapped("why: cup +0.41, final +0.20", width=16, indent="- ", hanging="  ")
    ['- why: cup', '  +0.41, final', '  +0.20']
    """
    lines: list[str] = []
    line, empty = indent, True
    for word in re.split(" +(?!%)", escaped(text).strip()):
        longer = line + word if empty else f"{line} {word}"
        if _width(longer) > width and not empty:
            lines.append(line)
            longer = hanging + word
        line, empty = longer, False
    return [*lines, line]


def _width(text: str) -> int:
    """Cells that a text takes in a terminal (Unicode Standard Annex 11; marks take none)."""
    return sum(map(_cells, text))


def _cells(character: str) -> int:
    if unicodedata.category(character) in ("Mn", "Me"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1
