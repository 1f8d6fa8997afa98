"""What models record: everything comes back as it was written, and nothing damaged passes for it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from topicml.exceptions import ModelFormatError
from topicml.model.record import (
    RecordedComparison,
    RecordedDifference,
    TrainingRecord,
    TriedSettings,
)
from topicml.model.record_values import kinds_of, read_as

ROOT = Path(__file__).parents[2]
ENTRIES = {field.name for field in fields(TrainingRecord)} - {"others"}
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)
PLAIN = {
    Any: JSON,
    bool: st.booleans(),
    int: st.integers(),
    float: st.floats(allow_nan=False, allow_infinity=False) | st.integers(-(2**60), 2**60),
    str: st.text(),
}


def values(kind):
    """Return a strategy for values of an entry's type."""
    if kind is RecordedComparison:
        differences = st.fixed_dictionaries({"micro_f1": values(RecordedDifference)})
        return built(kind, measure=st.just("micro_f1"), differences=differences)
    if isinstance(kind, type) and is_dataclass(kind):
        return built(kind)
    origin, args = get_origin(kind), get_args(kind)
    if origin is tuple:
        several = args[1] is Ellipsis
        return st.lists(values(args[0]), max_size=2).map(tuple) if several else st.tuples(*map(values, args))
    if origin is Mapping:
        return st.dictionaries(st.text(), values(args[1]), max_size=2)
    return st.sampled_from(args) if origin is Literal else PLAIN[kind]


def built(kind, **given):
    """Return a strategy for a dataclass, whose fields with a default of None may be None."""
    parts = {
        part.name: values(kinds_of(kind)[part.name]) | (st.none() if part.default is None else st.nothing())
        for part in fields(kind)
        if part.name not in given
    }
    return st.builds(kind, **parts, **given)


OTHERS = st.dictionaries(st.text().filter(lambda name: name not in ENTRIES), JSON, max_size=2)


@settings(max_examples=30)
@given(built(TrainingRecord, others=OTHERS))
def test_what_is_written_is_read_again(record):
    stored = json.loads(json.dumps(record.to_dict()))
    assert TrainingRecord.read(stored) == record
    assert json.loads(json.dumps(TrainingRecord.read(stored).to_dict())) == stored


@settings(max_examples=30)
@given(built(TrainingRecord, others=OTHERS))
def test_what_is_known_is_all_there_is_to_know(record):
    assert TrainingRecord.read(record.known()) == record
    assert TrainingRecord().updated(record.known()) == record
    assert record.updated({}) == record


def test_nothing_known_is_nothing():
    assert TrainingRecord.read({}) == TrainingRecord()
    assert TrainingRecord().known() == {}


@pytest.mark.parametrize("model", ["tests/models/version_1", "models/world-desk"])
def test_committed_models_are_read_and_lose_nothing(model):
    stored = json.loads((ROOT / model / "model.json").read_text(encoding="utf-8"))["provenance"]
    record = TrainingRecord.read(stored)
    assert record.scores_out_of_fold.n == record.n_articles
    written = record.to_dict()
    assert {name: written[name] for name in stored} == stored
    assert not any(written[name] for name in written.keys() - stored.keys())


def test_entries_of_the_makers_own_stay():
    stored = {"desk": {"editor": None}, "n_articles": 3, "others": 4}
    record = TrainingRecord.read(stored)
    assert record.others == {"desk": {"editor": None}, "others": 4}
    assert record.known() == stored


def test_entries_are_written_as_none_but_for_those_that_few_models_have():
    written = TrainingRecord().to_dict()
    seldom = {"dates", "created", "scores_with_promises", "reading", "label_mapping", "retraining"}
    assert ENTRIES - written.keys() == seldom | {"measured", "seed_words", "archive", "archive_source"}
    assert (written["size_cost"], written["notes"], written["versions"]) == (None, [], {})


def test_a_trial_tells_its_measure_alone():
    trial = TriedSettings(stage=1, n_held_out=9, max_terms=10, C=1.0, accuracy=0.5)
    assert (trial.value("accuracy"), trial.value("macro_f1")) == (0.5, None)
    written = TrainingRecord(tried=(trial,)).to_dict()["tried"][0]
    assert {"accuracy", "pruned_to"} <= written.keys()
    assert not {"macro_f1", "micro_f1"} & written.keys()


@pytest.mark.parametrize(
    ("stored", "told"),
    [
        ({"n_articles": "many"}, "n_articles: expected a whole number, found 'many'"),
        ({"n_articles": True}, "n_articles: expected a whole number, found True"),
        ({"versions": ["numpy"]}, r"versions: expected a mapping, found \['numpy'\]"),
        ({"versions": {1: "2"}}, "versions: expected a mapping, found {1: '2'}"),
        ({"notes": "none"}, "notes: expected a list, found 'none'"),
        ({"notes": ["a", 2]}, r"notes\[1\]: expected a text, found 2"),
        ({"tried": [{"stage": 1}]}, r"tried\[0\].n_held_out: expected an entry, found none"),
        ({"thresholds": {"art": 0.5}}, r"thresholds\['art'\]: expected a mapping, found 0.5"),
        (
            {"thresholds": {"art": {"threshold": 0.5, "range": [0.5]}}},
            r"thresholds\['art'\].range: expected a list of 2, found \[0.5\]",
        ),
        (
            {"thresholds": {"art": {"threshold": 10**400, "range": [0, 1]}}},
            r"thresholds\['art'\].threshold: expected a finite number",
        ),
        (
            {"retraining": {"replaced": "ab", "comparison": {"measure": "f2", "n": 1, "differences": {}}}},
            r"retraining.comparison.measure: expected one of \('accuracy', .*\), found 'f2'",
        ),
        (
            {
                "retraining": {
                    "replaced": "ab",
                    "comparison": {"measure": "accuracy", "n": 1, "differences": {}},
                }
            },
            r"retraining.comparison.differences: expected accuracy among them, found \[\]",
        ),
    ],
    ids=str,
)
def test_a_damaged_entry_is_named(stored, told):
    with pytest.raises(ModelFormatError, match=f"the model's record: {told}"):
        TrainingRecord.read(stored)


def test_a_part_is_named_by_its_place():
    with pytest.raises(ModelFormatError, match="the model's record: here: expected a mapping, found 3"):
        read_as(RecordedDifference, 3, "here")
