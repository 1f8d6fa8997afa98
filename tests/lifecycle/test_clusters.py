from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from topicml.lifecycle.clusters import evenly, nearness, points_of, representatives
from topicml.model.feature_settings import FeatureSettings
from topicml.training.vocabulary import fit_vectorizer

TOPIC = np.repeat([0, 1, 2], 20)
TEXTS = [f"topic{topic} word{topic} theme{topic} number{k}" for k, topic in enumerate(TOPIC)]


@pytest.fixture(scope="module")
def points():
    words = fit_vectorizer(TEXTS, FeatureSettings((1, 1)), min_df=1)
    return points_of(words.transform(TEXTS)[0])


def test_points_have_unit_length(points):
    np.testing.assert_allclose((points**2).sum(axis=1), 1)


def test_a_text_without_terms_is_the_origin():
    words = fit_vectorizer(TEXTS, FeatureSettings((1, 1)), min_df=1)
    points = points_of(words.transform(["nothing known", *TEXTS])[0])
    assert not points[0].any()
    assert points[1:].any(axis=1).all()


def test_products_say_how_similar_articles_are():
    """With as many directions as there are words, they are those of the TF-IDF rows."""
    words = fit_vectorizer(TEXTS, FeatureSettings((1, 1)), min_df=1)
    rows = words.transform(TEXTS)[0]
    dense = rows.dot(np.eye(rows.n_columns, dtype=np.float32))
    points = points_of(rows)
    np.testing.assert_allclose(points @ points.T, dense @ dense.T, atol=1e-6)


def test_each_group_has_one_that_stands_for_it(points):
    found = representatives(points, 3, weight=np.ones(60))
    assert sorted(TOPIC[found.rows].tolist()) == [0, 1, 2]
    assert found.sizes.tolist() == [20, 20, 20]


def test_heavy_articles_get_more_and_smaller_groups(points):
    weight = np.where(TOPIC == 1, 1.0, 1e-6)
    found = representatives(points, 6, weight=weight)
    assert (TOPIC[found.rows] == 1).sum() >= 5


def test_the_heaviest_group_is_first(points):
    weight = np.choose(TOPIC, [0.2, 1.0, 0.5])
    found = representatives(points, 3, weight=weight)
    assert TOPIC[found.rows].tolist() == [1, 2, 0]


@given(n=st.integers(1, 70), seed=st.integers(0, 99))
def test_as_many_different_articles_as_asked_for(n, seed):
    rng = np.random.default_rng(seed)
    points = rng.integers(-1, 2, size=(60, 4)).astype(float)  # many of them alike, some of length 0
    found = representatives(points, n, weight=rng.random(60) + 1e-6, random_state=seed)
    assert len(np.unique(found.rows)) == len(found.rows) == min(n, 60)
    assert (found.sizes >= 1).all()


def test_of_many_articles_a_sample_is_grouped(monkeypatch, points):
    monkeypatch.setattr("topicml.lifecycle.clusters._SAMPLE", 30)
    found = representatives(points, 3, weight=np.ones(60))
    assert sorted(TOPIC[found.rows].tolist()) == [0, 1, 2]
    assert found.sizes.sum() == 60


def test_nearness_is_that_of_the_nearest(points):
    near = nearness(points, points[[0, 25]])
    assert near[[0, 25]].min() > 0.999
    assert near[TOPIC == 1].min() > near[TOPIC == 2].max()


def test_without_others_nothing_is_near(points):
    assert not nearness(points, points[:0]).any()


def test_rows_are_taken_evenly():
    assert evenly(0, 5).tolist() == []
    assert evenly(1000, 3).tolist() == [0, 499, 999]
