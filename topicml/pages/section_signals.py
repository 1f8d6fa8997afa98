"""What a page says about its section, source by source, the surest first."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from types import MappingProxyType
from typing import TYPE_CHECKING, TypeAlias
from urllib.parse import unquote, urlsplit

from topicml.exceptions import TopicmlValueError
from topicml.pages.page_tree import PageHead, block_lines, contents, one_line
from topicml.pages.structured_data import Node, breadcrumb_trail, main_articles, names
from topicml.reading.text_page import breadcrumb_parts, section_crumbs

if TYPE_CHECKING:
    from lxml.html import HtmlElement


LABEL_SOURCES = ("jsonld", "meta", "microdata", "feed", "breadcrumb", "keywords", "url", "folder")
DEFAULT_LABEL_SOURCES = tuple(source for source in LABEL_SOURCES if source != "keywords")
"""Keywords are many and of any kind, such as names of players, so most would label one article each."""

# Names of meta elements by trust: the standard one, "section" in its many spellings, its relatives.
_META_RANKS = (
    re.compile(r"(?:og:)?article[:.]?section|og:section"),
    re.compile(r"(?:.*[:._-])?(?:top-level-|primary[_-]|outbrain|bi3d)?sections?"),
    re.compile(
        r"(?!(?:wt|stats|og)[:.])(?:.*[:._-])?(?:top|primary|content|multi|page|slick|per|wgu)?[_-]?"
        r"(?:category|categories|verticals?|channel|rubric|ressort|taxonomy|topicchannel)"
    ),
)
_PARSELY = "parsely-page"  # holds JSON
_KEYWORDS = ("article:tag", "news_keywords", "sailthru.tags", "parsely-tags", "keywords")
_NO_SECTION = frozenset(
    (
        "article",
        "articles",
        "story",
        "beitrag",
        "page",
        "post",
        "default",
        "none",
        "null",
        "undefined",
        "other",
    )
)
_BETWEEN_KEYWORDS = re.compile(r"\s*[,;|，、；]\s*")
_MAX_VALUES = 50
_MAX_NAME = 200

# Parts of an address that say where on the site a page lies, not what it is about.
_NOT_A_SECTION = re.compile(
    # digits, languages, files, months, headlines
    r"\d.*|[a-z]{1,2}(?:[-_][a-z]{2})?|\W*|.*\.\w{2,5}|jan|feb|mar|apr|may|jun|jul|aug|sept?|oct|nov|dec"
    r"|[^-_]+(?:[-_][^-_]+){3,}"
    r"|(?:index|home|www|amp|mobile|news|article|articles|artikel|article_email|story|stories|content|contents"
    r"|post|posts|blog|blogs|archive|archives|archiv|id|node|item|details?|view|read|web|site|wp|cms|category"
    r"|section|sections|topic|topics|tag|tags|entry|page|pages|print|html|cp|video|beitrag|noticia"
    r"|noticias|nachrichten|actualites?|actu|haber|nyheter|uutiset|nieuws|notizie|magazine)",
    re.IGNORECASE,
)
_BREADCRUMBS = (
    "//body//*["
    + " or ".join(
        f"contains(@{name}, 'readcrumb')" for name in ("class", "id", "aria-label", "itemtype", "typeof")
    )
    + "]"
)
_LETTER = re.compile(r"[^\W\d_]")
_MAX_TRAIL = 500
_LINES_LOOKED_AT = 30


@dataclass(frozen=True, slots=True)
class Signal:
    """What one source says."""

    source: str  # one of LABEL_SOURCES
    labels: tuple[str, ...]  # that it would give
    seen: tuple[str, ...]  # all that stands there, such as the whole breadcrumb


def check_label_sources(sources: Sequence[str]) -> None:
    """Make sure that sources of labels exist, and that one is given."""
    unknown = [source for source in sources if source not in LABEL_SOURCES]
    if unknown or not sources:
        found = repr(unknown[0]) if unknown else "none"
        raise TopicmlValueError(
            f"expected sources of labels among {', '.join(LABEL_SOURCES)}, the surest first; found {found}"
        )


def read_signals(
    tree: HtmlElement, head: PageHead, nodes: Sequence[Node], given: Mapping[str, Sequence[str]]
) -> tuple[Signal, ...]:
    """Return what each source says, in the order of `LABEL_SOURCES`; sources that say nothing are left out.

    `given` is known of the page without reading it: its ``folder``, the categories of its ``feed``.
    """
    page = _Page(tree, head, nodes, given)
    found = ((source, _READERS[source](page)) for source in LABEL_SOURCES)
    return tuple(Signal(source, labels, seen) for source, (labels, seen) in found if labels)


@dataclass(frozen=True, slots=True)
class _Page:
    """A page with what several sources read."""

    tree: HtmlElement
    head: PageHead
    nodes: Sequence[Node]
    given: Mapping[str, Sequence[str]]


_Values: TypeAlias = tuple[tuple[str, ...], tuple[str, ...]]  # the labels, and all that is seen


def _from_json_ld(page: _Page) -> _Values:
    articles = main_articles(page.nodes, titles=page.head.titles, urls=page.head.urls)
    found = names([article.get("articleSection") for article in articles])
    return found, found


def _from_meta(page: _Page) -> _Values:
    ranked = sorted(_ranked_metas(page.head.metas), key=lambda item: item[0])
    seen = _distinct(value for _, values in ranked for value in values)
    best = [values for rank, values in ranked if rank == ranked[0][0]]
    return _distinct(value for values in best for value in values), seen


def _ranked_metas(metas: Iterable[tuple[str, str]]) -> Iterator[tuple[int, list[str]]]:
    last = len(_META_RANKS) - 1
    for name, content in metas:
        if name == _PARSELY:
            yield 1, _parsely_section(content)
            continue
        rank = next((rank for rank, names in enumerate(_META_RANKS) if names.fullmatch(name)), None)
        if rank is not None and not (rank == last and content.casefold() in _NO_SECTION):
            yield rank, list(names(content))


def _parsely_section(content: str) -> list[str]:
    try:
        parsed = json.loads(content)
    except (ValueError, RecursionError):
        return []
    return list(names(parsed.get("section"))) if isinstance(parsed, dict) else []


def _from_microdata(page: _Page) -> _Values:
    marked = page.tree.xpath("//*[@itemprop='articleSection' or contains(@property, 'articleSection')]")
    values = names([element.get("content") or contents(element) for element in marked])
    return values, values


def _from_feed(page: _Page) -> _Values:
    values = names(list(page.given.get("feed", ())))
    return values, values


def _from_breadcrumb(page: _Page) -> _Values:
    for read in (_trail_of_json_ld, _trail_of_markup, _trail_of_text):
        site = {page.head.meta("og:site_name", "application-name").casefold()}
        crumbs = [crumb for crumb in read(page) if crumb.casefold() not in site and len(crumb) <= _MAX_NAME]
        for title in ("", *page.head.titles):
            crumbs = section_crumbs(crumbs, title)
        if crumbs:
            return (crumbs[-1],), tuple(crumbs)
    return (), ()


def _trail_of_json_ld(page: _Page) -> Sequence[str]:
    return breadcrumb_trail(page.nodes, page.head.urls)


def _trail_of_markup(page: _Page) -> Sequence[str]:
    return next(filter(None, map(_crumbs_in, page.tree.xpath(_BREADCRUMBS))), ())


def _crumbs_in(element: HtmlElement) -> Sequence[str]:
    pieces = [one_line(text) for text in islice(element.itertext(), _MAX_TRAIL)]
    pieces = [piece for piece in pieces if _LETTER.search(piece)]
    if sum(map(len, pieces)) > _MAX_TRAIL:
        return ()
    # One piece of text may be the whole trail; several may have a stroke left at their ends.
    whole = breadcrumb_parts(pieces[0]) if len(pieces) == 1 else ()
    return whole or [piece.strip(" /|>»›→:•") for piece in pieces]


def _trail_of_text(page: _Page) -> Sequence[str]:
    for line in islice(block_lines(page.tree), _LINES_LOOKED_AT):
        # From the home page down; menus, too, stand in lines with strokes between their parts.
        if (parts := breadcrumb_parts(line)) and not line.startswith(parts[0]):
            return parts
    return ()


def _from_keywords(page: _Page) -> _Values:
    groups = [_split([value for name, value in page.head.metas if name == wanted]) for wanted in _KEYWORDS]
    articles = main_articles(page.nodes, titles=page.head.titles, urls=page.head.urls)
    listed = [article.get("keywords") for article in articles]
    groups.insert(1, _split(names(listed)))
    seen = _distinct(value for values in groups for value in values)
    return next(filter(None, groups), ()), seen


def _split(values: Iterable[str]) -> tuple[str, ...]:
    return _distinct(part for value in values for part in _BETWEEN_KEYWORDS.split(value))


def _from_url(page: _Page) -> _Values:
    for url in page.head.urls:
        if section := _section_of_path(url):
            return (section,), (section,)
    return (), ()


def _section_of_path(url: str) -> str:
    """Return the first folder of an address that can be a section."""
    try:
        folders = unquote(urlsplit(url).path).strip("/").split("/")[:-1]
    except ValueError:
        return ""
    return next((one_line(name) for name in folders if not _NOT_A_SECTION.fullmatch(name)), "")[:_MAX_NAME]


def _from_folder(page: _Page) -> _Values:
    values = tuple(page.given.get("folder", ()))
    return values, values


def _distinct(values: Iterable[str]) -> tuple[str, ...]:
    """Return values once each, whatever their case, in the spelling that comes first."""
    found: dict[str, str] = {}
    for value in values:
        if value.strip() and len(value) <= _MAX_NAME:
            found.setdefault(value.strip().casefold(), value.strip())
    return tuple(found.values())[:_MAX_VALUES]


_READERS: Mapping[str, Callable[[_Page], _Values]] = MappingProxyType(
    {
        "jsonld": _from_json_ld,
        "meta": _from_meta,
        "microdata": _from_microdata,
        "feed": _from_feed,
        "breadcrumb": _from_breadcrumb,
        "keywords": _from_keywords,
        "url": _from_url,
        "folder": _from_folder,
    }
)
