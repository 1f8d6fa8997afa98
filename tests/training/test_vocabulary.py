"""Which terms a corpus holds, how often, and how they are written."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support import ANY_TEXTS, NGRAM_SETTINGS, terms_of
from topicml.exceptions import CorpusError
from topicml.model.feature_settings import FeatureSettings
from topicml.model.tokens import _CHUNK
from topicml.training.term_strings import term_strings
from topicml.training.vocabulary import (
    _MAX_CANDIDATES,
    DocumentFrequencies,
    _merged,
    _tally,
    count_documents,
    default_min_df,
    fit_vectorizer,
    without_stop_words,
)

HEADLINES = ["Rain tonight", "Cup final", "Bank profits", "Snow tomorrow"]
HASH_RUNS = st.lists(st.lists(st.integers(0, 9)), max_size=5)

CONTRACTIONS = ["we’ve", "don't", "won't", "can't", "didn't", "they've"]


@settings(deadline=None)
@given(ANY_TEXTS, NGRAM_SETTINGS)
def test_document_frequencies_are_those_of_plain_python(texts, feature_settings):
    expected = Counter(term for text in texts for term in set(terms_of(text, feature_settings)))
    found = count_documents(texts, feature_settings)
    assert list(zip(found.hashes.tolist(), found.df.tolist(), strict=True)) == sorted(expected.items())
    assert found.n_documents == len(texts)


def test_document_frequencies_over_several_chunks():
    texts = [f"common word{number} " + "filler " * 2000 for number in range(100)]
    assert sum(map(len, texts)) > 2 * _CHUNK
    assert sorted(count_documents(texts, FeatureSettings((1, 1))).df.tolist()) == [1] * 100 + [100] * 2


@given(HASH_RUNS)
def test_merged_runs_are_one_run(parts):
    arrays = [np.array(part, np.uint64) for part in parts]
    hashes, df = _tally([])
    for array in arrays:
        hashes, df = _merged((hashes, df), _tally([array]))
    once = _tally(arrays)
    assert (hashes.tolist(), df.tolist()) == (once[0].tolist(), once[1].tolist())


@given(HASH_RUNS)
def test_a_tally_is_a_counter(parts):
    hashes, df = _tally([np.array(part, np.uint64) for part in parts])
    expected = Counter(value for part in parts for value in part)
    assert list(zip(hashes.tolist(), df.tolist(), strict=True)) == sorted(expected.items())


@pytest.mark.parametrize(
    ("min_df", "max_df", "kept"),
    [(1, 1.0, [1, 2, 3, 4]), (2, 1.0, [2, 3, 4]), (1, 0.5, [1, 2]), (2, 0.75, [2, 3])],
)
def test_limits_include_their_bounds(min_df, max_df, kept):
    found = DocumentFrequencies(np.arange(4, dtype=np.uint64), np.array([1, 2, 3, 4]), 4)
    assert found.limited(min_df=min_df, max_df=max_df).df.tolist() == kept


@pytest.mark.parametrize(
    ("n_frequent", "n_rare", "n_kept"),
    [
        pytest.param(10, _MAX_CANDIDATES - 10, _MAX_CANDIDATES, id="all fit"),
        pytest.param(10, _MAX_CANDIDATES - 9, _MAX_CANDIDATES, id="the rare ones are one too many"),
        pytest.param(_MAX_CANDIDATES, 1, _MAX_CANDIDATES, id="the frequent ones fit exactly"),
        pytest.param(0, _MAX_CANDIDATES + 1, _MAX_CANDIDATES, id="all are equally rare"),
    ],
)
def test_of_too_many_terms_the_most_frequent_stay(n_frequent, n_rare, n_kept):
    """The frequent ones stay whatever their hashes, and no more are left out than must be."""
    df = np.concatenate([np.full(n_rare, 1), np.full(n_frequent, 2)])
    found = DocumentFrequencies(np.arange(len(df), dtype=np.uint64), df, 5)
    kept = found.limited(min_df=1, max_df=1.0)
    assert (len(kept.df), (kept.df == 2).sum()) == (n_kept, n_frequent)


def test_idf_worked_by_hand():
    idf = DocumentFrequencies(np.arange(2, dtype=np.uint64), np.array([1, 3]), 3).idf()
    assert idf.tolist() == pytest.approx([1.693147, 1.0], abs=1e-6)  # ln(4/2) + 1, ln(4/4) + 1


@pytest.mark.parametrize(("n_documents", "min_df"), [(0, 1), (4, 1), (199, 1), (200, 2), (10**6, 2)])
def test_default_min_df_is_lower_in_a_small_corpus(n_documents, min_df):
    assert default_min_df(n_documents) == min_df


@pytest.mark.parametrize(("n_documents", "n_terms"), [(4, 8), (200, 2)])
def test_the_default_limit_goes_with_the_corpus(n_documents, n_terms):
    """Of 4 short headlines every word stays; of 200 documents the words that occur once do not."""
    texts = HEADLINES if n_documents == 4 else [f"rain tonight{number % 199}" for number in range(200)]
    assert len(fit_vectorizer(texts, FeatureSettings((1, 1)))) == n_terms


def test_a_limit_that_no_term_passes_is_named():
    with pytest.raises(
        CorpusError, match=r"min_df=2 .* 0 of 8 terms occur in 2 or more of the 4 documents\. Lower"
    ):
        fit_vectorizer(HEADLINES, FeatureSettings((1, 1)), min_df=2)


def test_an_upper_limit_that_no_term_passes_is_named():
    with pytest.raises(CorpusError, match=r"max_df=0\.5, 1 of 1 terms .* raise max_df"):
        fit_vectorizer(["Rain"] * 4, FeatureSettings((1, 1)), max_df=0.5)


@pytest.mark.parametrize("texts", [["", " ", "x", "..."], ["\0", "\ud800", "", "x y"]])
def test_texts_without_a_token_are_named(texts):
    with pytest.raises(CorpusError, match=r"4 of 4 documents have no token .* need 2 characters or more"):
        fit_vectorizer(texts, FeatureSettings())


def test_texts_without_a_token_are_shown_by_example():
    with pytest.raises(CorpusError, match=r"holds, for example, '7'\. Name the right column"):
        fit_vectorizer(["", " \n", "7", "8"], FeatureSettings())


def test_a_long_example_is_not_shown_whole():
    with pytest.raises(CorpusError, match=r"'(- ){30}\.\.\.'\."):
        fit_vectorizer(["- " * 10_000], FeatureSettings())


@pytest.mark.parametrize("text", ["雨", "中国选举", "วันนี้"])
def test_scripts_without_spaces_need_no_length(text):
    assert len(fit_vectorizer([text], FeatureSettings(min_token_length=10))) >= 1


def filtered(texts: list[str], stop_words: list[str], **limits) -> tuple[set[str], tuple[str, ...]]:
    """Return the terms that stay, and the notes."""
    settings = FeatureSettings(limits.pop("ngram_range", (1, 2)))
    vectorizer, notes = without_stop_words(fit_vectorizer(texts, settings, **limits), texts, stop_words)
    return set(term_strings(texts, vectorizer)[0]), notes


def named(notes: tuple[str, ...]) -> list[str]:
    (note,) = notes
    return note.removeprefix("these pieces of stop words stay terms: ").split(", ")


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
    assert named(notes) == ["can", "didn", "don", "they", "ve", "and 2 more"]


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
    with pytest.raises(CorpusError, match="every term contains a stop word; shorten the list"):
        filtered(["The the"], ["the"])


def test_what_stays_keeps_its_weight():
    texts = ["The bank cut the rate", "The bank"]
    before = fit_vectorizer(texts, FeatureSettings())
    after, _ = without_stop_words(before, texts, ["the"])
    assert np.array_equal(before.idf[before.index.find(after.hashes)], after.idf)
