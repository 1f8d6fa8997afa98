"""What a file is by its first bytes, where its name says something else."""

from __future__ import annotations

import bz2
import gzip
import lzma
import zlib
from collections.abc import Callable, Iterable, Iterator
from io import BytesIO
from itertools import chain
from typing import IO

from topicml.exceptions import CorpusError

_HEAD = 512  # bytes that are looked at
_PACKED: tuple[tuple[bytes, Callable[[IO[bytes]], Iterable[bytes]]], ...] = (
    (b"\x1f\x8b", lambda file: gzip.GzipFile(fileobj=file)),
    (b"BZh", bz2.BZ2File),
    (b"\xfd7zXZ\x00", lzma.LZMAFile),
)
_FOREIGN = (
    (b"\x28\xb5\x2f\xfd", "is compressed with Zstandard; decompress it first: zstd -d FILE"),
    (b"\xd0\xcf\x11\xe0", "is a document of an old Office; save it as .xlsx or as CSV in UTF-8"),
    (b"{\\rtf", "is RTF; save it as plain text: soffice --headless --convert-to txt FILE"),
    (b"%PDF", "is PDF; save it as plain text: pdftotext FILE"),
    (b"SQLite format 3", "is a database of SQLite; export a table as CSV"),
    (b"WARC/", "is a web archive; make a corpus of it first: topicml collect FILE --out pages.jsonl"),
)
_MARKUP = (b"<!doctype html", b"<html", b"<?xml")
_MAIL = (b"mime-version:", b"from: <saved by", b"snapshot-content-location:")


def unpacked(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Hand on the lines of a stream, decompressed if its first bytes say that it is compressed.

    >>> list(unpacked([gzip.compress(b"Rain"), b""]))
    [b'Rain']
    """
    pieces = iter(pieces)
    head = next(pieces, b"")
    for magic, opened in _PACKED:
        if head.startswith(magic):
            file = opened(BytesIO(b"".join([head, *pieces])))
            return unpacked(_decompressed(file))
    return chain([head] if head else [], pieces)


def is_packed(head: bytes) -> bool:
    """Return whether a file that begins so is compressed."""
    return any(head.startswith(magic) for magic, _ in _PACKED)


def first_piece(pieces: Iterator[bytes]) -> tuple[bytes, Iterator[bytes]]:
    """Return the first piece of a stream, and all of them."""
    head = next(pieces, b"")
    return head, chain([head] if head else [], pieces)


def _decompressed(file: Iterable[bytes]) -> Iterator[bytes]:
    try:
        yield from file
    except (OSError, EOFError, zlib.error, lzma.LZMAError) as error:
        raise CorpusError(f"cannot be read: the file is damaged or cut off: {error}") from error


def refuse_foreign(head: bytes) -> None:
    """Stop at a file whose first bytes are those of something that is no table and no plain text."""
    for magic, what in _FOREIGN:
        if head.startswith(magic):
            raise CorpusError(f"the file {what}")
    start = head[:_HEAD].removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    if start.startswith(_MARKUP):
        raise CorpusError(
            "the file is HTML or XML; make a corpus of it first: topicml collect FILE --out pages.jsonl "
            "(with the ending .html, .rss or .xml)"
        )
    if start.startswith(_MAIL):
        raise CorpusError("the file is a page saved as MHTML; save it as HTML")
