"""Bytes to lines of text: compression, byte order marks, and bytes that are not text.

Lines end at LF alone, so that U+2028, U+0085, form feed and a lone CR stay where they were written.
Every line is decoded by itself: one bad byte costs one line, and its place is known exactly.
"""

from __future__ import annotations

import codecs
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain

from topicml.article import Problem
from topicml.exceptions import CorpusError, TopicmlValueError

# UTF-32 first: its little-endian mark begins with that of UTF-16.
_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
# Python reads these with a mark or without; without one, little-endian is what Windows writes.
_MARKED = {"utf-8-sig": "utf-8", "utf-16": "utf-16-le", "utf-32": "utf-32-le"}


LONGEST_ROW = 32_000_000
"""Characters: a row takes 25 to 40 times its size in memory while it is read, and no article is so long."""


@dataclass(frozen=True, slots=True)
class BadLine:
    """A line that cannot be decoded, with U+FFFD for what is not text, so that its row's end is found."""

    text: str
    reason: str  # with the byte's offset, and what to do
    column: int  # counted from 1

    def problem(self, path: str, line: int) -> Problem:
        """Return the problem that takes the line's place."""
        return Problem("wrong encoding", self.reason, path, line, self.column)


Line = str | BadLine


def too_long(path: str, line: int) -> Problem:
    """Return the problem in the place of a row that is longer than any article."""
    message = f"expected {LONGEST_ROW:,} characters at most; split the row, or take it out"
    return Problem("row too long", message, path, line)


def check_encoding(encoding: str) -> None:
    """Make sure that Python knows a text encoding of this name."""
    try:
        # Some codecs that are no encodings of text, such as idna, refuse to replace what they cannot decode.
        "\n".encode(encoding).decode(encoding, "replace")
    except (LookupError, ValueError) as error:
        raise TopicmlValueError(
            f"unknown encoding {encoding!r}; expected a text encoding of Python, such as utf-8 or cp1252"
        ) from error


def decode(data: bytes, encoding: str | None = None) -> str:
    r"""Decode a whole file; a byte that is not text in that encoding is named by its offset.

    >>> decode(b"\xff\xfeh\x00i\x00")
    'hi'
    """
    actual, mark = _actual_encoding(data, encoding)
    try:
        return data[mark:].decode(actual)
    except UnicodeError as error:
        raise CorpusError(_reason(error, actual, data[mark:], mark)) from error


def decoded_lines(pieces: Iterable[bytes], encoding: str | None = None) -> Iterator[Line]:
    r"""Decode a file line by line, each with its line end.

    Its pieces are those of iteration over a binary file: cut after each byte of LF. The default encoding is
    UTF-8, or that of the byte order mark.

    >>> list(decoded_lines([b"\xef\xbb\xbfone\r\n", b"two"]))
    ['one\r\n', 'two']
    """
    pieces = iter(pieces)
    head = next(pieces, b"")
    # No mark holds the byte of LF, so the first piece shows it whole.
    actual, mark = _actual_encoding(head, encoding)
    raw_lines = filter(None, chain([head[mark:]], pieces))
    line_feed = "\n".encode(actual)
    offset = mark
    for raw in raw_lines if line_feed == b"\n" else _joined(raw_lines, line_feed):
        try:
            yield raw.decode(actual)
        except UnicodeError as error:
            start = getattr(error, "start", 0)
            column = len(raw[:start].decode(actual, "replace")) + 1
            yield BadLine(raw.decode(actual, "replace"), _reason(error, actual, raw, offset), column)
        offset += len(raw)


def peeked(lines: Iterable[Line]) -> tuple[str, Iterable[Line]]:
    """Return the first line that is not blank, stripped, and all lines."""
    lines = iter(lines)
    seen: list[Line] = []
    for line in lines:
        seen.append(line)
        text = line.text if isinstance(line, BadLine) else line
        if text.strip():
            return text.strip(), chain(seen, lines)
    return "", seen


def _actual_encoding(head: bytes, encoding: str | None) -> tuple[str, int]:
    """Return the encoding and how many bytes of mark to skip."""
    asked = None if encoding is None else codecs.lookup(encoding).name
    for mark, marked in _MARKS:
        if head.startswith(mark) and (asked is None or _MARKED.get(asked, asked)[:6] == marked[:6]):
            return marked, len(mark)
    return ("utf-8" if asked is None else _MARKED.get(asked, asked)), 0


def _joined(pieces: Iterable[bytes], line_feed: bytes) -> Iterator[bytes]:
    """Cut at the encoding's own line feed, which has two or four bytes in UTF-16 and UTF-32."""
    rest = bytearray()
    searched = 0
    for piece in pieces:
        rest += piece
        while (end := _next_line(rest, line_feed, searched)) >= 0:
            yield bytes(rest[:end])
            del rest[:end]
            searched = 0
        searched = len(rest) - len(rest) % len(line_feed)
    if rest:
        yield bytes(rest)


def _next_line(data: bytearray, line_feed: bytes, start: int) -> int:
    """Return where the next line begins, or -1."""
    found = data.find(line_feed, start)
    while found >= 0 and found % len(line_feed):
        found = data.find(line_feed, found + 1)
    return found + len(line_feed) if found >= 0 else -1


def _reason(error: UnicodeError, encoding: str, data: bytes, offset: int) -> str:
    start = getattr(error, "start", 0)
    return (
        f"byte 0x{data[start]:02x} at offset {offset + start} is not {encoding.upper()}; "
        "name the file's encoding with --encoding, for example --encoding cp1252"
    )
