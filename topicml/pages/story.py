"""The story on a page, its author and date; pages without a story are recognised."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from topicml.exceptions import CorpusError
from topicml.pages.notices import drop_unseen, is_read_also, notice
from topicml.pages.page_tree import PageHead, block_lines, contents, n_elements, one_line
from topicml.pages.structured_data import Node, main_articles, names, text_of
from topicml.reading.boilerplate import folded, furniture_of

if TYPE_CHECKING:
    from lxml.html import HtmlElement


_SHORT = 250  # characters, below which the slower extractors are asked as well
_SMALL = 20_000  # elements, above which they take too long
_ISO_DAY = re.compile(r"\s*((?:19|20)\d\d)-(\d\d)-(\d\d)(?!\d)")
_DATES = ("article:published_time", "og:article:published_time", "parsely-pub-date", "dc.date.issued", "date")
_AUTHORS = ("author", "article:author", "parsely-author", "sailthru.author", "dc.creator", "byl")
_MARKED_AS_AUTHOR = (
    "//body//*["
    + " or ".join(
        f"contains(@{name}, '{mark}')"
        for name in ("class", "id", "rel", "itemprop", "data-testid")
        for mark in ("uthor", "yline", "utor")  # Author, byline, autor, in either case
    )
    + "][count(descendant::*) < 20][not(ancestor::form or ancestor::*[contains(@class, 'omment')])]"
)
_MARKS = 20
_FURNITURE = ("style", "svg", "iframe", "button", "select")
_OTHER_FURNITURE = (
    "//script[not(contains(@type, 'ld+json'))] | //head/link | //body//nav"
    " | //body//footer[not(ancestor::article)] | //form[count(descendant::*) < 50]"
)
_LANGUAGE = re.compile(r"[a-zA-Z]{2,3}(?![a-zA-Z])")
_BY = re.compile(r"\A(?:by|von|par|por)\s+", re.IGNORECASE)
_SUFFIX = re.compile(r"\s+[|·•»–—:-]\s+|\s*\|\s*")
_LONG = 150  # characters, which headlines do not have
_TEASER = 20  # characters, from which a link can be another story's headline


@dataclass(frozen=True, slots=True)
class Story:
    """An article as on its page; what the page does not say is empty."""

    lines: tuple[str, ...]  # the body, a paragraph each
    title: str = ""
    author: str = ""
    date: str = ""  # a day
    language: str = ""  # two letters or three
    source: str = ""  # the outlet's name


def read_story(tree: HtmlElement, head: PageHead, nodes: Sequence[Node]) -> Story:
    """Extract the story of a page, and take scripts, menus and the like out of its tree.

    A page without text, or with a list of links to others, has none, which is an error.
    """
    articles = main_articles(nodes, titles=head.titles, urls=head.urls)
    author, day = _author(articles, head), _day(articles, head)
    if not author or not day:
        author, day = author or _searched_author(tree), day or _searched_day(tree, head)
    _drop_furniture(tree)
    drop_unseen(tree)
    lines = _body(tree)
    if not lines:
        raise CorpusError("no article text found")
    if reason := notice(lines, head.titles):
        raise CorpusError(reason)
    if _is_index(lines, tree, head):
        raise CorpusError("it is a list of links to other pages")
    return Story(
        lines, _title(articles, head), author, day, _language(articles, head), _source(articles, head)
    )


def _drop_furniture(tree: HtmlElement) -> None:
    """Take out what the extractors would take out, at a tenth of the time."""
    from lxml.etree import strip_elements

    strip_elements(tree, *_FURNITURE, with_tail=False)
    for element in tree.xpath(_OTHER_FURNITURE):
        element.drop_tree()


def _body(tree: HtmlElement) -> tuple[str, ...]:
    """Return the lines of the story, by the extractors that are fast, then those that look longer."""
    text = _extracted(tree, fast=True)
    if len(text) < _SHORT and n_elements(tree) < _SMALL:
        text = max(text, _extracted(tree, fast=False), key=len)
    lines = text.split("\n") if text else block_lines(tree)
    return tuple(line for line in map(one_line, lines) if line and not is_read_also(line))


def _extracted(tree: HtmlElement, *, fast: bool) -> str:
    from trafilatura import bare_extraction

    with _silenced():
        found = bare_extraction(tree, fast=fast, include_comments=False)
    return getattr(found, "text", None) or ""


def _searched_author(tree: HtmlElement) -> str:
    """Look for the author in what is marked as one, copied out: on whole pages that takes too long."""
    from lxml.html import document_fromstring
    from trafilatura.metadata import extract_author

    excerpt = document_fromstring("<html><body></body></html>")
    excerpt.body.extend(deepcopy(element) for element in tree.xpath(_MARKED_AS_AUTHOR)[:_MARKS])
    return one_line(extract_author(excerpt))


def _searched_day(tree: HtmlElement, head: PageHead) -> str:
    from htmldate import find_date

    url = next(iter(head.urls), None)
    with _silenced():
        return find_date(tree, extensive_search=False, original_date=True, url=url) or ""


@contextmanager
def _silenced() -> Iterator[None]:
    """Keep what the extractors say about single pages from the terminal: it is reported per page."""
    loggers = [logging.getLogger(name) for name in ("trafilatura", "htmldate")]
    levels = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.CRITICAL + 1)
    try:
        yield
    finally:
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)


def _is_index(lines: Sequence[str], tree: HtmlElement, head: PageHead) -> bool:
    """Return whether the lines are mostly links' texts, or headlines of others with their teasers."""
    if 4 * sum(len(line) for line in lines if len(line) > _LONG) > 3 * sum(map(len, lines)):
        return False
    host = _host(next(iter(head.urls), ""))
    links = {
        contents(element) for element in tree.iter("a") if _leads_on(element.get("href") or "", host)
    } - {""}
    linked = [line for line in lines if line.lstrip("-• ") in links]
    teasers = sum(len(line) >= _TEASER for line in linked)
    return 2 * sum(map(len, linked)) > sum(map(len, lines)) or (teasers >= 5 and teasers * 4 > len(lines))


def _leads_on(address: str, host: str) -> bool:
    """Return whether a link leads to another page of the site: not within the page, not to a shop."""
    there = _host(address)
    return not address.startswith("#") and (not there or not host or there == host)


def _title(articles: Sequence[Node], head: PageHead) -> str:
    """Return the headline: the one for machines first, which is the story's on every kind of page."""
    headline = next(filter(None, (text_of(article.get("headline")) for article in articles)), "")
    titles = [title.replace("\u00ad", "") for title in (headline, *head.titles) if title]
    own = {_folded(title) for title in titles}
    site = {_folded(name) for name in _site_names(articles, head)} - {""}
    return next((_without_site(title, own - {_folded(title)}, site) for title in titles), "")


def _without_site(title: str, others: set[str], site: set[str]) -> str:
    """Take off the parts at the end that name the outlet, or without which it is another title."""
    for found in reversed(list(_SUFFIX.finditer(title))):
        before, after = title[: found.start()], _folded(title[found.end() :])
        if not before or not (_folded(before) in others or any(after and after in name for name in site)):
            break
        title = before
    return title


def _folded(text: str) -> str:
    return folded(text, between="")


def _site_names(articles: Sequence[Node], head: PageHead) -> Iterator[str]:
    yield from (head.meta("og:site_name"), head.meta("application-name"))
    yield from (name for article in articles for name in names(article.get("publisher")))
    for url in head.urls:
        host = _host(url)
        yield from (host, host.rpartition(".")[0])


def _host(url: str) -> str:
    try:
        return (urlsplit(url).hostname or "").removeprefix("www.")
    except ValueError:
        return ""


def _source(articles: Sequence[Node], head: PageHead) -> str:
    return next(filter(None, _site_names(articles, head)), "")


def _author(articles: Sequence[Node], head: PageHead) -> str:
    found = names([article.get("author") for article in articles])
    metas = [value for value in map(head.meta, _AUTHORS) if value and "://" not in value]
    return "; ".join(_BY.sub("", name) for name in found or metas[:1])


def _day(articles: Sequence[Node], head: PageHead) -> str:
    values = [text_of(article.get("datePublished")) for article in articles]
    return next(filter(None, map(_as_day, (*values, *map(head.meta, _DATES)))), "")


def _as_day(value: str) -> str:
    """Return a date as a day in ISO 8601, empty if it is none.

    >>> _as_day("2016-03-03T23:30:00+01:00"), _as_day("March 3, 2016"), _as_day("2016-02-31")
    ('2016-03-03', '2016-03-03', '')
    """
    found = _ISO_DAY.match(value)
    if not found:
        return next((piece.date for piece in furniture_of(value) if piece.date), "")
    try:
        return date(*map(int, found.groups())).isoformat()
    except ValueError:
        return ""


def _language(articles: Sequence[Node], head: PageHead) -> str:
    said = (head.language, *(text_of(article.get("inLanguage")) for article in articles))
    return next((found[0].lower() for value in said if (found := _LANGUAGE.match(value))), "")
