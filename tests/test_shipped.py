"""The model that ships is the one that the shipped corpus gives, and it is loaded without being named."""

from __future__ import annotations

import os
import subprocess
import sys

import numpy as np
import pytest

import topicml
from topicml.predict import load_model
from topicml.reading.readers import read_corpus
from topicml.shipped import shipped_corpus, shipped_model
from topicml.training.settings import TrainingSettings
from topicml.training.train import train


@pytest.fixture(scope="module")
def corpus():
    return read_corpus(shipped_corpus(), labelled=True)


@pytest.fixture(scope="module")
def model():
    return load_model(shipped_model(), verify=True)


def test_training_again_gives_the_same_predictions(corpus, model):
    """A model that nobody can make again is a model that nobody can mend: `make model` makes this one."""
    again = train(corpus, settings=TrainingSettings(target_type="multilabel"), n_jobs=1).classifier
    assert again.provenance["data_sha256"] == model.provenance["data_sha256"]
    assert [p.labels for p in again.predict(corpus)] == [p.labels for p in model.predict(corpus)]
    assert np.allclose(again.predict_proba(corpus), model.predict_proba(corpus), atol=1e-4)


def test_size():
    assert sum(file.stat().st_size for file in shipped_model().iterdir()) <= 2 << 20


def test_it_is_multilabel_and_says_how_good_it_is(model):
    assert model.multilabel
    assert len(model.classes_) == 12
    low, high = model.provenance["scores_out_of_fold"]["intervals"]["macro_f1"]
    assert 0.6 < low < high < 0.8
    assert f"{low:.3f} to {high:.3f}" in (shipped_model() / "MODEL_CARD.md").read_text("utf-8")


def test_it_is_loaded_when_no_model_is_named(model, tmp_path):
    text = "Blue helmets patrolled the ceasefire line."
    environment = {name: value for name, value in os.environ.items() if name != "TOPICML_MODEL"}
    script = f"import topicml; print(topicml.load_model().predict({text!r}).labels)"
    run = subprocess.run(
        [sys.executable, "-c", script],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    assert run.stdout.strip() == repr(model.predict(text).labels) == "('Peacekeeping',)"


def test_a_saved_page_bears_what_it_is_about_and_not_what_its_breadcrumb_says(model):
    """The breadcrumb labels a page; were it a feature, the page would vote for itself."""
    for page in sorted((shipped_corpus().parent / "pages").glob("*.txt")):
        (article,) = topicml.read_corpus(page)
        assert article.labels[0] not in article.full_text.splitlines()
        assert article.labels[0] in model.predict(article).labels
