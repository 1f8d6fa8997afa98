"""``python -m benchmarks.unusual MODEL... --foreign FILE... --ordinary FILE...``: who is left to a person.

Prints what share of the articles of other languages, and of noise made up here, each model answers, with
the rule of unusual language and without it, and what share of ordinary articles the rule costs.
"""

from __future__ import annotations

import argparse
import base64
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TypeAlias

import numpy as np

from benchmarks.markdown import print_section
from topicml import Article, FittedClassifier, load_model, read_corpus

_Texts: TypeAlias = Sequence[str | Article]
_Models: TypeAlias = Mapping[str, FittedClassifier]

_SIZES = (20, 50, 100, 200, 500, 1000, 5000)
_OF_A_SIZE = 60
_SURE = 0.9
_LETTERS = np.array([*"abcdefghijklmnopqrstuvwxyz    "])


def main() -> None:
    """Measure which texts some models answer."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.unusual", description=main.__doc__)
    parser.add_argument("models", nargs="+", type=Path, metavar="MODEL")
    parser.add_argument("--foreign", nargs="*", default=[], type=Path, metavar="FILE")
    parser.add_argument("--ordinary", nargs="*", default=[], type=Path, metavar="FILE")
    arguments = parser.parse_args()
    models = {path.name: load_model(path) for path in arguments.models}
    foreign: dict[str, _Texts] = {_name(path): read_corpus(path).articles for path in arguments.foreign}
    titles = [article.title for path in arguments.foreign for article in read_corpus(path) if article.title]
    _print_answered(models, foreign | ({"the titles among them": titles} if titles else {}) | dict(_noise()))
    _print_lost(models, {_name(path): read_corpus(path).articles for path in arguments.ordinary})


def _print_answered(models: _Models, sets: Mapping[str, _Texts]) -> None:
    rows = [
        [name, f"{len(texts):,}", *(cell for model in models.values() for cell in _answered(model, texts))]
        for name, texts in sets.items()
    ]
    header = ["", "texts", *(f"{model}, {rule}" for model in models for rule in ("without", "with the rule"))]
    note = f"In brackets: answered with a probability of {_SURE} or more."
    print_section("Answered texts of other languages and of noise, per cent", header, rows, note=note)


def _answered(model: FittedClassifier, texts: _Texts) -> Iterator[str]:
    for judge in (replace(model, familiarity=None), model):
        answers = [answer for answer in judge.predict(texts) if not answer.abstained]
        sure = sum(answer.probability >= _SURE for answer in answers)
        yield f"{100 * len(answers) / len(texts):.1f} ({100 * sure / len(texts):.1f})"


def _print_lost(models: _Models, sets: Mapping[str, _Texts]) -> None:
    rows = [
        [name, f"{len(t):,}", *(_lost(model, t) for model in models.values())] for name, t in sets.items()
    ]
    print_section("Ordinary articles left to a person by the rule, per cent", ["", "articles", *models], rows)


def _lost(model: FittedClassifier, texts: _Texts) -> str:
    lost = sum(answer.reason == "unusual_language" for answer in model.predict(texts))
    return f"{100 * lost / len(texts):.2f}"


def _noise() -> Iterator[tuple[str, list[str]]]:
    """Make up noise of 20 to 5,000 bytes, the same in every run."""
    rng = np.random.default_rng(0)
    ways: dict[str, Callable[[int], str]] = {
        "random bytes as Latin-1": lambda n: rng.bytes(n).decode("latin-1"),
        "random bytes as UTF-8": lambda n: rng.bytes(n).decode("utf-8", "replace"),
        "random printable ASCII": lambda n: "".join(map(chr, rng.integers(32, 127, n))),
        "random letters": lambda n: "".join(rng.choice(_LETTERS[:26], n)),
        "random letters and blanks": lambda n: "".join(rng.choice(_LETTERS, n)),
        "base64, in lines": lambda n: base64.encodebytes(rng.bytes(n)).decode(),
        "hexadecimal bytes": lambda n: rng.bytes(n).hex(" "),
        "hexadecimal, four bytes a word": lambda n: rng.bytes(n).hex(" ", 4),
        "numbers": lambda n: " ".join(map(str, rng.integers(0, 10_000, n // 5))),
    }
    for name, way in ways.items():
        yield name, [way(size) for size in _SIZES for _ in range(_OF_A_SIZE)]


def _name(path: Path) -> str:
    return f"{path.parent.name}/{path.name.partition('.')[0]}"


if __name__ == "__main__":
    main()
