"""RSS, Atom and what WordPress exports: an article for each entry, labelled by its categories."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from io import BytesIO
from typing import Any, TypeAlias

from topicml.article import Article, Problem
from topicml.exceptions import CorpusError, MissingExtraError
from topicml.files import shown_path
from topicml.formatting import counted
from topicml.pages.giveaways import without_giveaways
from topicml.pages.one_page import PageOptions, giveaways, labelled
from topicml.pages.page_tree import PageHead, block_lines, one_line, parse_page
from topicml.pages.section_signals import read_signals
from topicml.pages.sources import PageFile
from topicml.pages.story import Story

_Entry: TypeAlias = Mapping[str, Any]  # feedparser's dictionaries, with whatever the feed put into them


def read_feed(data: bytes, file: PageFile, options: PageOptions) -> Iterator[Article | Problem]:
    """Read the entries of a feed; the text is an entry's content, or else its summary.

    Of an export of WordPress, posts that are published; how many others there are is one problem.
    """
    try:
        import feedparser
    except ImportError as error:
        raise MissingExtraError(f"feeds need feedparser: pip install 'topicml[feeds]' ({error})") from error
    path = shown_path(file.path)
    # A stream: text that looks like an address would be fetched.
    parsed = feedparser.parse(BytesIO(data), sanitize_html=False, resolve_relative_uris=False)
    if not parsed.entries:
        yield Problem("unreadable file", "expected RSS or Atom with entries, found none", path, fatal=False)
    elif parsed.bozo:
        reason = f"its XML is broken ({one_line(str(parsed.bozo_exception))}); what can be read is kept"
        yield Problem("broken XML", reason, path, fatal=False, left_out=False)
    if others := Counter(filter(None, map(_unpublished, parsed.entries))):
        listed = ", ".join(f"{count:,} {kind}" for kind, count in sorted(others.items()))
        reason = f"{counted(others.total(), 'item')} that are not published posts left out ({listed})"
        yield Problem("skipped items", reason, path, fatal=False, left_out=False)
    for number, entry in enumerate(parsed.entries, 1):
        if _unpublished(entry):
            continue
        place = f"{path}:entry {number}"
        try:
            yield _article(entry, parsed.feed, file, place, options)
        except CorpusError as error:
            yield Problem("no article", str(error), place, fatal=False)


def _unpublished(entry: _Entry) -> str:
    """Return what an entry of WordPress's export is, if it is no published post; empty if it is one."""
    kind, status = entry.get("wp_post_type", "post"), entry.get("wp_status", "publish")
    return "" if (kind, status) == ("post", "publish") else one_line(f"{kind}: {status}")


def _article(entry: _Entry, feed: _Entry, file: PageFile, place: str, options: PageOptions) -> Article:
    url = one_line(entry.get("link"))
    tree = parse_page(f"<html><body>{_content(entry)}</body></html>")
    story = Story(
        tuple(block_lines(tree)), _plain(entry.get("title")), _plain(entry.get("author")), _day(entry)
    )
    categories = [_plain(tag.get("label") or tag.get("term")) for tag in _tags(entry) or _tags(feed)]
    given = {"feed": [name for name in categories if name], "folder": file.folder}
    signals = read_signals(tree, PageHead(urls=(url,) if url else ()), (), given)
    text, title = without_giveaways(story.lines, story.title, giveaways(signals, story))
    if not text.strip():
        raise CorpusError("it has no text")
    article = Article(
        text,
        title,
        id=one_line(entry.get("id")) or url or place,
        date=story.date or None,
        source=_plain(feed.get("title")) or None,
        origin=place,
    )
    language = one_line(feed.get("language"))[:2].lower()
    return labelled(article, signals, options, {"author": story.author, "language": language, "url": url})


def _content(entry: _Entry) -> str:
    bodies = [body.get("value") or "" for body in entry.get("content") or ()]
    return max([*bodies, entry.get("summary") or ""], key=len)


def _plain(markup: str | None) -> str:
    """Return a title or a name without the markup that feeds put into it."""
    if not markup or "<" not in markup:
        return one_line(markup)
    try:
        return " ".join(block_lines(parse_page(f"<body>{markup}</body>")))
    except CorpusError:
        return ""


def _tags(holder: _Entry) -> list[_Entry]:
    """Return the categories of a feed or an entry; WordPress exports tags and formats beside them."""
    tags = list(holder.get("tags") or ())
    return [tag for tag in tags if tag.get("scheme") == "category"] if "wp_post_type" in holder else tags


def _day(entry: _Entry) -> str:
    when = entry.get("published_parsed") or entry.get("updated_parsed")
    return f"{when[0]:04}-{when[1]:02}-{when[2]:02}" if when else ""
