"""Values of the fields of articles: dates, sources, lengths, and what a caller asks for."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from itertools import pairwise
from types import MappingProxyType

from topicml.article import Article, place_of
from topicml.exceptions import CorpusError
from topicml.formatting import counted

_LISTED = 20
# Stricter than fromisoformat, which reads the milliseconds 1611121710000 as the year 1611.
_DATE = re.compile(r"\d{4}(-\d\d-\d\d|\d{4}|-W\d\d-\d|W\d{3})([T ].+)?", re.ASCII | re.IGNORECASE)
_MONTH = re.compile(r"(\d{4})[-/](\d\d)", re.ASCII)
_SLASHED = re.compile(r"^(\d{4})/(\d\d)/(\d\d)", re.ASCII)
_MAIL = re.compile(r"(?:[A-Z][a-z]{2}, )?\d{1,2} [A-Z][a-z]{2} \d{4} \d\d:\d\d", re.ASCII)
_EPOCH = re.compile(r"\d{10}|\d{13}", re.ASCII)
_LATEST_YEAR = 2100  # later ones, such as 9999-12-31, stand in databases for a date that nobody knows
_MICROSECOND = timedelta(microseconds=1)
_LENGTHS = (50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000)
_BANDS = (
    f"under {_LENGTHS[0]}",
    *(f"{low:,} to {high - 1:,}" for low, high in pairwise(_LENGTHS)),
    f"{_LENGTHS[-1]:,} or more",
)
BAND_RANK = {band: rank for rank, band in enumerate(_BANDS)}


def field_values(articles: Sequence[Article], field: str, *, others: Sequence[str] = ()) -> list[str]:
    """Return the field of each article; an empty text where it has none.

    The field is ``source``, or a name in the articles' metadata, whatever its case and outer blanks. If no
    article has it, or it occurs twice, that is an error; its message also names the `others` that the caller
    understands.

    >>> articles = [Article("Rain", source="Daily"), Article("Cup final", metadata={"Desk": "sport"})]
    >>> field_values(articles, "source"), field_values(articles, "desk")
    (['Daily', ''], ['', 'sport'])
    """
    if field == "source":
        return [article.source or "" for article in articles]
    names = dict.fromkeys(name for article in articles for name in article.metadata)
    alike = [name for name in names if name.strip().casefold() == field.strip().casefold()]
    matches = [field] if field in names else alike
    if len(matches) != 1:
        listed = ", ".join(repr(name) for name in ("source", *sorted(names)[:_LISTED]))
        wrong = f"there are two fields {field!r}" if matches else f"no article has the field {field!r}"
        also = f"{', '.join(others)} or " if others else ""
        raise CorpusError(f"{wrong}; expected {also}one of the fields {listed}")
    return [article.metadata.get(matches[0], "") for article in articles]


def parse_instant(date: str) -> int | None:
    """Return a date as microseconds since the year 1 (UTC), or None if it is no date.

    Dates are ISO 8601 (also a month alone, which is taken as its first day), ``2024/03/31``, those of mails
    and feeds (RFC 822), or seconds or milliseconds since 1970. One without a zone is taken as UTC, and a day
    without a time as its start. A date after the year 2100 stands for a missing one. Anything else, such as
    31/03/2024, could be meant in two ways, and is None.

    Examples
    --------
    >>> parse_instant("2024-03-31T01:30:00+01:00") < parse_instant("2024-03-31T00:45:00Z")
    True
    >>> parse_instant("2024-03-31") == parse_instant("Sun, 31 Mar 2024 02:00:00 +0200")
    True
    >>> parse_instant("31/03/2024 02:00") is None
    True
    """
    moment = _moment(date.strip())
    if moment is None:
        return None
    # By subtraction, since a conversion to UTC overflows on the first and the last day of the calendar.
    since_year_1 = moment.replace(tzinfo=None) - datetime.min
    return (since_year_1 - (moment.utcoffset() or timedelta())) // _MICROSECOND


def _moment(written: str) -> datetime | None:
    """Return the moment that a text names, in its own time zone."""
    try:
        if _EPOCH.fullmatch(written):
            seconds = int(written) / (1 if len(written) == 10 else 1_000)
            moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
        elif month := _MONTH.fullmatch(written):
            moment = datetime(int(month[1]), int(month[2]), 1)
        elif _DATE.fullmatch(iso := _SLASHED.sub(r"\1-\2-\3", written)):
            moment = datetime.fromisoformat(iso)
        elif _MAIL.match(written):
            moment = parsedate_to_datetime(written)
        else:
            return None
    except (ValueError, OverflowError):
        return None
    return moment if moment.year <= _LATEST_YEAR else None


def slice_values(articles: Sequence[Article], field: str) -> list[str]:
    """Return the value of a field of each article, as `field_values` does.

    Where the metadata has no such name, ``year`` and ``month`` are taken from the date as it is written, and
    ``length`` is a range of characters of title and text.

    >>> slice_values([Article("Rain", date="2024-03-31"), Article("Snow", date="soon")], "year")
    ['2024', '']
    >>> slice_values([Article("Rain"), Article("Snow" * 100)], "length")
    ['under 50', '200 to 499']
    """
    derived = _DERIVED.get(field)
    if derived and not any(field in article.metadata for article in articles):
        return [derived(article) for article in articles]
    return field_values(articles, field, others=tuple(_DERIVED))


def unread_dates(articles: Sequence[Article]) -> str | None:
    """Return a note on articles whose dates cannot be read; None if there are none.

    >>> unread_dates([Article("Snow", date="31/03/2024", origin="a.csv:3")])
    "1 date cannot be read, the first at a.csv:3: '31/03/2024'; name its order with --date-order"
    """
    unread = [row for row, a in enumerate(articles) if (a.date or "").strip() and not _month(a)]
    if not unread:
        return None
    first = articles[unread[0]]
    return (
        f"{counted(len(unread), 'date')} cannot be read, the first at "
        f"{place_of(first, unread[0])}: {first.date!r}; name its order with --date-order"
    )


def _year(article: Article) -> str:
    return _month(article)[:4]


def _month(article: Article) -> str:
    moment = _moment((article.date or "").strip())
    return "" if moment is None else f"{moment.year:04}-{moment.month:02}"


def _length(article: Article) -> str:
    return _BANDS[bisect_right(_LENGTHS, len(article.full_text))]


_DERIVED: Mapping[str, Callable[[Article], str]] = MappingProxyType(
    {"year": _year, "month": _month, "length": _length}
)
