"""fastText with pairs of words, where it is installed."""

from __future__ import annotations

import io
import re
import sys
from collections.abc import Sequence
from contextlib import redirect_stderr
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import quote, unquote

from benchmarks.machine import n_cores
from topicml import Article

__all__ = ["FastText", "is_installed"]

_PREFIX = "__label__"
_WORD = re.compile(r"\w+")
_FIRST_ANSWER = r"""
import re, sys, fasttext
model = fasttext.load_model(sys.argv[1])
print(model.predict(" ".join(re.findall(r"\w+", sys.argv[2].lower()))))
"""


def is_installed() -> bool:
    """Return whether fastText can be measured here."""
    return find_spec("fasttext") is not None


@dataclass(frozen=True, slots=True)
class _Model:
    model: Any
    multilabel: bool

    def predict(self, texts: Sequence[str]) -> list[tuple[str, ...]]:
        lines = [_line(text) for text in texts]
        found, _ = self.model.predict(lines, **self._which())
        return [tuple(_label(word) for word in words) for words in found]

    def predict_one(self, text: str) -> object:
        return self.model.predict(_line(text), **self._which())

    def save(self, path: Path) -> None:
        self.model.save_model(str(path))

    def _which(self) -> dict[str, float]:
        return {"k": -1, "threshold": 0.5} if self.multilabel else {"k": 1}


@dataclass(frozen=True, slots=True)
class FastText:
    """Settings that its tutorial arrives at; for many labels its loss of one machine a label."""

    name: str = "fastText"

    def train(self, articles: Sequence[Article], *, multilabel: bool) -> _Model:
        """Write the articles as fastText reads them, and train."""
        with TemporaryDirectory() as folder:
            file = Path(folder) / "train.txt"
            file.write_text("".join(map(_labelled_line, articles)), encoding="utf-8")
            return _Model(_trained(file, loss="ova" if multilabel else "softmax"), multilabel)

    def load(self, path: Path) -> _Model:
        """Read a saved model."""
        import fasttext  # noqa: PLC0415  (optional)

        with redirect_stderr(io.StringIO()):  # it greets every load with a line about its old interface
            model = fasttext.load_model(str(path))
        return _Model(model, str(model.f.getArgs().loss).endswith("ova"))

    def first_answer(self, path: Path, text: str) -> list[str]:
        """Return the command line that loads a model and predicts one text."""
        return [sys.executable, "-c", _FIRST_ANSWER, str(path), text]


def _trained(file: Path, *, loss: str) -> Any:  # noqa: ANN401  (fastText ships no types)
    import fasttext  # noqa: PLC0415  (optional)

    try:
        return fasttext.train_supervised(
            str(file),
            wordNgrams=2,
            dim=10,
            epoch=25,
            lr=0.5,
            bucket=1_000_000,
            loss=loss,
            thread=n_cores(),
            verbose=0,
        )
    except RuntimeError as error:
        if "NaN" in str(error):  # its threads write over each other, so that it happens by chance
            raise FloatingPointError("the training diverged") from error
        raise


def _line(text: str) -> str:
    """Bring a text to the form that fastText is meant to be given: words in lower case on one line."""
    return " ".join(_WORD.findall(text.lower()))


def _labelled_line(article: Article) -> str:
    words = [_PREFIX + quote(label, safe="") for label in article.labels or ()]  # no blanks in a label
    return f"{' '.join(words)} {_line(article.full_text)}\n"


def _label(word: str) -> str:
    return unquote(word.removeprefix(_PREFIX))
