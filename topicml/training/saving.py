"""A trained model to a folder, together with its card."""

from __future__ import annotations

from pathlib import Path

from topicml.model.fitted import ModelInput, as_classifier
from topicml.model.persistence import save_classifier
from topicml.training.model_card import model_card


def save_model(model: ModelInput, folder: str | Path) -> None:
    """Write a model and its ``MODEL_CARD.md`` to a folder, replacing an existing model.

    Parameters
    ----------
    model : TrainingResult, FittedClassifier or TopicClassifier
        What `topicml.train` or `topicml.load_model` returned, or a fitted estimator.
    folder : str or Path
        Created if it does not exist. It must be empty or hold a model.

    Raises
    ------
    NotFittedError
        If a `topicml.TopicClassifier` is not fitted.
    TopicmlError
        If the folder cannot be written, or holds other things. The model that was there stays as it was.
    TopicmlTypeError
        If `model` is none of these.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> from topicml import Article, load_model, train
    >>> sport = [Article(f"cup final number {k}", labels=("sport",)) for k in range(5)]
    >>> rain = [Article(f"heavy rain warning {k}", labels=("weather",)) for k in range(5)]
    >>> with TemporaryDirectory() as folder:
    ...     save_model(train([*sport, *rain], n_jobs=1), folder)
    ...     print(load_model(folder).predict("cup final").label)
    sport
    """
    classifier = as_classifier(model)
    save_classifier(classifier, folder, card=model_card(classifier))
