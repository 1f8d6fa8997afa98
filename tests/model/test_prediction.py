from __future__ import annotations

import json
import pickle
from copy import deepcopy
from dataclasses import FrozenInstanceError

import numpy as np
import pytest

from topicml.exceptions import TopicmlValueError
from topicml.model.prediction import REASONS, Prediction


def prediction(classes=("art", "sport", "war"), probabilities=(0.2, 0.5, 0.3), **changes):
    values = {
        "label": "sport",
        "labels": ("sport",),
        "probability": 0.5,
        "abstained": False,
        "reason": None,
        "known_terms": 0.75,
        "classes": classes,
        "class_probabilities": probabilities,
        "fingerprint": "0123456789ab",
    }
    return Prediction(**{**values, **changes})


def test_probabilities_are_ordered():
    assert list(prediction().probabilities.items()) == [("sport", 0.5), ("war", 0.3), ("art", 0.2)]


def test_ties_are_ordered_by_label():
    tied = prediction(("10", "9", "B", "b"), (0.2, 0.3, 0.3, 0.2))
    assert list(tied.probabilities) == ["9", "B", "10", "b"]


def test_to_dict_is_json():
    found = prediction().to_dict()
    assert json.loads(json.dumps(found, allow_nan=False)) == found
    assert found == {
        "label": "sport",
        "labels": ["sport"],
        "probability": 0.5,
        "probabilities": [["sport", 0.5], ["war", 0.3], ["art", 0.2]],
        "abstained": False,
        "reason": None,
        "known_terms": 0.75,
        "fingerprint": "0123456789ab",
    }


def test_to_dict_of_an_abstention_is_json():
    found = prediction(label=None, labels=(), abstained=True, reason="no_known_terms").to_dict()
    assert json.loads(json.dumps(found)) == found
    assert (found["label"], found["labels"], found["reason"]) == (None, [], "no_known_terms")


@pytest.mark.parametrize(
    ("top_k", "expected"), [(None, 3), (1, 1), (2, 2), (3, 3), (99, 3), (np.int64(2), 2)]
)
def test_top_k_gives_the_most_probable(top_k, expected):
    assert (
        prediction().to_dict(top_k=top_k)["probabilities"]
        == [
            ["sport", 0.5],
            ["war", 0.3],
            ["art", 0.2],
        ][:expected]
    )


@pytest.mark.parametrize("reason", REASONS)
def test_any_reason_is_json(reason):
    assert json.loads(json.dumps(prediction(reason=reason).to_dict()))["reason"] == reason


@pytest.mark.parametrize(("reason", "expected"), [(None, False), *((reason, True) for reason in REASONS)])
def test_a_person_should_review_what_has_a_reason(reason, expected):
    assert prediction(reason=reason).needs_review is expected


def test_can_be_shipped():
    for copied in (pickle.loads(pickle.dumps(prediction())), deepcopy(prediction())):
        assert copied == prediction()
        assert copied.probabilities == prediction().probabilities


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, "Prediction(label='sport', probabilities={'sport': 0.5, 'war': 0.3, 'art': 0.2})"),
        (
            {"classes": ("a", "b", "c", "d"), "class_probabilities": (0.1, 0.2, 0.3, 0.12345)},
            "Prediction(label='sport', probabilities={'c': 0.3, 'b': 0.2, 'd': 0.123, ...})",
        ),
        (
            {"labels": ("sport", "war")},
            "Prediction(labels=('sport', 'war'), probabilities={'sport': 0.5, 'war': 0.3, 'art': 0.2})",
        ),
        (
            {"label": None, "labels": (), "reason": "low_confidence"},
            "Prediction(label=None, reason='low_confidence', probabilities="
            "{'sport': 0.5, 'war': 0.3, 'art': 0.2})",
        ),
    ],
    ids=["one", "many classes", "several", "none"],
)
def test_shows_what_matters(changes, expected):
    assert repr(prediction(**changes)) == expected


@pytest.mark.parametrize("top_k", [0, -1, 2.5, 3.0, float("nan"), True, "2"])
def test_a_number_of_answers_that_gives_none_or_cannot_be_meant(top_k):
    """No answer, or all but the last, came back for a number that a caller had computed wrongly."""
    with pytest.raises(TopicmlValueError, match="top_k must be a whole number of 1 or more, found"):
        prediction().to_dict(top_k=top_k)


def test_is_a_value():
    assert prediction() == prediction()
    assert hash(prediction()) == hash(prediction())
    with pytest.raises(FrozenInstanceError, match="label"):
        prediction().label = "art"


@pytest.mark.parametrize("text", ["Heavy rain tonight", "zzz", ""])
def test_what_a_model_says_is_json(classifier, text):
    found = classifier.predict(text).to_dict()
    assert json.loads(json.dumps(found, allow_nan=False)) == found
