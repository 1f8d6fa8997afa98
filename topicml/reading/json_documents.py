"""JSON that is not written one object per line: an array of objects, or objects over several lines each."""

from __future__ import annotations

import re
from collections.abc import Generator, Iterable, Iterator
from dataclasses import dataclass
from typing import TypeAlias

from topicml.article import Problem
from topicml.exceptions import CorpusError
from topicml.reading.cells import Cell
from topicml.reading.columns import ReadOptions, Row
from topicml.reading.decoding import BadLine, Line, peeked
from topicml.reading.json_lines import (
    ColumnsByKeys,
    JsonParser,
    read_json_lines,
    read_object,
    what_is_broken,
)

MOST_CHARACTERS = 1_000_000_000
"""Of a file that is not JSON Lines: it is held in memory while it is read."""

_GOES_ON = ("{", "[", ",", ":")
_BLANKS = re.compile(r"[ \t\r\n]*")


def read_json(
    lines: Iterable[Line], path: str, options: ReadOptions, *, most_characters: int = MOST_CHARACTERS
) -> Iterator[Row | Problem]:
    """Read an array of objects, objects one after the other, or JSON Lines, whichever it is.

    JSON Lines is read line by line. All else is held in memory, and its rows are numbered by object. After a
    broken one nothing is read, because where the next one begins is unknown.
    """
    first, lines = peeked(lines)
    # A line that merely breaks off may come from a live stream, whose other lines must not wait for its end.
    if (
        options.json_key is not None
        or first.startswith("[")
        or (first.startswith("{") and first.endswith(_GOES_ON))
    ):
        yield from _read_documents(lines, path, options, most_characters)
    else:
        yield from read_json_lines(lines, path, options)


def _read_documents(
    lines: Iterable[Line], path: str, options: ReadOptions, most_characters: int
) -> Iterator[Row | Problem]:
    parts: list[str] = []
    room = most_characters
    for number, line in enumerate(lines, 1):
        if isinstance(line, BadLine):
            yield line.problem(path, number)
            return
        parts.append(line)
        room -= len(line)
        if room < 0:
            raise CorpusError(
                f"a JSON array of more than {most_characters:,} characters does not fit into memory; "
                "write one object per line, as jq -c '.[]' does"
            )
    yield from _read_all("".join(parts), path, options)


def _read_all(text: str, path: str, options: ReadOptions) -> Iterator[Row | Problem]:
    parser, columns = JsonParser(), ColumnsByKeys(options)
    elements = _elements(text, parser)
    if options.json_key is not None:
        elements = _under(elements, options.json_key)
    for number, element in enumerate(elements, 1):
        if isinstance(element, _Broken):
            yield Problem("broken JSON", element.told(text), path, number)
        else:
            yield from read_object(element, path, number, parser, columns, advice="remove it")
    columns.check_all_seen()


@dataclass(frozen=True, slots=True)
class _Broken:
    """Where a text is no JSON, and why."""

    reason: str
    position: int

    def told(self, text: str) -> str:
        line = text.count("\n", 0, self.position) + 1
        column = self.position - text.rfind("\n", 0, self.position)
        return f"{self.reason} at line {line}, column {column}; nothing after it is read"


_Elements: TypeAlias = "Generator[Cell | _Broken, None, int | None]"
"""They return where the next one begins, and None after one that is broken."""


def _elements(text: str, parser: JsonParser) -> Iterator[Cell | _Broken]:
    """Yield the values of a text and the members of its arrays, each parsed as it is asked for."""
    at: int | None = _after_blanks(text, 0)
    while at is not None and at < len(text):
        at = yield from (_members if text[at] == "[" else _value)(text, at, parser)


def _under(elements: Iterator[Cell | _Broken], key: str) -> Iterator[Cell | _Broken]:
    """Yield the members of the list that each object holds under a key."""
    for element in elements:
        found: Cell | _Broken = element
        for name in key.split("."):
            found = found.get(name) if isinstance(found, dict) else found
        if isinstance(found, _Broken):
            yield found
        elif isinstance(found, list):
            yield from found
        else:
            keys = ", ".join(map(repr, element)) if isinstance(element, dict) else "no object"
            raise CorpusError(f"expected a list of articles under the key {key!r}, found {keys}")


def _members(text: str, at: int, parser: JsonParser) -> _Elements:
    at = _after_blanks(text, at + 1)
    if text.startswith("]", at):
        return _after_blanks(text, at + 1)
    while (end := (yield from _value(text, at, parser))) is not None:
        if text.startswith("]", end):
            return _after_blanks(text, end + 1)
        if not text.startswith(",", end):
            yield _Broken("Expecting ',' or ']'", end)
            break
        at = _after_blanks(text, end + 1)
    return None


def _value(text: str, at: int, parser: JsonParser) -> _Elements:
    try:
        cells, end = parser.parse_at(text, at)
    except ValueError as error:
        yield _Broken(*what_is_broken(error, text, at))
    except RecursionError:
        yield _Broken("nested too deeply", at)
    else:
        yield cells
        return _after_blanks(text, end)
    return None


def _after_blanks(text: str, at: int) -> int:
    found = _BLANKS.match(text, at)
    return found.end() if found else at
