"""What the head of a page says: its ``meta`` elements, titles and addresses."""

from __future__ import annotations

import html
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from topicml.pages.page_tree import contents, one_line

if TYPE_CHECKING:
    from lxml.html import HtmlElement


_TITLES = ("og:title", "twitter:title", "dc.title", "parsely-title", "sailthru.title")
_LONGEST = 5_000


@dataclass(frozen=True, slots=True)
class PageHead:
    """What stands in the head of a page.

    Parameters
    ----------
    metas : tuple of (str, str)
        Each name (or property), in lower case, with its content, in the page's order.
    titles : tuple of str
        What may be the headline: of Open Graph and the like, of ``h1``, of ``title``.
    urls : tuple of str
        The page's own address, the surest first: canonical, Open Graph's, where it was fetched from.
    language : str
        As the page declares it, such as ``en-GB``; empty if it does not.
    """

    metas: tuple[tuple[str, str], ...] = ()
    titles: tuple[str, ...] = ()
    urls: tuple[str, ...] = ()
    language: str = ""

    def meta(self, *names: str) -> str:
        """Return the first content that one of some names has, the names in their order."""
        return next((value for name in names for found, value in self.metas if found == name), "")


def read_head(tree: HtmlElement, url: str | None = None) -> PageHead:
    """Read the head of a page that was fetched from an address."""
    metas = tuple(_metas(tree))
    head = PageHead(metas)
    canonical = (
        link.get("href") for link in tree.iter("link") if (link.get("rel") or "").lower() == "canonical"
    )
    urls = (next(canonical, None), head.meta("og:url"), url)
    titles = (*map(head.meta, _TITLES), *_first(tree, "h1"), *_first(tree, "title"))
    return PageHead(
        metas,
        tuple(dict.fromkeys(filter(None, titles))),
        tuple(dict.fromkeys(address.strip() for address in urls if address)),
        one_line(
            tree.get("lang") or tree.get("xml:lang") or head.meta("og:locale", "content-language", "language")
        ),
    )


def _metas(tree: HtmlElement) -> Iterator[tuple[str, str]]:
    for meta in tree.iter("meta"):
        content = (meta.get("content") or "")[:_LONGEST]
        for key in ("property", "name", "http-equiv"):
            # Some systems escape what they have escaped before.
            if (name := (meta.get(key) or "").strip().lower()) and (
                value := one_line(html.unescape(content))
            ):
                yield name, value


def _first(tree: HtmlElement, tag: str) -> Iterator[str]:
    """Yield the text of a tag that is there once: several headlines are those of several stories."""
    found = [text for element in tree.iter(tag) if (text := contents(element))]
    if len(found) == 1 or tag == "title":
        yield from found[:1]
