from __future__ import annotations

import json
from dataclasses import replace

import pytest

from tests.support import made_up
from topicml.exceptions import CorpusError
from topicml.lifecycle.watch import watch
from topicml.training.settings import TrainingSettings
from topicml.training.train import train

QUICK = {"settings": TrainingSettings(search="none"), "n_jobs": 1}


def undated(articles, **fields):
    return [replace(article, date=None, **fields) for article in articles]


@pytest.fixture(scope="module")
def model():
    return train([replace(article, source="Daily") for article in made_up(600, wrong=0.1)], **QUICK)


@pytest.fixture(scope="module")
def fitting(model):
    return watch(model, undated(made_up(400, seed=1, wrong=0.1)), n_jobs=1)


def test_articles_of_the_same_kind_fit(model, fitting):
    [window] = fitting.windows
    assert (fitting.verdict, window.findings, window.n) == ("fits", (), 400)
    assert window.accuracy.low < 0.9 < window.accuracy.high
    assert fitting.training.accuracy == pytest.approx(model.scores.estimates()["accuracy"].value)
    assert window.unknown_words == pytest.approx(fitting.training.unknown_words, abs=0.02)
    assert fitting.answer == "The model fits these articles as far as can be seen without labels."


def test_labels_are_not_looked_at(model, fitting):
    assert watch(model, undated(made_up(400, seed=1, wrong=0.1), labels=None), n_jobs=1) == fitting


def test_articles_of_other_words_ask_for_retraining(model):
    strange = [replace(a, text=" ".join(f"x{w}" for w in a.text.split())) for a in made_up(100, seed=1)]
    found = watch(model, undated([*made_up(100, seed=2), *strange]), n_jobs=1)
    assert found.verdict == "retrain"
    assert any("are left to a person" in finding for finding in found.windows[-1].findings)
    assert any("of words are unknown" in finding for finding in found.windows[-1].findings)
    assert found.answer.startswith("Retrain the model: ")


def test_labels_that_moved_ask_for_retraining(model):
    sport = [article for article in made_up(900, seed=1) if article.labels == ("sport",)]
    found = watch(model, undated(sport), n_jobs=1)
    assert any("of labels moved to sections that grew" in own for own in found.windows[-1].findings)
    assert found.windows[-1].labels["sport"].value > 0.9


def test_outlets_that_gained_ask_for_retraining_and_widen_the_estimate(model):
    articles = undated(made_up(400, seed=1, wrong=0.1))
    same, other = (
        watch(model, [replace(a, source=s) for a in articles], n_jobs=1) for s in ("Daily", "Post")
    )
    assert (same.verdict, same.windows[0].new_sources) == ("fits", 0.0)
    assert (other.verdict, other.windows[0].new_sources) == ("retrain", 1.0)
    assert other.windows[0].accuracy.low == 0


def test_the_last_window_decides(model):
    strange = [replace(a, text="xyz " + a.text[::-1], date="2024-01-01") for a in made_up(200)]
    late = [replace(a, date="2024-06-01") for a in made_up(200, seed=1)]
    found = watch(model, [*strange, *late], n_jobs=1)
    assert [bool(window.findings) for window in found.windows] == [True, False]
    assert found.verdict == "fits"


def test_few_articles_give_no_verdict(model):
    found = watch(model, undated(made_up(49)), n_jobs=1)
    assert found.verdict == "too little to tell"
    assert "49 articles are too few" in found.answer


def test_a_model_without_counts_of_training_says_that_retraining_adds_them(model):
    old = replace(model.classifier, reference=None)
    found = watch(old, undated(made_up(100)), n_jobs=1)
    assert found.verdict == "too little to tell"
    assert "retrain the model to add these counts" in found.notes[0]
    [window] = found.windows
    assert (window.accuracy, window.new_sources, found.training.accuracy) == (None, None, None)
    assert window.labels["sport"].value > 0
    assert "estimated" not in found.estimate_text


def test_of_several_labels_precision_is_estimated(multilabel_classifier, multilabel_articles):
    found = watch(multilabel_classifier, multilabel_articles, n_jobs=1)
    assert found.measure == "precision"
    assert sum(share.value for share in found.windows[-1].labels.values()) == pytest.approx(1)


def test_no_articles_are_an_error_that_says_why(model):
    with pytest.raises(CorpusError, match=r"no articles to watch \(left out: 3 articles dated earlier\)"):
        watch(model, made_up(3), since="2025-01-01", n_jobs=1)


def test_it_is_values_that_json_holds(fitting):
    found = json.loads(json.dumps(fitting.to_dict()))
    assert {"verdict", "answer", "measure", "estimated", "training", "windows", "notes"} <= found.keys()
    assert {"estimated_accuracy", "reasons", "labels", "words", "findings"} <= found["windows"][0].keys()


def test_people_read_verdict_estimate_and_tables(fitting):
    first, second, *tables = str(fitting).splitlines()
    assert first == fitting.answer
    assert "estimated, no labels seen" in second
    assert {"Windows", "Labels given: all articles"} <= set(tables)
    assert max(map(len, tables)) <= 80
