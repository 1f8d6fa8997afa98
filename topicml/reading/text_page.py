"""A news page saved as text: its headline, its story, and the section that its breadcrumb names.

What a site prints around a story gives its section away: breadcrumb, byline, desk, date, counters. A
classifier that sees them learns these instead of the story, so they are removed from the text. Only lines
before and after the story are removed: inside it, every line belongs to the story.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from itertools import takewhile

from topicml.article import Article
from topicml.reading.boilerplate import (
    IDEOGRAPH,
    PROSE_WEIGHT,
    SENTENCE_END,
    Furniture,
    furniture_of,
    is_pointer,
    weight,
    without_credit,
)

_LEAD_IN = re.compile(
    r"(?:you are here|location|current position|当前位置|您的位置|您当前的位置|位置)\s*[:：]\s*",
    re.IGNORECASE,
)
_ARROWS = re.compile(r"\s*(?:>|»|›|→)+\s*")
_STROKES = re.compile(r"\s+[/|]\s+")
_ROOTS = frozenset(
    [
        *("home", "homepage", "home page", "front page", "index", "start", "startseite", "accueil", "inicio"),
        *("início", "главная", "首页", "首頁", "主页", "网站首页", "新闻首页", "ホーム", "トップ", "홈"),
        "الرئيسية",
    ]
)
_STORY_CRUMBS = frozenset(
    ("article", "story", "full story", "news article", "text", "details", "正文", "内容", "详情", "本文")
)
_CRUMB_LENGTH = 40
_SENTENCE_END = re.compile(rf"{SENTENCE_END.pattern}|[\"”’»」』]$")
_FULL_STOP = re.compile(r"[.。][\"'”’)）]*$")


def is_breadcrumb(line: str) -> bool:
    """Return whether a line is a breadcrumb, such as ``Home / World / Africa`` or ``News > Science``.

    Without a home page at its head, strokes must separate three names or more: ``Win / lose`` is text.

    >>> [is_breadcrumb(line) for line in ("Home / Science", "News > World", "Win / lose", "If a > b, b < a.")]
    [True, True, False, False]
    """
    return bool(breadcrumb_parts(line))


def parse_text_page(content: str) -> Article:
    r"""Take a whole saved page apart; without a breadcrumb on its first line the article has no label.

    >>> page = "Home / Rivers\n\nFerry returns\n\nBy Ada Moss\n\n2016-03-03\n\n8.03K\n\nThe ferry is back."
    >>> article = parse_text_page(page)
    >>> article.title, article.text, article.labels, article.date, article.metadata["byline"]
    ('Ferry returns', 'The ferry is back.', ('Rivers',), '2016-03-03', 'By Ada Moss')
    """
    lines = [stripped for line in content.split("\n") if (stripped := line.strip())]
    crumbs = breadcrumb_parts(lines[0]) if lines else ()
    lines = lines[1:] if crumbs else lines
    title = _headline(lines, crumbs)
    sections = section_crumbs(crumbs, title)
    story, furniture = _strip(lines, title, {_folded(section) for section in sections})
    bylines = [piece.text for piece in furniture if piece.kind == "byline"]
    return Article(
        text="\n".join(story),
        title=title,
        labels=(sections[-1],) if sections else None,
        date=_published(furniture),
        metadata={"byline": "; ".join(dict.fromkeys(bylines))} if bylines else {},
    )


def breadcrumb_parts(line: str) -> tuple[str, ...]:
    """Return the parts of a breadcrumb below the home page; none if the line is not one.

    >>> breadcrumb_parts("You are here: Home > World > Africa"), breadcrumb_parts("Win / lose")
    (('World', 'Africa'), ())
    """
    trail = _LEAD_IN.sub("", line, count=1) if _LEAD_IN.match(line) else line
    arrows = _ARROWS.search(trail) is not None
    parts = [part for part in (_ARROWS if arrows else _STROKES).split(trail) if part]
    from_home = bool(parts) and _folded(parts[0]) in _ROOTS
    if len(parts) < (2 if arrows or from_home else 3) or not all(map(_is_crumb, parts[:-1])):
        return ()
    if not from_home and not _is_crumb(parts[-1]):
        return ()
    return tuple(part for part in parts if _folded(part) not in _ROOTS)


def section_crumbs(crumbs: Iterable[str], title: str) -> list[str]:
    """Return the crumbs that are sections: neither the home page nor the story itself.

    >>> section_crumbs(["Home", "World", "Africa", "Ferry returns to..."], "Ferry returns to its berth")
    ['World', 'Africa']
    """
    return [crumb for crumb in crumbs if _folded(crumb) not in _ROOTS and not _is_story_crumb(crumb, title)]


def _is_crumb(part: str) -> bool:
    """Return whether a part can be a section's name: short, no sentence, no formula."""
    plain = part[0].isalpha() and not part[0].islower() and not _SENTENCE_END.search(part)
    return plain and len(part) <= _CRUMB_LENGTH


def _headline(lines: Sequence[str], crumbs: Sequence[str]) -> str:
    """Choose among the lines before the first paragraph.

    A line that the breadcrumb ends with is its section's name, unless it is as long as a headline or, as
    headlines often are, there twice.
    """
    opening = list(takewhile(lambda line: not (_is_sentence(line) and _FULL_STOP.search(line)), lines))
    plain = [line for line in opening if not furniture_of(line) and without_credit(line) == line]
    others = [line for line in plain if not _names_any(line, crumbs)]
    last_crumbs = [line for line in plain if _names_any(line, crumbs[-1:])]
    twice = [line for line in others if others.count(line) > 1]
    sure = [line for line in last_crumbs if _is_long(line) or (len(crumbs) > 1 and plain.count(line) > 1)]
    # With one crumb, a line that repeats it is the section's name, and the page has no headline.
    candidates = [*sure, *twice, *others, *(last_crumbs if len(crumbs) > 1 else [])]
    return candidates[0] if candidates else ""


def _names_any(line: str, crumbs: Iterable[str]) -> bool:
    return any(_is_same(crumb, line) for crumb in crumbs)


def _is_same(crumb: str, line: str) -> bool:
    """Compare, where a breadcrumb may break a long headline off."""
    if crumb.endswith(("...", "…")):
        return _folded(line).startswith(_folded(crumb.rstrip(".…")))
    return _folded(crumb) == _folded(line)


def _is_story_crumb(crumb: str, title: str) -> bool:
    return _folded(crumb) in _STORY_CRUMBS or bool(title and _is_same(crumb, title))


def _strip(lines: Sequence[str], title: str, sections: Collection[str]) -> tuple[list[str], list[Furniture]]:
    """Part the lines into the story's and the furniture."""
    begin, end, cut = _story_bounds(lines, title)
    story: list[str] = []
    furniture: list[Furniture] = []
    for index, line in enumerate(lines[:cut]):
        pieces = () if begin <= index < end else furniture_of(line)
        furniture += pieces
        repeated = index < begin and bool(title) and _folded(line) == _folded(title)
        if not (pieces or repeated or _folded(line) in sections):
            story.append(without_credit(line))
    return list(filter(None, story)), furniture


def _story_bounds(lines: Sequence[str], title: str) -> tuple[int, int, int]:
    """Return the first paragraph, the end of the last one, and where pointers to other stories begin."""
    after_title = lines.index(title) + 1 if title else 0
    plain = [
        index
        for index, line in enumerate(lines)
        if index >= after_title and not furniture_of(line) and without_credit(line) == line
    ]
    ended = [index for index in plain if _SENTENCE_END.search(lines[index]) and lines[index] != title]
    paragraphs = [index for index in ended if _is_sentence(lines[index])] or ended
    if not paragraphs:
        return len(lines), len(lines), len(lines)
    # The headlines that a pointer lists may ask or quote, but do not end in a full stop.
    last = max([*paragraphs, *(index for index in ended if _FULL_STOP.search(lines[index]))])
    cut = next((index for index in range(last + 1, len(lines)) if is_pointer(lines[index])), len(lines))
    end = max(index for index in ended if index < cut) + 1
    return paragraphs[0], end, cut


def _is_sentence(line: str) -> bool:
    return weight(line) >= PROSE_WEIGHT and _SENTENCE_END.search(line) is not None


def _is_long(line: str) -> bool:
    return weight(line) >= 20 and (len(line.split()) >= 4 or IDEOGRAPH.search(line) is not None)


def _folded(text: str) -> str:
    return " ".join(text.casefold().split())


def _published(furniture: Iterable[Furniture]) -> str | None:
    """Return the day of publication, or else of the first change."""
    days = [piece for piece in furniture if piece.date]
    return next((day.date for day in sorted(days, key=lambda day: day.updated)), None)
