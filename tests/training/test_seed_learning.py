"""Learning from an archive that seed words begin to label."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tests.training.seeded import EVEN, SEEDS, SKEWED, WORDS
from topicml.article import Article
from topicml.training.archive import words_alone
from topicml.training.seed_learning import count_archive, learn_each, learn_one
from topicml.training.seed_words import SeedWords
from topicml.training.settings import TrainingSettings

_ONE = words_alone(TrainingSettings())
_SEVERAL = replace(_ONE, target_type="multilabel")
_LABELS = np.array(sorted(SEEDS))


def _archive(articles, settings=_ONE, seeds=SEEDS):
    return count_archive(articles, SeedWords.of(seeds), settings, n_jobs=1)


@pytest.mark.parametrize("known", [EVEN, SKEWED], ids=["even", "skewed"])
def test_articles_without_a_seed_word_find_their_section(known):
    articles, sections = known
    learned = learn_one(_archive(articles), None, _ONE)
    without = ~learned.start.singled_out.any(axis=1)
    assert without.any()
    right = _LABELS[learned.given.argmax(axis=1)] == sections
    assert right[without].mean() > 0.9
    assert right.mean() > 0.95


def test_each_article_gets_one_section():
    learned = learn_one(_archive(EVEN[0]), None, _ONE)
    assert (learned.given.sum(axis=1) == 1).all()


def test_learning_starts_within_what_the_words_single_out():
    start = learn_one(_archive(EVEN[0]), None, _ONE).start
    assert 0 < start.taken.sum() < start.singled_out.any(axis=1).sum()
    assert start.singled_out[start.taken].any(axis=1).all()


@pytest.mark.parametrize(("known", "shares_of"), [(EVEN, "even"), (SKEWED, "votes")])
def test_where_shares_come_from_is_said(known, shares_of):
    start = learn_one(_archive(known[0]), None, _ONE).start
    assert start.shares_of == shares_of
    assert start.shares.sum() == pytest.approx(1)


def test_given_shares_are_kept_to():
    given = np.array([0.2, 0.2, 0.6])
    start = learn_one(_archive(EVEN[0]), given, _ONE).start
    assert (start.shares_of, start.shares.tolist()) == ("given", [0.2, 0.2, 0.6])


@pytest.mark.parametrize("learn", [learn_one, learn_each])
def test_the_agreement_can_scale_probabilities(learn):
    settings = _ONE if learn is learn_one else _SEVERAL
    assert 0.5 <= learn(_archive(EVEN[0], settings), None, settings).agreement <= 0.99


def _of_both():
    articles = EVEN[0]
    both = [Article(f"{WORDS['art']} {WORDS['sport']} {k}") for k in range(12)]
    return [*articles, *both]


def test_an_article_can_get_several_sections_or_none():
    articles = [*_of_both(), *(Article(f"nothing of the kind at all {k}") for k in range(12))]
    learned = learn_each(_archive(articles, _SEVERAL), None, _SEVERAL)
    assert learned.given[120:132, [0, 2]].mean() > 0.9
    assert learned.given[132:].mean() < 0.1
    right = learned.given[:120] == (np.array(EVEN[1])[:, None] == _LABELS)
    assert right.mean() > 0.85  # a third has no seed word


def test_sections_may_share_words_where_an_article_can_have_several():
    seeds = {**SEEDS, "chess": ["bishop", "match"]}
    learned = learn_each(_archive(_of_both(), _SEVERAL, seeds), None, _SEVERAL)
    assert learned.start.singled_out[:, 1:].all(axis=1).any()
