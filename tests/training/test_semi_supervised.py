"""Few labels spread over many articles by EM, and a linear model grown on the surest of them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from tests.training.seeded import EVEN, SKEWED
from topicml.model.feature_settings import FeatureSettings
from topicml.model.inputs import as_texts
from topicml.training.semi_supervised import (
    ArchiveUse,
    Scored,
    em,
    fit_with_archive,
    grown,
    softmax,
    surest,
    with_shares,
)
from topicml.training.settings import SolverSettings
from topicml.training.vocabulary import fit_vectorizer

LABELS = ("art", "chess", "sport")
EVENLY = np.full(3, 1 / 3)


def _labelled_first(archive, n_each: int = 1):
    """Rows of the archive's words, so many articles of each section first; their labels, and all sections."""
    articles, sections = archive
    y = np.array([LABELS.index(section) for section in sections])
    first = np.concatenate([np.flatnonzero(y == label)[:n_each] for label in range(3)])
    order = np.concatenate((first, np.setdiff1d(np.arange(len(y)), first)))
    texts = list(as_texts(articles))
    rows, _ = fit_vectorizer(texts, FeatureSettings(ngram_range=(1, 1))).transform(texts)
    return rows.take(order), y[first][:, None] == np.arange(3), y[order]


@given(arrays(np.float64, (9, 3), elements=st.floats(0.05, 1)), st.tuples(*[st.floats(0.1, 1)] * 3))
def test_scaled_probabilities_sum_to_1_and_meet_the_shares(posterior, given_shares):
    shares = np.array(given_shares) / sum(given_shares)
    found = with_shares(posterior / posterior.sum(axis=1, keepdims=True), shares)
    assert np.allclose(found.sum(axis=1), 1)
    assert np.abs(found.mean(axis=0) - shares).max() < 0.02


def test_em_finds_the_sections_of_an_archive_from_one_article_each():
    X, Y, y = _labelled_first(EVEN)
    found = em(X, Y.astype(float), EVENLY)
    assert (found.scores.argmax(axis=1) == y[3:]).mean() > 0.9


def test_the_shares_decide_how_many_articles_a_label_gets():
    X, Y, _ = _labelled_first(EVEN)
    few, many = (em(X, Y.astype(float), np.array([s, 0.5 - s / 2, 0.5 - s / 2])) for s in (0.05, 0.6))
    assert (softmax(few.scores)[:, 0]).sum() < (softmax(many.scores)[:, 0]).sum()


def test_scores_and_weights_say_the_same():
    X, Y, _ = _labelled_first(EVEN)
    starter = em(X, Y.astype(float), EVENLY)
    model = grown(X, Y.astype(float), starter, EVENLY, SolverSettings())
    for one in (starter, model, model.plus(starter)):
        rows = X.take(np.arange(3, len(X)))
        assert np.allclose(one.weights.scores(rows), one.scores, atol=1e-4)


def test_models_are_of_one_scale_before_they_are_added():
    X, Y, _ = _labelled_first(EVEN)
    starter = em(X, Y.astype(float), EVENLY)
    model = grown(X, Y.astype(float), starter, EVENLY, SolverSettings())
    for one in (starter, model):
        assert np.sqrt((one.scores**2).mean()) == pytest.approx(1)
        assert np.abs(one.scores.mean(axis=1)).max() < 1e-5


def test_growth_takes_the_surest_of_each_label_and_no_more_than_its_share():
    scores = np.array([[9.0, 0, 0], [8, 0, 0], [7, 0, 0], [6, 0, 0], [0, 1, 0], [0, 0, 1]])
    assert surest(scores, np.array([0.2, 0.4, 0.4]), 1.0).tolist() == [0, 1, 4, 5]
    assert surest(scores, np.array([0.6, 0.2, 0.2]), 0.5).tolist() == [0, 1, 4, 5]


@pytest.mark.parametrize("starter", ["EM", "both", "plain"])
def test_each_starter_learns_from_the_archive(starter):
    X, Y, y = _labelled_first(EVEN, n_each=2)
    [weights] = fit_with_archive(X, Y, [ArchiveUse(starter, "labelled")], SolverSettings())
    assert (weights.scores(X).argmax(axis=1) == y).mean() > 0.9


def test_shares_that_are_given_help_where_labels_are_uneven():
    X, Y, y = _labelled_first(SKEWED, n_each=2)
    uses = [ArchiveUse("EM", "labelled"), ArchiveUse("EM", "given", (12 / 192, 20 / 192, 160 / 192))]
    even, uneven = (
        (w.scores(X).argmax(axis=1) == y).mean() for w in fit_with_archive(X, Y, uses, SolverSettings())
    )
    assert uneven >= even
    assert uneven > 0.95


def test_several_uses_at_once_are_the_same_as_each_alone():
    X, Y, _ = _labelled_first(EVEN, n_each=2)
    uses = [ArchiveUse("EM", "counted"), ArchiveUse("both", "counted"), ArchiveUse("both", "between")]
    together = fit_with_archive(X, Y, uses, SolverSettings())
    for use, found in zip(uses, together, strict=True):
        [alone] = fit_with_archive(X, Y, [use], SolverSettings())
        assert alone.coef.tobytes() == found.coef.tobytes()
        assert alone.intercept.tobytes() == found.intercept.tobytes()


def test_a_label_without_articles_is_never_the_answer():
    X, Y, _ = _labelled_first(EVEN, n_each=2)
    [weights] = fit_with_archive(
        X, Y[:, [0, 1, 1, 2]] & [1, 1, 0, 1], [ArchiveUse("EM", "labelled")], SolverSettings()
    )
    assert 2 not in weights.scores(X).argmax(axis=1)


def test_a_single_label_that_has_articles_is_the_answer():
    X, Y, _ = _labelled_first(EVEN)
    rows = np.concatenate(([0], np.arange(3, len(X))))
    [weights] = fit_with_archive(X.take(rows), Y[:1], [ArchiveUse("both", "labelled")], SolverSettings())
    assert (weights.scores(X).argmax(axis=1) == 0).all()


def test_a_model_without_scores_is_not_scaled():
    X, Y, _ = _labelled_first(EVEN)
    starter = em(X, Y.astype(float), EVENLY)
    nothing = Scored(starter.weights, np.zeros_like(starter.scores))
    assert (starter.plus(nothing).scores == starter.scores).all()
