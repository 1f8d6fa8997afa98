from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from topicml.exceptions import ModelFormatError
from topicml.model.persistence import load_classifier, save_classifier
from topicml.model.reference import N_BINS, Reference, confidence_counts


def of_bins(last: int) -> tuple[int, ...]:
    return (*[0] * (N_BINS - 1), last)


SEEN = Reference(10, (6, 4), (8, 0, 0, 2, 0), of_bins(10), of_bins(9), {"Daily": 7})


def test_it_reads_back():
    assert Reference.read(json.loads(json.dumps(SEEN.content())), 2) == SEEN


@pytest.mark.parametrize(
    "wrong",
    [
        {"labels": [6]},
        {"labels": [6, -4]},
        {"reasons": [8.0, 0, 0, 2, 0]},
        {"confidence": [10]},
        {"right": list(of_bins(11))},
        {"n_articles": 0},
        {"sources": {"Daily": "7"}},
    ],
    ids=lambda wrong: next(iter(wrong)),
)
def test_wrong_content_is_refused(wrong):
    with pytest.raises(ValueError, match=r"unexpected .* in the reference"):
        Reference.read(SEEN.content() | wrong, 2)


@given(st.lists(st.floats(0, 1)))
def test_each_probability_is_counted_once(probabilities):
    assert confidence_counts(np.array(probabilities, np.float64)).sum() == len(probabilities)


def test_a_saved_model_keeps_it(base_classifier, tmp_path):
    save_classifier(base_classifier, tmp_path / "desk")
    assert load_classifier(tmp_path / "desk", verify=True).reference == base_classifier.reference


def test_a_wrong_one_is_an_error_that_names_the_file(base_classifier, tmp_path):
    wrong = replace(base_classifier.reference, right=())
    save_classifier(replace(base_classifier, reference=wrong), tmp_path / "desk")
    with pytest.raises(ModelFormatError, match=r"model\.json: .*unexpected right in the reference"):
        load_classifier(tmp_path / "desk")
