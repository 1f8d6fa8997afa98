"""Prediction: a saved model, and what it says of an article.

Importing this module, loading a model and predicting take NumPy and the standard library, nothing
else, so that a web hook starts at once and a model outlives the scikit-learn it was trained with.

Examples
--------
>>> import topicml.predict
>>> model = topicml.predict.load_model()  # doctest: +SKIP
>>> model.predict("The Security Council extended the mission's mandate.").label  # doctest: +SKIP
'Peacekeeping'
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path
from typing import overload

from topicml.exceptions import ModelFormatError
from topicml.formatting import escaped
from topicml.model.classifier import FittedClassifier
from topicml.model.folder import MODEL_JSON
from topicml.model.inputs import TextInput
from topicml.model.persistence import load_classifier
from topicml.model.prediction import Prediction
from topicml.shipped import shipped_model

__all__ = ["Prediction", "default_model_path", "load_model", "predict"]


def load_model(path: str | Path | None = None, *, verify: bool = False) -> FittedClassifier:
    """Load a saved model.

    Parameters
    ----------
    path : str or Path, optional
        The model's folder; by default what `default_model_path` says.
    verify : bool, default=False
        Also compare the model's scores of its stored examples with those it had when it was saved.

    Raises
    ------
    ModelFormatError
        If there is no model, or it is damaged or of an unknown format.
    """
    return load_classifier(default_model_path() if path is None else path, verify=verify)


@overload
def predict(X: TextInput, *, n_jobs: int = ...) -> Prediction: ...  # type: ignore[overload-overlap]  # str is iterable, too
@overload
def predict(X: Iterable[TextInput], *, n_jobs: int = ...) -> list[Prediction]: ...
def predict(X: TextInput | Iterable[TextInput], *, n_jobs: int = -1) -> Prediction | list[Prediction]:
    """Say which sections an article belongs to, by the default model.

    Parameters
    ----------
    X : str, Article, or iterable of them
    n_jobs : int, default=-1
        Threads to work in; -1 is one for each core.

    Returns
    -------
    Prediction or list of Prediction
        One for one; for an iterable, one for each, in its order.
    """
    path = default_model_path().absolute()
    return _loaded(path, (path / MODEL_JSON).stat().st_mtime_ns).predict(X, n_jobs=n_jobs)


def default_model_path() -> Path:
    """Return the folder of the model that is used when none is named.

    It is what the environment variable ``TOPICML_MODEL`` says, else the model that ships with
    topicml (``models/world-desk`` in a checkout).
    """
    path = Path(os.environ.get("TOPICML_MODEL") or shipped_model())
    if not (path / MODEL_JSON).exists():
        raise ModelFormatError(
            f"no model at {escaped(str(path))}: expected a folder with a model.json; name one, or set "
            "TOPICML_MODEL to it"
        )
    return path


@lru_cache(maxsize=4)
def _loaded(path: Path, _saved_at: int) -> FittedClassifier:
    """Load a model once, and again when another one has been saved in its place."""
    return load_classifier(path)
