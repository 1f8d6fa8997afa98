"""One saved page to an article with its labels, or to the reason why there is none."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING

from topicml.article import Article, Problem
from topicml.exceptions import CorpusError, MissingExtraError
from topicml.pages.giveaways import Giveaways, without_giveaways
from topicml.pages.mhtml import main_part
from topicml.pages.page_bytes import decode_page
from topicml.pages.page_tree import PageHead, missing_extra, parse_page, read_head
from topicml.pages.section_signals import DEFAULT_LABEL_SOURCES, Signal, check_label_sources, read_signals
from topicml.pages.several_stories import split_stories
from topicml.pages.story import Story, read_story
from topicml.pages.structured_data import Node, read_nodes

if TYPE_CHECKING:
    from lxml.html import HtmlElement


@dataclass(frozen=True, slots=True)
class PageOptions:
    """How pages become labelled articles.

    Parameters
    ----------
    labels_from : tuple of str, default=("jsonld", "meta", "microdata", "feed", "breadcrumb", "url", "folder")
        Where labels come from: the first of these that gives one. ``keywords`` can be added. A folder's name
        is a label by default only where several folders hold pages; name ``folder`` to take a lone one, too.
    single_label : bool, default=False
        Take only the first label where a source gives several.
    encoding : str, optional
        Encoding of pages that are not UTF-8 and have no byte order mark, even if they declare another.

    Raises
    ------
    TopicmlValueError
        If there is no such source.
    """

    labels_from: tuple[str, ...] = DEFAULT_LABEL_SOURCES
    single_label: bool = False
    encoding: str | None = None

    def __post_init__(self) -> None:
        check_label_sources(self.labels_from)

    @property
    def lone_folders(self) -> bool:
        """Whether a folder's name is a label although no other folder holds pages."""
        return "folder" in self.labels_from and self.labels_from != DEFAULT_LABEL_SOURCES


DEFAULT_PAGE_OPTIONS = PageOptions()


@dataclass(frozen=True, slots=True)
class SavedPage:
    """A page as it was saved."""

    data: bytes
    place: str  # for messages
    id: str
    url: str | None = None
    encoding: str | None = None  # as the server declared it
    given: Mapping[str, Sequence[str]] = field(default_factory=dict)  # as for `read_signals`


def read_page(page: SavedPage, options: PageOptions = DEFAULT_PAGE_OPTIONS) -> list[Article | Problem]:
    """Read one page: warnings first, then the article, or the problem in its place.

    Of an export that holds several articles, all of them. Whatever is wrong with a page, the others are still
    read.
    """
    doubts: list[Article | Problem] = []
    try:
        page = _without_pictures(page)
    except CorpusError as error:
        return [Problem("no article", str(error), page.place, fatal=False)]
    decoded = decode_page(page.data, options.encoding or page.encoding)
    if decoded.doubt:
        doubts.append(Problem("doubtful encoding", decoded.doubt, page.place, fatal=False, left_out=False))
    return [*doubts, *_or_problem(partial(_articles, decoded.text, page, options), page.place)]


def _or_problem(read: Callable[[], list[Article | Problem]], place: str) -> list[Article | Problem]:
    """Return what is read, or the problem in its place: whatever is wrong, it costs itself alone."""
    try:
        return read()
    except CorpusError as error:
        return [Problem("no article", str(error), place, fatal=False)]
    except MissingExtraError:
        raise
    except ImportError as error:  # the same for every page: of an extractor, or of what it imports in turn
        raise missing_extra(error) from error
    except Exception as error:  # noqa: BLE001  (extractors fail on odd pages in ways of their own)
        reason = f"the extraction failed: {type(error).__name__}: {error}"
        return [Problem("no article", reason, place, fatal=False)]


def _without_pictures(page: SavedPage) -> SavedPage:
    """Return the page itself of a file that holds its pictures, too."""
    if (part := main_part(page.data)) is None:
        return page
    return replace(page, data=part.data, url=page.url or part.url, encoding=page.encoding or part.encoding)


def _articles(text: str, page: SavedPage, options: PageOptions) -> list[Article | Problem]:
    """Read the article of a page, or all those of an export."""
    tree = parse_page(text)
    head = read_head(tree, page.url)
    nodes = read_nodes(tree)
    stories = split_stories(tree, head, nodes)
    if not stories:
        return [_article(tree, head, nodes, page, options)]
    return [
        item
        for number, story in enumerate(stories, 1)
        for item in _one_of_several(story, number, head, page, options)
    ]


def _one_of_several(
    tree: HtmlElement, number: int, head: PageHead, page: SavedPage, options: PageOptions
) -> list[Article | Problem]:
    place, name = f"{page.place}:article {number}", f"{page.id}#{number}"
    own = replace(head, titles=read_head(tree).titles, urls=())
    read = partial(_article, tree, own, (), replace(page, place=place, id=name), options)
    return _or_problem(lambda: [read()], place)


def _article(
    tree: HtmlElement, head: PageHead, nodes: Sequence[Node], page: SavedPage, options: PageOptions
) -> Article:
    signals = read_signals(tree, head, nodes, page.given)
    story = read_story(tree, head, nodes)
    body, title = without_giveaways(story.lines, story.title, giveaways(signals, story))
    if not body.strip():
        raise CorpusError("it has no text besides a section, a byline and the like")
    return labelled(
        Article(
            body, title, id=page.id, date=story.date or None, source=story.source or None, origin=page.place
        ),
        signals,
        options,
        {"author": story.author, "language": story.language, "url": _url(head)},
    )


def giveaways(signals: Sequence[Signal], story: Story) -> Giveaways:
    """Return what the text of a story must not contain."""
    return Giveaways(
        sections=[name for signal in signals if signal.source != "keywords" for name in signal.seen],
        tags=[name for signal in signals if signal.source == "keywords" for name in signal.seen],
        names=[story.author, story.source, *story.author.split("; ")],
    )


def labelled(
    article: Article, signals: Sequence[Signal], options: PageOptions, metadata: Mapping[str, str]
) -> Article:
    """Return the article with its labels, and with all that was seen of them in its metadata."""
    by_source = {signal.source: signal for signal in signals}
    chosen = next((by_source[source] for source in options.labels_from if source in by_source), None)
    seen = {signal.source: list(signal.seen) for signal in signals}
    labels = None if chosen is None else chosen.labels[:1] if options.single_label else chosen.labels
    told = {
        **metadata,
        "label_source": chosen.source if chosen else "",
        "sections_seen": json.dumps(seen, ensure_ascii=False, separators=(",", ":")) if seen else "",
    }
    return Article(
        article.text,
        article.title,
        labels,
        article.id,
        article.date,
        article.source,
        {name: value for name, value in told.items() if value},
        article.origin,
    )


def _url(head: PageHead) -> str:
    return next(iter(head.urls), "")
