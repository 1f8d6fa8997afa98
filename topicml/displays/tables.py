"""Rows of text under a title, for terminal, notebook and page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    pass


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of text under a title.

    Parameters
    ----------
    title : str
    rows : tuple of tuple of str
        The first one is the header.
    right : tuple of bool
        Which columns hold numbers.
    cells : int
        How wide words may be in 80 columns.
    """

    title: str
    rows: tuple[tuple[str, ...], ...]
    right: tuple[bool, ...]
    cells: int

    def first(self, n: int) -> Table:
        """Return the table with its first n rows alone, and how many more there are in the title."""
        more = len(self.rows) - 1 - n
        if more <= 0:
            return self
        return Table(f"{self.title} (and {more} more)", self.rows[: n + 1], self.right, self.cells)
