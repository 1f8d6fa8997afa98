"""What a page says about itself in JSON-LD, of which nothing is taken on trust."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

from topicml.pages.page_tree import one_line

if TYPE_CHECKING:
    from lxml.html import HtmlElement


Node: TypeAlias = Mapping[str, Any]  # one JSON object, with whatever the page put into it

_MAX_BLOCK = 2_000_000  # characters; large news pages have 100,000
_MAX_NODES = 5_000
_MAX_DEPTH = 8
_MAX_NAMES = 50
_MAX_NAME = 200
# Where the page's own article may stand; lists of other stories (itemListElement, hasPart) are not it.
_WAYS_IN = ("@graph", "mainEntity", "mainEntityOfPage", "mainContentOfPage")
_ARTICLE = re.compile(r"(?:article|posting|report|review|recipe)\Z", re.IGNORECASE)  # and NewsArticle
_OPENINGS = ("<!--", "//<![CDATA[", "/*<![CDATA[*/", "/* <![CDATA[ */", "<![CDATA[")
_ENDINGS = (";", "-->", "//]]>", "/*]]>*/", "/* ]]> */", "]]>")
_TRAILING_COMMA = re.compile(r",(?=\s*[}\]])")


def read_nodes(tree: HtmlElement) -> list[Node]:
    """Return the objects of all JSON-LD blocks, in order, those nested in a graph after what holds them.

    A block that is not JSON, or larger than on any news page, is skipped.
    """
    nodes: list[Node] = []
    for script in tree.iter("script"):
        if "ld+json" in (script.get("type") or "").lower():
            nodes.extend(_objects(_loaded(script.text or ""), _MAX_DEPTH))
    return nodes[:_MAX_NODES]


def main_articles(nodes: Iterable[Node], *, titles: Iterable[str], urls: Iterable[str]) -> list[Node]:
    """Return the nodes that describe the page's own article.

    Those with its headline or its address, by the titles and addresses that the page's markup gives as
    its own; where none does, the first one.
    """
    articles = list(filter(_is_article, nodes))
    headlines, addresses = {title.casefold() for title in titles if title}, {url for url in urls if url}
    own = [node for node in articles if _is_own(node, headlines, addresses)]
    return own or articles[:1]


def describes_article(nodes: Iterable[Node]) -> bool:
    """Return whether a node is that of an article."""
    return any(map(_is_article, nodes))


def _is_article(node: Node) -> bool:
    return any(_ARTICLE.search(kind) for kind in names(node.get("@type")))


def breadcrumb_trail(nodes: Iterable[Node], urls: Iterable[str]) -> list[str]:
    """Return the names of the first breadcrumb list, without a last one that is the page itself."""
    addresses = {_address(url) for url in urls if url}
    for node in nodes:
        if "BreadcrumbList" in names(node.get("@type")):
            items = _ordered(node.get("itemListElement"))
            if len(items) > 1 and _address(_item_url(items[-1])) in addresses:
                items = items[:-1]
            if trail := [name for item in items if (name := _item_name(item))]:
                return trail
    return []


def names(value: Any) -> tuple[str, ...]:  # noqa: ANN401  (whatever JSON can hold)
    """Return the names that a value holds: of a string, an object's ``name``, a list of these.

    Numbers are keys of a content system, addresses are no names, and neither is what is longer than
    any section's name.

    >>> names(["Sport", {"name": "Arts &amp; Books"}, None, 7, "https://example.org/sport", " sport "])
    ('Sport', 'Arts & Books')
    """
    found: dict[str, str] = {}
    for name in _names(value, _MAX_DEPTH):
        if name and len(name) <= _MAX_NAME and not name.lower().startswith(("http://", "https://")):
            found.setdefault(name.casefold(), name)
    return tuple(name for key, name in found.items() if not _is_listing(key, found))[:_MAX_NAMES]


def _is_listing(name: str, others: Container[str]) -> bool:
    """Return whether a name is several of the others over again, with commas between them."""
    parts = [part.strip() for part in name.split(",")]
    return len(parts) > 1 and all(part in others for part in parts)


def text_of(value: Any) -> str:  # noqa: ANN401  (whatever JSON can hold)
    """Return a value that should be one text: the first of a list, on one line."""
    if isinstance(value, list):
        value = next((member for member in value if isinstance(member, str)), None)
    return one_line(html.unescape(value)) if isinstance(value, str) else ""


def _loaded(block: str) -> Any:  # noqa: ANN401  (whatever JSON can hold)
    if len(block) > _MAX_BLOCK:
        return None
    plain = _bare(block)
    for attempt in (plain, _TRAILING_COMMA.sub("", plain), html.unescape(plain)):
        try:
            return json.loads(attempt, strict=False)
        except (ValueError, RecursionError):
            continue
    return None


def _bare(block: str) -> str:
    """Return a block without the comment signs that hid scripts from browsers."""
    block = block.strip()
    for opening in _OPENINGS:
        block = block.removeprefix(opening).lstrip()
    for ending in _ENDINGS:
        block = block.removesuffix(ending).rstrip()
    return block


def _objects(value: Any, depth: int) -> Iterator[Node]:  # noqa: ANN401  (whatever JSON can hold)
    if depth and isinstance(value, list):
        for member in value:
            yield from _objects(member, depth - 1)
    elif depth and isinstance(value, dict):
        yield value
        for way in _WAYS_IN:
            yield from _objects(value.get(way), depth - 1)


def _is_own(node: Node, titles: set[str], urls: set[str]) -> bool:
    headlines = {text_of(node.get(key)).casefold() for key in ("headline", "name", "alternativeHeadline")}
    page = node.get("mainEntityOfPage")
    addresses = [node.get("url"), node.get("@id"), page, page.get("@id") if isinstance(page, dict) else None]
    own = {_address(url) for url in urls}
    return bool(headlines & titles) or any(isinstance(url, str) and _address(url) in own for url in addresses)


def _address(url: str) -> str:
    return url.partition("#")[0].partition("?")[0].rstrip("/").partition("://")[2].removeprefix("www.")


def _names(value: Any, depth: int) -> Iterator[str]:  # noqa: ANN401  (whatever JSON can hold)
    if isinstance(value, str):
        yield one_line(html.unescape(value))
    elif depth and isinstance(value, list):
        for member in value[: 10 * _MAX_NAMES]:
            yield from _names(member, depth - 1)
    elif depth and isinstance(value, dict):
        yield from _names(value.get("name") or value.get("@value"), depth - 1)


def _ordered(items: Any) -> Sequence[Node]:  # noqa: ANN401  (whatever JSON can hold)
    listed = items if isinstance(items, list) else [items]
    found = [item for item in listed[:_MAX_NAMES] if isinstance(item, dict)]
    return sorted(found, key=lambda item: _position(item.get("position")))


def _position(value: Any) -> float:  # noqa: ANN401  (whatever JSON can hold)
    try:
        return float(value)
    except (TypeError, ValueError, OverflowError):
        return 0.0


def _item_name(item: Node) -> str:
    inner = item.get("item")
    return text_of(item.get("name")) or (text_of(inner.get("name")) if isinstance(inner, dict) else "")


def _item_url(item: Node) -> str:
    inner = item.get("item")
    url = inner.get("@id") or inner.get("url") if isinstance(inner, dict) else inner
    return url if isinstance(url, str) else ""
