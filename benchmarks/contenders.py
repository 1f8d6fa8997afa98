"""Who is measured, and what each of them must be able to do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Protocol

from benchmarks.contender_fasttext import FastText, is_installed
from benchmarks.contender_scikit_learn import ScikitLearn
from benchmarks.contender_topicml import Topicml
from benchmarks.markdown import number, ratio
from topicml import Article

__all__ = ["COLUMNS", "RATIO_COLUMNS", "Contender", "Model", "contenders", "with_ratios"]

COLUMNS = ("topicml", "scikit-learn", "fastText")
RATIO_COLUMNS = ("topicml ÷ scikit-learn", "topicml ÷ fastText")


class Model(Protocol):
    """A trained model."""

    def predict(self, texts: Sequence[str]) -> list[tuple[str, ...]]:
        """Return the labels of each text."""

    def predict_one(self, text: str) -> object:
        """Answer one text, in whatever form the library answers."""

    def save(self, path: Path) -> None:
        """Write the model as a file or folder."""


class Contender(Protocol):
    """A library that puts texts under labels."""

    @property
    def name(self) -> str:
        """The library's name, one of `COLUMNS`."""

    def train(self, articles: Sequence[Article], *, multilabel: bool) -> Model:
        """Train on labelled articles.

        Raises
        ------
        FloatingPointError
            If the training diverged, so that there is no model.
        """

    def load(self, path: Path) -> Model:
        """Read a model that was saved."""

    def first_answer(self, path: Path, text: str) -> list[str]:
        """Return the command line of a process that loads a model and predicts one text."""


def contenders() -> tuple[Contender, ...]:
    """Return the libraries that are installed, topicml first."""
    return (Topicml(), ScikitLearn(), *((FastText(),) if is_installed() else ()))


def with_ratios(values: Mapping[str, float]) -> list[str]:
    """Return the cells of a table row: each library's value, then topicml's as a multiple of each peer's."""
    ours, *peers = [values.get(name) for name in COLUMNS]
    return [*map(number, (ours, *peers)), *(ratio(ours, peer) for peer in peers)]
