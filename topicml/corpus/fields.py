"""Values of the fields of articles: dates, sources, lengths, and what a caller asks for."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from types import MappingProxyType

from topicml.article import Article
from topicml.exceptions import CorpusError

_LISTED = 20
# Stricter than fromisoformat, which reads the milliseconds 1611121710000 as the year 1611.
_DATE = re.compile(r"\d{4}(-\d\d-\d\d|\d{4}|-W\d\d-\d|W\d{3})([T ].+)?", re.ASCII | re.IGNORECASE)
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

    Dates are ISO 8601. One without a zone is taken as UTC, and a day without a time as its start.
    Anything else, such as 31/03/2024, could be meant in two ways, and is None.

    Examples
    --------
    >>> parse_instant("2024-03-31T01:30:00+01:00") < parse_instant("2024-03-31T00:45:00Z")
    True
    >>> parse_instant("2024-03-31") == parse_instant("2024-03-31T02:00+02:00")
    True
    >>> parse_instant("31/03/2024 02:00") is None
    True
    """
    written = date.strip()
    if not _DATE.fullmatch(written):
        return None
    try:
        moment = datetime.fromisoformat(written)
    except ValueError:
        return None
    # By subtraction, since a conversion to UTC overflows on the first and the last day of the calendar.
    since_year_1 = moment.replace(tzinfo=None) - datetime.min
    return (since_year_1 - (moment.utcoffset() or timedelta())) // _MICROSECOND


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


def _year(article: Article) -> str:
    return _month(article)[:4]


def _month(article: Article) -> str:
    written = (article.date or "").strip()
    if parse_instant(written) is None:
        return ""
    moment = datetime.fromisoformat(written)
    return f"{moment.year:04}-{moment.month:02}"


def _length(article: Article) -> str:
    return _BANDS[bisect_right(_LENGTHS, len(article.full_text))]


_DERIVED: Mapping[str, Callable[[Article], str]] = MappingProxyType(
    {"year": _year, "month": _month, "length": _length}
)
