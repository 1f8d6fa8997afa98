"""Vowpal Wabbit with pairs of words, where it is installed."""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from topicml import Article

__all__ = ["VowpalWabbit", "is_installed"]

_WORD = re.compile(r"\w+")
_PASSES = 5
_FIRST_ANSWER = r"""
import re, sys, vowpalwabbit
model = vowpalwabbit.Workspace(initial_regressor=sys.argv[1], testonly=True, quiet=True)
print(model.predict("| " + " ".join(re.findall(r"\w+", sys.argv[2].lower()))))
"""


def is_installed() -> bool:
    """Return whether Vowpal Wabbit can be measured here."""
    return find_spec("vowpalwabbit") is not None


@dataclass(frozen=True, slots=True)
class _Model:
    workspace: Any
    classes: tuple[str, ...]

    def predict(self, texts: Sequence[str]) -> list[tuple[str, ...]]:
        return [(self.classes[self.workspace.predict(_line(text)) - 1],) for text in texts]

    def predict_one(self, text: str) -> object:
        return self.workspace.predict(_line(text))

    def save(self, path: Path) -> None:
        self.workspace.save(str(path))
        _beside(path).write_text("\n".join(self.classes), encoding="utf-8")


@dataclass(frozen=True, slots=True)
class VowpalWabbit:
    """One function a label against all others, logistic loss, 2**20 weights, five passes in one order."""

    name: str = "Vowpal Wabbit"

    def train(self, articles: Sequence[Article], *, multilabel: bool) -> _Model:
        """Learn article by article.

        Raises
        ------
        NotImplementedError
            If articles have several labels.
        """
        if multilabel:
            raise NotImplementedError("measured with one label an article")
        import vowpalwabbit  # noqa: PLC0415  (optional)

        classes = tuple(sorted({label for article in articles for label in article.labels or ()}))
        number = {label: place for place, label in enumerate(classes, start=1)}
        workspace = vowpalwabbit.Workspace(
            f"--oaa {len(classes)} --loss_function logistic -b 20 --ngram 2 --random_seed 0", quiet=True
        )
        lines = [
            f"{number[label]} {_line(article.full_text)}"
            for article in articles
            for label in article.labels or ()
        ]
        for _ in range(_PASSES):
            for line in lines:
                workspace.learn(line)
        return _Model(workspace, classes)

    def load(self, path: Path) -> _Model:
        """Read a saved model."""
        import vowpalwabbit  # noqa: PLC0415  (optional)

        workspace = vowpalwabbit.Workspace(initial_regressor=str(path), testonly=True, quiet=True)
        return _Model(workspace, tuple(_beside(path).read_text(encoding="utf-8").split("\n")))

    def first_answer(self, path: Path, text: str) -> list[str]:
        """Return the command line that loads a model and predicts one text."""
        return [sys.executable, "-c", _FIRST_ANSWER, str(path), text]


def _line(text: str) -> str:
    return f"| {' '.join(_WORD.findall(text.lower()))}"


def _beside(path: Path) -> Path:
    return path.with_name(path.name + ".classes")
