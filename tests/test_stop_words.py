"""Terms that hold a stop word are left out; the pieces of contractions are not."""

from __future__ import annotations

import numpy as np
import pytest

from topicml.exceptions import CorpusError
from topicml.model.feature_settings import FeatureSettings
from topicml.training.term_strings import term_strings
from topicml.training.vocabulary import fit_vectorizer, without_stop_words

CONTRACTIONS = ["we’ve", "don't", "won't", "can't", "didn't", "they've"]


def filtered(texts: list[str], stop_words: list[str], **limits) -> tuple[set[str], tuple[str, ...]]:
    """Return the terms that stay, and the notes."""
    settings = FeatureSettings(limits.pop("ngram_range", (1, 2)))
    vectorizer, notes = without_stop_words(fit_vectorizer(texts, settings, **limits), texts, stop_words)
    return set(term_strings(texts, vectorizer)[0]), notes


def named(notes: tuple[str, ...]) -> list[str]:
    (note,) = notes
    return note.removeprefix("stop words that fall apart leave their pieces in: ").split(", ")


def test_a_word_goes_with_every_term_that_holds_it():
    terms, notes = filtered(["The bank cut the rate"], ["the"])
    assert terms == {"bank", "cut", "rate", "bank cut"}
    assert notes == ()


def test_a_word_within_a_word_stays():
    assert filtered(["Theatre, the lathe"], ["the"])[0] == {"theatre", "lathe"}


@pytest.mark.parametrize("stop_word", ["THE", "The", "the ", "“the”", "t\u200bhe", "ｔｈｅ"])
def test_a_stop_word_is_read_as_text_is(stop_word):
    assert filtered(["The bank"], [stop_word])[0] == {"bank"}


@pytest.mark.parametrize("written", ["über", "ÜBER", "u\u0308ber"])
def test_accents_may_be_composed_or_not(written):
    assert filtered(["Über Nacht"], [written])[0] == {"nacht"}


@pytest.mark.parametrize(
    ("text", "stop_word", "kept"),
    [
        pytest.param("我的人", "的", {"我", "人"}, id="Chinese"),
        pytest.param("雨の町", "の", {"雨", "町"}, id="Japanese"),
        pytest.param("iPhone的人", "iphone", {"的", "人", "的人"}, id="Latin word beside Chinese"),
        pytest.param("iPhone的", "的", {"iphone"}, id="Chinese character beside a Latin word"),
    ],
)
def test_terms_of_scripts_without_spaces_hold_stop_words_too(text, stop_word, kept):
    """Their n-grams are written without blanks, and hold their characters all the same."""
    assert filtered([text], [stop_word])[0] == kept


@pytest.mark.parametrize("apostrophe", ["'", "’", "＇", "`"])
def test_contractions_leave_their_pieces_in_whatever_the_apostrophe(apostrophe):
    text = "We've won. They've said we don't, won't and can't; she didn't".replace("'", apostrophe)
    stop_words = [word.replace("'", apostrophe).replace("’", apostrophe) for word in CONTRACTIONS]
    terms, notes = filtered([text], stop_words)
    assert terms == filtered([text], [])[0]
    assert named(notes) == ["can", "didn", "don", "they", "ve", "we", "won"]


def test_the_note_names_no_piece_that_the_corpus_does_not_hold():
    _, notes = filtered(["They won the cup"], CONTRACTIONS)
    assert named(notes) == ["they", "won"]


def test_no_note_where_no_piece_is_in_the_vocabulary():
    assert filtered(["Heavy rain"], CONTRACTIONS)[1] == ()


def test_a_piece_that_is_a_stop_word_itself_is_left_out_and_not_named():
    terms, notes = filtered(["They won. They don't"], ["they", "won't", "they've", "don't"])
    assert "they" not in terms
    assert named(notes) == ["don", "won"]


def test_the_note_names_no_piece_that_went_with_another_stop_word():
    """Each bigram with the piece "won" holds a stop word, too, so that "won" is in no term that stays."""
    texts = ["They won heavy rain tonight"]
    found = filtered(texts, ["they", "heavy", "won't"], ngram_range=(2, 2))
    assert found == ({"rain tonight"}, ())


def test_a_verb_is_not_lost_to_a_contraction():
    terms, _ = filtered(["The side won the cup"], CONTRACTIONS)
    assert {"won", "side won", "won the"} <= terms


def test_a_stop_word_too_short_to_be_a_term_changes_nothing():
    assert filtered(["a cup"], ["a", "I'm", "-", ""]) == ({"cup"}, ())


def test_no_stop_words_change_nothing():
    vectorizer = fit_vectorizer(["The cup"], FeatureSettings())
    assert without_stop_words(vectorizer, ["The cup"], []) == (vectorizer, ())


def test_a_list_that_leaves_no_term_is_refused():
    with pytest.raises(CorpusError, match="no term is left: every one holds a stop word; shorten the list"):
        filtered(["The the"], ["the"])


def test_what_stays_keeps_its_weight():
    texts = ["The bank cut the rate", "The bank"]
    before = fit_vectorizer(texts, FeatureSettings())
    after, _ = without_stop_words(before, texts, ["the"])
    assert np.array_equal(before.idf[before.index.find(after.hashes)], after.idf)
