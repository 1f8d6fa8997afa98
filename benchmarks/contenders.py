"""Who is measured, and what each of them must be able to do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Protocol

from benchmarks import contender_fasttext, contender_localdesk, contender_vowpal_wabbit
from benchmarks.contender_fasttext import FastText
from benchmarks.contender_localdesk import LocalDesk
from benchmarks.contender_scikit_learn import ScikitLearn
from benchmarks.contender_topicml import Topicml
from benchmarks.contender_vowpal_wabbit import VowpalWabbit
from benchmarks.markdown import number, ratio
from topicml import Article

__all__ = ["COLUMNS", "Contender", "Model", "all_contenders", "contenders", "ratio_columns", "with_ratios"]

COLUMNS = ("topicml", "scikit-learn", "fastText")
"""Of the tables over many sets."""


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
        """The library's name."""

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
    return (Topicml(), ScikitLearn(), *((FastText(),) if contender_fasttext.is_installed() else ()))


def all_contenders() -> tuple[Contender, ...]:
    """Return those as well that put one label on an article and take their time to train."""
    return (
        *contenders(),
        *((VowpalWabbit(),) if contender_vowpal_wabbit.is_installed() else ()),
        *((LocalDesk(),) if contender_localdesk.is_installed() else ()),
    )


def ratio_columns(columns: Sequence[str] = COLUMNS) -> list[str]:
    """Return the heads of the columns that `with_ratios` adds."""
    return [f"{columns[0]} ÷ {peer}" for peer in columns[1:]]


def with_ratios(values: Mapping[str, float], columns: Sequence[str] = COLUMNS) -> list[str]:
    """Return the cells of a table row: each library's value, then topicml's as a multiple of each peer's."""
    ours, *peers = [values.get(name) for name in columns]
    return [*map(number, (ours, *peers)), *(ratio(ours, peer) for peer in peers)]
