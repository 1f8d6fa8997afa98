"""Text for people: one line each, tables, counts, sizes, lists cut short, text within HTML."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import MISSING, Field, fields
from types import MappingProxyType
from typing import Any

from topicml.exceptions import TopicmlTypeError, TopicmlValueError

_MORE = "..."
_BRIEF, _FIELD = 370, 60  # cells that a value takes, and one of its fields
_UNITS = MappingProxyType(
    {"": 1, "b": 1, "kb": 10**3, "mb": 10**6, "gb": 10**9, "kib": 1 << 10, "mib": 1 << 20, "gib": 1 << 30}
)
_SIZE = re.compile(r"\s*(\d{1,15}(?:\.\d{1,15})?)\s*([kmg]?i?b)?\s*", re.ASCII | re.IGNORECASE)
# Controls and halves of surrogate pairs, which no document may hold, and what would turn the text around.
_UNSHOWN = dict.fromkeys(
    [
        *(set(range(0x20)) - set(b"\t\n\r")),
        *range(0x7F, 0xA0),
        *range(0x202A, 0x202F),
        *range(0x2066, 0x206A),
        *range(0xD800, 0xE000),
        *(0xFFFE, 0xFFFF),
    ],
    "\ufffd",
)


def table_lines(rows: Iterable[Sequence[str]], *, right: Sequence[bool]) -> list[str]:
    r"""Return rows as lines with aligned columns, the header first; wide characters count twice.

    Cells hold nothing that steers a terminal.

    >>> print("\n".join(table_lines([["label", "F1"], ["sport", "0.9"]], right=[False, True])))
    label   F1
    sport  0.9
    """
    cells = list(rows)
    widths = [max(map(_width, column)) for column in zip(*cells, strict=True)]
    return [
        "  ".join(
            " " * (width - _width(cell)) + cell if to_right else cell + " " * (width - _width(cell))
            for cell, width, to_right in zip(row, widths, right, strict=True)
        ).rstrip()
        for row in cells
    ]


def shortened(text: str, width: int) -> str:
    r"""Return the beginning of a text on one line, in no more than so many cells, or three.

    >>> shortened("Envoys meet\n\nTalks resumed in Geneva", 20)
    'Envoys meet Talks...'
    """
    width = max(width, len(_MORE))
    line = escaped(" ".join(text.split()))
    if _width(line) <= width:
        return line
    taken, cells = 0, 0
    while cells + _cells(line[taken]) <= width - len(_MORE):
        cells += _cells(line[taken])
        taken += 1
    return line[:taken].rstrip() + _MORE


def wrapped(text: str, *, width: int = 80, indent: str = "", hanging: str = "") -> list[str]:
    """Return a sentence in lines of no more than so many cells, the first indented, the others hanging.

    Only blanks part lines, and none between a number and its %; a longer word stands alone on a line that
    is too long.

    >>> wrapped("why: cup +0.41, final +0.20", width=16, indent="- ", hanging="  ")
    ['- why: cup', '  +0.41, final', '  +0.20']
    """
    lines: list[str] = []
    line, empty = indent, True
    for word in re.split(" +(?!%)", escaped(text).strip()):
        longer = line + word if empty else f"{line} {word}"
        if _width(longer) > width and not empty:
            lines.append(line)
            longer = hanging + word
        line, empty = longer, False
    return [*lines, line]


def line_breaks(text: str, width: int) -> set[int]:
    r"""Return the places of the blanks at which a text is to be broken, so that its lines have so many cells.

    >>> line_breaks("a cup final\nat night", 8)
    {5}
    """
    found: set[int] = set()
    begin, blank, cells = 0, -1, 0
    for place, letter in enumerate(text):
        cells += _cells(letter)
        if letter == "\n":
            begin, cells = place + 1, 0
        elif letter == " ":
            blank = place
        elif cells > width and blank >= begin:
            found.add(blank)
            begin, cells = blank + 1, _width(text[blank + 1 : place + 1])
    return found


def _width(text: str) -> int:
    """Cells that a text takes in a terminal (Unicode Standard Annex 11; marks take none)."""
    return sum(map(_cells, text))


def _cells(character: str) -> int:
    if unicodedata.category(character) in ("Mn", "Me"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def escaped(text: str) -> str:
    r"""Return text on one line, with control characters and invisible ones written as escapes.

    >>> escaped("two\nlines")
    'two\\nlines'
    """
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in text)


def counted(number: int, noun: str, plural: str | None = None) -> str:
    """Return a number with its noun, in the plural where it is one.

    >>> counted(1, "row"), counted(2000, "row"), counted(2, "story", "stories")
    ('1 row', '2,000 rows', '2 stories')
    """
    return f"{number} {noun}" if number == 1 else f"{number:,} {plural or f'{noun}s'}"


def percent(probability: float) -> str:
    """Return a probability in whole per cents, none of which is a round certainty.

    >>> percent(0.864), percent(0.9999), percent(0.0001)
    ('86%', 'over 99%', 'under 1%')
    """
    if probability >= 0.995:
        return "over 99%"
    return "under 1%" if probability < 0.005 else f"{probability:.0%}"


def listed(items: Iterable[str], n: int, *, between: str = ", ", more: str = ", and {} more") -> str:
    """Join the first n items, and say how many more there are where there are any.

    >>> listed("abcd", 2), listed("abcd", 2, more=", ..."), listed("ab", 2)
    ('a, b, and 2 more', 'a, b, ...', 'a, b')
    """
    found = list(items)
    return between.join(found[:n]) + (more.format(len(found) - n) if len(found) > n else "")


def brief(value: object) -> str:
    """Return a dataclass in a line of at most 400 characters: the fields that are not their defaults.

    >>> from dataclasses import dataclass
    >>> @dataclass
    ... class Point:
    ...     x: int
    ...     name: str = ""
    >>> brief(Point(3)), brief(Point(3, "north of the harbour")), len(brief(Point(3, "far " * 999)))
    ('Point(x=3)', "Point(x=3, name='north of the harbour')", 76)
    """
    given = (
        f"{field.name}={shortened(repr(own), _FIELD)}"
        for field in fields(value)  # type: ignore[arg-type]  # there is no type of dataclasses
        if not _is_default(field, own := getattr(value, field.name))
    )
    return f"{type(value).__name__}({shortened(', '.join(given), _BRIEF)})"


def _is_default(field: Field[Any], own: object) -> bool:
    usual = field.default if field.default_factory is MISSING else field.default_factory()
    return own is usual or (type(own) is type(usual) and own == usual)


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Return a hint at the one of the known names that a misspelt one is closest to, if one is close.

    >>> did_you_mean("peacekeping", ["Peacekeeping", "Trade"]), did_you_mean("x", ["Trade"])
    ("; did you mean 'Peacekeeping'?", '')
    """
    from difflib import get_close_matches  # noqa: PLC0415  (only misspelt names need it)

    by_folded = {one.strip().casefold(): one for one in known}
    close = get_close_matches(name.strip().casefold(), by_folded, n=1)
    return f"; did you mean {by_folded[close[0]]!r}?" if close else ""


def refuse_unknown(kind: type, given: Iterable[str]) -> None:
    """Refuse names that are no fields of a dataclass, with the field that each is closest to.

    >>> from dataclasses import make_dataclass
    >>> refuse_unknown(make_dataclass("Settings", ["max_terms"]), ["max_term"])
    Traceback (most recent call last):
    topicml.exceptions.TopicmlTypeError: Settings has no field 'max_term'; did you mean 'max_terms'?
    """
    known: Mapping[str, object] = vars(kind)[
        "__dataclass_fields__"
    ]  # fields() is slow for each of many articles
    for name in given:
        if name not in known:
            hint = did_you_mean(name, known) or f"; it has {', '.join(known)}"
            raise TopicmlTypeError(f"{kind.__name__} has no field {name!r}{hint}")


def parse_size(text: str) -> int:
    """Read a size in bytes; of a part of a byte, nothing is left.

    It is a number, and its unit in any case: B, kB, MB, GB (thousands) or KiB, MiB, GiB (1,024).

    >>> parse_size("2MB"), parse_size("1.5 kB"), parse_size("2MiB"), parse_size("800")
    (2000000, 1500, 2097152, 800)
    """
    match = _SIZE.fullmatch(text)
    if not match or (unit := (match[2] or "").lower()) not in _UNITS:
        raise TopicmlValueError(f"expected a size such as 2MB, 500 kB, 2MiB or 800000, found {text!r}")
    whole, _, part = match[1].partition(".")
    size: int = int(whole + part) * _UNITS[unit] // 10 ** len(part)  # no float, so that 0.3 kB is 300 bytes
    if size < 1:
        raise TopicmlValueError(f"expected a size of 1 byte or more, found {text!r}")
    return size


def size_text(n_bytes: int) -> str:
    """Write a size so that people read it at a glance.

    >>> size_text(1), size_text(999), size_text(12_345), size_text(999_999), size_text(2_000_000)
    ('1 byte', '999 bytes', '12.3 kB', '1.00 MB', '2.00 MB')
    """
    if n_bytes < 1000:
        return "1 byte" if n_bytes == 1 else f"{n_bytes} bytes"
    if n_bytes < 999_950:
        return f"{n_bytes / 1e3:.1f} kB"
    return f"{n_bytes / 1e6:,.2f} MB"


def html_safe(text: str) -> str:
    r"""Return text that is text wherever it stands in HTML, also in a quoted attribute.

    >>> html_safe('<b title="x">&\x00')
    '&lt;b title=&quot;x&quot;&gt;&amp;�'
    """
    from html import escape  # noqa: PLC0415  (it brings all entities, which predictions do without)

    return escape(text.translate(_UNSHOWN), quote=True)
