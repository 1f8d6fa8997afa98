"""Where terms stand agrees with how often they are counted."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from topicml.model.feature_settings import FeatureSettings
from topicml.model.ngrams import find_occurrences, locate_terms, piece_text
from topicml.model.tokens import normalize, tokenize
from topicml.training.term_strings import term_strings
from topicml.training.vocabulary import fit_vectorizer

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
