from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from topicml import read_pages
from topicml.article import Article, Problem
from topicml.pages.news_items import is_news_item, read_news_items
from topicml.pages.one_page import PageOptions
from topicml.pages.sources import PageFile

TEXT = "The ferry is back at its berth.\nThe captain asked for a rope & a lamp."
NITF = """<?xml version="1.0"?><!DOCTYPE nitf SYSTEM "nitf-3-4.dtd">
<nitf><head><title>FERRY-RETURNS</title><tobject><tobject.subject tobject.subject.type="Africa"/></tobject>
<docdata><doc-id id-string="urn:1"/><date.issue norm="20160303T101500Z"/></docdata></head>
<body><body.head><hedline><hl1>Ferry returns</hl1><hl2>After a year</hl2></hedline><byline>Ada Moss</byline>
<distributor>Harbour Wire</distributor></body.head><body.content><p>The ferry is back at its berth.</p>
<media media-type="image"><media-caption>A picture of a minister.</media-caption></media>
<p>The captain asked for a rope &amp; a lamp.</p></body.content></body></nitf>"""
G2 = """<?xml version="1.0"?><newsMessage xmlns="http://iptc.org/std/nar/2006-10-01/"><header/><itemSet>
<newsItem guid="urn:1"><itemMeta><provider><name>Harbour Wire</name></provider><title>FERRY-RETURNS</title>
<versionCreated>2016-03-03T11:00:00Z</versionCreated></itemMeta>
<contentMeta><contentCreated>2016-03-03T10:15:00Z</contentCreated><by>Ada Moss</by><language tag="en-GB"/>
<headline>Ferry returns</headline>
<subject type="cpnat:abstract" qcode="medtop:1"><name>Africa</name></subject>
<subject type="cpnat:person" qcode="x:2"><name>Ada Moss</name></subject></contentMeta>
<contentSet>%s</contentSet>
</newsItem></itemSet></newsMessage>"""
XHTML = """<inlineXML><html xmlns="http://www.w3.org/1999/xhtml"><head><title>Ferry</title></head><body>
<p>The ferry is back at its berth.</p><p>The captain asked for a rope &amp; a lamp.</p></body></html>
</inlineXML>"""
ROOT = NITF[NITF.index("<nitf") :]
NINJS = {
    "uri": "urn:1",
    "type": "text",
    "headline": "Ferry returns",
    "versioncreated": "2016-03-03T10:15:00Z",
    "byline": "Ada Moss",
    "source": "Harbour Wire",
    "language": "en-GB",
    "subject": [{"code": "medtop:1", "name": "Africa"}],
    "body_html": "<p>The ferry is back at its berth.</p><p>The captain asked for a rope &amp; a lamp.</p>",
}
NINJS_2 = {
    **{name: NINJS[name] for name in ("uri", "type", "source")},
    "headlines": [{"role": "main", "value": "Ferry returns"}],
    "subjects": [{"uri": "medtop:1", "name": "Africa"}],
    "firstCreated": "2016-03-03T10:15:00Z",
    "bodies": [{"contentType": "text/html", "value": NINJS["body_html"]}],
    "by": "Ada Moss",
}
NINJS_PLAIN = {key: value for key, value in NINJS.items() if key != "body_html"} | {"body_text": TEXT}
ITEMS = {
    "a.xml": NITF,
    "b.xml": G2 % XHTML,
    "c.xml": G2 % f"<inlineXML>{ROOT}</inlineXML>",
    "d.xml": f"<NewsML><NewsItem><DataContent>{ROOT}</DataContent></NewsItem></NewsML>",
    "e.json": json.dumps(NINJS),
    "f.json": json.dumps(NINJS_2),
    "g.json": json.dumps([NINJS_PLAIN]),
}


@pytest.mark.parametrize("name", ITEMS)
def test_items_of_agencies_are_articles(tmp_path, name):
    (tmp_path / name).write_text(ITEMS[name], encoding="utf-8")
    (article,) = read_pages(tmp_path)
    assert (article.title, article.text, article.labels) == ("Ferry returns", TEXT, ("Africa",))
    assert (article.date, article.source, article.metadata["author"]) == (
        "2016-03-03",
        "Harbour Wire",
        "Ada Moss",
    )


def items_of(data: bytes, kind="feed"):
    return list(read_news_items(data, PageFile("a", kind, "a"), PageOptions()))


def test_several_items_in_one_message():
    one = (G2 % XHTML).partition("<newsItem")[2].partition("</newsItem>")[0]
    both = (G2 % XHTML).replace("</itemSet>", f"<newsItem{one.replace('ferry', 'lock')}</newsItem></itemSet>")
    first, second = items_of(both.encode())
    assert (first.origin, second.origin) == ("a:item 1", "a:item 2")
    assert second.text.startswith("The lock")


def test_an_item_without_text_costs_itself_alone():
    (problem,) = items_of((G2 % "").encode())
    assert isinstance(problem, Problem)
    assert problem.kind == "no article"


@pytest.mark.parametrize("data", [b"<nitf><body>", b"<nitf", b"<newsItem/><x>"])
def test_broken_xml_is_one_problem(data):
    (problem,) = items_of(data)
    assert "its XML is broken" in problem.message


@pytest.mark.parametrize("data", [b"{", b'["x"]', b"[" * 100_000])
def test_broken_ninjs_is_one_problem(data):
    (problem,) = items_of(data, "ninjs")
    assert problem.kind == "unreadable file"


def test_entities_are_not_expanded(tmp_path):
    (tmp_path / "secret").write_text("the secret")
    for entity in (f'<!ENTITY x SYSTEM "{(tmp_path / "secret").as_uri()}">', '<!ENTITY x "the secret">'):
        root = "<nitf><body><body.content><p>Rain &x;</p></body.content></body></nitf>"
        (article,) = items_of(f"<!DOCTYPE nitf [{entity}]>{root}".encode())
        assert "secret" not in article.text


def test_other_json_is_passed_over(tmp_path):
    (tmp_path / "a.json").write_text('{"text": "Rain"}')
    (tmp_path / "b.json.gz").write_bytes(b"no gzip")
    corpus = read_pages(tmp_path)
    assert [problem.kind for problem in corpus.problems] == ["skipped files", "skipped files"]


JSON = st.recursive(
    st.none() | st.integers() | st.text(max_size=9), lambda inner: st.lists(inner, max_size=3), max_leaves=5
)


@given(st.dictionaries(st.sampled_from([*NINJS, *NINJS_2, "body_text"]), JSON))
def test_any_values_of_ninjs_are_an_article_or_a_problem(item):
    (found,) = items_of(json.dumps(item).encode(), "ninjs")
    assert isinstance(found, Article | Problem)


def test_feeds_are_no_items():
    assert not is_news_item(b"<feed><entry><title>nitf</title></entry></feed>")
