"""LocalDesk's TF-IDF model, where it is installed: calibrated, and answering without NumPy."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from topicml import Article

__all__ = ["LocalDesk", "is_installed"]

_LONGEST = 4_000  # characters: it refuses longer texts, and empty ones
_CALIBRATION_STEP = 5  # every fifth article calibrates, as its own split has it
_FIRST_ANSWER = """
import json, sys
from localdesk.tfidf import TfidfBackend
print(TfidfBackend(bundle=json.load(open(sys.argv[1]))).predict(sys.argv[2]))
"""


def is_installed() -> bool:
    """Return whether LocalDesk can be measured here."""
    return find_spec("localdesk") is not None


@dataclass(frozen=True, slots=True)
class _Model:
    backend: Any
    bundle: Any

    def predict(self, texts: Sequence[str]) -> list[tuple[str, ...]]:
        return [self.predict_one(text) for text in texts]

    def predict_one(self, text: str) -> tuple[str, ...]:
        probabilities = self.backend.predict(_accepted(text))["category"]
        return (max(probabilities, key=probabilities.__getitem__),)

    def save(self, path: Path) -> None:
        path.write_text(json.dumps(self.bundle), encoding="utf-8")


@dataclass(frozen=True, slots=True)
class LocalDesk:
    """Its defaults."""

    name: str = "LocalDesk"

    def train(self, articles: Sequence[Article], *, multilabel: bool) -> _Model:
        """Fit on four fifths and calibrate on one.

        Raises
        ------
        NotImplementedError
            If articles have several labels.
        """
        if multilabel:
            raise NotImplementedError("it puts one label on an article")
        from localdesk.config import TaskSpec  # noqa: PLC0415  (optional)
        from localdesk.tfidf import fit_tfidf  # noqa: PLC0415  (optional)

        labels = sorted({label for article in articles for label in article.labels or ()})
        task = TaskSpec.from_dict(
            {
                "id": "sections",
                "version": "1",
                "instructions": "Choose.",
                "labels": {one: one for one in labels},
            }
        )
        rows = [
            {"state": _accepted(article.full_text), "gold": {"category": label}}
            for article in articles
            for label in article.labels or ()
        ]
        parts = {
            "train": [row for place, row in enumerate(rows) if place % _CALIBRATION_STEP],
            "calibration": rows[::_CALIBRATION_STEP],
        }
        experiment = SimpleNamespace(task=task, training={}, seed=0)
        prepared = SimpleNamespace(rows=parts, manifest={"split_sha256": {}})
        return _Model(*fit_tfidf(experiment, prepared))

    def load(self, path: Path) -> _Model:
        """Read a saved model."""
        from localdesk.tfidf import TfidfBackend  # noqa: PLC0415  (optional)

        bundle = json.loads(path.read_text(encoding="utf-8"))
        return _Model(TfidfBackend(bundle=bundle), bundle)

    def first_answer(self, path: Path, text: str) -> list[str]:
        """Return the command line that loads a model and predicts one text."""
        return [sys.executable, "-c", _FIRST_ANSWER, str(path), text]


def _accepted(text: str) -> str:
    return text.strip()[:_LONGEST] or "-"
