"""A page as a tree of elements, and what its head says."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from topicml.exceptions import CorpusError, MissingExtraError
from topicml.pages.page_bytes import repaired_controls

if TYPE_CHECKING:
    from lxml.html import HtmlElement


MAX_ELEMENTS = 50_000  # ten times what large news pages have; extraction takes 5 to 15 s then
MAX_CHARACTERS = 12_000_000
MAX_DEPTH = 500  # extraction takes time that grows with its square
MAX_ATTRIBUTES = 1_000  # of one element; news pages have up to 64, and parsing takes time with its square
_SAMPLE = 100_000
_TITLES = ("og:title", "twitter:title", "dc.title", "parsely-title", "sailthru.title")
_LONGEST = 5_000
_CONTROL = re.compile(r"[\x01-\x08\x0b\x0e-\x1a\x1c-\x1f]")
# A page whose every tag has few attributes, read as browsers read it. Nothing is ever tried twice, so that it
# takes half a millisecond on a news page, and less than a second on any.
_ATTRIBUTES = rf"""
    (?:[\s/]*+ [^\s/>][^\s/>=]*+ (?:\s*+=\s*+(?:"[^"]*+"|'[^']*+'|[^\s>]*+))?+){{0,{MAX_ATTRIBUTES}}}+
    (?![\s/]*+[^\s/>])"""
_FEW_ATTRIBUTES = re.compile(
    rf"""(?: [^<]++
          | <(?: (?:script|style)\b {_ATTRIBUTES} (?:[^<]++|<(?!/(?:script|style)\b))*+
               | (?:title|textarea)\b {_ATTRIBUTES} (?:[^<]++|<(?!/(?:title|textarea)\b))*+
               | [a-z][^\s/>]*+ {_ATTRIBUTES}
               | !-- (?:[^-]++|-(?!->))*+
               | (?![a-z])
             )
        )*+\Z""",
    re.IGNORECASE | re.VERBOSE,
)
_PASSED_OVER = frozenset(
    ("script", "style", "noscript", "template", "head", "nav", "header", "footer", "aside", "svg")
)
_BLOCKS = frozenset(
    [
        *("p", "div", "li", "ul", "ol", "h1", "h2", "h3", "h4", "h5", "h6", "td", "th", "tr", "table"),
        *("section", "article", "main", "blockquote", "pre", "br", "figcaption", "dd", "dt", "body", "hr"),
    ]
)


def parse_page(text: str) -> HtmlElement:
    """Parse a page, unless it is empty, or too large or nested too deeply to be a news page."""
    if len(text) > MAX_CHARACTERS:
        raise CorpusError(f"expected at most {MAX_CHARACTERS:,} characters, found {len(text):,}")
    if not text.strip():
        raise CorpusError("the page is empty")
    if 50 * len(_CONTROL.findall(text, 0, _SAMPLE)) > len(text[:_SAMPLE]):
        raise CorpusError("expected text, found other bytes, such as those of a picture")
    if not _FEW_ATTRIBUTES.match(text):
        raise CorpusError(f"expected at most {MAX_ATTRIBUTES:,} attributes in a tag, found more")
    try:
        from lxml.etree import ParserError, strip_elements
        from lxml.html import HTMLParser, document_fromstring
    except ImportError as error:
        raise missing_extra(error) from error
    parser = HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True, huge_tree=True)
    try:
        root = document_fromstring(text.encode("utf-8", "replace"), parser=parser)
    except (ParserError, AssertionError) as error:
        raise CorpusError("the page is empty") from error
    if any("depth" in entry.message for entry in parser.error_log) or _is_deep(root):
        raise CorpusError(f"expected elements at most {MAX_DEPTH} deep, found them nested deeper")
    if (count := n_elements(root)) > MAX_ELEMENTS:
        raise CorpusError(f"expected at most {MAX_ELEMENTS:,} elements, found {count:,}")
    # Words for readers without scripts, and pictures that are on the page twice.
    strip_elements(root, "noscript", with_tail=False)
    return root


def missing_extra(error: ImportError) -> MissingExtraError:
    """Return the error that names the extra for pages, and why importing what it brings has failed."""
    return MissingExtraError(f"reading pages needs the extra html: pip install 'topicml[html]' ({error})")


def _is_deep(root: HtmlElement) -> bool:
    # Level by level, which takes a tenth of the time of counting each element's ancestors.
    return bool(root.xpath(f"boolean({'/*' * (MAX_DEPTH + 1)})"))


def n_elements(tree: HtmlElement) -> int:
    """Return how many elements a tree has."""
    return int(tree.xpath("count(//*)"))


def one_line(text: str | None) -> str:
    r"""Return text on one line, without the control characters that pages hold.

    >>> one_line(" Home side \n wins ")
    'Home side wins'
    """
    return " ".join(repaired_controls(text or "").split())


def contents(element: HtmlElement) -> str:
    """Return all the text in an element, on one line."""
    return one_line(" ".join(element.itertext()))


def block_lines(root: HtmlElement) -> Iterator[str]:
    """Yield the text of a tree, a line for each block, without navigation and scripts.

    For what no extractor takes for an article: fragments, and pages of one sentence.
    """
    pieces: list[str] = []
    for text, ends_line in _pieces(root):
        pieces.append(text)
        if ends_line:
            if line := one_line("".join(pieces)):
                yield line
            pieces.clear()
    if line := one_line("".join(pieces)):
        yield line


def _pieces(root: HtmlElement) -> Iterator[tuple[str, bool]]:
    """Yield each piece of text, and whether a line ends after it."""
    from lxml.etree import iterwalk

    walk = iterwalk(root, events=("start", "end"))
    for event, element in walk:
        block = element.tag in _BLOCKS
        if event == "start":
            yield "", block
            if element.tag in _PASSED_OVER:
                walk.skip_subtree()
            else:
                yield element.text or "", False
        else:
            yield "", block
            if element is not root:
                yield element.tail or "", False


@dataclass(frozen=True, slots=True)
class PageHead:
    """The head of a page: what describes it."""

    metas: tuple[tuple[str, str], ...] = ()  # names (or properties) in lower case, in the page's order
    titles: tuple[str, ...] = ()  # what may be the headline: of Open Graph and the like, of h1, of title
    urls: tuple[str, ...] = ()  # its own, the surest first: canonical, Open Graph's, where it was fetched
    language: str = ""  # as the page declares it, such as en-GB

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
