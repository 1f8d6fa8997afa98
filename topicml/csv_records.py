"""CSV records: the cells of each row with the line where it begins, and stray quotes found."""

from __future__ import annotations

import csv
import re
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from topicml.article import Problem
from topicml.decoding import BadLine, Line

_LINE_WITH_END = re.compile(r"[^\r\n]*+(?:\r\n|\r|\n)|[^\r\n]++")
_AT_END = "unexpected end of data"
# The largest that a C long holds on every platform.
_NO_FIELD_LIMIT = 2**31 - 1


@dataclass(frozen=True, slots=True)
class Record:
    """The cells of one row.

    Parameters
    ----------
    cells : list of str
    line : int
        Where it begins, counted from 1.
    """

    cells: list[str]
    line: int


def read_records(lines: Iterable[Line], delimiter: str, path: str) -> Iterator[Record | Problem]:
    r"""Read the records of a CSV file; blank lines are none.

    A quote that is never closed, or closed in the middle of a cell, swallows the rows after it. It is
    reported where it opens, and reading goes on at the line after that.

    Parameters
    ----------
    lines : iterable of Line
        With their line ends, which stay as they are inside quoted cells.
    delimiter : str
    path : str
        As shown in messages.

    Yields
    ------
    Record or Problem

    Examples
    --------
    >>> for record in read_records(['a,"b\n', 'c"\n', '"d\n', "e\n"], ",", "x.csv"):
    ...     print(record)  # doctest: +ELLIPSIS
    Record(cells=['a', 'b\nc'], line=1)
    x.csv:3:1: stray quote: the quote that opens here is never closed; double each quote ...
    Record(cells=['e'], line=4)
    """
    # Not set back afterwards: another thread may be in the middle of a long cell.
    csv.field_size_limit(_NO_FIELD_LIMIT)
    feed = _LineFeed(lines)
    while feed.has_more():
        try:
            for cells in csv.reader(feed, delimiter=delimiter, strict=True):
                if problem := feed.encoding_problem(path):
                    yield problem
                elif cells:
                    yield Record(cells, feed.first_number)
                feed.begin_record()
        except csv.Error as error:
            yield feed.stray_quote(delimiter, path, str(error))


class _LineFeed:
    """Feeds the csv module line by line, remembers the lines of the record at hand, takes lines back."""

    def __init__(self, lines: Iterable[Line]) -> None:
        self._lines = _cut_at_cr(lines)
        self._returned: deque[Line] = deque()
        self._record: list[Line] = []
        self.first_number = 1

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = self._returned.popleft() if self._returned else next(self._lines)
        self._record.append(line)
        return line.text if isinstance(line, BadLine) else line

    def has_more(self) -> bool:
        if not self._returned:
            self._returned.extend(line for line in [next(self._lines, None)] if line is not None)
        return bool(self._returned)

    def begin_record(self) -> None:
        self.first_number += len(self._record)
        self._record = []

    def encoding_problem(self, path: str) -> Problem | None:
        for number, line in enumerate(self._record, self.first_number):
            if isinstance(line, BadLine):
                return line.problem(path, number)
        return None

    def stray_quote(self, delimiter: str, path: str, reason: str) -> Problem:
        """Report the quote that spoils the record at hand, and take back the lines after it."""
        texts = [line.text if isinstance(line, BadLine) else line for line in self._record]
        position = _stray_quote("".join(texts), delimiter)
        index = 0
        while position >= len(texts[index]):
            position -= len(texts[index])
            index += 1
        self._returned.extendleft(reversed(self._record[index + 1 :]))
        self._record = self._record[: index + 1]
        number = self.first_number + index
        self.begin_record()
        closed = "is never closed" if reason == _AT_END else "closes in the middle of a cell"
        advice = "double each quote that belongs to the text, and close the cell before the next delimiter"
        return Problem(
            "stray quote", f"the quote that opens here {closed}; {advice}", path, number, position + 1
        )


def _stray_quote(text: str, delimiter: str) -> int:
    """Return where the quote opens that the csv module refused; 0 if it refused something else."""
    mark = re.escape(delimiter)
    cell = re.compile(rf'"[^"]*+(?:""[^"]*+)*+"(?=[{mark}\r\n]|\Z)|(?!")[^{mark}\r\n]*+')
    position = 0
    while match := cell.match(text, position):
        position = match.end() + 1
        if position > len(text):
            return 0
    return position


def _cut_at_cr(lines: Iterable[Line]) -> Iterator[Line]:
    """Cut lines at a lone CR as well, which ends a row for the csv module."""
    for line in lines:
        if isinstance(line, BadLine) or "\r" not in line.removesuffix("\r\n"):
            yield line
        else:
            yield from _LINE_WITH_END.findall(line)
