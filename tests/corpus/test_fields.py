from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from topicml.article import Article
from topicml.corpus.fields import field_values, parse_instant, slice_values, unread_dates
from topicml.exceptions import CorpusError

ARTICLES = [Article("Rain", source="Daily", metadata={" Desk ": "a", "lang": "en"}), Article("Snow")]
LATEST = datetime(2100, 12, 31)
ZONES = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))


@pytest.mark.parametrize(
    ("field", "values"),
    [("source", ["Daily", ""]), ("desk", ["a", ""]), (" Desk ", ["a", ""]), ("LANG", ["en", ""])],
)
def test_values(field, values):
    assert field_values(ARTICLES, field) == values


def test_an_unknown_field_names_those_that_are_there():
    with pytest.raises(
        CorpusError,
        match="no article has the field 'x'; expected one of the fields 'source', ' Desk ', 'lang'",
    ):
        field_values(ARTICLES, "x")


def test_what_else_could_be_said_is_named_too():
    with pytest.raises(CorpusError, match="expected random, time or one of the fields 'source'"):
        field_values(ARTICLES, "x", others=("random", "time"))


def test_two_names_that_differ_by_case_alone_cannot_be_told_apart():
    twice = [Article("Rain", metadata={"Desk": "a", "desk ": "b"})]
    with pytest.raises(CorpusError, match="there are two fields 'DESK'"):
        field_values(twice, "DESK")
    assert field_values(twice, "Desk") == ["a"]


@given(st.datetimes(max_value=LATEST, timezones=ZONES), st.datetimes(max_value=LATEST, timezones=ZONES))
def test_the_order_is_that_of_instants(one, other):
    assert (parse_instant(one.isoformat()) < parse_instant(other.isoformat())) == (one < other)


@given(st.datetimes(max_value=LATEST))
def test_a_date_without_a_zone_is_taken_as_utc(moment):
    assert parse_instant(moment.isoformat()) == parse_instant(moment.replace(tzinfo=UTC).isoformat())


@given(st.dates())
def test_a_day_is_its_start(day):
    assert parse_instant(day.isoformat()) == parse_instant(f"{day.isoformat()}T00:00:00Z")


@pytest.mark.parametrize(
    "spelling",
    [
        "2024-03-31T01:30:00+01:00",
        "2024-03-31 00:30",
        "2024-03-31T00:30:00Z",
        "20240331T003000Z",
        "2024-W13-7T00:30",
        " 2024-03-31T00:30:00.000000-00:00\n",
        "2024-03-30T23:30:00-01:00",
        "2024/03/31 00:30",
        "Sun, 31 Mar 2024 00:30:00 GMT",
        "31 Mar 2024 02:30:00 +0200",
        "1711845000",
        "1711845000000",
    ],
)
def test_one_instant_has_many_spellings(spelling):
    assert parse_instant(spelling) == parse_instant("2024-03-31T00:30:00")


def test_the_number_is_of_microseconds():
    assert parse_instant("0001-01-02") == 86_400_000_000
    assert parse_instant("2024-03-31T00:30:00.000001") - parse_instant("2024-03-31T00:30:00") == 1


@pytest.mark.parametrize("extreme", ["0001-01-01T00:00:00+14:00", "2100-12-31T23:59:59-14:00"])
def test_the_first_and_the_last_day_have_instants(extreme):
    assert datetime.fromisoformat(extreme).year in (1, 2100)
    assert isinstance(parse_instant(extreme), int)


@pytest.mark.parametrize(
    "date",
    [
        *("", " ", "31/03/2024 02:00", "03-31-2024", "31.3.2024", "2024", "March 31, 2024"),
        *("2024-02-30", "2024-13-01", "2024-03-31T25:00", "2024-03-31T01:30+99:00", "yesterday", "n/a"),
        *(
            "171184",
            "２０２４-03-31",
            "2024-3-1",
            "Sun, 32 Mar 2024 00:30:00 GMT",
            "9999-12-31",
            "2204-01-01",
        ),
    ],
)
def test_what_could_be_meant_in_two_ways_or_in_none_is_no_date(date):
    assert parse_instant(date) is None


@given(st.text(max_size=30))
def test_no_text_breaks_it(text):
    assert parse_instant(text) is None or parse_instant(text) >= -(1 << 62)


def test_a_month_alone_is_its_first_day():
    assert parse_instant("2024-03") == parse_instant("2024-03-01")


def test_dates_that_cannot_be_read_are_named():
    articles = [Article("Rain", date="2024-03"), Article("Snow", date="05/01/2024", origin="a.csv:3")]
    assert unread_dates(articles[:1]) is None
    assert unread_dates([Article("Hail"), *articles]) == (
        "1 date cannot be read, the first at a.csv:3: '05/01/2024'; name its order with --date-order"
    )


def test_a_month_is_that_of_every_spelling():
    dates = ["2024/01/05", "Fri, 05 Jan 2024 10:00:00 GMT", "1704448800", "2024-01"]
    assert slice_values([Article("Rain", date=date) for date in dates], "month") == ["2024-01"] * 4
