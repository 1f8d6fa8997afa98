"""JSON Lines: one object per line, with every number and every key as it was typed."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterable, Iterator, Sequence
from typing import NoReturn, cast

from topicml.article import Problem
from topicml.exceptions import CorpusError
from topicml.reading.cells import Cell, Number
from topicml.reading.columns import Columns, ReadOptions, Role, Row, find_columns
from topicml.reading.decoding import LONGEST_ROW, BadLine, Line, too_long

_STRING_OR_CONSTANT = re.compile(r'"(?:[^"\\]|\\.)*+"|(NaN|-?Infinity)', re.DOTALL)
_LEARNED_FROM: tuple[Role, ...] = ("text", "title", "label")
_REMEMBERED_KEY_SETS = 1000


def read_json_lines(lines: Iterable[Line], path: str, options: ReadOptions) -> Iterator[Row | Problem]:
    """Read one object per line, in order; blank lines are no rows, and notes on a row come before it.

    Control characters inside strings are kept, although JSON forbids them. It is an error if the first object
    has no text column, or if no object has a column that the caller named.
    """
    parser = JsonParser()
    columns = ColumnsByKeys(options)
    for number, line in enumerate(lines, 1):
        if isinstance(line, BadLine):
            yield line.problem(path, number)
        elif len(line) > LONGEST_ROW:
            yield too_long(path, number)
        elif line.strip():
            try:
                yield from _read_line(line, path, number, parser, columns)
            except RecursionError:
                yield Problem("broken JSON", "nested too deeply; flatten the row", path, number)
    columns.check_all_seen()


def _read_line(
    line: str, path: str, number: int, parser: JsonParser, columns: ColumnsByKeys
) -> Iterator[Row | Problem]:
    try:
        cells = parser.parse(line)
    except ValueError as error:
        reason, position = what_is_broken(error, line)
        message = f"{reason}; expected one whole JSON object per line"
        yield Problem("broken JSON", message, path, number, position + 1)
        return
    yield from read_object(cells, path, number, parser, columns, advice=_one_a_line(cells))


def read_object(
    cells: Cell, path: str, number: int, parser: JsonParser, columns: ColumnsByKeys, *, advice: str
) -> Iterator[Row | Problem]:
    """Make a row of a value that was just parsed, its notes first, or the problem in its place."""
    if not isinstance(cells, dict):
        kind = "a list" if isinstance(cells, list) else "a single value"
        message = f'expected an object such as {{"text": "..."}}, found {kind}; {advice}'
        yield Problem("not an object", message, path, number)
        return
    for kind, message in parser.notes():
        yield Problem(kind, message, path, number, fatal=False, left_out=False)
    try:
        found = columns.of(tuple(cells))
    except CorpusError as error:
        if columns.none_yet:
            raise _pointing_to_a_list(error, cells) from error
        yield Problem("mixed columns", str(error), path, number)
        return
    yield found.row(cells, path, number)


def _pointing_to_a_list(error: CorpusError, cells: dict[str, Cell]) -> CorpusError:
    """Return an error about an object without columns; if it holds a list of objects, with the key."""
    for key, value in cells.items():
        if isinstance(value, list) and value and isinstance(value[0], dict):
            option = f"--json-key {shlex.quote(key)}"
            return CorpusError(f"the key {key!r} holds a list of objects: read them with {option}")
    return error


class JsonParser:
    """Parses values, and remembers what had to be corrected in the last one."""

    def __init__(self) -> None:
        self._doubled: list[str] = []
        self._halves = False
        self._decoder = json.JSONDecoder(
            parse_float=Number,
            parse_int=Number,
            parse_constant=_refuse_constant,
            object_pairs_hook=self._object,
            strict=False,
        )

    def parse(self, line: str) -> Cell:
        """Parse a line that holds one value."""
        self._doubled.clear()
        # Without its end, so that what is missing at the end of the line is not looked for on the next.
        return self._mended(cast(Cell, self._decoder.decode(line.rstrip("\r\n"))), line)

    def parse_at(self, text: str, start: int) -> tuple[Cell, int]:
        """Parse the one value that begins at a position, and return where it ends, too."""
        self._doubled.clear()
        cells, end = self._decoder.raw_decode(text, start)
        return self._mended(cast(Cell, cells), text[start:end]), end

    def _mended(self, cells: Cell, written: str) -> Cell:
        self._halves = "\\ud" in written.lower() and _has_halves(cells)
        return _without_halves(cells) if self._halves else cells

    def notes(self) -> Iterator[tuple[str, str]]:
        """Yield kind and message of everything that had to be corrected in the last value."""
        if self._doubled:
            listing = ", ".join(map(repr, self._doubled))
            yield "doubled key", f"{listing} occurs more than once in the object; the last value is used"
        if self._halves:
            yield "half a character", r"an escape from \ud800 to \udfff has no partner; it is read as U+FFFD"

    def _object(self, pairs: list[tuple[str, Cell]]) -> dict[str, Cell]:
        cells = dict(pairs)
        if len(cells) < len(pairs):
            keys = [key for key, _ in pairs]
            self._doubled += [key for key in cells if keys.count(key) > 1]
        return cells


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def what_is_broken(error: ValueError, text: str, start: int = 0) -> tuple[str, int]:
    """Return what is wrong with the JSON that begins at a position of a text, and where."""
    if isinstance(error, json.JSONDecodeError):
        return error.msg, error.pos
    # The decoder does not say where the constant is. All before it is sound JSON.
    constants = (match for match in _STRING_OR_CONSTANT.finditer(text, start) if match[1])
    return str(error), next(constants).start()


def _one_a_line(cells: Cell) -> str:
    advice = "write one object per line"
    return f"{advice}, or read the array with --input-format json" if isinstance(cells, list) else advice


def _has_halves(cell: Cell) -> bool:
    return any("\ud800" <= character <= "\udfff" for character in json.dumps(cell, ensure_ascii=False))


def _without_halves(cell: Cell) -> Cell:
    if isinstance(cell, list):
        return [_without_halves(member) for member in cell]
    if isinstance(cell, dict):
        return {_whole(key): _without_halves(value) for key, value in cell.items()}
    return _whole(cell) if isinstance(cell, str) and not isinstance(cell, Number) else cell


def _whole(text: str) -> str:
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


class ColumnsByKeys:
    """The columns for each set of keys, which must agree throughout the file.

    A column's role is fixed where it is first seen. A later row that would read the text, the title or the
    labels from another column is refused: half a file must not be trained on its sections and the other half
    on its topics.
    """

    def __init__(self, options: ReadOptions) -> None:
        self._options = options
        self._settled: dict[Role, str] = {}
        self._first_keys: Sequence[str] = ()
        self._known: dict[tuple[str, ...], Columns] = {}

    @property
    def none_yet(self) -> bool:
        """Whether no row has been seen."""
        return not self._settled

    def of(self, keys: tuple[str, ...]) -> Columns:
        """Return the columns of a row with these keys."""
        columns = self._known.get(keys)
        if columns is None:
            columns = self._find(keys)
            if len(self._known) < _REMEMBERED_KEY_SETS:
                self._known[keys] = columns
        return columns

    def _find(self, keys: tuple[str, ...]) -> Columns:
        # A key that is missing is a null, save for the text of the first row: then nothing is known yet.
        required: tuple[Role, ...] = ("text",) if self.none_yet else ()
        columns = find_columns(keys, self._options, required=required)
        for role in _LEARNED_FROM:
            settled, found = self._settled.get(role), columns.names.get(role)
            if settled and found and settled != found:
                raise CorpusError(
                    f"the {role} was read from {settled!r} so far, but this row has it in "
                    f"{found!r}; name the column with --{role}-column"
                )
        self._first_keys = self._first_keys or keys
        self._settled = {**columns.names, **self._settled}
        return Columns(dict(self._settled), self._options)

    def check_all_seen(self) -> None:
        """Raise for a column that the caller named and no row had."""
        if not self.none_yet:
            unseen = [role for role in self._options.named_columns() if role not in self._settled]
            find_columns(self._first_keys, self._options, required=unseen)
