"""The model that a command uses, said before it answers; and the one that it has trained, saved."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from topicml.cli.terminal import announce_overwriting, end_line, say
from topicml.formatting import counted, escaped

if TYPE_CHECKING:
    from topicml.model.classifier import FittedClassifier
    from topicml.model.fitted import ModelInput


def load_named(model: Path | None) -> tuple[FittedClassifier, Path]:
    """Load the model that is meant, say on stderr which one it is, and return it with its folder."""
    from topicml.predict import load_model, resolve_model

    path = resolve_model(model)
    classifier = load_model(path)
    labels = counted(len(classifier.classes_), "label")
    name = classifier.name or escaped(str(path))
    say(f"model: {name} ({labels}, {classifier.fingerprint})")
    return classifier, path


def save_trained(result: ModelInput, out: Path, step: Callable[[str], None]) -> None:
    """Save what was trained, as the last step of a progress bar."""
    from topicml.training.saving import save_model

    end_line()
    announce_overwriting(out)
    step("saving")
    save_model(result, out)
    step("")
