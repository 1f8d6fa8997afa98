"""Pages in WARC files, one record at a time."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from topicml.article import Problem
from topicml.exceptions import MissingExtraError
from topicml.files import shown_path
from topicml.pages.one_page import SavedPage
from topicml.pages.sources import MAX_BYTES, PageFile

if TYPE_CHECKING:
    from fastwarc.warc import WarcRecord


_TYPES = ("text/html", "application/xhtml+xml")


def read_warc(file: PageFile) -> Iterator[SavedPage | Problem]:
    """Yield the pages of a WARC file: what servers answered with status 200 and as HTML.

    Pictures, scripts, requests and the like are skipped without a message.
    """
    try:
        from fastwarc.warc import ArchiveIterator, WarcRecordType
    except ImportError as error:
        raise MissingExtraError("WARC files need fastwarc: pip install 'topicml[warc]'") from error
    path = shown_path(file.path)
    n_records = 0
    try:
        with file.path.open("rb") as stream:
            kinds = WarcRecordType.response | WarcRecordType.resource
            for record in ArchiveIterator(stream, record_types=kinds, parse_http=False):
                n_records += 1
                if page := _page(record, file, path):
                    yield page
    except Exception as error:  # noqa: BLE001  (its errors have no common kind, and all mean: damaged)
        reason = f"cannot be read after record {n_records}: {error}; the rest of the file is left out"
        yield Problem("unreadable file", reason, path, fatal=False)
        return
    if not n_records:
        yield Problem("unreadable file", "expected WARC records, found none", path, fatal=False)


def _page(record: WarcRecord, file: PageFile, path: str) -> SavedPage | Problem | None:
    url = (record.headers.get("WARC-Target-URI") or "").strip("<>")
    place = f"{path}:{url}"
    if record.is_http:
        record.parse_http(auto_decode="all")
        if not (record.http_content_type or "").lower().startswith(_TYPES):
            return None
        status = record.http_headers.status_code
        if status != 200:
            return Problem("no article", f"the server answered with status {status}", place, fatal=False)
    elif not (record.headers.get("Content-Type") or "").lower().startswith(_TYPES):
        return None
    data = record.reader.read(MAX_BYTES + 1)
    if len(data) > MAX_BYTES:
        return Problem("no article", f"expected at most {MAX_BYTES:,} bytes, found more", place, fatal=False)
    charset = record.http_charset if record.is_http else None
    return SavedPage(data, place, url, url=url, encoding=charset, given={"folder": file.folder})
