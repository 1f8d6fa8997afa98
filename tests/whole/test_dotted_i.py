"""The capital i with a dot is the small i: İSTANBUL and istanbul are one word wherever text is read."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.training.seeded import EVEN
from topicml.article import Article
from topicml.model.feature_settings import FeatureSettings
from topicml.model.persistence import load_classifier, save_classifier
from topicml.model.tokens import undotted
from topicml.training.settings import TrainingSettings
from topicml.training.train import train
from topicml.training.vocabulary import fit_vectorizer

FORMS = ("istanbul", "İSTANBUL", "İstanbul", "I\u0307STANBUL", "i\u0307stanbul", "ISTANBUL")


@pytest.fixture(scope="module")
def model():
    sport = [Article(f"İstanbul'da maç {k} gol", labels=("spor",)) for k in range(8)]
    politics = [Article(f"Ankara meclis {k} yasa", labels=("siyaset",)) for k in range(8)]
    settings = TrainingSettings(search="none", stop_words=("İÇİN",))
    return train([*sport, *politics], settings=settings, n_jobs=1).classifier


def test_all_forms_score_alike(model):
    scores = model.decision_function(FORMS)
    assert (scores == scores[0]).all()
    assert model.predict(FORMS[0]).label == "spor"


def test_dotless_letters_are_other_letters(model):
    assert model.predict("ıstanbul").reason == "no_known_terms"


def test_explanations_point_at_the_words_as_they_are_written(model):
    text = "Bugün I\u0307STANBUL, sonra İstanbul"
    explanation = model.explain(text)
    [word] = explanation.words
    assert [text[slice(*span)] for span in word.spans] == ["I\u0307STANBUL", "İstanbul"]
    assert word.word == "I\u0307STANBUL"
    assert [found.term for found in explanation.evidence] == ["istanbul"]


def test_it_comes_back_with_the_model(model, tmp_path):
    save_classifier(model, tmp_path)
    loaded = load_classifier(tmp_path, verify=True)
    assert loaded.vectorizer.settings.fold_dotted_i
    assert TrainingSettings.recorded(loaded.provenance["settings"]).features.fold_dotted_i
    assert (loaded.decision_function(FORMS) == model.decision_function(FORMS)).all()


def test_a_model_without_that_letter_holds_nothing_of_it(base_classifier):
    assert "fold_dotted_i" not in json.dumps(base_classifier.content())


def test_an_archive_with_that_letter_folds_it_where_the_archive_is_used():
    texts, sections = [article.text for article in EVEN[0]], EVEN[1]
    result = train(
        texts[:24], sections[:24], unlabelled=[f"{text} İSTANBUL" for text in texts[24:]], n_jobs=1
    )
    assert result.archive.used
    assert result.settings.features.fold_dotted_i
    assert (result.classifier.decision_function("istanbul") != result.classifier.intercept).any()


def test_an_archive_with_that_letter_changes_nothing_where_it_is_not_used():
    strange = [f"İSTANBUL {number} qwerty{number}" for number in range(40)]
    labelled, sections = EVEN
    result = train(labelled[:24], sections[:24], unlabelled=strange, n_jobs=1)
    assert not result.archive.used
    assert not result.settings.features.fold_dotted_i


def test_a_model_from_before_reads_as_it_did():
    """How text becomes words is part of a model's format."""
    texts = ["istanbul", "İstanbul", "i\u0307stanbul"]
    vectorizer = fit_vectorizer(texts, FeatureSettings((1, 1)), min_df=1)
    small, *others = vectorizer.transform(texts)[0].indices.tolist()
    assert others == [1 - small] * 2


@given(st.text(st.one_of(st.sampled_from("iIİı\u0307\u0301a \u00ad"), st.characters())))
def test_as_many_characters_as_before(text):
    assert len(undotted(text)) == len(text)
    assert undotted(undotted(text)) == undotted(text)
