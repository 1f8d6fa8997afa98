"""Which articles of an archive may be learned from."""

from __future__ import annotations

import numpy as np
import pytest

from tests.training.seeded import EVEN
from topicml.corpus.near_duplicates import sketch
from topicml.corpus.seen_articles import fingerprints_of
from topicml.corpus.targets import Targets
from topicml.model.feature_settings import FeatureSettings
from topicml.training.crossfit import TrainingData
from topicml.training.unlabelled import usable_articles, without_copies

TEXTS = [article.text for article in EVEN[0]]
FOREIGN = [f"La situation du quartier {k} reste difficile selon ses habitants et le maire" for k in range(90)]


def _usable(texts, n_labelled: int = 30):
    targets = Targets(("a", "b"), "multiclass", (np.arange(n_labelled) % 2)[:, None] == np.arange(2))
    labelled = TEXTS[:n_labelled]
    data = TrainingData(labelled, targets, np.arange(n_labelled) % 5, np.arange(n_labelled))
    return usable_articles(texts, data, fingerprints_of(sketch(labelled)), FeatureSettings(), n_jobs=1)


def test_copies_of_labelled_articles_are_left_out():
    found = _usable([TEXTS[0].upper(), *TEXTS[30:]])
    assert found.texts == tuple(TEXTS[30:])
    assert (found.n_given, found.n_copies, found.n_strange) == (91, 1, 0)
    assert found.notes == ("left out of 91 unlabelled articles: 1 copy of labelled articles",)


def test_some_articles_in_another_language_are_left_out():
    found = _usable([*FOREIGN[:30], *TEXTS[30:]])
    assert found.texts == tuple(TEXTS[30:])
    assert found.n_strange == 30
    assert found.objection is None


def test_an_archive_in_another_language_is_not_used():
    found = _usable([*FOREIGN, *TEXTS[30:60]])
    assert found.objection is not None
    assert "90 of 120 unlabelled articles have few words in common" in found.objection


@pytest.mark.parametrize("texts", [[], TEXTS[30:49]])
def test_too_few_articles_are_not_used(texts):
    assert f"{len(texts)} unlabelled articles of {len(texts)} can be learned from" in str(
        _usable(texts).objection
    )


def test_texts_without_words_are_no_reason_to_object():
    found = _usable(["?!"] * 30)
    assert found.n_strange == 30


def test_copies_of_articles_to_measure_on_are_taken_out():
    assert without_copies([TEXTS[1], TEXTS[0].title()], sketch(TEXTS[:1]), n_jobs=1) == [TEXTS[1]]
