"""Several labels an article: each label's function grows on the archive's surest articles."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tests.support import made_up
from topicml.corpus.targets import encode_labels
from topicml.model.feature_settings import FeatureSettings
from topicml.training.label_growth import fit_labels_with_archive, with_words
from topicml.training.linear_model import fit_linear
from topicml.training.settings import SolverSettings
from topicml.training.vocabulary import fit_vectorizer

LABELS = ("art", "chess", "sport")
ARTICLES = made_up(240)
TEXTS = [article.text for article in ARTICLES]
X = fit_vectorizer(TEXTS, FeatureSettings(ngram_range=(1, 1)), min_df=2).transform(TEXTS)[0]
Y = encode_labels(ARTICLES, LABELS)


def _right(weights, rows) -> float:
    return float(((weights.scores(X.take(rows)) > 0) == Y[rows]).mean())


def test_growth_learns_from_articles_without_labels():
    rest = np.arange(18, 240)
    alone = fit_linear(X.take(np.arange(18)), Y[:18], SolverSettings(), multilabel=True)
    grown = fit_labels_with_archive(X, Y[:18], SolverSettings())
    assert _right(grown, rest) > _right(alone, rest) + 0.1


def test_a_label_of_one_article_stays_as_the_labelled_articles_have_it():
    few = Y[:18].copy()
    few[1:, 1] = False
    few[0, 1] = True
    alone = fit_linear(X.take(np.arange(18)), few, SolverSettings(), multilabel=True)
    grown = fit_labels_with_archive(X, few, SolverSettings())
    assert (grown.coef[:, 1] == alone.coef[:, 1]).all()
    assert (grown.coef[:, 0] != alone.coef[:, 0]).any()


def test_shares_are_those_of_articles_that_a_person_labelled():
    """Regression: articles that seed words single out are no sample, and counted as one."""
    known, given = (
        fit_labels_with_archive(X, Y[:60], SolverSettings(), **how)
        for how in ({"n_known": 20}, {"shares": Y[:20].mean(axis=0)})
    )
    assert (known.coef == given.coef).all()
    assert (known.coef != fit_labels_with_archive(X, Y[:60], SolverSettings()).coef).any()


def test_words_count_as_much_as_what_was_learned():
    weights = fit_linear(X.take(np.arange(18)), Y[:18], SolverSettings(), multilabel=True)
    words = np.zeros_like(weights.coef)
    words[weights.coef[:, 0].argmax(), 0] = 1.0
    both = with_words(weights, words, X)
    added = replace(weights, coef=both.coef - weights.coef, intercept=np.zeros(3))
    learned = weights.scores(X) - weights.intercept
    assert added.scores(X)[:, 0].std() == pytest.approx(learned[:, 0].std(), rel=1e-4)
    assert (both.coef[:, 1:] == weights.coef[:, 1:]).all()


def test_a_larger_share_gives_a_label_to_more_articles():
    few, many = (
        (fit_labels_with_archive(X, Y[:18], SolverSettings(), shares=np.full(3, share)).scores(X) > 0).sum()
        for share in (0.05, 0.4)
    )
    assert few < many
