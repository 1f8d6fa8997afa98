"""Prediction: load a saved model, and predict the sections of articles.

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
from topicml.files import as_path
from topicml.model.classifier import FittedClassifier
from topicml.model.folder import MODEL_JSON
from topicml.model.inputs import TextInput
from topicml.model.persistence import load_classifier
from topicml.model.prediction import Prediction
from topicml.model.predictions import Predictions
from topicml.shipped import shipped_model

__all__ = ["Prediction", "Predictions", "load_model", "predict", "resolve_model"]

_SHIPPED = "world-desk"
_TRAINED = Path("model")  # where topicml train puts a model


def load_model(path: str | Path | None = None, *, verify: bool = False) -> FittedClassifier:
    """Load a saved model.

    Parameters
    ----------
    path : str or Path, optional
        The model's folder, or ``"world-desk"`` for the demo model that ships with topicml. By default the
        folder that the environment variable ``TOPICML_MODEL`` names, else the demo model.
    verify : bool, default=False
        Also make sure that the model scores its stored examples as it did when it was saved.

    Raises
    ------
    ModelFormatError
        If there is no model, or it is damaged or of an unknown format.
    """
    found = resolve_model(path or os.environ.get("TOPICML_MODEL") or _SHIPPED)
    name = f"shipped demo model {_SHIPPED}" if found == shipped_model() else ""
    return load_classifier(found, verify=verify, name=name)


@overload
def predict(X: TextInput, *, n_jobs: int = ..., always_label: bool = ...) -> Prediction: ...  # type: ignore[overload-overlap]  # str is iterable, too
@overload
def predict(X: Iterable[TextInput], *, n_jobs: int = ..., always_label: bool = ...) -> Predictions: ...
def predict(
    X: TextInput | Iterable[TextInput], *, n_jobs: int = -1, always_label: bool = False
) -> Prediction | Predictions:
    """Predict the sections that an article belongs to, with the model that the working folder uses.

    That is the one that `resolve_model` finds; it stays loaded.

    Parameters
    ----------
    X : str, Article, or iterable of them
        Titles are read as part of the text.
    n_jobs : int, default=-1
        Threads to work in; -1 is one for each core.
    always_label : bool, default=False
        Give an article of a multilabel model its most probable label where no label reaches its threshold.

    Returns
    -------
    Prediction or Predictions
        One prediction for one text; for an iterable a sequence of them, in the same order.

    Raises
    ------
    ModelFormatError
        If there is no model, or it is damaged.
    """
    path = resolve_model(None).absolute()
    saved_at = path / MODEL_JSON
    model = _loaded(path, saved_at.stat().st_mtime_ns if saved_at.exists() else 0)
    return model.predict(X, n_jobs=n_jobs, always_label=always_label)


def resolve_model(model: str | Path | None) -> Path:
    """Return the model's folder.

    Parameters
    ----------
    model : str, Path or None
        A folder is returned as given; ``"world-desk"``, unless there is a folder of that name, is the demo
        model that ships with topicml. None means the folder that the environment variable
        ``TOPICML_MODEL`` names, else ``model``, where ``topicml train`` puts it, if it exists.

    Raises
    ------
    ModelFormatError
        If no model is named and none is in ``model``: the demo model answers only where it is asked for.

    Examples
    --------
    >>> resolve_model("desks/sport").as_posix()
    'desks/sport'
    """
    named = model or os.environ.get("TOPICML_MODEL")
    if named is None or not str(named):
        if not (_TRAINED / MODEL_JSON).exists():
            raise ModelFormatError(
                f"no model: name its folder (--model FOLDER, or set TOPICML_MODEL), train one (topicml train "
                f"writes ./{_TRAINED}), or use the demo model that ships with topicml (--model {_SHIPPED})"
            )
        return _TRAINED
    path = as_path(named)
    return shipped_model() if str(path) == _SHIPPED and not path.exists() else path


@lru_cache(maxsize=4)
def _loaded(path: Path, _saved_at: int) -> FittedClassifier:
    """Load a model once, and again when another one has been saved in its place."""
    return load_classifier(path)
