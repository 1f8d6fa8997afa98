"""Pages that a browser saved into one file with their pictures (MHTML), whatever the file is called."""

from __future__ import annotations

import re
from dataclasses import dataclass
from email import message_from_bytes
from email.errors import CloseBoundaryNotFoundDefect
from email.message import Message

from topicml.exceptions import CorpusError

_HEAD = re.compile(rb"\s*(?:[A-Za-z][\w-]*:[^\n]*\n(?:[ \t][^\n]*\n)*){0,30}?MIME-Version:", re.IGNORECASE)
_TYPES = ("text/html", "application/xhtml+xml")


@dataclass(frozen=True, slots=True)
class MainPart:
    """The page itself, without what it shows."""

    data: bytes
    url: str | None
    encoding: str | None  # as declared beside it


def main_part(data: bytes) -> MainPart | None:
    """Return the page in a file of MHTML, None if the file is something else."""
    if not _HEAD.match(data, 0, 20_000):
        return None
    message = message_from_bytes(data)
    parts = [part for part in message.walk() if not part.is_multipart()]
    pages = [part for part in parts if part.get_content_type() in _TYPES]
    if not pages:
        raise CorpusError("expected a page in this MHTML file, found none")
    start = str(message.get_param("start") or "")
    page = next((part for part in pages if start and part["Content-ID"] == start), pages[0])
    if page is parts[-1] and any(isinstance(d, CloseBoundaryNotFoundDefect) for d in message.defects):
        raise CorpusError("the MHTML file ends inside its page; save the page again")
    return MainPart(_body(page), _address(message, page), page.get_content_charset())


def _body(part: Message) -> bytes:
    body = part.get_payload(decode=True)
    return body if isinstance(body, bytes) else b""


def _address(message: Message, part: Message) -> str | None:
    """Return where the page was saved from; parts that have no address have one of another kind."""
    found = (message["Snapshot-Content-Location"], part["Content-Location"])
    return next((str(url) for url in found if url and str(url).startswith(("http://", "https://"))), None)
