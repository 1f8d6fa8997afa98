"""Character n-grams within words: which there are, and that they are told from words."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from sklearn.feature_extraction.text import CountVectorizer

from topicml.model.feature_settings import FeatureSettings
from topicml.model.ngrams import PIECE_BIT, find_occurrences, locate_terms, piece_text, word_pieces
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
