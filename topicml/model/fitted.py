"""The model in what a caller passes: the classifier itself, a result of training, or an estimator."""

from __future__ import annotations

from typing import Protocol, TypeAlias

from topicml.exceptions import NotFittedError, TopicmlTypeError
from topicml.model.classifier import FittedClassifier


class _Result(Protocol):
    @property
    def classifier(self) -> FittedClassifier: ...


class _Estimator(Protocol):
    @property
    def model_(self) -> FittedClassifier: ...


ModelInput: TypeAlias = FittedClassifier | _Result | _Estimator
"""A model, or what holds one: results of training and retraining, and a fitted `topicml.TopicClassifier`."""


def as_classifier(model: ModelInput) -> FittedClassifier:
    """Return the classifier that was passed, or that a result or a fitted estimator holds.

    Results have it as ``classifier``, `topicml.TopicClassifier` as ``model_``.
    """
    held = (model, getattr(model, "classifier", None), getattr(model, "model_", None))
    for found in held:
        if isinstance(found, FittedClassifier):
            return found
    if hasattr(model, "fit"):
        raise NotFittedError(f"this {type(model).__name__} is not fitted yet: call fit(X, y) first")
    hint = (
        "; load it with topicml.load_model" if isinstance(model, str) or hasattr(model, "__fspath__") else ""
    )
    raise TopicmlTypeError(
        "expected a model: the result of train or load_model, or a fitted TopicClassifier; found "
        f"{type(model).__name__}{hint}"
    )
