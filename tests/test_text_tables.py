from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from topicml.formatting import shortened, table_lines, wrapped

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
