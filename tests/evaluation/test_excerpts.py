from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from topicml.evaluation.excerpts import telling_excerpt
from topicml.model.words import WordEvidence

TEXT = "A long road. " * 40 + "Rain stopped the cup final at night. " + "A long road. " * 40
RAIN, CUP, ROAD = (
    WordEvidence(word, added, tuple(match.span() for match in re.finditer(word, TEXT)))
    for word, added in (("Rain", 0.5), ("cup", 0.4), ("road", 0.1))
)


def marked(excerpt):
    return [excerpt.text[start:end] for start, end in excerpt.marks]


def test_it_is_where_words_add_most():
    excerpt = telling_excerpt(TEXT, [RAIN, CUP, ROAD], width=100)
    assert {"Rain", "cup"} <= set(marked(excerpt)) <= {"Rain", "cup", "road"}
    assert excerpt.text.startswith("...")
    assert excerpt.text.endswith("...")


def test_a_word_counts_once():
    often = WordEvidence("road", 0.3, ROAD.spans)
    assert "Rain" in marked(telling_excerpt(TEXT, [often, RAIN], width=60))


def test_without_words_it_is_the_beginning():
    assert telling_excerpt(TEXT, [], width=20).text == "A long road. A long..."


@pytest.mark.parametrize("text", ["Rain", "Rain\n\n tonight", ""])
def test_a_short_text_is_whole(text):
    assert telling_excerpt(text, [], width=20).text == " ".join(text.split())


def test_a_ligature_of_two_words_is_shown_once():
    words = [WordEvidence("㍿", 0.5, ((0, 1),)), WordEvidence("㍿", 0.4, ((0, 1),))]
    assert telling_excerpt("㍿ b", words).text == "㍿ b"


@given(
    text=st.text(st.one_of(st.sampled_from("ab \n"), st.characters(exclude_categories=[])), max_size=200),
    cuts=st.lists(st.integers(0, 200), max_size=8, unique=True),
    width=st.integers(1, 60),
)
def test_of_any_text_it_is_one_short_line_with_whole_marks(text, cuts, width):
    places = sorted(cut for cut in cuts if cut < len(text))
    spans = [(start, end) for start, end in zip(places[::2], places[1::2], strict=False)]
    words = [WordEvidence(text[start:end], 1.0, ((start, end),)) for start, end in spans]
    excerpt = telling_excerpt(text, words, width=width)
    assert excerpt.text.isprintable()
    assert all(0 <= start <= end <= len(excerpt.text) for start, end in excerpt.marks)
