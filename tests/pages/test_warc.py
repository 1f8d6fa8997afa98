from __future__ import annotations

import gzip
import re
import zlib
from zipfile import ZipFile

import brotli
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

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


PAGE = b"<html><body><article><h1>Ferry</h1><p>The ferry is back at its berth.</p></article></body></html>"


def chunked(body: bytes) -> bytes:
    return (
        b"".join(b"%x\r\n%s\r\n" % (len(body[i : i + 40]), body[i : i + 40]) for i in range(0, len(body), 40))
        + b"0\r\n\r\n"
    )


def read_all(tmp_path, *records, name="a.warc"):
    (tmp_path / name).write_bytes(b"".join(records))
    return list(read_warc(PageFile(tmp_path / name, "warc", name)))


HEADS = {
    "gzip": gzip.compress(PAGE, mtime=0),
    "x-gzip": gzip.compress(PAGE, mtime=0),
    "deflate": zlib.compress(PAGE),
    "Deflate ": zlib.compress(PAGE)[2:-4],
    "br": brotli.compress(PAGE),
    "gzip, br": brotli.compress(gzip.compress(PAGE, mtime=0)),
    "identity": PAGE,
}


@pytest.mark.parametrize("in_chunks", [False, True])
@pytest.mark.parametrize("coding", HEADS)
def test_answers_as_they_came_down_the_wire(tmp_path, coding, in_chunks):
    """The first chunked and compressed page ended the file without a word."""
    body = chunked(HEADS[coding]) if in_chunks else HEADS[coding]
    extra = f"Content-Encoding: {coding}\r\n" + "Transfer-Encoding: chunked\r\n" * in_chunks
    pages = read_all(
        tmp_path, *(record(f"https://x.example/{i}", answer(body, extra=extra)) for i in range(3))
    )
    assert [page.data for page in pages] == [PAGE] * 3


@pytest.mark.parametrize(
    "extra",
    [
        *("Content-Encoding: gzip\r\n", "Content-Encoding: br\r\n", "Content-Encoding: zstd\r\n"),
        *("Transfer-Encoding: chunked\r\n", "Transfer-Encoding: chunked\r\nContent-Encoding: gzip\r\n"),
    ],
)
def test_pages_that_are_neither_chunked_nor_compressed_although_declared_so(tmp_path, extra):
    pages = read_all(
        tmp_path,
        record("https://x.example/1", answer(PAGE, extra=extra)),
        record("https://x.example/2", answer(PAGE)),
    )
    assert [page.data for page in pages] == [PAGE, PAGE]


@pytest.mark.parametrize(
    ("extra", "body", "reason"),
    [
        ("Content-Encoding: zstd\r\n", b"\x28\xb5\x2f\xfd\0\0", "compressed as 'zstd'; expected one of gzip"),
        (
            "Content-Encoding: gzip\r\n",
            b"\0\1\2",
            r"declared as compressed \(gzip\), but cannot be decompressed",
        ),
        (
            "Content-Encoding: br\r\n",
            b"\xff\xff\xff" * 50,
            r"declared as compressed \(br\), but cannot be decompressed",
        ),
        ("Content-Encoding: gzip\r\n", HEADS["gzip"][:-20], "the answer is cut off: its compressed data"),
        ("Content-Encoding: br\r\n", HEADS["br"][:-20], "the answer is cut off: its compressed data"),
        ("Transfer-Encoding: chunked\r\n", chunked(PAGE)[:-20], "the answer is cut off: its last chunk"),
        (
            "Content-Encoding: br\r\n",
            brotli.compress(b"a" * 25_000_000, quality=5),
            "at most 20,000,000 bytes",
        ),
    ],
)
def test_a_record_that_cannot_be_unpacked_costs_itself_alone(tmp_path, extra, body, reason):
    problem, page = read_all(
        tmp_path,
        record("https://x.example/1", answer(body, extra=extra)),
        record("https://x.example/2", answer(PAGE)),
    )
    assert (problem.kind, problem.path) == ("no article", f"{tmp_path / 'a.warc'}:https://x.example/1")
    assert re.search(reason, problem.message)
    assert page.data == PAGE


@pytest.mark.parametrize(
    "http",
    [
        b"HTTP/1.1 200 OK\r\nServer: x\r\n\r\n" + PAGE,
        b"HTTP/1.0 200 OK\nContent-Type: text/html\n\n" + PAGE,
        b"HTTP/1.1 200 OK\nServer: x\n\n" + PAGE,
        b"HTTP/1.1 200 OK\r\nContent-Type: text/html\n\r\n" + PAGE,
    ],
)
def test_answers_without_a_type_or_with_plain_line_ends(tmp_path, http):
    assert [page.data for page in read_all(tmp_path, record("https://x.example/1", http))] == [PAGE]


def test_answers_without_a_type_that_are_no_html_are_skipped(tmp_path):
    http = b"HTTP/1.1 200 OK\r\nServer: x\r\n\r\n%PDF-1.7 <html>"
    assert read_all(tmp_path, record("https://x.example/1", http)) == []


def test_a_record_that_the_recorder_cut_off_is_no_half_article(tmp_path):
    cut = record("https://x.example/1", answer(PAGE[:60])).replace(
        b"WARC-Date", b"WARC-Truncated: length\r\nWARC-Date"
    )
    problem, page = read_all(tmp_path, cut, record("https://x.example/2", answer(PAGE)))
    assert "WARC-Truncated: length" in problem.message
    assert page.data == PAGE


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(data=st.data())
def test_a_file_cut_off_anywhere_gives_whole_pages_and_a_problem(tmp_path, pack, data):
    """The half text of the last record was an article."""
    packed = [pack(record(f"https://x.example/{i}", answer(PAGE))) for i in range(2)]
    whole = b"".join(packed)
    end = data.draw(st.integers(len(packed[0]) + 1, len(whole) - 9))
    items = read_all(tmp_path, whole[:end])
    assert {item.data for item in items if isinstance(item, SavedPage)} <= {PAGE}
    assert any(isinstance(item, Problem) for item in items)


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
@pytest.mark.parametrize("length", [b"100000", b"1" + b"0" * 18, b"90", b"10", b"-5", b"abc", b""])
def test_a_wrong_length_is_a_problem_and_no_half_article(tmp_path, pack, length):
    """Later records were lost without a word, or the record before them was half."""
    first, second, third = (record(f"https://x.example/{i}", answer(PAGE)) for i in range(3))
    true = b"Content-Length: %d" % len(answer(PAGE))
    second = second.replace(true, b"Content-Length: " + length)
    items = read_all(tmp_path, *map(pack, (first, second, third)))
    assert {type(item) for item in items[1:]} == {Problem}
    assert items[0].data == PAGE
    assert re.search(
        r"cut off after \d+ of [\d,]+ bytes|that record and what follows|is missing or no number",
        items[1].message,
    )


def test_a_request_that_swallows_the_rest_is_a_problem(tmp_path):
    asked = record("https://x.example/1", b"GET / HTTP/1.1\r\n\r\n", "request").replace(
        b"Length: 18", b"Length: 9999999"
    )
    (problem,) = read_all(tmp_path, asked, record("https://x.example/1", answer(PAGE)))
    assert problem.kind == "cut off"


def test_packages_of_archives(tmp_path):
    with ZipFile(tmp_path / "a.wacz", "w") as package:
        package.writestr("pages/pages.jsonl", "{}")
        for number, pack in enumerate((bytes, gzip.compress)):
            name = f"archive/{number}.warc" + ".gz" * number
            package.writestr(name, pack(record(f"https://x.example/{number}", answer(PAGE))))
    items = list(read_warc(PageFile(tmp_path / "a.wacz", "warc", "a.wacz")))
    assert [item.url for item in items] == ["https://x.example/0", "https://x.example/1"]


def arc(url: str, content: bytes, length: int | None = None) -> bytes:
    size = len(content) if length is None else length
    return f"{url} 192.0.2.1 20030101000000 text/html {size}\n".encode() + content + b"\n"


@pytest.mark.parametrize(("name", "pack"), [("a.arc", bytes), ("a.arc.gz", gzip.compress)])
def test_the_older_archives(tmp_path, name, pack):
    records = [
        arc("filedesc://a.arc", b"1 0 x\nURL IP-address Archive-date Content-type Archive-length\n"),
        arc("http://x.example/1", answer(PAGE)),
        arc("dns:x.example", b"20030101000000\nx.example 192.0.2.1"),
        arc("http://x.example/2", answer(PAGE)),
        arc("http://x.example/3", answer(PAGE), 10_000),
    ]
    first, second, cut = read_all(tmp_path, *map(pack, records), name=name)
    assert [(page.url, page.data) for page in (first, second)] == [
        ("http://x.example/1", PAGE),
        ("http://x.example/2", PAGE),
    ]
    assert "cut off after" in cut.message


@pytest.mark.parametrize("name", ["a.arc", "a.arc.gz", "a.wacz"])
def test_other_archives_that_are_none_are_one_problem(tmp_path, name):
    (problem,) = read_all(tmp_path, b"no archive at all\n", name=name)
    assert problem.kind == "unreadable file"
