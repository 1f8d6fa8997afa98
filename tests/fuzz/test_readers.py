"""Files of any content under any name: articles, problems, or an error that names the file."""

from __future__ import annotations

import gzip
import io
import zipfile

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from topicml.article import Article, Problem
from topicml.exceptions import TopicmlError
from topicml.lifecycle.decision_files import read_decisions
from topicml.lifecycle.decisions import Decision
from topicml.pages.collecting import iter_pages
from topicml.reading.readers import read_corpus

ROW = '{"id": "1", "title": "Cup", "text": "The cup final", "label": ["sport", "weather"]}\n'
WARC = (
    "WARC/1.0\r\nWARC-Type: response\r\n"
    "WARC-Target-URI: http://a.example/sport/1\r\nContent-Length: 85\r\n\r\n"
    "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<p>The cup final was a draw today.</p>\r\n\r\n"
)
FEED = (
    "<rss><channel><item><title>Cup</title><category>Sport</category><description>A draw</description></item>"
)
SEEDS = {
    "jsonl": ROW * 2,
    "json": f"[{ROW.strip()}, {ROW.strip()}]",
    "csv": 'text,label\n"The cup, final",sport\nRain,weather\n',
    "tsv": "text\tlabel\nRain\tweather\n",
    "txt": "__label__sport The cup final\n",
}
PAGES = {
    "html": "<html><meta name='section' content='Sport'><body><p>The cup final.</p></body></html>",
    "mhtml": "Content-Type: multipart/related; boundary=b\r\n\r\n--b\r\n\r\n<p>Cup</p>--b--",
    "warc": WARC,
    "rss": f"{FEED}</channel></rss>",
    "xml": f"{FEED}</channel></rss>",
    "json": '{"headline": "Cup", "body_text": "A draw", "subject": [{"name": "Sport"}]}',
}
LABEL_STUDIO = (
    '{"id": 1, "data": {"text": "Cup", "article_id": "1"}, "annotations": [{"was_cancelled": false, '
    '"result": [{"from_name": "label", "type": "choices", "value": {"choices": ["sport"]}}]}]}'
)
DECISIONS = {
    "csv": "id,title,text,guess,label,decision\n1,,'=Cup,sport,,keep\n2,,Rain,,sport,\n",
    "tsv": "row\tid\tplace\tgiven\tsuggested\ttext\tdecision\n1\t1\ta.csv:2\tsport\tart\tCup\treplace\n",
    "json": f"[{LABEL_STUDIO}]",
    "jsonl": '{"text": "Cup", "accept": ["sport"], "answer": "accept"}\n{"text": "Rain", "label": ["x"]}\n',
}
PIECES = [
    b"",
    b"\x00",
    b"\xff\xfe",
    b"\xef\xbb\xbf",
    b'"',
    b"\n",
    b"\r",
    b"{",
    b"]",
    b"<",
    b"&#0;",
    b"\\ud800",
]
PIECES += [b"sep=;\n", b"PK\x03\x04", b"\x1f\x8b", b"1e999", b"null", b"-1", b"\xc3", b"<![CDATA[", b"]]>"]


def zipped(name: str, data: bytes) -> bytes:
    """Return an archive of one file."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr(name, data)
    return stream.getvalue()


@st.composite
def spoilt(draw, seeds):
    """Draw a name and content: a sound file with parts taken out, put in or repeated; or any bytes."""
    ending = draw(st.sampled_from(sorted(seeds)))
    data = draw(st.just(seeds[ending].encode()) | st.binary(max_size=200))
    packing = draw(st.sampled_from(["", "", ".gz", ".zip"]))
    early = draw(st.booleans())
    for packed in (False, True):
        if packed and packing:
            data = gzip.compress(data) if packing == ".gz" else zipped(f"a.{ending}", data)
        if packed != early:
            for _ in range(draw(st.integers(0, 4))):
                begin, end = sorted(draw(st.tuples(*[st.integers(0, len(data))] * 2)))
                piece = draw(st.sampled_from(PIECES) | st.just(data[begin:end] * 2) | st.binary(max_size=4))
                data = data[:begin] + piece + data[end:]
    name = draw(st.sampled_from([f"a.{ending}{packing}", f"a.{draw(st.sampled_from(sorted(seeds)))}"]))
    return name, data


def reads(read, path) -> None:
    """Reading gives articles and problems, or an error that names the file."""
    try:
        items = list(read(path))
    except TopicmlError as error:
        assert path.name in str(error)
        return
    for item in items:
        assert isinstance(item, Article | Problem | Decision)
        str(item)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(file=spoilt(SEEDS))
def test_files_of_articles(tmp_path, file):
    path = tmp_path / file[0]
    path.write_bytes(file[1])
    reads(read_corpus, path)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(file=spoilt(DECISIONS))
def test_files_of_decisions(tmp_path, file):
    path = tmp_path / file[0]
    path.write_bytes(file[1])
    reads(read_decisions, path)


@pytest.mark.filterwarnings("ignore")
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(file=spoilt(PAGES))
def test_saved_pages(tmp_path, file):
    path = tmp_path / file[0]
    path.write_bytes(file[1])
    reads(iter_pages, path)
