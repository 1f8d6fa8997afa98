"""Seed words: how they are given, how they are found, and what they say of an archive."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.training.seeded import EVEN, SEEDS, SKEWED
from topicml.exceptions import CorpusError, TopicmlTypeError, TopicmlValueError
from topicml.model.feature_settings import FeatureSettings
from topicml.model.inputs import as_texts
from topicml.training.seed_words import (
    Section,
    SeedWords,
    Votes,
    columns_of,
    count_votes,
    find_words,
    shares_by_votes,
    started_sections,
    weigh_words,
    word_functions,
)
from topicml.training.vocabulary import fit_vectorizer

_WORDS = FeatureSettings(ngram_range=(1, 1))


def _found(texts, seeds, **options):
    return find_words(list(as_texts(texts)), SeedWords.of(seeds), _WORDS, n_jobs=1, **options)


def _votes(texts, seeds):
    found = _found(texts, seeds)
    return count_votes(found, weigh_words(found))


def test_sections_are_sorted_and_keep_their_words():
    seeds = SeedWords.of({"tech": {"words": ["app"], "against": ["film"]}, "sport": ["match", "cup final"]})
    assert seeds.labels == ("sport", "tech")
    assert seeds.sections[1] == Section("tech", ("app",), ("film",))
    assert SeedWords.of(seeds) is seeds
    assert SeedWords.recorded(seeds.record()).sections == seeds.sections


def test_a_file_holds_lists_and_tables(tmp_path):
    path = tmp_path / "sections.toml"
    path.write_text('"sport" = ["match", "cup final"]\n[tech]\nwords = ["app"]\nagainst = ["film"]\n')
    read = SeedWords.read(path)
    assert read.sections == (Section("sport", ("match", "cup final")), Section("tech", ("app",), ("film",)))
    assert read.where == str(path)


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"sport": ["match"]}, "expected two sections or more, found 1 section"),
        ({"sport": ["match"], "art": []}, "section 'art' has no words: give it three to five"),
        ({"sport": ["match"], "art": {"words": []}}, "section 'art' has no words"),
        ({"sport": ["match"], "art": {"against": ["x"]}}, "section 'art' has no 'words'"),
        ({"sport": ["match"], "art": {"word": ["x"]}}, "has the entry 'word'.*'words'"),
        ({"sport": ["match"], "art": ["..."]}, r"section 'art': '\.\.\.' has 0 words; expected 1 to 5"),
        ({"sport": ["match"], "art": ["a b c d e f"]}, "has 6 words; expected 1 to 5"),
        ({"sport": ["match"], " ": ["x"]}, "expected the name of a section, found ' '"),
    ],
)
def test_impossible_words_are_refused_by_section(given, told):
    with pytest.raises(TopicmlValueError, match=f"^seed_words.*{told}"):
        SeedWords.of(given)


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (["match"], "expected a list of words for each section"),
        ({"sport": "match", "art": ["x"]}, "section 'sport': expected a list of words, found 'match'"),
        ({"sport": [3], "art": ["x"]}, "section 'sport': expected words, found 3: put it in quotation marks"),
    ],
)
def test_values_of_another_type_are_refused(given, told):
    with pytest.raises(TopicmlTypeError, match=told):
        SeedWords.of(given)


@pytest.mark.parametrize("content", [b"sport = [match]", b"sport = ['\xff']"])
def test_a_file_that_is_not_toml_is_named(tmp_path, content):
    path = tmp_path / "sections.toml"
    path.write_bytes(content)
    with pytest.raises(CorpusError, match=r"sections\.toml is not TOML"):
        SeedWords.read(path)


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(CorpusError, match=r"cannot read .*sections\.toml: No such file"):
        SeedWords.read(tmp_path / "sections.toml")


def test_words_are_found_whole_in_any_case_and_phrases_in_order():
    texts = ["The CUP final", "final cup", "cupboard", "Cup, final: cup final", "Straße", "STRASSE"]
    found = _found(texts, {"sport": ["Cup Final", "cup"], "roads": ["straße"]})
    assert [found.frequency(word) for word in ("Cup Final", "cup", "straße")] == [2, 3, 2]


def test_words_of_scripts_without_spaces_are_found():
    found = _found(["今天足球比赛", "足够的球"], {"sport": ["足球"], "other": ["足够"]})
    assert [found.frequency(word) for word in ("足球", "足够")] == [1, 1]


@given(st.lists(st.text("ab ", max_size=9), min_size=1, max_size=6))
def test_a_word_is_found_where_it_is_a_token(texts):
    found = _found([*texts, "aa", "bb", "c"], {"x": ["aa"], "y": ["bb"]})
    assert found.frequency("aa") == sum("aa" in text.split() for text in texts) + 1


@pytest.mark.parametrize("word", ["absent", "everywhere"])
def test_a_section_without_a_useful_word_is_named(word):
    texts = [f"everywhere match {k}" for k in range(10)] + ["everywhere else"]
    with pytest.raises(
        CorpusError, match=rf"section 'art': of the 11 articles, none or nearly all have '{word}'"
    ):
        _found(texts, {"sport": ["match"], "art": [word]})


def test_useless_words_beside_useful_ones_are_noted():
    texts = [f"everywhere match {k}" for k in range(5)] + [f"everywhere film {k}" for k in range(5)]
    notes = _found(texts, {"sport": ["match", "absent"], "art": ["film", "everywhere"]}).notes()
    assert notes == (
        "seed_words: no article has 'absent' (sport)",
        "seed_words: nearly all articles have 'everywhere' (art)",
    )


def test_sections_that_share_a_word_are_named():
    seeds = {"art": ["film", "Cup"], "sport": ["match", "cup"]}
    with pytest.raises(TopicmlValueError, match="sections 'art' and 'sport' share the word 'cup'"):
        _found(["cup", "film", "match"], seeds)
    assert _found(["cup", "film", "match", "x"], seeds, shared=True).frequency("cup") == 1


def test_an_article_speaks_for_the_section_whose_words_weigh_most():
    texts = ["match match film", "film", "rain", "match film", "match"]
    votes = _votes(texts, {"art": ["film"], "sport": ["match"]})
    assert votes.section.tolist() == [1, 0, -1, -1, 1]
    assert votes.n_singled_out.tolist() == [1, 2]


def test_words_against_a_section_take_away():
    texts = ["match film", "match", "film"]
    votes = _votes(texts, {"art": ["film"], "sport": {"words": ["match"], "against": ["film"]}})
    assert votes.section.tolist() == [0, 1, 0]


def test_a_section_that_is_outweighed_everywhere_is_named():
    with pytest.raises(CorpusError, match="section 'sport': its words single out no article"):
        _votes(["match film film film film", "film", "x"], {"art": ["film"], "sport": ["match"]})


def test_learning_starts_from_the_clearest_articles_of_each_section():
    weights = np.array([[k / 30, 0.0] for k in range(1, 31)] + [[0.0, 0.5]] * 2)
    assert Votes(weights).start().tolist() == [*range(20, 32)]


@pytest.mark.parametrize("multilabel", [False, True])
def test_learning_starts_from_articles_with_the_words_of_their_sections(multilabel):
    found = _found(EVEN[0], SEEDS)
    started = started_sections(found, multilabel=multilabel)
    texts = [article.text.split() for article in EVEN[0]]
    assert 0 < started.any(axis=1).sum() < len(texts)
    for row, k in zip(*started.nonzero(), strict=True):
        assert {*texts[row]} & {*SEEDS[sorted(SEEDS)[k]]}
    assert multilabel or started.sum(axis=1).max() == 1


def test_the_columns_of_words_are_those_of_their_terms():
    terms = fit_vectorizer(["a cup final", "cup final match"], FeatureSettings(ngram_range=(1, 2)), min_df=2)
    counts = terms.count(["Cup final", "final"])
    columns = columns_of(["CUP", "cup final", "match", "unknown"], terms)
    assert sorted(columns.tolist()) == sorted({0, 1, 2} - {*counts.indices[counts.indptr[1] :].tolist()})


def test_functions_add_up_the_words_that_are_terms():
    terms = fit_vectorizer(["match film", "museum"], FeatureSettings(ngram_range=(1, 1)), min_df=1)
    seeds = SeedWords.of({"art": ["museum", "unknown"], "sport": {"words": ["match"], "against": ["film"]}})
    functions = word_functions(seeds, ("art", "other", "sport"), terms)
    rows = [terms.transform([text])[0].dot(functions)[0] for text in ("museum", "match", "film")]
    assert np.sign(rows).tolist() == [[1, 0, 0], [0, 0, 1], [0, 0, -1]]


def _shares(archive):
    found = _found(archive[0], SEEDS)
    return shares_by_votes(found, count_votes(found, weigh_words(found)))


def test_shares_are_even_where_words_differ_as_much_as_sections():
    assert _shares(EVEN) is None


def test_shares_are_voted_where_sections_differ_more_than_their_words():
    shares = _shares(SKEWED)
    assert shares is not None
    assert shares.sum() == pytest.approx(1)
    assert abs(shares - [12 / 192, 20 / 192, 160 / 192]).max() < 0.1


def test_shares_are_even_where_each_section_has_one_word():
    found = _found(SKEWED[0], {section: words[:1] for section, words in SEEDS.items()})
    votes = count_votes(found, weigh_words(found))
    assert shares_by_votes(found, votes) is None


def test_sections_are_named_in_the_one_form_that_articles_have_labels_in():
    assert SeedWords.of({" Cafe\u0301 ": ["espresso"], "tech": ["app"]}).labels == ("Caf\u00e9", "tech")


def test_a_section_that_stands_there_twice_is_refused():
    with pytest.raises(TopicmlValueError, match="a section stands there twice"):
        SeedWords.of({"Cafe\u0301": ["espresso"], "Caf\u00e9": ["latte"]})
