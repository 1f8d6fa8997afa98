from __future__ import annotations

import json
from dataclasses import asdict

import pytest

from topicml.exceptions import TopicmlValueError
from topicml.feature_settings import FeatureSettings
from topicml.linear_model import SolverSettings
from topicml.settings import TrainingSettings


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
