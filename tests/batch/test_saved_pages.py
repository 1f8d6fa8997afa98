from __future__ import annotations

import io
from pathlib import Path

import pytest

from topicml.article import Article, Problem
from topicml.batch.saved_pages import iter_articles_and_pages
from topicml.exceptions import CorpusError
from topicml.files import Gauge
from topicml.reading.columns import DEFAULT_OPTIONS, ReadOptions

PAGE = "<title>Ferry returns</title><p>The ferry is back at its berth after a year away.</p>"
TEXT = "The ferry is back at its berth after a year away."

pytest.importorskip("trafilatura")


@pytest.fixture
def folder(tmp_path):
    for name, text in {
        "a.html": PAGE,
        "b.txt": "Rain all day.",
        "c.htm": "<html></html>",
        "d.css": "p {}",
        "below/e.html": PAGE,
    }.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path


def items(source, reading=DEFAULT_OPTIONS):
    return list(iter_articles_and_pages(source, reading, Gauge()))


def test_pages_are_read_among_the_texts_of_a_folder(folder):
    found = items(folder)
    assert [(item.id, item.text) for item in found if isinstance(item, Article)] == [
        ("a.html", TEXT),
        ("b.txt", "Rain all day."),
        ("below/e.html", TEXT),
    ]
    assert [(Path(item.path).name, item.kind) for item in found if isinstance(item, Problem)] == [
        ("c.htm", "no article"),
        ("d.css", "skipped file"),
    ]


def test_a_page_alone_is_one_article(folder):
    [article] = items(folder / "a.html")
    assert (article.title, article.text, article.origin) == ("Ferry returns", TEXT, str(folder / "a.html"))


def test_the_encoding_is_the_one_that_was_asked_for(tmp_path):
    (tmp_path / "a.html").write_bytes("<p>Die Fähre fährt über den Fluß zurück.".encode("cp1252"))
    [article] = items(tmp_path / "a.html", ReadOptions(encoding="cp1252"))
    assert article.text == "Die Fähre fährt über den Fluß zurück."


@pytest.mark.parametrize("source", [io.BytesIO(b"Rain\n"), "b.txt"])
def test_other_sources_are_read_as_ever(folder, source):
    found = items(source if isinstance(source, io.BytesIO) else folder / source)
    assert [item.text for item in found] == [found[0].text]


def test_a_format_that_is_named_is_the_one_that_is_read(folder):
    assert [item.text for item in items(folder / "a.html", ReadOptions(input_format="lines"))] == [PAGE]


def test_a_page_that_is_not_there_is_an_error(tmp_path):
    with pytest.raises(CorpusError, match="no such file"):
        items(tmp_path / "none.html")
