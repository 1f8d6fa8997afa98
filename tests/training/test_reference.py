from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from tests.support import made_up
from topicml.article import Article
from topicml.training.reference import reference_of
from topicml.training.settings import TrainingSettings
from topicml.training.train import train

QUICK = {"settings": TrainingSettings(search="none"), "n_jobs": 1}


@pytest.fixture(scope="module")
def result():
    articles = made_up(120, wrong=0.2)
    return train([replace(a, source="Daily" if k % 3 else "Post") for k, a in enumerate(articles)], **QUICK)


def test_it_counts_the_answers_for_held_out_articles(result):
    found = result.classifier.reference
    assert (found.n_articles, sum(found.labels)) == (120, 120)
    assert sum(found.right) == round(result.scores.estimates()["accuracy"].value * 120)
    assert found.sources == {"Daily": 80, "Post": 40}


def test_articles_left_to_a_person_are_counted_by_reason():
    settings = TrainingSettings(search="none", abstain_precision=0.95, allow_unkept=True)
    articles = [*made_up(300, wrong=0.2), *(Article(f"odd{k}", labels=("art",)) for k in range(3))]
    result = train(articles, settings=settings, n_jobs=1)
    none, no_terms, _, low, _ = result.classifier.reference.reasons
    assert none + no_terms + low == 303
    assert no_terms == 3
    assert low > 0


def test_it_is_small(result):
    assert len(json.dumps(result.classifier.reference.content())) < 1000


def test_the_most_frequent_outlets_are_kept(result):
    sources = [f"outlet {k:02}" for k in range(60)] * 2 + ["outlet 59"]
    Y = np.ones((2, 3), bool)
    found = reference_of(result.classifier, np.full((2, 3), 1 / 3), Y, np.ones(2, bool), sources)
    assert len(found.sources) == 50
    assert next(iter(found.sources.items())) == ("outlet 59", 3)
