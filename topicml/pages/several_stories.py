"""Files of HTML that hold several articles, as press databases export them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from copy import deepcopy
from typing import TYPE_CHECKING

from topicml.exceptions import CorpusError
from topicml.pages.page_tree import PageHead, contents
from topicml.pages.structured_data import Node, describes_article

if TYPE_CHECKING:
    from lxml.html import HtmlElement


_CLASS = re.compile(r"(?:^|[\s_-])(?:\w*article|story|document|doc|record)(?:\s|$)", re.IGNORECASE)
_TAGS = ("article", "docfull", "div", "section")
_STORY = 150  # characters outside links, which teasers do not have
_COUNTED = re.compile(r"\b\d+ of (\d+) documents\b", re.IGNORECASE)
_HEADLINES = ".//h1 | .//h2 | .//h3 | .//h4 | .//*[contains(@class, 'eadline')]"


def split_stories(tree: HtmlElement, head: PageHead, nodes: Sequence[Node]) -> list[HtmlElement]:
    """Return the articles of a page as a page each, none if it is one article, or a list of links.

    They are blocks of one kind that hold nearly all of its text. A page that names one address or one article
    as its own is one article, with whatever teasers and comments.
    """
    if head.urls or head.meta("og:type") == "article" or describes_article(nodes):
        return []
    blocks = _blocks(tree)
    if len(blocks) > 1:
        return [_page(block) for block in blocks]
    counts = [int(found) for found in _COUNTED.findall(contents(tree))]
    if len(counts) > 1:
        raise CorpusError(
            f"it holds {max(counts):,} articles; only one page an article is read: export them one by one"
        )
    return []


def _blocks(tree: HtmlElement) -> list[HtmlElement]:
    """Return the largest group of elements that are alike, if they hold a story each and most of the page."""
    groups: dict[tuple[str, str], list[HtmlElement]] = {}
    for element in tree.iter(*_TAGS):
        marks = element.get("class") or ""
        if element.tag in ("article", "docfull") or _CLASS.search(marks):
            groups.setdefault((element.tag, marks), []).append(element)
    group = max(groups.values(), key=len, default=[])
    members = set(group)
    if len(group) < 2 or any(members.intersection(block.iterancestors(block.tag)) for block in group):
        return []
    told = [len(contents(block)) for block in group]
    linked = [sum(len(contents(link)) for link in block.iter("a")) for block in group]
    stories = sum(size - links >= _STORY for size, links in zip(told, linked, strict=True))
    return group if 3 * stories >= 2 * len(group) and 3 * sum(told) >= 2 * len(contents(tree)) else []


def _page(block: HtmlElement) -> HtmlElement:
    from lxml.html import document_fromstring

    page = document_fromstring("<html><body></body></html>")
    page.body.append(deepcopy(block))
    headlines = page.xpath(_HEADLINES)
    if headlines and not page.xpath("//h1"):
        headlines[0].tag = "h1"
    return page
