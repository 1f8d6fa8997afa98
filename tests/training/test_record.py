"""A record that is damaged: whoever reads it tells which entry is wrong, or needs it for nothing."""

from __future__ import annotations

import json
from copy import deepcopy
from dataclasses import replace

import numpy as np
import pytest

from topicml.corpus.label_mapping import LabelMapping
from topicml.corpus.rare_labels import keep_frequent_labels
from topicml.evaluation.evaluate import evaluate
from topicml.evaluation.report.origins import Known, head_of, origins_of, training_scores
from topicml.exceptions import TopicmlError, TopicmlValueError
from topicml.model.record import (
    RecordedComparison,
    RecordedDifference,
    RecordedSize,
    RecordedSizeCost,
    Retraining,
    TrainingRecord,
    TriedSettings,
)
from topicml.reading.columns import ReadOptions
from topicml.training.model_card import model_card
from topicml.training.record import record_of_data
from topicml.training.settings import TrainingSettings
from topicml.training.train import train

CALLED = {  # in messages of those who read these entries
    "settings": "the model's record of its settings",
    "settings_given": "the model's record of its settings",
    "label_mapping": "the model's record of its label mapping",
    "reading": "the options that articles were read with in the model's record",
}
ODD = (None, 3, -0.5, "x", [], {}, [1], {"a": 1}, True, 10**400)


@pytest.fixture(scope="module")
def full(multilabel_articles):
    """A model whose record has every entry."""
    settings = TrainingSettings(abstain_precision=0.5, min_precision={"sport": 0.5}, search="none")
    result = train(multilabel_articles, settings=settings, n_jobs=1)
    size = RecordedSize("chi2", "int8", 10, 1000, 0.5)
    difference = RecordedDifference(0.5, 0.6, 0.1, (0.0, 0.2), 0.05)
    record = replace(
        result.record,
        tried=(TriedSettings(1, 30, 100, 1.0, ngram_range=(1, 2), macro_f1=0.5),),
        size_cost=RecordedSizeCost(1000, "macro_f1", size, (size,), size, difference),
        reading=ReadOptions(label_column="desk").to_record(),
        label_mapping=LabelMapping({"a": "b"}).to_record(),
        dates=("2016-01-14", "2023-12-10"),
        created="2024-01-02",
        retraining=Retraining(
            "ab" * 20, "by time", RecordedComparison("accuracy", 9, {"accuracy": difference})
        ),
    )
    return replace(result.classifier, provenance=json.loads(json.dumps(record.to_dict())))


def places(stored, path=()):
    """Yield the path of each entry, at any depth."""
    for key in stored if isinstance(stored, dict) else range(len(stored)):
        yield (*path, key)
        if isinstance(stored[key], dict | list):
            yield from places(stored[key], (*path, key))


def damaged(stored, path, *value):
    """Return a copy in which one entry has another value, or is gone."""
    odd = deepcopy(stored)
    inner = odd
    for key in path[:-1]:
        inner = inner[key]
    if value:
        inner[path[-1]] = value[0]
    else:
        del inner[path[-1]]
    return odd


def read_everything(model, evaluation):
    record = TrainingRecord.read(model.provenance)
    for settings in (record.settings, record.settings_given):
        if settings is not None:
            TrainingSettings.recorded(settings)
    LabelMapping.recorded(record.label_mapping)
    ReadOptions.recorded(record.reading)
    known = Known(model, None, {})
    head_of(evaluation, known)
    origins_of(evaluation, known)
    training_scores(model)
    return model_card(model)


def test_every_entry_is_there(full):
    assert all(full.provenance[name] is not None for name in TrainingRecord().to_dict())
    assert {"reading", "label_mapping", "retraining"} <= full.provenance.keys()


def test_each_entry_may_be_gone_or_of_another_kind(full, multilabel_articles):
    evaluation = evaluate(full, multilabel_articles, n_resamples=1)
    tried = 0
    for path in places(full.provenance):
        for value in ((), *((one,) for one in ODD)):
            tried += 1
            model = replace(full, provenance=damaged(full.provenance, path, *value))
            try:
                assert "## Limits" in read_everything(model, evaluation)
            except TopicmlError as error:
                names = (*map(str, path), CALLED.get(path[0], path[0]))
                assert any(name in str(error) for name in names), f"{path}: {error}"
    assert tried > 1000


def test_what_has_an_entrys_name_and_is_none_cannot_be_put_on_record(base_articles):
    with pytest.raises(TopicmlError, match="the model's record: versions: expected a mapping, found 3"):
        train(base_articles, recorded={"versions": 3}, n_jobs=1)


class TestDates:
    """When articles were written, and when a model was made, as far as the caller says it."""

    @pytest.mark.parametrize(
        ("dates", "expected"),
        [
            (["2023-02-01", None, "2021-12-31T23:00:00+02:00", "2022-07-01"], ("2021-12-31", "2023-02-01")),
            (["yesterday", "2022-07-01", "1/2/2020", "12345-01-01"], ("2022-07-01", "2022-07-01")),
            ([None, "May", ""], None),
        ],
    )
    def test_the_first_and_the_last_article(self, base_articles, dates, expected):
        articles = [replace(article, date=date) for article, date in zip(base_articles, dates, strict=False)]
        assert recorded(articles).dates == expected

    def test_the_day_that_the_caller_gives(self, base_articles, monkeypatch):
        monkeypatch.setenv("SOURCE_DATE_EPOCH", "1704153600")
        assert recorded(base_articles).created == "2024-01-02"

    @pytest.mark.parametrize("value", [None, ""])
    def test_the_clock_is_not_asked(self, base_articles, monkeypatch, value):
        monkeypatch.delenv("SOURCE_DATE_EPOCH", raising=False)
        if value is not None:
            monkeypatch.setenv("SOURCE_DATE_EPOCH", value)
        assert recorded(base_articles).created is None

    @pytest.mark.parametrize("value", ["today", "1.5", "9" * 30])
    def test_no_number_of_seconds(self, base_articles, monkeypatch, value):
        monkeypatch.setenv("SOURCE_DATE_EPOCH", value)
        with pytest.raises(TopicmlValueError, match="SOURCE_DATE_EPOCH must be a number of seconds"):
            recorded(base_articles)


def recorded(articles):
    """What is on record of articles before a model is made of them."""
    return record_of_data(
        keep_frequent_labels(articles, 1), np.arange(len(articles)), (), TrainingSettings(), ()
    )
