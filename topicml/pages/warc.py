"""Pages in web archives, one record at a time: WARC files, WACZ packages of these, and ARC files."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, BinaryIO
from zipfile import ZipFile

from topicml.article import Problem
from topicml.exceptions import CorpusError, MissingExtraError
from topicml.files import is_compressed, open_binary, shown_path
from topicml.formatting import escaped
from topicml.pages.http_answer import MAX_BYTES, is_page, page_of, parse_answer
from topicml.pages.one_page import SavedPage
from topicml.pages.sources import GZIP, PageFile

if TYPE_CHECKING:
    from fastwarc.warc import WarcRecord

_LONGEST_LINE = 100_000  # of an ARC file, which holds an address


@dataclass(frozen=True, slots=True)
class _Record:
    """A record of an archive, its content not longer than any page."""

    url: str
    content: bytes
    kind: str  # the content's type, "" if a server's answer says it
    length: int  # as declared; -1 where that is no number
    found: int  # bytes that are there
    truncated: str = ""  # why the recorder cut it off
    holds_page: bool = True  # whether it can be one: no request, no note of the recorder


def read_warc(file: PageFile) -> Iterator[SavedPage | Problem]:
    """Yield the pages of an archive: what servers answered with status 200 and as HTML.

    Pictures, scripts, requests and the like are skipped without a message. A record that is cut off, or that
    cannot be unpacked, is a problem of its own.
    """
    path = shown_path(file.path)
    n_records = 0
    waiting: SavedPage | Problem | None = None
    try:
        for record in _records(file.path):
            if waiting:
                yield waiting
            n_records += 1
            waiting = _page(record, file, path)
    except MissingExtraError:
        raise
    except Exception as error:  # noqa: BLE001  (its errors have no common kind, and all mean: damaged)
        # A wrong length shows only where the next record should begin, so the one before may be half.
        reason = f"cannot be read after record {n_records}: {escaped(str(error))}"
        yield Problem(
            "unreadable file", f"{reason}; that record and what follows are left out", path, fatal=False
        )
        return
    if waiting:
        yield waiting
    if not n_records:
        yield Problem("unreadable file", "expected records of a web archive, found none", path, fatal=False)


def _page(record: _Record, file: PageFile, path: str) -> SavedPage | Problem | None:
    place = f"{path}:{record.url}"
    if record.length < 0:
        reason = (
            "its Content-Length is missing or no number: cut off, or damaged; save or download the file again"
        )
        return Problem("cut off", reason, place, fatal=False)
    if record.found < record.length:
        reason = f"cut off after {record.found:,} of {record.length:,} bytes; save or download the file again"
        return Problem("cut off", reason, place, fatal=False)
    if not record.holds_page:
        return None
    try:
        return _saved_page(record, file, place)
    except CorpusError as error:
        return Problem("no article", str(error), place, fatal=False)


def _saved_page(record: _Record, file: PageFile, place: str) -> SavedPage | None:
    charset, data = None, record.content if is_page(record.kind, record.content) else None
    if not record.kind:
        answer = parse_answer(record.content)
        charset, data = answer.charset, page_of(answer)
        if data is not None and answer.status != 200:
            raise CorpusError(f"the server answered with status {answer.status}")
    if data is None:
        return None
    if record.truncated:
        raise CorpusError(f"it was cut off when it was recorded (WARC-Truncated: {record.truncated})")
    if max(len(data), record.found) > MAX_BYTES:
        raise CorpusError(f"expected at most {MAX_BYTES:,} bytes, found more")
    return SavedPage(data, place, record.url, record.url, charset, given={"folder": file.folder})


def _records(path: Path) -> Iterator[_Record]:
    ending = Path(path.stem if is_compressed(path) else path.name).suffix.lower()
    if ending == ".arc":
        with open_binary(path) as lines:
            yield from _arc_records(lines)
    elif ending == ".wacz":
        with ZipFile(path) as package:
            for name in sorted(package.namelist()):
                if name.endswith((".warc", ".warc.gz")):
                    with package.open(name) as member:
                        yield from _warc_records(member)
    else:
        with path.open("rb") as stream:
            yield from _warc_records(stream)


def _warc_records(stream: IO[bytes]) -> Iterator[_Record]:
    try:
        from fastwarc.warc import ArchiveIterator, any_type
    except ImportError as error:
        reason = f"WARC files need fastwarc: pip install 'topicml[warc]' ({error})"
        raise MissingExtraError(reason) from error
    last = 0
    for record in ArchiveIterator(stream, record_types=any_type, parse_http=False):
        last = record.stream_pos
        yield _warc_record(record)
    _check_end(stream, last)


def _check_end(stream: IO[bytes], last: int) -> None:
    """Read the last compressed record once more: one that ends before its first byte is no record above."""
    stream.seek(last)
    if stream.read(2) != GZIP:
        return
    stream.seek(last)
    with gzip.open(stream) as records:
        while records.read(1 << 16):
            pass


def _warc_record(record: WarcRecord) -> _Record:
    from fastwarc.warc import WarcRecordType

    declared = (record.headers.get("Content-Length") or "").strip()
    holds_page = bool(record.record_type & (WarcRecordType.response | WarcRecordType.resource))
    content = record.reader.read(MAX_BYTES + 1) if holds_page else b""
    return _Record(
        (record.headers.get("WARC-Target-URI") or "").strip("<>"),
        content,
        "" if record.is_http else record.headers.get("Content-Type") or "",
        int(declared) if declared.isdigit() else -1,
        len(content) + record.reader.consume(),
        record.headers.get("WARC-Truncated") or "",
        holds_page,
    )


def _arc_records(stream: BinaryIO) -> Iterator[_Record]:
    """Read ARC: a line that ends in a length, so many bytes, a blank line, and so on."""
    while line := stream.readline(_LONGEST_LINE):
        if not (fields := line.split()):
            continue
        if len(fields) < 5 or not fields[-1].isdigit():
            raise CorpusError(f"expected a line with an address and a length, found {line[:40]!r}")
        url, length = fields[0].decode("utf-8", "backslashreplace"), int(fields[-1])
        content = stream.read(min(length, MAX_BYTES + 1))
        rest = _skipped(stream, length - len(content))
        holds_page = url.startswith(("http://", "https://"))
        yield _Record(url, content, "", length, len(content) + rest, holds_page=holds_page)


def _skipped(stream: BinaryIO, length: int) -> int:
    """Read past bytes, and return how many there were."""
    left = length
    while left and (piece := stream.read(min(left, 1 << 16))):
        left -= len(piece)
    return length - left
