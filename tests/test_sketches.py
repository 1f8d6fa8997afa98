from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from topicml.corpus.near_duplicates import HASHES, sketch

TEXTS = st.lists(st.text(max_size=40), max_size=8)
STORY = "The minister of finance told the house on Monday that the budget would be cut again"
KEYS = ["4c591ccf3bbe41ab", "5fd62bd0677e7c32", "b4b2797457a0a6e4"]
MINIMA = [86126606, 125150518, 264975698, 103986973]


@given(TEXTS)
def test_a_text_has_one_sketch_whatever_stands_around_it(texts):
    together = sketch(texts, n_jobs=2)
    for row, text in enumerate(texts):
        alone = sketch([text])
        assert (alone.key[0], alone.n_tokens[0]) == (together.key[row], together.n_tokens[row])
        assert alone.minima[0].tolist() == together.minima[row].tolist()


def test_case_punctuation_and_white_space_play_no_part():
    one, other = sketch([STORY, f"  {STORY.upper().replace(' ', ', ')}!\n"]).key.tolist()
    assert one == other


@pytest.mark.parametrize("texts", [("a b", "b a"), ("...", "!!!"), ("", "."), (STORY, f"{STORY} today")])
def test_other_texts_have_another_key(texts):
    one, other = sketch(texts).key.tolist()
    assert one != other


def test_minima_agree_as_often_as_shingles_do():
    """A hundred pairs of texts that share every share of their shingles: the estimate is the truth, about."""
    rng = np.random.default_rng(0)
    words = np.array([f"word{k}" for k in range(2000)])
    estimates, truths = [], []
    for _ in range(100):
        first = rng.choice(words, 80).tolist()
        second = first[: (cut := int(rng.integers(0, 80)))] + rng.choice(words, 80 - cut).tolist()
        a, b = (set(zip(t, t[1:], t[2:], strict=False)) for t in (first, second))
        minima = sketch([" ".join(first), " ".join(second)]).minima
        estimates.append((minima[0] == minima[1]).mean())
        truths.append(len(a & b) / len(a | b))
    spread = np.sqrt(np.mean(np.array(truths) * (1 - np.array(truths))) / HASHES)
    assert np.mean(estimates) == pytest.approx(np.mean(truths), abs=0.02)
    assert np.std(np.array(estimates) - truths) == pytest.approx(spread, rel=0.5)


def test_they_stay_what_they_are():
    """Models keep them: another hash, or another order of the permutations, would make all articles new."""
    found = sketch([STORY, "天气预报说今晚有雨", ""])
    assert [f"{key:016x}" for key in found.key.tolist()] == KEYS
    assert found.minima[0, :4].tolist() == MINIMA
