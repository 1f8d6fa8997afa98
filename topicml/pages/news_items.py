"""Items as news agencies send them: NewsML-G2, NITF (also inside NewsML 1) and ninjs."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Any

from topicml.article import Article, Problem
from topicml.exceptions import CorpusError
from topicml.files import shown_path
from topicml.pages.giveaways import without_giveaways
from topicml.pages.one_page import PageOptions, giveaways, labelled
from topicml.pages.page_tree import PageHead, block_lines, missing_extra, one_line, parse_page
from topicml.pages.section_signals import read_signals
from topicml.pages.sources import PageFile
from topicml.pages.story import Story

if TYPE_CHECKING:
    from lxml.etree import _Element


_ROOTS = re.compile(rb"<(?:\w+:)?(?:newsItem|newsMessage|nitf|NewsML)[\s>]")
_HEAD = 10_000  # bytes, in which the root stands after comments and a document type
_ITEMS = "//*[local-name()='newsItem'] | //*[local-name()='nitf'][not(ancestor::*[local-name()='newsItem'])]"
_BODIES = ("body.content", "inlineXML", "inlineData")
_NOT_TEXT = ("media", "fn", "table")


@dataclass(frozen=True, slots=True)
class _Item:
    """An item, whatever it was written in; its body is markup."""

    body: str
    title: str
    subjects: tuple[str, ...]
    id: str
    date: str
    author: str
    source: str
    language: str


def is_news_item(data: bytes) -> bool:
    """Return whether a file is one of these as XML, and no feed.

    >>> is_news_item(b'<?xml version="1.0"?><nitf><body/></nitf>'), is_news_item(b"<rss><channel/></rss>")
    (True, False)
    """
    return _ROOTS.search(data, 0, _HEAD) is not None


def read_news_items(data: bytes, file: PageFile, options: PageOptions) -> Iterator[Article | Problem]:
    """Read the items of a file, an article each; what their subjects are called are their labels."""
    path = shown_path(file.path)
    try:
        items = list(_ninjs_items(data) if file.kind == "ninjs" else _xml_items(data))
    except CorpusError as error:
        yield Problem("unreadable file", str(error), path, fatal=False)
        return
    for number, item in enumerate(items, 1):
        place = f"{path}:item {number}" if len(items) > 1 else path
        try:
            yield _article(item, file, place, options)
        except CorpusError as error:
            yield Problem("no article", str(error), place, fatal=False)


def _article(item: _Item, file: PageFile, place: str, options: PageOptions) -> Article:
    tree = parse_page(f"<html><body>{item.body}</body></html>")
    story = Story(tuple(block_lines(tree)), item.title, item.author, item.date, item.language, item.source)
    signals = read_signals(tree, PageHead(), (), {"feed": item.subjects, "folder": file.folder})
    text, title = without_giveaways(story.lines, story.title, giveaways(signals, story))
    if not text.strip():
        raise CorpusError("it has no text")
    article = Article(
        text, title, id=item.id or place, date=item.date or None, source=item.source or None, origin=place
    )
    return labelled(article, signals, options, {"author": item.author, "language": item.language})


def _xml_items(data: bytes) -> Iterator[_Item]:
    try:
        from lxml.etree import XMLParser, XMLSyntaxError, fromstring
    except ImportError as error:
        raise missing_extra(error) from error
    parser = XMLParser(resolve_entities=False, no_network=True, remove_comments=True, remove_pis=True)
    try:
        root = fromstring(data, parser)
    except XMLSyntaxError as error:
        raise CorpusError(f"its XML is broken: {one_line(str(error))}") from error
    yield from map(_xml_item, root.xpath(_ITEMS))


def _xml_item(item: _Element) -> _Item:
    texts = [(_local(element), element) for element in item.iter() if isinstance(element.tag, str)]

    def first(*names: str) -> str:
        found = (one_line(" ".join(e.itertext())) for name in names for local, e in texts if local == name)
        return next(filter(None, found), "")

    bodies = [element for name in _BODIES for local, element in texts if local == name]
    return _Item(
        _as_html(bodies[0]) if bodies else "",
        first("hl1", "headline", "title"),
        tuple(_subjects(texts)),
        item.get("guid") or next((e.get("id-string") or "" for local, e in texts if local == "doc-id"), ""),
        _day(first("contentCreated", "firstCreated", "versionCreated") or _norm(texts)),
        first("byline", "by", "byttl"),
        first("provider", "distributor"),
        next((e.get("tag") or "" for local, e in texts if local == "language"), "")[:2].lower(),
    )


def _subjects(texts: Iterable[tuple[str, _Element]]) -> Iterator[str]:
    """Yield what subjects are called; persons and places are subjects of other types."""
    for local, element in texts:
        if local == "subject" and element.get("type", "cpnat:abstract") == "cpnat:abstract":
            names = [child for child in element.iterchildren() if _local(child) == "name"]
            yield one_line("".join(names[0].itertext())) if names else ""
        elif local == "tobject.subject":
            yield one_line(element.get("tobject.subject.type") or element.get("tobject.subject.matter"))


def _norm(texts: Iterable[tuple[str, _Element]]) -> str:
    return next((e.get("norm") or "" for local, e in texts if local in ("date.issue", "story.date")), "")


def _day(value: str) -> str:
    found = re.match(r"(\d{4})-?(\d\d)-?(\d\d)", value)
    return "-".join(found.groups()) if found else ""


def _as_html(body: _Element) -> str:
    """Return a body as HTML: without namespaces, pictures and tables, its headlines as such."""
    from lxml.etree import strip_elements, tostring

    for element in body.iter():
        if isinstance(element.tag, str):
            element.tag = re.sub(r"\Ahl(?=\d)", "h", _local(element))
    strip_elements(body, "head", "title", *_NOT_TEXT, with_tail=False)
    for inner in body.iter("body.content"):
        body = inner
    return str(tostring(body, encoding="unicode", with_tail=False))


def _local(element: _Element) -> str:
    return str(element.tag).rpartition("}")[2]


def _ninjs_items(data: bytes) -> Iterator[_Item]:
    try:
        value = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise CorpusError(f"its JSON is broken: {error}") from error
    for item in value if isinstance(value, list) else [value]:
        if not isinstance(item, dict):
            raise CorpusError("expected items of ninjs, each an object; found another value")
        yield _ninjs_item(item)


def _ninjs_item(item: Mapping[str, Any]) -> _Item:
    html = _text(item, "body_html", "body_xhtml", "bodies")
    plain = "".join(f"<p>{escape(line)}</p>" for line in _text(item, "body_text").split("\n"))
    subjects = item.get("subject") or item.get("subjects") or []
    names = (
        [entry.get("name") for entry in subjects if isinstance(entry, dict)]
        if isinstance(subjects, list)
        else []
    )
    return _Item(
        html or plain,
        one_line(_text(item, "headline", "headlines", "title")),
        tuple(one_line(name) for name in names if isinstance(name, str)),
        _text(item, "uri"),
        _day(_text(item, "firstcreated", "firstCreated", "versioncreated", "versionCreated")),
        one_line(_text(item, "byline", "by")),
        one_line(_text(item, "source", "provider", "copyrightholder")),
        _text(item, "language")[:2].lower(),
    )


def _text(item: Mapping[str, Any], *names: str) -> str:
    """Return the first text that one of some keys has; ninjs 2 has lists of objects with a value."""
    for name in names:
        value = item.get(name)
        for member in value if isinstance(value, list) else [value]:
            text = member.get("value") if isinstance(member, dict) else member
            if isinstance(text, str) and text.strip():
                return text
    return ""
