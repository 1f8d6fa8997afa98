from __future__ import annotations

import json
from dataclasses import replace

import pytest

from tests.support import made_up
from topicml.lifecycle.watch import watch
from topicml.training.settings import TrainingSettings
from topicml.training.train import train


@pytest.fixture(scope="module")
def model():
    return train(made_up(600), settings=TrainingSettings(search="none"), n_jobs=1)


def with_word(word: str, *, every: int):
    """New articles, some of which have one word more."""
    articles = made_up(300, seed=1, year=2024)
    return [
        replace(a, text=f"{a.text} {word}", id=f"a{k}", date=None)
        if k % every == 0
        else replace(a, date=None)
        for k, a in enumerate(articles)
    ]


def words_of(model, articles):
    return watch(model, articles, n_jobs=1).windows[-1].words


def test_a_new_word_is_found_with_its_articles(model):
    [found] = words_of(model, with_word("Hurrikan", every=10))
    assert (found.word, found.is_new, found.n_articles, found.share) == ("hurrikan", True, 30, 0.1)
    assert [place for place, _ in found.articles] == ["a0", "a10", "a20"]
    assert found.training_share < 0.01


def test_a_word_that_the_model_knows_rises(model):
    [found] = words_of(model, with_word("art1", every=3))
    assert (found.word, found.is_new) == ("art1", False)
    assert found.share > 2 * found.training_share > 0


@pytest.mark.parametrize("every", [150, 301])
def test_a_word_of_two_articles_or_fewer_is_not_told(model, every):
    assert words_of(model, with_word("hurrikan", every=every)) == ()


def test_articles_of_the_same_kind_have_no_rising_words(model):
    assert words_of(model, made_up(300, seed=1)) == ()


def test_a_word_is_values_that_json_holds(model):
    [found] = words_of(model, with_word("hurrikan", every=10))
    assert json.loads(json.dumps(found.to_dict()))["articles"][1]["place"] == "a10"


def test_no_more_than_ten_words_are_named(model):
    many = " ".join(f"neu{letter}" for letter in "abcdefghijklmnop")
    assert len(words_of(model, with_word(many, every=10))) == 10
