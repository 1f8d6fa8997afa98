"""Sizes as people write them."""

from __future__ import annotations

import re
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from topicml.exceptions import TopicmlValueError
from topicml.formatting import parse_size, shortened, size_text, table_lines, wrapped

WORDS = st.text(st.characters(codec="ascii", categories=["L", "N"]), min_size=1, max_size=9)


@given(st.text(st.characters(exclude_categories=["M"])), st.integers(4, 40))  # marks take no cell
def test_shortened_text_is_one_line_that_steers_nothing(text, width):
    shown = shortened(text, width)
    assert shown.isprintable()
    assert len(shown) <= width


@given(st.lists(WORDS))
def test_short_text_is_left_alone(words):
    text = " ".join(words)
    assert shortened(text, len(text)) == text


def test_wide_characters_count_twice():
    assert shortened("新闻新闻新闻", 9) == "新闻新..."
    assert shortened("新闻新闻", 8) == "新闻新闻"


@given(st.lists(WORDS, min_size=1), st.integers(12, 40))
def test_wrapped_lines_hold_every_word_and_fit(words, width):
    lines = wrapped(" ".join(words), width=width, indent="- ", hanging="  ")
    assert " ".join(line[2:] for line in lines) == " ".join(words)
    assert all(len(line) <= width for line in lines)
    assert [line[:2] for line in lines] == ["- ", *["  "] * (len(lines) - 1)]


def test_a_long_word_stands_alone():
    assert wrapped("a " + "b" * 30 + " c", width=10) == ["a", "b" * 30, "c"]


def test_no_line_begins_with_a_percent_sign():
    assert wrapped("the 95 % interval", width=7) == ["the", "95 %", "interval"]


@pytest.mark.parametrize(("right", "line"), [(False, "a    1"), (True, "  a  1")])
def test_a_column_is_aligned(right, line):
    assert table_lines([["新a", "1"], ["a", "1"]], right=[right, False])[1] == line


@pytest.mark.parametrize(
    ("text", "n_bytes"),
    [
        ("2MB", 2_000_000),
        ("2 MB", 2_000_000),
        (" 2mb ", 2_000_000),
        ("500 kB", 500_000),
        ("500KB", 500_000),
        ("2MiB", 2 << 20),
        ("1.5 KiB", 1536),
        ("1GB", 10**9),
        ("1 GiB", 1 << 30),
        ("800000", 800_000),
        ("800000 B", 800_000),
        ("1.001kB", 1001),  # 1.001 * 1000 is 1000.99... in floating point
        ("1.0019kB", 1001),
        ("1", 1),
    ],
)
def test_reads(text, n_bytes):
    assert parse_size(text) == n_bytes


@pytest.mark.parametrize(
    "text",
    ["", "MB", "2 M", "two MB", "-2MB", "+2MB", "2e6", "2,5MB", ".5MB", "2.MB", "1_000", "2 MB 3", "2iB"],
)
def test_refuses_what_is_none(text):
    with pytest.raises(TopicmlValueError, match=rf"such as 2MB, .* found {re.escape(repr(text))}"):
        parse_size(text)


@pytest.mark.parametrize("text", ["٢MB", "2ΜB", "²MB"])
def test_refuses_digits_and_letters_of_other_scripts(text):
    with pytest.raises(TopicmlValueError, match="expected a size such as"):
        parse_size(text)


@pytest.mark.parametrize("text", ["0", "0MB", "0.9", "0.0009kB"])
def test_refuses_less_than_a_byte(text):
    with pytest.raises(TopicmlValueError, match="expected a size of 1 byte or more"):
        parse_size(text)


@given(st.text())
def test_any_text_is_read_or_refused(text):
    with suppress(TopicmlValueError):
        assert parse_size(text) >= 1


@given(st.integers(1, 10**14))
def test_what_is_written_reads_back_nearly(n_bytes):
    written = size_text(n_bytes).replace("bytes", "B").replace("byte", "B").replace(",", "")
    assert parse_size(written) == pytest.approx(n_bytes, rel=0.05)
