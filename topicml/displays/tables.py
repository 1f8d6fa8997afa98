"""Rows of text under a title, for terminal, notebook and page."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Self

from topicml.formatting import brief, escaped, html_safe, refuse_unknown, shortened, table_lines


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

    def to_lines(self) -> list[str]:
        """Return title and rows as lines of text."""
        rows = [[shortened(escaped(cell), self.cells) for cell in row] for row in self.rows]
        return [self.title, *table_lines(rows, right=self.right)]

    def to_html(self) -> str:
        """Return the rows as a ``table`` that needs no style sheet."""
        head, *body = ("".join(self._cells(row, "td" if k else "th")) for k, row in enumerate(self.rows))
        rows = "".join(f"<tr>{cells}</tr>" for cells in body)
        return f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"

    def _cells(self, row: tuple[str, ...], tag: str) -> Iterator[str]:
        for cell, right in zip(row, self.right, strict=True):
            side = "right" if right else "left"
            yield f'<{tag} dir="auto" style="text-align:{side};padding:.1em .5em">{html_safe(cell)}</{tag}>'


def table_of_rows(title: str, rows: Sequence[Mapping[str, object]]) -> Table:
    r"""Return flat rows, as results give them, as a table; numbers have three digits after the point.

    >>> print("\n".join(table_of_rows("labels", [{"label": "sport", "f1": 0.51239}]).to_lines()))
    labels
    label     f1
    sport  0.512
    """
    names = tuple(rows[0]) if rows else ()
    right = tuple(isinstance(rows[0][name], int | float) for name in names)
    return Table(title, (names, *(tuple(_cell(row[name]) for name in names) for row in rows)), right, 40)


def _cell(value: object) -> str:
    if isinstance(value, float):
        return f"{value:.3f}"
    return "" if value is None else f"{value:,}" if type(value) is int else str(value)


class FieldsShown:
    """What frozen dataclasses share that callers fill in: unknown names are refused, and all fields shown."""

    __slots__ = ()

    def __new__(cls, *_args: object, **given: object) -> Self:
        """Refuse unknown names, with a hint at the name that is meant."""
        refuse_unknown(cls, given)
        return object.__new__(cls)

    def __repr__(self) -> str:
        return brief(self)

    def _repr_html_(self) -> str:
        rows = [{"field": f.name, "value": repr(getattr(self, f.name))} for f in fields(self)]  # type: ignore[arg-type]  # a mixin is no dataclass itself
        return html_view([type(self).__name__], table_of_rows("Fields", rows))


def html_view(lines: Iterable[str], *tables: Table) -> str:
    """Return lines and tables as one element for notebooks: the first table is open, others open at a click.

    It stands by itself, without script, style sheet or download, and takes its colours from the page.
    """
    head = "<br>".join(map(html_safe, lines))
    folded = "".join(
        f"<details{opened}><summary>{html_safe(table.title)}</summary>{table.to_html()}</details>"
        for opened, table in zip((" open", *[""] * len(tables)), tables, strict=False)
    )
    return f'<div style="max-width:60em"><div dir="auto">{head}</div>{folded}</div>'
