"""The models that are served: each by its name, replaced in memory when it is replaced in its folder."""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Literal

from topicml.exceptions import ModelFormatError, TopicmlValueError
from topicml.formatting import did_you_mean
from topicml.model.classifier import FittedClassifier
from topicml.model.folder import MODEL_JSON
from topicml.model.persistence import load_classifier
from topicml.serving.problems import RequestError

Outcome = Literal["loaded", "failed"]

_log = logging.getLogger("topicml.serving")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
_Stamp = tuple[int, int, int]


def named_models(models: Sequence[str]) -> dict[str, str]:
    """Return the folders of models by name: ``NAME=FOLDER``, or a folder, whose own name counts.

    >>> named_models(["sport=models/a", "models/b"])
    {'sport': 'models/a', 'b': 'models/b'}
    """
    found: dict[str, str] = {}
    for model in models:
        name, folder = _name_and_folder(model)
        if not _NAME.fullmatch(name):
            raise TopicmlValueError(
                f"expected a model's name of letters, digits and . _ -, found {name!r}: write NAME={folder}"
            )
        if name in found:
            raise TopicmlValueError(f"two models have the name {name}: write ANOTHER_NAME={folder}")
        found[name] = folder
    return found


def _name_and_folder(model: str) -> tuple[str, str]:
    name, equals, folder = model.partition("=")
    if equals and folder and not Path(model).exists():
        return name, folder
    return Path(model).name or Path(model).resolve().name, model


class ServedModel:
    """A model under its name. What answers is in memory; one that is new in the folder replaces it."""

    def __init__(self, name: str, folder: Path) -> None:
        self.name, self.folder = name, folder
        self._seen = _stamp(folder)
        self._failure = ""
        self.classifier: FittedClassifier = load_classifier(folder, verify=True)

    def is_behind(self) -> bool:
        """Tell whether the folder has changed, or could not be loaded when it last did."""
        return bool(self._failure) or _stamp(self.folder) != self._seen

    def refresh(self) -> Outcome | None:
        """Load what is in the folder now, and let it answer from now on unless it is the same or damaged.

        What cannot be loaded is tried again each time, and told once. None stands for no news.
        """
        self._seen = _stamp(self.folder)
        try:
            found = load_classifier(self.folder, verify=True)
        except (ModelFormatError, OSError) as error:
            return self._failed(str(error))
        self._failure = ""
        if found.fingerprint == self.classifier.fingerprint:
            return None
        before, self.classifier = self.classifier, found
        told = {"model": self.name, "fingerprint": found.fingerprint, "replaced": before.fingerprint}
        _log.info("model replaced", extra={"facts": told})
        return "loaded"

    def _failed(self, message: str) -> Outcome | None:
        if message == self._failure:
            return None
        self._failure = message
        told = {"model": self.name, "fingerprint": self.classifier.fingerprint, "error": message}
        _log.error("model not loaded, the one in memory goes on answering", extra={"facts": told})
        return "failed"


class ServedModels:
    """The models that are served, the first one by default.

    Parameters
    ----------
    folders : mapping of str to Path
        Their folders by name. A label desk can do without any.
    """

    def __init__(self, folders: Mapping[str, Path]) -> None:
        self._models = {name: ServedModel(name, folder) for name, folder in folders.items()}

    def __iter__(self) -> Iterator[ServedModel]:
        return iter(self._models.values())

    def get(self, name: str | None) -> ServedModel:
        """Return the model of a name."""
        if not self._models:
            raise RequestError(404, "no model is served here: this is a label desk without one")
        if name is None:
            return next(iter(self))
        if name not in self._models:
            hint = did_you_mean(name, self._models) or f"; there are {', '.join(self._models)}"
            raise RequestError(404, f"there is no model of this name{hint}", field="model")
        return self._models[name]


async def keep_fresh(
    models: ServedModels, *, seconds: float, told: Callable[[ServedModel, Outcome], None]
) -> None:
    """Look at the folders from time to time, for ever; a model is loaded in a thread beside the answers."""
    while True:
        await asyncio.sleep(seconds)
        for model in models:
            outcome = await asyncio.to_thread(model.refresh) if model.is_behind() else None
            if outcome:
                told(model, outcome)


def _stamp(folder: Path) -> _Stamp | None:
    """Return what changes whenever another model takes this place; None where there is none."""
    try:
        found = (folder / MODEL_JSON).stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_ino, found.st_size
