"""Tables as documentation holds them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import chain
from math import floor, log10

__all__ = ["number", "print_section", "ratio"]

NOTHING = "–"


def number(value: float | None) -> str:
    """Return a number with three significant digits, or a dash where there is none.

    Examples
    --------
    >>> number(25312.4), number(7.184), number(0.01239), number(None)
    ('25,312', '7.18', '0.0124', '–')
    """
    if value is None:
        return NOTHING
    digits = 2 - floor(log10(abs(value))) if value else 0
    return f"{value:,.{max(digits, 0)}f}"


def ratio(value: float | None, other: float | None) -> str:
    """Return how many times the other a value is, or a dash where one of them is not known."""
    return number(value / other) if value is not None and other else NOTHING


def print_section(
    title: str, header: Sequence[str], rows: Iterable[Sequence[str]], *, note: str = "", left: int = 1
) -> None:
    """Print a heading, a table and a note under it.

    Parameters
    ----------
    title : str
    header : sequence of str
    rows : iterable of sequence of str
    note : str, default=""
    left : int, default=1
        How many columns hold words; those after them hold numbers and are aligned to the right.
    """
    ruler = [":---" if column < left else "---:" for column in range(len(header))]
    print(f"\n#### {title}\n")
    for row in chain((header, ruler), rows):  # each as soon as it is known
        print(f"| {' | '.join(cell.replace('|', '&#124;') for cell in row)} |")
    if note:
        print(f"\n{note}")
