from __future__ import annotations

import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from topicml.text_table import shortened, table_lines

WORDS = st.text(st.characters(exclude_categories=["C", "Z", "M"]), max_size=12)


def cells(text):
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)


@given(WORDS, st.integers(1, 15))
def test_a_shortened_text_fits_and_begins_like_the_text(text, width):
    short = shortened(text, width)
    assert cells(short) <= width
    assert short == text or (short.endswith("…") and text.startswith(short[:-1]))


@given(st.lists(st.tuples(WORDS, WORDS), min_size=1, max_size=6))
def test_columns_that_are_aligned_to_the_right_end_together(rows):
    rows = [(f"{first}|", f"{second}|") for first, second in rows]
    assert len({cells(line) for line in table_lines(rows, right=[False, True])}) == 1


def test_no_blanks_at_the_end_of_a_line():
    assert table_lines([("label", "note"), ("art", "")], right=[False, False]) == ["label  note", "art"]
