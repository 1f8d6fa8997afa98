from __future__ import annotations

import json
from dataclasses import asdict

import numpy as np
import pytest

from topicml.exceptions import TopicmlError, TopicmlTypeError, TopicmlValueError
from topicml.model.feature_settings import FeatureSettings
from topicml.training.settings import SolverSettings, TrainingSettings


class TestRecorded:
    """A model is trained anew by the settings on its record."""

    @pytest.mark.parametrize(
        "settings",
        [
            TrainingSettings(),
            TrainingSettings(
                target_type="multilabel",
                labels=("a", "b"),
                features=FeatureSettings(None, (3, 5), title_weight=3, sublinear_tf=False),
                stop_words=("the", "of"),
                solver=SolverSettings(C=0.3, class_weight="balanced"),
                abstain_precision=0.9,
                fingerprints=False,
            ),
        ],
        ids=["default", "other"],
    )
    def test_they_come_back_from_json(self, settings):
        assert TrainingSettings.recorded(json.loads(json.dumps(asdict(settings)))) == settings

    def test_what_an_older_model_does_not_record_is_the_default(self):
        assert TrainingSettings.recorded({"max_terms": 7}) == TrainingSettings(max_terms=7)

    @pytest.mark.parametrize(
        "record", [None, 3, {"colour": 1}, {"features": 3}, {"solver": {"speed": 1}}, {"max_terms": "many"}]
    )
    def test_what_is_none_of_this_topicml_is_an_error(self, record):
        with pytest.raises(TopicmlValueError, match="record of its settings is not of this topicml"):
            TrainingSettings.recorded(record)

    def test_an_impossible_value_is_an_error(self):
        with pytest.raises(TopicmlValueError, match="max_terms must be 1 or more, found 0"):
            TrainingSettings.recorded({"max_terms": 0})


class TestImpossibleValues:
    """Regression: some were accepted, some failed after minutes of training in words of other libraries."""

    @pytest.mark.parametrize(
        "name", ["min_df", "max_terms", "pruned_to", "n_folds", "max_size", "random_state"]
    )
    def test_whole_numbers(self, name):
        for value in (2.5, "7", True, float("nan")):
            with pytest.raises(TopicmlTypeError, match=f"{name} must be a whole number( of bytes)?, found "):
                TrainingSettings(**{name: value})
        with pytest.raises(TopicmlValueError, match=rf"{name} must be \d or more, found -1"):
            TrainingSettings(**{name: -1})
        json.dumps(asdict(TrainingSettings(**{name: np.int64(20)})))

    @pytest.mark.parametrize("value", [0, -0.1, 1.01, float("nan"), float("inf")])
    def test_shares(self, value):
        with pytest.raises(TopicmlValueError, match="max_df must be more than 0 and 1 at most, found "):
            TrainingSettings(max_df=value)

    @pytest.mark.parametrize(
        "given",
        [
            {"max_df": "1"},
            {"abstain_precision": "0.9"},
            {"min_precision": {"sport": "0.9"}},
            {"min_precision": ("sport", 0.9)},
            {"min_precision": "sport=0.9"},
            {"min_precision": 0.9},
            {"labels": "sport"},
            {"stop_words": "the"},
        ],
        ids=str,
    )
    def test_other_types(self, given):
        [name] = given
        with pytest.raises(TopicmlTypeError, match=f"{name} must be "):
            TrainingSettings(**given)

    def test_of_the_solver(self):
        for given in ({"C": "1"}, {"C": float("nan")}, {"tol": 0}, {"max_iter": None}):
            with pytest.raises(TopicmlValueError, match="C, tol and max_iter must be finite and more than 0"):
                SolverSettings(**given)
        with pytest.raises(
            TopicmlValueError, match="class_weight must be None, 'balanced', or weights by label"
        ):
            SolverSettings(class_weight="even")

    @pytest.mark.parametrize(
        ("weights", "told"),
        [
            ({0: 50}, "class_weight must be None, 'balanced', or weights by label"),
            ({"sport": "2"}, "or weights by label, such as {'sport': 2.0}; found"),
            (5, "or weights by label"),
            (["sport"], "or weights by label"),
            ({"sport": 0}, "finite and more than 0, found 0 for 'sport'"),
            ({"sport": float("nan")}, "finite and more than 0"),
            ([("sport", 1), ("sport", 2)], "class_weight names a label twice"),
        ],
        ids=str,
    )
    def test_weights_are_by_label(self, weights, told):
        """Regression (a number taken for the place of a label): {0: 50} weighed the first label."""
        with pytest.raises(TopicmlError, match=told):
            SolverSettings(class_weight=weights)

    def test_weights_come_back_from_a_record(self):
        settings = TrainingSettings(solver=SolverSettings(class_weight={"sport": 2}))
        assert settings.solver.class_weight == (("sport", 2.0),)
        record = json.loads(json.dumps(asdict(settings)))
        assert TrainingSettings.recorded(record) == settings


def test_labels_are_taken_in_the_one_form_that_articles_have_them_in():
    decomposed = "Cafe\u0301"
    settings = TrainingSettings(labels=(decomposed,), min_precision={decomposed: 0.9})
    assert (settings.labels, settings.min_precision) == (("Caf\u00e9",), (("Caf\u00e9", 0.9),))
