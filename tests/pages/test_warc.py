from __future__ import annotations

import gzip

import pytest

from topicml.article import Problem
from topicml.pages.one_page import SavedPage
from topicml.pages.sources import PageFile
from topicml.pages.warc import read_warc


def record(url: str, http: bytes, kind: str = "response") -> bytes:
    head = (
        f"WARC/1.0\r\nWARC-Type: {kind}\r\nWARC-Record-ID: <urn:uuid:0>\r\n"
        f"WARC-Date: 2016-03-03T00:00:00Z\r\nWARC-Target-URI: {url}\r\n"
        f"Content-Type: application/http;msgtype={kind}\r\nContent-Length: {len(http)}\r\n\r\n"
    )
    return head.encode() + http + b"\r\n\r\n"


def answer(
    body: bytes, kind: str = "text/html; charset=koi8-r", status: str = "200 OK", extra: str = ""
) -> bytes:
    return f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\n{extra}\r\n".encode() + body


RECORDS = [
    record("https://x.example/sport/1", answer("<p>Дождь".encode("koi8-r"))),
    record("https://x.example/p.png", answer(b"\x89PNG", "image/png")),
    record("https://x.example/gone", answer(b"<p>Gone", status="404 Not Found")),
    record("https://x.example/sport/1", b"GET / HTTP/1.1\r\n\r\n", "request"),
    record(
        "https://x.example/2", answer(gzip.compress(b"<p>Rain", mtime=0), extra="Content-Encoding: gzip\r\n")
    ),
    record(
        "https://x.example/bomb",
        answer(gzip.compress(b"a" * 25_000_000, mtime=0), extra="Content-Encoding: gzip\r\n"),
    ),
]


@pytest.fixture(params=["a.warc", "a.warc.gz"])
def items(request, tmp_path):
    path = tmp_path / request.param
    pack = gzip.compress if path.suffix == ".gz" else bytes
    path.write_bytes(b"".join(pack(data) for data in RECORDS))
    return list(read_warc(PageFile(path, "warc", path.name, ("z",))))


def test_pages_are_what_servers_answered_as_html(items):
    first, gone, second, bomb = items
    assert (first.data.decode("koi8-r"), first.encoding, first.url) == (
        "<p>Дождь",
        "koi8-r",
        "https://x.example/sport/1",
    )
    assert (first.id, first.given) == ("https://x.example/sport/1", {"folder": ("z",)})
    assert isinstance(second, SavedPage)
    assert second.data == b"<p>Rain"
    assert "status 404" in gone.message
    assert "at most 20,000,000 bytes" in bomb.message
    assert bomb.path.endswith(":https://x.example/bomb")


@pytest.mark.parametrize("data", [b"", b"no archive", gzip.compress(b"no archive", mtime=0), b"\x1f\x8b\x00"])
def test_a_file_that_is_no_archive_is_one_problem(tmp_path, data):
    (tmp_path / "a.warc").write_bytes(data)
    (problem,) = read_warc(PageFile(tmp_path / "a.warc", "warc", "a.warc"))
    assert isinstance(problem, Problem)
    assert (problem.kind, problem.path) == ("unreadable file", str(tmp_path / "a.warc"))
