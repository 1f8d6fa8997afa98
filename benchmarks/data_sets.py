"""Labelled articles in two parts: to train on, and to measure on."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from topicml import Article, Corpus, read_corpus

__all__ = ["DataSet", "data_folder", "default_folders", "megabytes", "read_data_sets"]

_ROOT = Path("../shared/data")
_NAMES = (
    *("20newsgroups_bydate", "reuters21578_r8", "reuters21578_r52"),
    *("ohsumed23_single", "bbc_news", "reuters21578_modapte90"),
)


@dataclass(frozen=True, slots=True)
class DataSet:
    """One set of labelled articles.

    Parameters
    ----------
    name : str
    train, test : tuple of Article
    multilabel : bool
    """

    name: str
    train: tuple[Article, ...]
    test: tuple[Article, ...]
    multilabel: bool

    @property
    def megabytes(self) -> float:
        """Millions of UTF-8 bytes in the training texts."""
        return megabytes(self.train_texts())

    def train_texts(self) -> list[str]:
        """Return title and text of each training article, the input of every contender."""
        return [article.full_text for article in self.train]

    def test_texts(self) -> list[str]:
        """Return title and text of each test article."""
        return [article.full_text for article in self.test]


def megabytes(texts: Iterable[str]) -> float:
    """Millions of bytes in UTF-8."""
    return sum(len(text.encode("utf-8", "surrogatepass")) for text in texts) / 1e6


def data_folder(name: str) -> Path:
    """Return where a public set is looked for."""
    return _ROOT / name


def default_folders() -> list[Path]:
    """Return the folders that are measured on when none is named, whether they are there or not."""
    return [data_folder(name) for name in _NAMES]


def read_data_sets(folders: Sequence[Path]) -> Iterator[DataSet]:
    """Read each folder that is there, and say on stderr which ones are not."""
    for folder in folders:
        if folder.is_dir():
            yield _read(folder)
        else:
            print(f"no folder {folder}: passed over", file=sys.stderr)


def _read(folder: Path) -> DataSet:
    if (everything := _part(folder, "all")) is not None:
        test = everything.articles[::5]
        train = tuple(article for row, article in enumerate(everything) if row % 5)
        return DataSet(folder.name, train, test, everything.multilabel)
    train_part, test_part = _part(folder, "train"), _part(folder, "test")
    if train_part is None or test_part is None:
        raise SystemExit(
            f"{folder}: expected train.jsonl and test.jsonl, or all.jsonl (each also with .gz), "
            f"found {sorted(file.name for file in folder.iterdir())}"
        )
    multilabel = train_part.multilabel or test_part.multilabel
    return DataSet(folder.name, train_part.articles, test_part.articles, multilabel)


def _part(folder: Path, name: str) -> Corpus | None:
    for file in (folder / f"{name}.jsonl", folder / f"{name}.jsonl.gz"):
        if file.exists():
            return read_corpus(file, labelled=True)
    return None
