"""Articles from CSV and TSV files."""

from __future__ import annotations

import csv
import re
from collections import Counter, deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain

from topicml.article import Problem
from topicml.exceptions import CorpusError
from topicml.reading.columns import Columns, ReadOptions, Row, find_columns
from topicml.reading.decoding import LONGEST_ROW, BadLine, Line, too_long

_DELIMITERS = ",;\t|"
_SHOWN = 40
_REMEMBERED_LABELS = 10_000
_REMEMBERED_SUSPECTS = 1_000
_LINE_WITH_END = re.compile(r"[^\r\n]*+(?:\r\n|\r|\n)|[^\r\n]++")
_SEPARATOR_LINE = re.compile(r"sep=(.)\r?\n?", re.IGNORECASE)
_TOO_LONG = "too long"
_AT_END = "unexpected end of data"
_NO_FIELD_LIMIT = 2**31 - 1  # the largest that a C long holds on every platform


def read_csv(lines: Iterable[Line], path: str, options: ReadOptions) -> Iterator[Row | Problem]:
    r"""Read a CSV file; quoted cells stay exactly as written.

    One item for each row, in order, with notes (``left_out=False``) in between. A header that cannot be read,
    lacks a column that is needed, or has one twice, is an error.

    >>> [row] = read_csv(["text;section\n", "Rain, hail;weather\n"], "a.csv", ReadOptions())
    >>> row.article.text, row.article.labels
    ('Rain, hail', ('weather',))
    """
    lines = iter(lines)
    blank, first = _first_line(lines)
    named = _SEPARATOR_LINE.fullmatch(first) if isinstance(first, str) else None
    if named:  # a word to spreadsheets, and no header
        more, first = _first_line(lines)
        blank = [*blank, "\n", *more]
    if first is None:
        return
    delimiter = options.delimiter or (named and named[1]) or _find_delimiter(first, options)
    records = read_records(chain(blank, [first], lines), delimiter, path)
    table = _Table.under(next(records), path, options, "a cell that contains the delimiter must be quoted")
    yield from table.rows(_noting_swallowed_rows(records, table, delimiter))


def read_tsv(lines: Iterable[Line], path: str, options: ReadOptions) -> Iterator[Row | Problem]:
    """Read a TSV file, without quoting: a quote is a quote, and no cell holds a tab or a line end."""
    records = _tsv_records(lines, path)
    header = next(records, None)
    if header is not None:
        table = _Table.under(header, path, options, "a cell of a TSV file cannot contain a tab or a line end")
        yield from table.rows(_noting_quoted_cells(records, path))


def _first_line(lines: Iterator[Line]) -> tuple[list[Line], Line | None]:
    """Return the blank lines at the top, and the first line of the header."""
    blank: list[Line] = []
    for line in lines:
        if isinstance(line, BadLine) or line.strip("\r\n"):
            return blank, line
        blank.append(line)
    return blank, None


def _find_delimiter(header: Line, options: ReadOptions) -> str:
    """Return the delimiter that makes the most of the header: of columns that are known, then of cells."""
    text = header.text if isinstance(header, BadLine) else header
    splits = {delimiter: text.rstrip("\r\n").split(delimiter) for delimiter in _DELIMITERS}
    return max(
        _DELIMITERS, key=lambda delimiter: (_known(splits[delimiter], options), len(splits[delimiter]))
    )


def _known(names: Sequence[str], options: ReadOptions) -> int:
    try:
        return len(find_columns([name.strip('"') for name in names], options, required=()).names)
    except CorpusError:
        # A column twice: known all the same.
        return 2


def _tsv_records(lines: Iterable[Line], path: str) -> Iterator[Record | Problem]:
    for number, line in enumerate(lines, 1):
        if isinstance(line, BadLine):
            yield line.problem(path, number)
        elif row := line.removesuffix("\n").removesuffix("\r"):
            yield Record(row.split("\t"), number)


@dataclass(frozen=True, slots=True)
class _Table:
    """A header, and what it says about the rows below."""

    header: Record
    columns: Columns
    path: str
    advice: str

    @classmethod
    def under(cls, header: Record | Problem, path: str, options: ReadOptions, advice: str) -> _Table:
        if isinstance(header, Problem):
            raise CorpusError(
                f"the header cannot be read: line {header.line}: {header.kind}: {header.message}"
            )
        return cls(header, find_columns(list(filter(str.strip, header.cells)), options), path, advice)

    @property
    def label_index(self) -> int | None:
        name = self.columns.names.get("label")
        return None if name is None else self.header.cells.index(name)

    def rows(self, records: Iterable[Record | Problem]) -> Iterator[Row | Problem]:
        names = self.header.cells
        nameless = [index for index, name in enumerate(names) if not name.strip()]
        named = [(name, index) for index, name in enumerate(names) if name.strip()]
        yield from self._doubled_names()
        numbered = False
        for record in records:
            if isinstance(record, Problem):
                yield record
            elif record.cells == names:
                message = "the header is repeated here, as where files were joined; the line is no article"
                yield _note("repeated header", message, self.path, record.line)
            elif fault := self._fault(record, nameless):
                yield fault
            else:
                if 0 in nameless and record.cells[0] and not numbered:
                    numbered = True
                    yield self._numbered(record)
                cells = {name: record.cells[index] for name, index in named}
                yield self.columns.row(cells, self.path, record.line)

    def _fault(self, record: Record, nameless: Sequence[int]) -> Problem | None:
        expected, found = len(self.header.cells), len(record.cells)
        if found != expected:
            message = f"expected {expected} cells as in the header, found {found}; {self.advice}"
            return Problem("wrong number of cells", message, self.path, record.line)
        # Cells are shifted to the right, so a first column without a name holds row numbers and no text.
        shifted = [index for index in nameless if index > 0 and record.cells[index].strip()]
        if shifted:
            found_text = record.cells[shifted[0]][:_SHOWN]
            message = (
                f"column {shifted[0] + 1} has no name in the header and holds {found_text!r}; "
                f"name the column, or correct the row: {self.advice}"
            )
            return Problem("nameless column", message, self.path, record.line)
        return None

    def _numbered(self, record: Record) -> Problem:
        message = (
            f"the first column has no name and holds {record.cells[0][:_SHOWN]!r}; "
            "it is ignored, as row numbers"
        )
        return _note("nameless column", message, self.path, record.line)

    def _doubled_names(self) -> Iterator[Problem]:
        counts = Counter(filter(str.strip, self.header.cells))
        for name in (name for name, count in counts.items() if count > 1):
            message = f"{name!r} is in the header more than once; the last of these columns is used"
            yield _note("doubled column", message, self.path, self.header.line)


def _noting_quoted_cells(records: Iterable[Record | Problem], path: str) -> Iterator[Record | Problem]:
    """Add one note on the first cell that looks as if quotes meant something in a TSV file."""
    noted = False
    for record in records:
        if not noted and isinstance(record, Record) and any(map(_looks_quoted, record.cells)):
            noted = True
            message = (
                "a cell begins and ends with a quote; TSV has no quoting, so the quotes are text. If they "
                "should not be, read the file as CSV: --input-format csv --delimiter with a tab"
            )
            yield _note("quoted cell", message, path, record.line)
        yield record


def _looks_quoted(cell: str) -> bool:
    return len(cell) > 1 and cell[0] == cell[-1] == '"'


def _noting_swallowed_rows(
    records: Iterable[Record | Problem], table: _Table, delimiter: str
) -> Iterator[Record | Problem]:
    """Add a note on each quoted cell whose lines look like rows that a stray quote swallowed.

    A line looks so if it has as many cells as the header and its label is a label of the file. Labels
    that the file shows only later are compared at its end, for as many rows as fit in bounded memory.
    """
    index = table.label_index
    labels: set[str] = set()
    suspects: list[tuple[Record, set[str]]] = []
    for record in records:
        if index is not None and isinstance(record, Record) and index < len(record.cells):
            if len(labels) < _REMEMBERED_LABELS:
                labels.add(record.cells[index].strip())
            inner = _inner_labels(record, len(table.header.cells), index, delimiter)
            if not inner.isdisjoint(labels):
                yield _swallowed(record, table.path)
            elif inner and len(suspects) < _REMEMBERED_SUSPECTS:
                suspects.append((record, inner))
        yield record
    yield from (_swallowed(record, table.path) for record, inner in suspects if not inner.isdisjoint(labels))


def _inner_labels(record: Record, width: int, label_index: int, delimiter: str) -> set[str]:
    """Return what would be the labels if the lines inside the cells were rows."""
    labels = set()
    for position, cell in enumerate(record.cells):
        # The last line ends in the quote that closed the cell, so it is no whole row.
        for number, line in enumerate(cell.split("\n")[:-1]):
            before = 0 if number else position
            if line.count(delimiter) == width - before - 1:
                labels.add(([""] * before + line.split(delimiter))[label_index].strip())
    return labels - {""}


def _swallowed(record: Record, path: str) -> Problem:
    message = (
        "a cell of the row that begins here contains lines that look like rows; "
        "check for a missing or extra quote"
    )
    return _note("swallowed rows?", message, path, record.line)


def _note(kind: str, message: str, path: str, line: int) -> Problem:
    return Problem(kind, message, path, line, fatal=False, left_out=False)


@dataclass(frozen=True, slots=True)
class Record:
    """The cells of one row, and the line where it begins, counted from 1."""

    cells: list[str]
    line: int


def read_records(lines: Iterable[Line], delimiter: str, path: str) -> Iterator[Record | Problem]:
    r"""Read the records of a CSV file, whose lines have their ends; blank lines are none.

    A quote that is never closed, or closed in the middle of a cell, swallows the rows after it. It is
    reported where it opens, and reading goes on at the line after that.

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
    """Feeds the csv module line by line, remembers the lines of the current record, takes lines back."""

    def __init__(self, lines: Iterable[Line]) -> None:
        self._lines = _cut_at_cr(lines)
        self._returned: deque[Line] = deque()
        self._record: list[Line] = []
        self._size = 0
        self.first_number = 1

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = self._returned.popleft() if self._returned else next(self._lines)
        self._record.append(line)
        self._size += len(line.text if isinstance(line, BadLine) else line)
        if self._size > LONGEST_ROW:
            raise csv.Error(_TOO_LONG)
        return line.text if isinstance(line, BadLine) else line

    def has_more(self) -> bool:
        if not self._returned:
            self._returned.extend(line for line in [next(self._lines, None)] if line is not None)
        return bool(self._returned)

    def begin_record(self) -> None:
        self.first_number += len(self._record)
        self._record = []
        self._size = 0

    def encoding_problem(self, path: str) -> Problem | None:
        for number, line in enumerate(self._record, self.first_number):
            if isinstance(line, BadLine):
                return line.problem(path, number)
        return None

    def stray_quote(self, delimiter: str, path: str, reason: str) -> Problem:
        """Report the quote that spoils the current record, and take back the lines after it."""
        if reason == _TOO_LONG and len(self._record) == 1:
            self.begin_record()
            return too_long(path, self.first_number - 1)
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
        within = f"is not closed within {LONGEST_ROW:,} characters"
        found = {_AT_END: "is never closed", _TOO_LONG: within}
        closed = found.get(reason, "closes in the middle of a cell")
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
