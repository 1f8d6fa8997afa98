"""Texts that a model should not answer for, and ordinary ones that it should."""

from __future__ import annotations

import base64
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import topicml
from topicml.article import Article
from topicml.batch.rows import BatchOptions, predict_batch
from topicml.batch.writers import json_row
from topicml.model.feature_settings import FeatureSettings
from topicml.model.persistence import load_classifier, save_classifier
from topicml.model.prediction import REASONS
from topicml.reading.readers import read_corpus
from topicml.training.settings import TrainingSettings
from topicml.training.train import train

DATA = Path(topicml.__file__).parents[1] / "data"
SENTENCES = {
    "Yoruba": "Ìjọba ìpínlẹ̀ náà sọ pé òjò yóò rọ̀ ní ọ̀sẹ̀ tó ń bọ̀, àwọn ará ìlú sì ń múra sílẹ̀.",
    "German": "Die Regierung kündigte gestern neue Zölle auf Stahl an, während die Gewerkschaften streikten.",
    "Spanish": "El gobierno anunció ayer nuevos aranceles para el acero mientras los sindicatos protestaban.",
    "Swahili": "Serikali ilitangaza jana kwamba shule zote zitafunguliwa tena baada ya mvua kubwa kunyesha.",
    "Finnish": "Hallitus ilmoitti eilen, että koulut avataan uudelleen rankkasateiden jälkeen ensi viikolla.",
    "Russian": "Правительство объявило вчера, что школы снова откроются после сильных дождей.",
    "Arabic": "أعلنت الحكومة أمس أن المدارس ستفتح من جديد بعد الأمطار الغزيرة.",
    "Hindi": "सरकार ने कल घोषणा की कि भारी बारिश के बाद स्कूल फिर खुलेंगे।",
}
HEADLINES = (
    "Security Council extends mission in Mali",
    "Global trade talks stall again",
    "Migrants rescued at sea",
    "New vaccine approved for children",
    "Climate summit ends without agreement",
    "Ceasefire holds",
)


def noise():
    """Random bytes, read as text in several ways, from a few characters to a few thousand."""
    rng = np.random.default_rng(0)
    letters = np.array([*"abcdefghijklmnopqrstuvwxyz    "])
    for size in (20, 100, 1000):
        for _ in range(20):
            data = rng.bytes(size)
            yield data.decode("latin-1")
            yield data.decode("utf-8", "replace")
            yield data.hex(" ")
            yield base64.encodebytes(data).decode()
            yield "".join(rng.choice(letters, size))
            yield " ".join(map(str, rng.integers(0, 10_000, size // 5)))


@pytest.fixture(scope="module")
def corpus():
    return read_corpus(DATA / "world_desk.jsonl", labelled=True).articles


@pytest.fixture(
    scope="module",
    params=[
        pytest.param(FeatureSettings((1, 1)), id="words"),
        pytest.param(FeatureSettings(None, (3, 4), min_token_length=1), id="pieces"),
    ],
)
def desk(request, corpus):
    """A model of four in five articles of the shipped corpus."""
    settings = TrainingSettings(features=request.param, max_terms=3000, search="none", n_folds=3)
    return train([a for k, a in enumerate(corpus) if k % 5], settings=settings, n_jobs=1).classifier


def share_answered(model, texts):
    return np.mean([not prediction.abstained for prediction in model.predict(texts)])


def test_articles_that_training_did_not_see_are_answered(desk, corpus):
    assert share_answered(desk, corpus[::5]) > 0.99


def test_so_are_headlines(desk):
    assert not any(prediction.abstained for prediction in desk.predict(HEADLINES))


def test_other_languages_are_not(desk):
    reasons = {language: desk.predict(text * 3).reason for language, text in SENTENCES.items()}
    assert set(reasons.values()) <= {"unusual_language", "no_known_terms"}, reasons
    chinese = [
        Article(row["text"], title=row["title"])
        for row in map(json.loads, (DATA / "world_desk_zh.jsonl").read_text("utf-8").splitlines())
    ]
    assert share_answered(desk, chinese) == 0


def test_noise_is_not(desk):
    assert share_answered(desk, list(noise())) < 0.02


def test_without_the_rule_some_of_it_would_be(desk):
    """Else the tests above would say nothing of the rule."""
    without = replace(desk, familiarity=None)
    assert share_answered(without, [*noise(), *SENTENCES.values()]) > 0.2


def test_the_rule_is_saved_and_loaded(desk, tmp_path):
    save_classifier(desk, tmp_path)
    texts = [*noise(), *SENTENCES.values(), *HEADLINES]
    assert load_classifier(tmp_path, verify=True).predict(texts) == desk.predict(texts)


def test_an_explanation_says_that_the_model_does_not_answer(desk):
    told, usual = desk.explain(SENTENCES["German"] * 3), desk.explain(HEADLINES[0])
    assert told.reason == told.to_dict()["reason"] == desk.predict(SENTENCES["German"] * 3).reason
    assert f"left to a person: {REASONS[told.reason]}\n" in str(told)
    assert usual.reason is usual.to_dict()["reason"] is None
    assert "left to a person" not in str(usual)


def test_rows_carry_the_reason(desk):
    articles = [Article(SENTENCES["German"] * 3), Article(HEADLINES[0])]
    rows = [
        json_row(row, BatchOptions()) for row in predict_batch(desk, articles, BatchOptions(), first_row=1)
    ]
    assert [row["reason"] for row in rows] == [desk.predict(SENTENCES["German"] * 3).reason, None]
    assert [row["abstained"] for row in rows] == [True, False]
