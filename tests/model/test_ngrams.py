"""N-grams of words and pieces of words: which there are, their columns, how often and where they occur."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from sklearn.feature_extraction.text import CountVectorizer

from topicml.model.feature_settings import FeatureSettings
from topicml.model.ngrams import (
    PIECE_BIT,
    TermIndex,
    find_occurrences,
    locate_terms,
    piece_text,
    word_pieces,
)
from topicml.model.tokens import normalize, tokenize
from topicml.training.term_strings import term_strings
from topicml.training.vocabulary import fit_vectorizer

WORDS = st.lists(st.text("abcñ中", min_size=1, max_size=9), min_size=1, max_size=6)
KNOWN = ("heavy rain tonight", "the rain fell on the hill", "雨が降る rain", "a-b c d ab")
SETTINGS = {
    "words": FeatureSettings(),
    "long runs": FeatureSettings(ngram_range=(2, 3), min_token_length=1),
    "pieces": FeatureSettings(ngram_range=None, char_ngram_range=(2, 4)),
    "both": FeatureSettings(char_ngram_range=(3, 5)),
}
TEXTS = st.one_of(
    st.lists(st.sampled_from([*" ".join(KNOWN).split(), "\x1e", "x", "Rain", "\ufb01"])).map(" ".join),
    st.text(st.characters(exclude_categories=[]), max_size=30),
)
HASH = st.one_of(st.integers(0, 2**64 - 1), st.integers(0, 20), st.integers(2**64 - 20, 2**64 - 1))


def pieces_of(words, orders):
    tokens = tokenize([" ".join(words)], min_token_length=1)
    return tokens, word_pieces(tokens, tokens.hashes(), orders)


@given(st.lists(st.text("abc", min_size=4, max_size=9), min_size=1, max_size=6))
def test_they_are_those_of_scikit_learn_but_for_whole_words(words):
    reference = CountVectorizer(analyzer="char_wb", ngram_range=(3, 5)).build_analyzer()
    expected = Counter(p for word in words for p in reference(word) if p != f" {word} ")
    _, pieces = pieces_of(words, range(3, 6))
    counted = np.bincount(pieces.word, minlength=len(pieces.token))
    hashes = np.concatenate(
        [
            np.tile(pieces.hashes[a:b], n)
            for a, b, n in zip(pieces.indptr, pieces.indptr[1:], counted, strict=False)
        ]
    )
    assert sorted(Counter(hashes.tolist()).values()) == sorted(expected.values())


@given(WORDS)
def test_a_hash_stands_for_one_way_to_write_a_piece(words):
    tokens, pieces = pieces_of(words, range(2, 6))
    owner = np.arange(len(pieces.token)).repeat(np.diff(pieces.indptr))
    written = tokens.ngram_texts(pieces.token[owner], 1)
    texts = [piece_text(*p) for p in zip(written, pieces.first.tolist(), pieces.length.tolist(), strict=True)]
    assert (
        len(set(texts))
        == len(set(pieces.hashes.tolist()))
        == len(set(zip(texts, pieces.hashes.tolist(), strict=True)))
    )
    assert (pieces.hashes & PIECE_BIT).all()


@pytest.mark.parametrize(
    ("word", "orders", "n"), [("a", range(3, 6), 0), ("ab", range(3, 6), 2), ("abc", range(3, 6), 5)]
)
def test_short_words_have_few(word, orders, n):
    assert len(pieces_of([word], orders)[1].hashes) == n


def test_words_and_pieces_share_a_vocabulary_and_each_kind_has_half_the_weight():
    texts = ["heavy rain tonight", "heavy snow tonight"]
    fitted = fit_vectorizer(texts, FeatureSettings(ngram_range=(1, 1), char_ngram_range=(3, 4)))
    strings, collided = term_strings(texts, fitted)
    assert {"heavy", "hea…", "…eav…", "…vy"} <= set(strings)
    assert not len(collided)
    rows, known = fitted.transform(["heavy rain", "heaviest"])
    piece = (fitted.hashes & PIECE_BIT).astype(bool)[rows.indices[: rows.indptr[1]]]
    squares = rows.data[: rows.indptr[1]].astype(float) ** 2
    assert squares[piece].sum() == pytest.approx(0.5, abs=1e-6)
    assert squares.sum() == pytest.approx(1.0, abs=1e-6)
    assert known.tolist() == [1.0, 0.0]  # of words, though pieces of "heaviest" are known
    assert rows.indptr[2] > rows.indptr[1]


def test_a_word_of_a_title_counts_as_often_as_asked():
    settings = FeatureSettings(ngram_range=(1, 1), title_weight=3)
    counts = fit_vectorizer(["snow\x1erain rain"], settings).count(["snow\x1erain rain", "rain"])
    assert sorted(counts.values[:2].tolist()) == [2, 3]
    assert counts.values[2:].tolist() == [1]


@pytest.fixture(scope="module", params=SETTINGS.values(), ids=SETTINGS)
def vectorizer(request):
    return fit_vectorizer(KNOWN, request.param)


def located(vectorizer, text):
    tokens = tokenize([text], min_token_length=vectorizer.settings.min_token_length)
    return tokens, locate_terms(tokens, vectorizer.index, vectorizer.settings)


def words_of(text, vectorizer):
    tokens = tokenize([text], min_token_length=vectorizer.settings.min_token_length)
    return tokens.ngram_texts(np.arange(len(tokens.start)), 1)


@given(text=TEXTS)
@example(text="")
@example(text="rain rain rain")
def test_each_counted_occurrence_has_its_place(vectorizer, text):
    tokens, places = located(vectorizer, text)
    _, column, _ = find_occurrences(tokens, tokens.hashes(), vectorizer.index, vectorizer.settings)
    assert places.column.tolist() == sorted(column.tolist())
    distinct = set(zip(places.column.tolist(), places.start.tolist(), places.end.tolist(), strict=True))
    assert len(distinct) == len(places.column)


@given(text=TEXTS)
@example(text="The rain, in the hills: heavy rain")
@example(text="雨がa-b, 降る a-b rain")  # words too short to count lie between those of a term
def test_each_place_holds_its_term(vectorizer, text):
    strings, _ = term_strings(KNOWN, vectorizer)
    _, places = located(vectorizer, text)
    normal = normalize(text)
    for column, start, end in zip(places.column, places.start, places.end, strict=True):
        term, found = strings[column], normal[start:end]
        if "…" in term:
            assert found == term.replace("…", "")
        else:
            assert words_of(found, vectorizer) == words_of(term, vectorizer)


def test_pieces_worked_by_hand():
    vectorizer = fit_vectorizer(["rain"], FeatureSettings(ngram_range=None, char_ngram_range=(3, 3)))
    strings, _ = term_strings(["rain"], vectorizer)
    _, places = located(vectorizer, "no rainy")
    found = {
        (strings[column], start, end)
        for column, start, end in zip(
            places.column.tolist(), places.start.tolist(), places.end.tolist(), strict=True
        )
    }
    assert found == {(piece_text("rain", -1, 3), 3, 5), ("…rai…", 3, 6), ("…ain…", 4, 7)}


def test_places_are_sorted_by_term_and_by_place(vectorizer):
    _, places = located(vectorizer, "heavy rain tonight, heavy rain tonight")
    keys = list(zip(places.column.tolist(), places.start.tolist(), places.end.tolist(), strict=True))
    assert keys == sorted(keys)
    assert np.unique(places.column).size < len(keys)


@given(st.sets(HASH, max_size=40), st.lists(HASH, max_size=20))
@example(set(), [0, 5])
@example({0}, [0, 1])
@example({2**64 - 1}, [2**64 - 2, 2**64 - 1])
@example(set(range(40)), [0, 39, 40])  # all in one bucket
def test_a_hash_has_its_rank_as_column_and_an_unknown_one_none(known, asked):
    ranks = {found: rank for rank, found in enumerate(sorted(known))}
    index = TermIndex(np.array(sorted(known), np.uint64))
    asked = [*asked, *known]
    assert len(index) == len(known)
    assert index.find(np.array(asked, np.uint64)).tolist() == [ranks.get(one, -1) for one in asked]


def occurrences(vectorizer, texts):
    tokens = tokenize(texts, min_token_length=vectorizer.settings.min_token_length)
    return find_occurrences(tokens, tokens.hashes(), vectorizer.index, vectorizer.settings)


def test_occurrences_worked_by_hand():
    """Of the seven terms of the first text six are known, of the three of the second one is."""
    known = ["heavy rain tonight"]
    vectorizer = fit_vectorizer(known, FeatureSettings())
    strings, _ = term_strings(known, vectorizer)
    token, column, share = occurrences(vectorizer, ["rain heavy rain tonight", "cup tonight", ""])
    found = sorted(zip(token.tolist(), [strings[one] for one in column], strict=True))
    assert found == [
        *[(0, "rain"), (1, "heavy"), (1, "heavy rain"), (2, "rain"), (2, "rain tonight")],
        *[(3, "tonight"), (5, "tonight")],
    ]
    assert share.tolist() == pytest.approx([6 / 7, 1 / 3, 0])


def test_no_term_is_found_over_the_end_of_a_document():
    vectorizer = fit_vectorizer(["heavy rain"], FeatureSettings(ngram_range=(2, 2)))
    token, _, share = occurrences(vectorizer, ["the heavy", "rain heavy", "rain"])
    assert (token.tolist(), share.tolist()) == ([], [0, 0, 0])


def test_of_pieces_alone_the_share_is_that_of_pieces():
    vectorizer = fit_vectorizer(["rain"], FeatureSettings(ngram_range=None, char_ngram_range=(3, 3)))
    _, _, share = occurrences(vectorizer, ["rain", "rail", "cup"])
    assert share.tolist() == [1, 2 / 4, 0]  # of " ra", "rai", "ail" and "il "
