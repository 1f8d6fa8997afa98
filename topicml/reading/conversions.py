"""Cells to values, where the caller says how: dates in an order, labels as columns, text without markup."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from html.parser import HTMLParser
from typing import Literal

from topicml.article import Article, place_of
from topicml.exceptions import CorpusError
from topicml.formatting import shortened
from topicml.reading.cells import Cell, cell_text

_TAG = re.compile(
    r"</?(?:p|div|span|a|img|br|b|i|em|strong|h[1-6]|ul|ol|li|table|tr|td|figure|script|style|iframe)"
    r"(?:\s[^<>]*)?/?>",
    re.IGNORECASE,
)
_MARKUP = re.compile(rf"{_TAG.pattern}|&(?:nbsp|amp|lt|gt|quot|#\d{{2,5}});", re.IGNORECASE)
_ORDERED_DATE = re.compile(r"\s*(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})(?=\D|$)", re.ASCII)
_BLOCKS = frozenset(
    {"p", "div", "br", "li", "ul", "ol", "tr", "td", "table", "figure", "blockquote", "h1", "h2", "h3", "h4"}
)
_UNSEEN = frozenset({"script", "style", "template"})
_TICKED = frozenset({"1", "1.0", "true", "yes", "x"})
_NOT_TICKED = frozenset({"0", "0.0", "false", "no", ""})


def ticked_labels(cells: Mapping[str, Cell], columns: Iterable[str]) -> tuple[str, ...]:
    """Return the labels whose column is ticked.

    >>> ticked_labels({"sport": "1", "economy": "0", "art": None}, ["sport", "economy", "art"])
    ('sport',)
    """
    return tuple(column.strip() for column in columns if _is_ticked(cells.get(column), column))


def _is_ticked(cell: Cell, column: str) -> bool:
    text = cell_text(cell).strip().lower()
    if text not in _TICKED | _NOT_TICKED:
        raise CorpusError(f"column {column!r} must hold 1 or 0, found {shortened(cell_text(cell), 40)!r}")
    return text in _TICKED


def iso_date(written: str, order: Literal["dmy", "mdy"] | None) -> str:
    """Return a date as ISO 8601, if its day and month come first, in the order that the caller names.

    >>> iso_date("05/01/2024 10:30", "dmy"), iso_date("05/01/2024", None), iso_date("2024-01-05", "dmy")
    ('2024-01-05 10:30', '05/01/2024', '2024-01-05')
    """
    found = _ORDERED_DATE.match(written) if order else None
    if found is None:
        return written
    first, second, year = map(int, found.groups())
    day, month = (first, second) if order == "dmy" else (second, first)
    try:
        return date(year, month, day).isoformat() + written[found.end() :]
    except ValueError as error:
        raise CorpusError(f"{written!r} is no date in the order {order}: {error}") from error


def without_markup(text: str) -> str:
    r"""Return the text that a reader of a piece of HTML sees; a text without markup stays as it is.

    >>> without_markup('<p class="lead">Rain &amp; hail</p><p>Trains stop</p>')
    'Rain & hail\nTrains stop'
    """
    if not _MARKUP.search(text):
        return text
    reader = _TextReader()
    reader.feed(text)
    reader.close()
    return re.sub(r"\s*\n\s*", "\n", "".join(reader.pieces)).strip()


def markup_notes(articles: Sequence[Article]) -> tuple[str, ...]:
    """Return a note if texts hold HTML, whose tags and attributes would become terms.

    >>> markup_notes([Article('<b>Rain</b>', origin="a.csv:2"), Article("Snow")])
    ("1 text holds HTML, the first at a.csv:2: '<b>'; take it out with --strip-html",)
    """
    found = [row for row, article in enumerate(articles) if _TAG.search(article.full_text)]
    if not found:
        return ()
    first = articles[found[0]]
    tag = _TAG.search(first.full_text)
    hold = "text holds" if len(found) == 1 else "texts hold"
    where = f"the first at {place_of(first, found[0])}: {shortened(tag[0] if tag else '', 40)!r}"
    return (f"{len(found):,} {hold} HTML, {where}; take it out with --strip-html",)


class _TextReader(HTMLParser):
    """Collects text, with a line end around each block."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.pieces: list[str] = []
        self._unseen = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002  (given)
        self._pass(tag, +1)

    def handle_endtag(self, tag: str) -> None:
        self._pass(tag, -1)

    def handle_data(self, data: str) -> None:
        if not self._unseen:
            self.pieces.append(data)

    def _pass(self, tag: str, step: int) -> None:
        if tag in _UNSEEN:
            self._unseen = max(0, self._unseen + step)
        elif tag in _BLOCKS:
            self.pieces.append("\n")
