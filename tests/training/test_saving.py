from __future__ import annotations

import pytest

from tests.support import contents
from topicml import TopicClassifier
from topicml.exceptions import NotFittedError, TopicmlTypeError
from topicml.model.persistence import save_classifier
from topicml.training.model_card import model_card
from topicml.training.saving import save_model
from topicml.training.train import train


@pytest.fixture(scope="module")
def fitted():
    texts = ["Heavy rain", "Rain and wind", "More rain", "The cup final", "A cup goal", "Cup and goals"]
    return TopicClassifier(n_folds=2, n_jobs=1).fit(texts, ["weather"] * 3 + ["sport"] * 3)


def test_whatever_holds_a_model_is_saved_with_its_card(fitted, tmp_path):
    """From Python no card was written, and a result was an AttributeError."""
    save_classifier(fitted.model_, tmp_path / "expected", card=model_card(fitted.model_))
    for name, model in {"result": fitted.result_, "estimator": fitted, "classifier": fitted.model_}.items():
        save_model(model, tmp_path / name)
        assert contents(tmp_path / name) == contents(tmp_path / "expected")
    assert "MODEL_CARD.md" in contents(tmp_path / "expected")


def test_an_estimator_that_is_not_fitted_is_refused(tmp_path):
    with pytest.raises(
        NotFittedError, match=r"this TopicClassifier is not fitted yet: call fit\(X, y\) first"
    ):
        save_model(TopicClassifier(), tmp_path)


@pytest.mark.parametrize(
    ("model", "found"), [(train, "function"), (None, "NoneType"), ("demo/model", "str; load it")]
)
def test_what_holds_no_model_is_refused(model, found, tmp_path):
    with pytest.raises(TopicmlTypeError, match=f"the result of train or load_model.*found {found}"):
        save_model(model, tmp_path)
