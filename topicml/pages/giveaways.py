"""Lines of a page that give its section away, which no feature may see."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from topicml.reading.boilerplate import (
    PROSE_WEIGHT,
    SENTENCE_END,
    folded,
    furniture_of,
    is_pointer,
    weight,
    without_credit,
)
from topicml.reading.text_page import breadcrumb_parts

_BETWEEN_TAGS = re.compile(r"\s*[,;|•·/#、，]\s*|\s{2,}")
_AFTER_KICKER = re.compile(r"\s*[|:：»›>•·–—/-]\s+")
_TITLE_PARTS = re.compile(r"\s+[|»›:–—-]\s+|\s*\|\s*|:\s+")
_LONGEST_POINTER = 100
_LONGEST_SECTION = 40
_POINTING = (
    *(
        "more",
        "read",
        "see",
        "follow",
        "listen",
        "subscribe",
        "latest",
        "all",
        "newsletter",
        "sign",
        "related",
        "back",
        "explore",
    ),
    *("mehr", "weitere", "lesen", "alle", "zurück", "plus", "lire", "voir", "toute", "más", "leer", "ver"),
    *("mais", "leia", "altro", "altre", "leggi", "lees", "meer", "läs", "mer", "les", "читать", "ещё", "еще"),
    *("更多", "相关", "返回", "もっと"),
)
_POINTS = re.compile(rf"\W*(?:{'|'.join(_POINTING)})(?:\b|(?<=[\u2e80-\u9fff]))", re.IGNORECASE)
_TAGS_LINE = re.compile(
    r"\W*(?:tags?|topics?|themen|schlagw[oö]rter?|stichworte|mots[- ]cl[ée]s|th[èe]mes|etiquetas|temas"
    r"|palavras|assuntos|trefwoorden|tagi|теги|темы|ключевые слова|rubrik|ressort|rubrique|secci[óo]n|sezione"
    r"|категория|рубрика|分類|タグ)\s*[:：].*",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Giveaways:
    """What a page says about itself that its text must not repeat."""

    sections: Collection[str]  # its labels, and all other names of sections that its sources hold
    tags: Collection[str] = ()  # keywords: lines of nothing but these go
    names: Collection[str] = ()  # the title, the authors: lines that are one of these go


def without_giveaways(lines: Sequence[str], title: str, known: Giveaways) -> tuple[str, str]:
    """Return text and title without the words that give the label away.

    >>> story = "Politics: The ferry that links the two banks of the river returned to its berth on Monday."
    >>> lines = ["Home / Politics", "By Ada Moss", story, "All cheered.", "More in Politics"]
    >>> without_giveaways(lines, "Ferry returns | Politics", Giveaways(["Politics"]))[1]
    'Ferry returns'
    >>> print(without_giveaways(lines, "Ferry returns", Giveaways(["Politics"]))[0])
    The ferry that links the two banks of the river returned to its berth on Monday.
    All cheered.
    """
    sections = _folded_set(known.sections)
    edges = _Edges(
        sections, sections | _folded_set(known.tags), sections | _folded_set([title, *known.names])
    )
    inner = [line for line in lines if not _tells_section(line, sections)]
    begin = next((index for index, line in enumerate(inner) if edges.begin_or_end(line)), len(inner))
    last = next(
        (index for index in reversed(range(begin, len(inner))) if edges.begin_or_end(inner[index])), begin
    )
    end, after = last + 1, inner[last + 1 :]
    cut = next((index for index, line in enumerate(after) if is_pointer(line)), len(after))
    outer = [line for line in inner[:begin] if not edges.holds(line)]
    story = [*outer, *inner[begin:end], *(line for line in after[:cut] if not edges.holds(line))]
    kept = [line for line in map(without_credit, story) if line]
    return "\n".join(_without_kicker(kept, sections)), _without_section(title, sections)


@dataclass(frozen=True, slots=True)
class _Edges:
    """Tells what may go before the story and after it."""

    sections: frozenset[str]
    tags: frozenset[str]
    names: frozenset[str]

    def begin_or_end(self, line: str) -> bool:
        """Return whether the story may begin or end with a line."""
        return _is_prose(line) and not self.holds(line)

    def holds(self, line: str) -> bool:
        """Return whether a line is no part of the story."""
        parts = [folded(part) for part in _BETWEEN_TAGS.split(line)]
        return (
            folded(line) in self.names
            or all(part in self.tags or not part for part in parts)
            or _points_to(line, self.sections)
            or bool(furniture_of(line) or breadcrumb_parts(line) or _TAGS_LINE.fullmatch(line))
        )


def _tells_section(line: str, sections: Collection[str]) -> bool:
    """Return whether a line, in any place, is the section's name, its breadcrumb or a pointer to it."""
    if len(line) > _LONGEST_POINTER:
        return False
    if folded(line) in sections or any(folded(part) in sections for part in breadcrumb_parts(line)):
        return True
    return _points_to(line, sections) and not SENTENCE_END.search(line)


def _points_to(line: str, sections: Collection[str]) -> bool:
    """Return whether a line invites to read, or follow, the section."""
    if len(line) > _LONGEST_POINTER or not _POINTS.match(line):
        return False
    return any(f" {section} " in f" {folded(line)} " for section in sections)


def _without_kicker(lines: list[str], sections: Collection[str]) -> list[str]:
    """Take the section's name off the beginning of the first line."""
    if lines and (found := _AFTER_KICKER.search(lines[0])) and folded(lines[0][: found.start()]) in sections:
        lines = [lines[0][found.end() :], *lines[1:]]
    return lines


def _without_section(title: str, sections: Collection[str]) -> str:
    """Take the section's name off both ends of a title; a title that is nothing else stays."""
    for found in reversed(list(_TITLE_PARTS.finditer(title))):
        if not _is_section(title[found.end() :], sections):
            break
        title = title[: found.start()]
    first = _TITLE_PARTS.search(title)
    return title[first.end() :] if first and _is_section(title[: first.start()], sections) else title


def _is_section(part: str, sections: Collection[str]) -> bool:
    """Return whether a part of a title is a section's name: breadcrumbs, too, may end in headlines."""
    return len(part) <= _LONGEST_SECTION and folded(part) in sections


def _is_prose(line: str) -> bool:
    ends = SENTENCE_END.search(line) is not None
    return weight(line) >= (PROSE_WEIGHT // 3 if ends else PROSE_WEIGHT)


def _folded_set(texts: Iterable[str]) -> frozenset[str]:
    return frozenset(filter(None, map(folded, texts)))
