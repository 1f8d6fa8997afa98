"""How the terms of a vocabulary are written, and that two with one hash are told."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import example, given, settings

from tests.support import ANY_TEXTS, NGRAM_SETTINGS, TWINS, terms_of
from topicml.model.feature_settings import FeatureSettings
from topicml.model.tokens import _CHUNK
from topicml.model.vectorizer import TermStrings, Vectorizer
from topicml.training.term_strings import term_strings, with_strings
from topicml.training.vocabulary import count_documents, fit_vectorizer

HEADLINES = ["Rain tonight", "Cup final", "Bank profits", "Snow tomorrow"]


def strings_of(texts: list[str], feature_settings: FeatureSettings) -> set[str]:
    return set(term_strings(texts, fit_vectorizer(texts, feature_settings))[0])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Heavy RAIN, heavy rain", {"heavy", "rain", "heavy rain", "rain heavy"}),
        ("中国", {"中", "国", "中国"}),
        ("iPhone 发布", {"iphone", "发", "布", "iphone发", "发布"}),
        ("वर्षा चुनाव", {"वर्षा", "चुनाव", "वर्षा चुनाव"}),
        ("วันนี้", {"วั", "น", "นี้", "วัน", "นนี้"}),
    ],
)
def test_how_terms_are_written(text, expected):
    assert strings_of([text], FeatureSettings()) == expected


@settings(deadline=None)
@given(ANY_TEXTS, NGRAM_SETTINGS)
@example(["ก ั"], FeatureSettings())  # a mark on a blank, which must not slip under the letter before,
@example(["กุ \u093ca"], FeatureSettings())  # nor change places with that letter's mark in NFKC
def test_terms_tokenise_back_into_themselves(texts, feature_settings):
    found = count_documents(texts, feature_settings)
    fitted = Vectorizer(feature_settings, found.hashes, found.idf(), TermStrings.pack([]))
    strings, _ = term_strings(texts, fitted)
    whole = FeatureSettings(
        (1, 5), min_token_length=feature_settings.min_token_length
    )  # whose last term is the whole string
    assert [terms_of(term, whole)[-1] for term in strings] == found.hashes.tolist()


def test_terms_of_a_restricted_vocabulary():
    fitted = fit_vectorizer(HEADLINES, FeatureSettings())
    every, _ = term_strings(HEADLINES, fitted)
    some, _ = term_strings(HEADLINES, fitted.restricted(np.array([0, 3, 5])))
    assert some == [every[0], every[3], every[5]]


def test_no_collisions_in_ordinary_text(base_articles):
    texts = [article.full_text for article in base_articles]
    assert term_strings(texts, fit_vectorizer(texts, FeatureSettings((1, 3))))[1].tolist() == []


def test_the_twins_share_a_hash():
    assert terms_of(TWINS[0], FeatureSettings((1, 1))) == terms_of(TWINS[1], FeatureSettings((1, 1)))


@pytest.mark.parametrize(
    "texts",
    [
        pytest.param([f"rain {TWINS[0]} {TWINS[1]}"], id="in one document"),
        pytest.param([f"rain {TWINS[0]}", TWINS[1]], id="in one chunk"),
        pytest.param(
            [f"rain {TWINS[0]}", "rain " * _CHUNK, TWINS[1], "rain " * _CHUNK, TWINS[1]],
            id="in several chunks",
        ),
        pytest.param([f"rain {TWINS[0]} rain {TWINS[1]} {TWINS[0]}"], id="again and again"),
    ],
)
def test_two_words_with_one_hash_are_noticed(texts):
    fitted = fit_vectorizer(texts, FeatureSettings((1, 1)))
    strings, collided = term_strings(texts, fitted)
    assert [strings[column] for column in collided] == [TWINS[0]]


def test_ngrams_that_differ_in_a_twin_are_noticed():
    texts = [f"rain {TWINS[0]}", f"rain {TWINS[1]}"]
    strings, collided = term_strings(texts, fit_vectorizer(texts, FeatureSettings((2, 2))))
    assert [strings[column] for column in collided] == [f"rain {TWINS[0]}"]


def test_a_word_that_repeats_is_no_collision():
    texts = [f"{TWINS[0]} {TWINS[0]}", TWINS[0]]
    assert term_strings(texts, fit_vectorizer(texts, FeatureSettings()))[1].tolist() == []


def test_no_term_reaches_over_the_end_of_a_document():
    assert "tonight cup" not in strings_of(HEADLINES, FeatureSettings((1, 3)))


def test_a_piece_has_dots_where_its_word_goes_on():
    found = strings_of(["rain"], FeatureSettings(ngram_range=None, char_ngram_range=(3, 4)))
    assert found == {"ra…", "…rai…", "…ain…", "…in", "rai…", "…ain", "…rain…"}


def test_terms_that_share_a_hash_are_left_out_and_named():
    texts = [f"rain {TWINS[0]} {TWINS[1]} snow"]
    fitted = fit_vectorizer(texts, FeatureSettings((1, 1)))
    kept, rows, notes = with_strings(fitted, texts)
    assert sorted(kept.terms) == ["rain", "snow"]
    assert kept.hashes.tolist() == fitted.hashes[rows].tolist()
    assert notes == (f"the term {TWINS[0]!r} shares its hash with another and was left out",)


def test_where_none_do_every_term_is_written_down_in_its_column():
    fitted = fit_vectorizer(HEADLINES, FeatureSettings())
    kept, rows, notes = with_strings(fitted, HEADLINES)
    assert (list(kept.terms), notes) == (term_strings(HEADLINES, fitted)[0], ())
    assert rows.tolist() == list(range(len(fitted)))
    assert kept.idf.tolist() == fitted.idf.tolist()
