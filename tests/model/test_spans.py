"""Spans of the normalised text, brought back to the text as it was."""

from __future__ import annotations

import sys
import unicodedata

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from topicml.model.spans import _begins_anew, source_map
from topicml.model.tokens import normalize, tokenize

MARKS = "\u0301\u0323\u0345\u0327\u05b0\u0e38\u0e48\u3099\u09be\u0903\U000114ba"
JAMO = "\u1100\u1161\u11a8\uac00\uac01\uffa1\uffc2\u3131\u314f"
CHANGED = (
    "\ufb01\u00df\u1e9e\u0130\u0149\u00bd\u33c2\u338f\u00a8\uff71\uff9e\u1fb3\u0390"
    "\u212b\u2126\ufdfa\ufe70\u0958"
)
INVISIBLE = "\u200b\u00ad\u034f\u200d\ufe0f\u202e\u115f"
EVERY_CHARACTER = st.one_of(
    st.sampled_from(MARKS + JAMO + CHANGED + INVISIBLE),  # each kind often enough to meet the others
    st.sampled_from("abIZ_1 .\0\n\x1eéςΣ中かก雨—’"),
    st.characters(exclude_categories=[]),  # lone surrogates, too
)
ANY_TEXT = st.text(EVERY_CHARACTER, max_size=60)

# Words, or parts of them, that share no character with another word.
LATIN = (
    "a",
    "bI",
    "Z1",
    "é",
    "e\u0301",
    "o\u200b\u0323\u0301",
    "ß",
    "\u1e9e",
    "ςΣ",
    "\ufb01",
    "\u200b",
    "\u00ad",
)
OTHER = (
    "\u1112\u1161\u11ab",
    "\u1112\u1161",
    "\uac00",
    "中",
    "か\u3099",
    "\u0e01\u0e34",
    " ",
    ".",
    "\n",
    "—",
    "’",
)
SIMPLE_TEXT = st.lists(st.sampled_from(LATIN + OTHER), max_size=30).map("".join)


def tokens_with_spans(text: str) -> list[tuple[str, tuple[int, int]]]:
    tokens = tokenize([text], min_token_length=1)
    spans = source_map(text).spans(tokens.start, tokens.end)
    return list(zip(words_of(text), spans, strict=True))


def words_of(text: str) -> list[str]:
    tokens = tokenize([text], min_token_length=1)
    return tokens.ngram_texts(np.arange(len(tokens.start)), 1)


@given(ANY_TEXT)
@example("a" + "\u0301" * 40 + "\u0327" * 40 + "b")
@example("\u0301" * 70)
@example("\u2014" * 20 + "\u0301\u200b" * 40 + "x")
@example(("\u0301" * 31 + "\u0903") * 3)
def test_every_normalised_character_has_a_place(text):
    source = source_map(text)
    assert len(source.start) == len(source.end) == len(normalize(text))
    assert (source.start < source.end).all()
    assert (np.diff(source.start) >= 0).all()
    assert (np.diff(source.end) >= 0).all()
    assert not len(text) or source.end.max(initial=0) <= len(text)


@given(ANY_TEXT)
@example("ab" + "\u0301" * 40)
@example("e\u0323\u0301\u200b\u0301" * 9)
def test_a_character_comes_from_what_normalises_to_it(text):
    """A place too narrow loses an accent, one too early or too late shows another word."""
    source, normal = source_map(text), normalize(text)
    for k, character in enumerate(normal):
        assert character in normalize(text[source.start[k] : source.end[k]])


@given(ANY_TEXT)
def test_the_span_of_a_word_holds_the_word(text):
    for word, (start, end) in tokens_with_spans(text):
        assert word in words_of(text[start:end])


@given(SIMPLE_TEXT)
@example("Stra\u00dfe o\ufb03ce, na\u00efve cafe\u0301")
@example("foot\u200bball\u200b \u00adfoot")
def test_the_span_of_a_word_holds_nothing_else(text):
    for word, (start, end) in tokens_with_spans(text):
        assert words_of(text[start:end]) == [word]


@given(st.text(st.characters(max_codepoint=127)))
def test_ascii_stays_where_it_is(text):
    source = source_map(text)
    assert source.start.tolist() == list(range(len(text)))
    assert source.end.tolist() == list(range(1, len(text) + 1))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("A \ufb01ne caf\u0065\u0301!", [("fine", (2, 5)), ("caf\u00e9", (6, 11))]),
        ("foot\u200bball\u200b", [("football", (0, 9))]),
        ("\u1112\u1161\u11ab \ud55c", [("\ud55c", (0, 3)), ("\ud55c", (4, 5))]),
        ("\uff76\uff9e", [("\u30ac", (0, 2))]),
        ("10\u00bd", [("101", (0, 3)), ("2", (2, 3))]),  # one character, two words
        ("\u96e8 \u5929", [("\u96e8", (0, 1)), ("\u5929", (2, 3))]),
    ],
)
def test_spans_worked_by_hand(text, expected):
    assert [found for found in tokens_with_spans(text) if found[0] != "a"] == expected


@pytest.mark.parametrize("text", ["", "\u200b", "\ufeff\u00ad"])
def test_a_text_of_nothing_visible_has_no_places(text):
    assert len(source_map(text).start) == 0


def test_no_character_that_joins_what_precedes_begins_anew():
    """The rule in the code is short; the Unicode database says which characters it is about."""
    # What is not assigned, or of private use, decomposes into nothing else and combines with nothing.
    everything = [
        c for c in map(chr, range(sys.maxunicode + 1)) if unicodedata.category(c) not in ("Cn", "Co", "Cs")
    ]
    pairs = [unicodedata.decomposition(c).split() for c in everything]
    joining = {chr(int(pair[1], 16)) for pair in pairs if len(pair) == 2 and pair[0][0] != "<"}
    joining |= set(map(chr, [*range(0x1161, 0x1176), *range(0x11A8, 0x11C3)]))  # joined by arithmetic
    joining |= {c for c in everything if unicodedata.combining(c)}
    for character in everything:
        firsts = {unicodedata.normalize("NFD", character)[0], unicodedata.normalize("NFKD", character)[0]}
        folded = normalize(character)
        firsts |= {unicodedata.normalize("NFD", folded)[0]} if folded else set()
        assert not (_begins_anew(character) and firsts & joining), ascii(character)


def test_all_combining_marks_can_be_cut():
    """Places are counted by combining class, normalising finds runs by a pattern: they must agree."""
    marks = [c for c in map(chr, range(sys.maxunicode + 1)) if unicodedata.combining(c)]
    assert all(len(normalize(c * 40)) == len(normalize(c * 30)) for c in marks)
    for character in marks:
        assert len(source_map(character * 40).start) == len(normalize(character * 40)), ascii(character)
