"""Fits out of fold: each article is scored by a fit that never saw it, on the same path as the full one."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from topicml.corpus.targets import encode_targets
from topicml.training.crossfit import NO_ROWS, TrainingData, cross_fit, fit_parts
from topicml.training.settings import TrainingSettings
from topicml.training.vocabulary import fit_vectorizer

SETTINGS = TrainingSettings(max_terms=40)


@pytest.fixture(scope="module")
def counted(base_articles):
    texts = [article.text for article in base_articles]
    folds = np.arange(len(texts)) % 3 - (np.arange(len(texts)) < 2)  # one of the first two is never held out
    data = TrainingData(texts, encode_targets(base_articles), folds, np.arange(len(texts)))
    return data.counted(fit_vectorizer(texts, SETTINGS.features), n_jobs=1)


def test_the_rows_of_folds_are_all_but_those_never_held_out(counted):
    rows = counted.data.held_out()
    assert len(rows) == 3
    assert sorted(np.concatenate(rows).tolist()) == list(range(1, 24))


def test_a_part_has_its_own_texts_targets_folds_and_groups(counted):
    rows = np.array([3, 1])
    part = counted.data.take(rows)
    assert part.texts == [counted.data.texts[3], counted.data.texts[1]]
    assert part.targets.classes_ == counted.data.targets.classes_
    assert (counted.data.targets.Y[rows] == part.targets.Y).all()
    assert (part.folds.tolist(), part.groups.tolist()) == (counted.data.folds[rows].tolist(), [3, 1])


def test_each_article_is_scored_by_the_fit_without_its_fold(counted):
    fit = cross_fit(counted, SETTINGS, n_jobs=1)
    for rows in counted.data.held_out():
        [[alone]] = fit_parts(counted, [rows], [SETTINGS], n_jobs=1)
        assert (fit.scores[rows] == alone.scores).all()
        assert (fit.answerable[rows] == alone.answerable).all()


def test_labels_of_what_is_held_out_change_nothing_in_its_scores(counted):
    rows = counted.data.held_out()[0]
    Y = counted.data.targets.Y.copy()
    Y[rows] = Y[rows][:, ::-1]
    targets = replace(counted.data.targets, Y=Y)
    other = replace(counted, data=replace(counted.data, targets=targets))
    [[found]], [[turned]] = (fit_parts(one, [rows], [SETTINGS], n_jobs=1) for one in (counted, other))
    assert found.scores.tobytes() == turned.scores.tobytes()
    assert found.kept.tolist() == turned.kept.tolist()


def test_what_is_never_held_out_has_no_score(counted):
    fit = cross_fit(counted, SETTINGS, n_jobs=1)
    assert not fit.scores[0].any()
    assert not fit.answerable[0]


def test_the_full_fit_is_the_one_that_holds_nothing_out(counted):
    fit = cross_fit(counted, SETTINGS, n_jobs=1)
    [[full]] = fit_parts(counted, [NO_ROWS], [SETTINGS], n_jobs=1)
    assert fit.weights.coef.tobytes() == full.weights.coef.tobytes()
    assert len(fit.kept) == 40


def test_fits_come_by_settings_then_by_parts(counted):
    few = replace(SETTINGS, max_terms=5)
    parts = [NO_ROWS, *counted.data.held_out()]
    fits = fit_parts(counted, parts, [SETTINGS, few], n_jobs=1)
    assert [[len(fit.kept) for fit in of_one] for of_one in fits] == [[40] * 4, [5] * 4]
    assert [len(fit.scores) for fit in fits[1]] == [len(rows) for rows in parts]
