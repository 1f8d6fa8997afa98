"""Dates as they are written, to instants that have an order."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

# Stricter than fromisoformat, which reads the milliseconds 1611121710000 as the year 1611.
_DATE = re.compile(r"\d{4}(-\d\d-\d\d|\d{4}|-W\d\d-\d|W\d{3})([T ].+)?", re.ASCII | re.IGNORECASE)
_MICROSECOND = timedelta(microseconds=1)


def parse_instant(date: str) -> int | None:
    """Return when something was, in microseconds since the year 1 (UTC), or None for what is no date.

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
