"""Searching settings: what is tried, what is kept, and that nothing but training articles decides."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from topicml.corpus.targets import Targets
from topicml.exceptions import TopicmlValueError
from topicml.model.feature_settings import FeatureSettings
from topicml.training import crossfit
from topicml.training.crossfit import TrainingData
from topicml.training.record import _tried
from topicml.training.settings import SolverSettings, TrainingSettings
from topicml.training.tuning import Trial, _best, search_settings

STEMS = ("krem", "volt", "sarn")
LABELS = np.arange(240) % 3
Y = LABELS[:, None] == np.arange(3)
FOLDS = np.arange(240) // 3 % 4


def inflected():
    """Texts that share stems and never a word: only parts of words tell their labels apart."""
    rng = np.random.default_rng(0)
    letters = np.array(list("bcdfghjklm"))
    return [
        " ".join(f"{STEMS[label]}{''.join(rng.choice(letters, 6))}" for _ in range(5))
        + f" and the {label % 1}"
        for label in LABELS
    ]


def data_of(texts, *, target_type="multiclass", titled=False):
    n = len(texts)
    targets = Targets(("a", "b", "c"), target_type, Y[:n])
    return TrainingData(texts, targets, FOLDS[:n], np.arange(n), titled)


def searched(texts, settings, n_jobs=1, *, titled=False, progress=None):
    return search_settings(data_of(texts, titled=titled), settings, n_jobs=n_jobs, progress=progress)


@pytest.fixture(scope="module")
def texts():
    return inflected()


def test_finds_that_parts_of_words_are_wanted(texts):
    steps = []
    found, trials = searched(texts, TrainingSettings(), progress=steps.append)
    assert len(steps) == 1
    assert found.features.char_ngram_range == (3, 5)
    words = [trial.value for trial in trials if trial.settings.features.char_ngram_range is None]
    parts = [trial.value for trial in trials if trial.settings.features.char_ngram_range]
    assert max(words) < 0.6
    assert max(parts) > 0.95


def test_a_full_search_goes_coarse_to_fine_and_ends_on_all_folds(texts):
    steps = []
    found, trials = searched(texts, TrainingSettings(search="full"), titled=True, progress=steps.append)
    assert [trial.stage for trial in trials] == sorted(trial.stage for trial in trials)
    assert {trial.stage for trial in trials} == {1, 2, 3, 4}
    assert len(steps) == 4
    last = [trial for trial in trials if trial.stage == 4]
    assert all(trial.n_held_out == 240 for trial in last)
    assert found in [trial.settings for trial in last]
    weights = {trial.settings.features.title_weight for trial in trials}
    assert weights > {1}
    assert "balanced" in {trial.settings.solver.class_weight for trial in trials}
    assert {trial.settings.pruned_to for trial in trials} > {None}


@pytest.mark.parametrize(
    ("search", "n"), [("none", 240), ("light", 199), ("full", 199)], ids=["none", "few", "few, full"]
)
def test_nothing_is_searched_unasked_or_in_few_articles(texts, search, n):
    settings = TrainingSettings(search=search)
    assert search_settings(data_of(texts[:n]), settings) == (settings, ())


@pytest.mark.parametrize(
    "kept",
    [
        {"features": FeatureSettings(ngram_range=(1, 1))},
        {"max_terms": 50},
        {"pruned_to": 40},
        {"solver": SolverSettings(C=0.5, class_weight="balanced")},
    ],
    ids=["features", "max_terms", "pruned_to", "solver"],
)
def test_what_the_caller_chose_is_kept(texts, kept):
    found, trials = searched(texts, TrainingSettings(search="full", **kept), titled=True)
    for settings in (found, *(trial.settings for trial in trials)):
        for name, value in kept.items():
            assert getattr(settings, name) == value


def test_the_number_of_jobs_changes_nothing(texts, monkeypatch):
    """Regression (the solver's one random generator, shared by threads): trials differed by their order."""
    monkeypatch.setattr(crossfit, "_LITTLE_WORK", 0)
    assert searched(texts, TrainingSettings(), n_jobs=1) == searched(texts, TrainingSettings(), n_jobs=2)


@pytest.mark.parametrize("measure", ["macro_f1", "micro_f1", "accuracy"])
@pytest.mark.parametrize("target_type", ["multiclass", "multilabel"])
def test_trials_tell_what_was_tried_by_the_measure_asked_for(texts, measure, target_type):
    settings = TrainingSettings(measure=measure, max_terms=100)
    _, trials = search_settings(data_of(texts, target_type=target_type), settings, n_jobs=1)
    row = _tried(trials[0])
    assert 0 <= row.value(measure) <= 1
    assert [row.accuracy, row.micro_f1, row.macro_f1].count(None) == 2
    assert (row.stage, row.n_articles, row.max_terms, row.C) == (1, 240, 100, 1.0)


def test_of_equally_good_settings_the_simplest_is_taken():
    """Half a standard error of 0.9 in 100 articles is 0.015."""
    few, many = TrainingSettings(max_terms=10), TrainingSettings(max_terms=1000)
    tried = [Trial(few, 1, 200, 100, 0.89), Trial(many, 1, 200, 100, 0.90)]
    assert _best(tried, 1) == [few]
    assert _best([replace(tried[0], value=0.88), tried[1]], 1) == [many]
    assert _best(tried, 2) == [many, few]


@pytest.mark.parametrize(
    "wrong", [{"search": "deep"}, {"measure": "f1"}, {"abstain_precision": 1.0}], ids=str
)
def test_an_unknown_way_to_search_is_named(wrong):
    with pytest.raises(TopicmlValueError, match=next(iter(wrong))):
        TrainingSettings(**wrong)
