"""Which words are familiar, and which texts have too few of them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from topicml.model.familiarity import Familiarity, WordSet, counted_words
from topicml.model.tokens import tokenize

ANY_TEXT = st.text(st.characters(exclude_categories=[]), max_size=40)
STEPS = {1: 0.0, 2: 0.5, 10: 0.4}


def tokens_of(*texts):
    return tokenize(texts, min_token_length=1)


@pytest.fixture(scope="module")
def familiarity():
    """Knows four words, and asks for half of them in texts of two to nine, for two fifths in longer ones."""
    words = WordSet.of(tokens_of("heavy rain tonight 雨").hashes())
    return Familiarity(words, np.array([*STEPS]), np.array([*STEPS.values()]))


def unusual(familiarity, *texts):
    tokens = tokens_of(*texts)
    return familiarity.unusual(tokens, tokens.hashes()).tolist()


class TestWordSet:
    @given(st.sets(st.integers(0, 2**64 - 1), max_size=300))
    def test_it_holds_the_words_that_it_was_made_of(self, hashes):
        hashes = np.array(sorted(hashes), np.uint64)
        assert WordSet.of(hashes).holds(hashes).all()

    @pytest.mark.parametrize("n_words", [1, 1000, 4096, 4097, 16384])
    def test_it_holds_few_others(self, n_words):
        rng = np.random.default_rng(0)
        words, others = (rng.integers(0, 2**64, n, np.uint64) for n in (n_words, 50_000))
        assert WordSet.of(words).holds(others).mean() < 1 / 60

    def test_without_words_it_holds_none(self):
        nothing = np.empty(0, np.uint64)
        assert not WordSet.of(nothing).holds(np.arange(1000, dtype=np.uint64) << np.uint64(54)).any()
        assert WordSet.of(nothing).holds(nothing).tolist() == []

    @pytest.mark.parametrize(
        ("n_words", "n_bytes"), [(0, 8), (4, 8), (5, 16), (16384, 32768), (16385, 65536)]
    )
    def test_its_size_is_two_to_four_bytes_a_word(self, n_words, n_bytes):
        assert len(WordSet.of(np.arange(n_words, dtype=np.uint64)).bits) == n_bytes


class TestCountedWords:
    @pytest.mark.parametrize(
        ("text", "counted"),
        [
            ("the rain", ["the", "rain"]),
            ("a of to", []),
            ("1999 10km 3fa9", []),
            ("___ _private", []),
            ("в доме", ["в", "доме"]),
            ("à été", ["à", "été"]),
            ("下雨了", ["下", "雨", "了"]),
            ("한국 비", ["한국", "비"]),
            ("", []),
        ],
    )
    def test_they_tell_a_language(self, text, counted):
        tokens = tokens_of(text)
        assert tokens.ngram_texts(counted_words(tokens), 1) == counted


class TestUnusual:
    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            pytest.param("heavy rain tonight", False, id="all known"),
            pytest.param("umbrella", True, id="none known"),
            pytest.param("rain", False, id="one of one"),
            pytest.param("rain umbrella", False, id="just half of two"),
            pytest.param("rain umbrella drowned", True, id="a third of three"),
            pytest.param("rain of 2 to 3 cm", False, id="numbers and short words do not count"),
            pytest.param("rain " * 4 + "umbrella " * 6, False, id="just two fifths of ten"),
            pytest.param("rain " * 4 + "umbrella " * 7, True, id="less than two fifths of eleven"),
            pytest.param("雨 rain", False, id="a character that is a word"),
            pytest.param("2024 10 a b", True, id="no word at all"),
            pytest.param("", True, id="empty"),
        ],
    )
    def test_too_few_known_words(self, familiarity, text, expected):
        assert unusual(familiarity, text) == [expected]

    def test_a_text_shorter_than_the_first_step_is_held_to_that(self, familiarity):
        late = Familiarity(familiarity.words, np.array([5]), np.array([0.5]))
        assert unusual(late, "rain umbrella", "rain umbrella drowned") == [False, True]

    @given(st.lists(ANY_TEXT | st.sampled_from(["heavy rain", "rain 雨 umbrella"]), max_size=8))
    def test_a_document_s_answer_does_not_depend_on_its_neighbours(self, familiarity, texts):
        assert unusual(familiarity, *texts) == [unusual(familiarity, text)[0] for text in texts]
