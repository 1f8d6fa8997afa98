"""What a server answered, as archives keep it: status, headers, and the page as it was before transport."""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from types import MappingProxyType
from typing import TypeAlias

from topicml.exceptions import CorpusError
from topicml.pages.page_bytes import looks_like_html

MAX_BYTES = 20_000_000
"""Of a page, compressed or not."""

_TYPES = ("text/html", "application/xhtml+xml")
_END_OF_HEAD = re.compile(rb"\r?\n\r?\n")
_STATUS = re.compile(rb"HTTP/\d(?:\.\d)? +(\d{3})\b")
_CHARSET = re.compile(r"charset\s*=\s*[\"']?([\w.:-]+)", re.IGNORECASE)
_CHUNK = re.compile(rb"[ \t]*([0-9A-Fa-f]{1,8})[ \t]*(?:;[^\n]*)?\r?\n")
_PIECE = 64  # bytes of Brotli at a time, which become 100 MB at most

_Decoder: TypeAlias = Callable[[bytes], bytes]


@dataclass(frozen=True, slots=True)
class Answer:
    """A server's answer; its body is still as it came down the wire."""

    status: int
    headers: Mapping[str, str]  # names in lower case
    body: bytes

    @property
    def charset(self) -> str | None:
        """The encoding that the server declares."""
        found = _CHARSET.search(self.headers.get("content-type", ""))
        return found[1] if found else None


def parse_answer(data: bytes) -> Answer:
    r"""Split an answer into status, headers and body, whether its lines end in CR LF or in LF alone.

    >>> answer = parse_answer(b"HTTP/1.1 200 OK\nContent-Type: text/html; charset=koi8-r\n\n<p>Rain")
    >>> answer.status, answer.charset, answer.body
    (200, 'koi8-r', b'<p>Rain')
    """
    end = _END_OF_HEAD.search(data)
    status = _STATUS.match(data)
    if not end or not status:
        raise CorpusError("expected a server's answer that begins with HTTP and its status, found none")
    headers: dict[str, str] = {}
    for line in data[: end.start()].decode("latin-1").splitlines()[1:]:
        name, _, value = line.partition(":")
        headers.setdefault(name.strip().lower(), value.strip())
    return Answer(int(status[1]), headers, data[end.end() :])


def is_page(kind: str, body: bytes) -> bool:
    """Return whether a body is HTML: by its declared type, or by itself if none is declared."""
    return kind.strip().lower().startswith(_TYPES) if kind.strip() else looks_like_html(body)


def page_of(answer: Answer) -> bytes | None:
    """Return an answer's page without chunks and compression, None if it is something else.

    What is declared as chunked or compressed, but is HTML as it stands, is taken as it stands.
    """
    kind = answer.headers.get("content-type", "")
    if kind and not is_page(kind, b""):
        return None
    body = answer.body
    if "chunked" in answer.headers.get("transfer-encoding", "").lower():
        body = _without_chunks(body)
    codings = [name.strip().lower() for name in answer.headers.get("content-encoding", "").split(",")]
    for coding in reversed([name for name in codings if name not in ("", "identity")]):
        if not looks_like_html(body):
            body = _unpacked(body, coding)
    return body if is_page(kind, body) else None


def _without_chunks(body: bytes) -> bytes:
    if not _CHUNK.match(body):  # recorders may keep the header of what they have put together
        return body
    pieces: list[bytes] = []
    place = 0
    while found := _CHUNK.match(body, place):
        size = int(found[1], 16)
        if not size:
            return b"".join(pieces)
        pieces.append(body[found.end() : found.end() + size])
        place = found.end() + size
        place += 2 if body.startswith(b"\r\n", place) else 1
    raise CorpusError("the answer is cut off: its last chunk is missing or damaged")


def _unpacked(body: bytes, coding: str) -> bytes:
    if coding not in _DECODERS:
        raise CorpusError(f"it is compressed as {coding!r}; expected one of {', '.join(_DECODERS)}")
    try:
        return _DECODERS[coding](body)
    except CorpusError:
        raise
    except Exception as error:  # zlib.error, or brotli's own
        raise CorpusError(
            f"it is declared as compressed ({coding}), but cannot be decompressed: {error}"
        ) from error


def _inflated(body: bytes, bits: int) -> bytes:
    inflater = zlib.decompressobj(bits)
    data = inflater.decompress(body, MAX_BYTES + 1)
    if len(data) <= MAX_BYTES and not inflater.eof:
        raise CorpusError("the answer is cut off: its compressed data has no end")
    return data


def _deflated(body: bytes) -> bytes:
    """Read "deflate", which servers send with zlib's header and without."""
    try:
        return _inflated(body, zlib.MAX_WBITS)
    except zlib.error:
        return _inflated(body, -zlib.MAX_WBITS)


def _unbrotlied(body: bytes) -> bytes:
    import brotli  # fastwarc brings it

    unpacker, data = brotli.Decompressor(), bytearray()
    for piece in _pieces(body):
        data += unpacker.process(piece)
        if len(data) > MAX_BYTES:
            return bytes(data)
    if not unpacker.is_finished():
        raise CorpusError("the answer is cut off: its compressed data has no end")
    return bytes(data)


def _pieces(body: bytes) -> Iterator[bytes]:
    return (body[start : start + _PIECE] for start in range(0, len(body), _PIECE))


_gunzipped = partial(_inflated, bits=zlib.MAX_WBITS | 16)
_DECODERS: Mapping[str, _Decoder] = MappingProxyType(
    {"gzip": _gunzipped, "x-gzip": _gunzipped, "deflate": _deflated, "br": _unbrotlied}
)
