"""topicml as its user has it: with out-of-fold scores and calibrated probabilities."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from topicml import Article, FittedClassifier, TrainingSettings, load_model, save_model, train

__all__ = ["Topicml"]


@dataclass(frozen=True, slots=True)
class _Model:
    classifier: FittedClassifier

    def predict(self, texts: Sequence[str]) -> list[tuple[str, ...]]:
        return [prediction.labels for prediction in self.classifier.predict(texts)]

    def predict_one(self, text: str) -> object:
        return self.classifier.predict(text)

    def save(self, path: Path) -> None:
        save_model(self.classifier, path)


@dataclass(frozen=True, slots=True)
class Topicml:
    """Defaults throughout."""

    name: str = "topicml"

    def train(self, articles: Sequence[Article], *, multilabel: bool) -> _Model:
        """Train with out-of-fold scores, calibration and thresholds."""
        settings = TrainingSettings(target_type="multilabel" if multilabel else "multiclass")
        return _Model(train(articles, settings=settings).classifier)

    def load(self, path: Path) -> _Model:
        """Map a saved model into memory."""
        return _Model(load_model(path))

    def first_answer(self, path: Path, text: str) -> list[str]:
        """Return the command line that loads a model and predicts one text."""
        return [sys.executable, "-m", "topicml", "predict", "--text", text, "--model", str(path)]
