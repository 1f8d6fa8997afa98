"""The model of a command that takes --model: which one it is, said before it answers."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from topicml.cli.terminal import say
from topicml.formatting import counted, escaped

if TYPE_CHECKING:
    from topicml.model.classifier import FittedClassifier


def load_named(model: Path | None) -> tuple[FittedClassifier, Path]:
    """Load the model that is meant, say on stderr which one it is, and return it with its folder."""
    from topicml.predict import load_model, resolve_model

    path = resolve_model(model)
    classifier = load_model(path)
    labels = counted(len(classifier.classes_), "label")
    name = classifier.name or escaped(str(path))
    say(f"model: {name} ({labels}, {classifier.fingerprint})")
    return classifier, path
