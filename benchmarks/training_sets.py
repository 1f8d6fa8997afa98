"""The public sets that training is judged on, with how each is cut and what others reached on it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from topicml import Article, read_corpus
from topicml.corpus.near_duplicates import group_near_duplicates
from topicml.metrics.names import Measure

__all__ = ["SETS", "Part", "TrainingSet", "read_parts"]

_ROOT = Path("../shared/data")


@dataclass(frozen=True, slots=True)
class Part:
    """Articles to train on, and articles to measure on."""

    train: tuple[Article, ...]
    test: tuple[Article, ...]


@dataclass(frozen=True, slots=True)
class TrainingSet:
    """A set, and the figures to hold a result against.

    Parameters
    ----------
    name : str
        Of its folder.
    measures : tuple of str
        The first one is what ``--tune`` is asked to maximise.
    cut : callable
        The folder to one part, or to several whose test articles are measured together.
    published : str
        What others reported; under the table it says where.
    goals : tuple of float
        What topicml means to reach, one for each measure; none where it is to beat scikit-learn.
    multilabel : bool
    """

    name: str
    measures: tuple[Measure, ...]
    cut: Callable[[Path], list[Part]]
    published: str = ""
    goals: tuple[float, ...] = ()
    multilabel: bool = False


def read_parts(chosen: TrainingSet) -> list[Part]:
    """Read a set; without its folder there are no parts."""
    folder = _ROOT / chosen.name
    return chosen.cut(folder) if folder.is_dir() else []


def _official(train: str = "train", test: str = "test") -> Callable[[Path], list[Part]]:
    return lambda folder: [Part(_articles(folder, train), _articles(folder, test))]


def _every_fifth(folder: Path) -> list[Part]:
    """Hold out every fifth row, and train on no copy of it."""
    return [_without_copies(_articles(folder, "all"), 0)]


def _five_folds(folder: Path) -> list[Part]:
    articles = _articles(folder, "all")
    return [_without_copies(articles, first) for first in range(5)]


def _without_copies(articles: Sequence[Article], first: int) -> Part:
    groups = group_near_duplicates([article.full_text for article in articles])
    held_out = set(groups[first::5].tolist())
    train = tuple(one for one, group in zip(articles, groups, strict=True) if int(group) not in held_out)
    return Part(train, tuple(articles[first::5]))


def _articles(folder: Path, name: str) -> tuple[Article, ...]:
    [file] = [file for file in (folder / f"{name}.jsonl", folder / f"{name}.jsonl.gz") if file.exists()]
    return read_corpus(file, labelled=True).articles


_ONE: tuple[Measure, ...] = ("accuracy",)
SETS = (
    TrainingSet("20newsgroups_bydate", _ONE, _official(), "TextGCN 0.863, BERT 0.853", (0.870,)),
    TrainingSet("reuters21578_r8", _ONE, _official(), "TextGCN 0.971, BERT 0.978", (0.977,)),
    TrainingSet("reuters21578_r52", _ONE, _official(), "TextGCN 0.936, BERT 0.964", (0.952,)),
    TrainingSet("ohsumed23_single", _ONE, _official(), "TextGCN 0.684, BERT 0.705", (0.720,)),
    TrainingSet("bbc_news", _ONE, _every_fifth, goals=(0.984,)),
    TrainingSet(
        "reuters21578_modapte90",
        ("macro_f1", "micro_f1"),
        _official(),
        "SVM 0.525; SVM 0.860",
        (0.595, 0.885),
        multilabel=True,
    ),
    TrainingSet("hep_categories_multilabel", ("micro_f1",), _five_folds, goals=(0.76,), multilabel=True),
    TrainingSet("ag_news", _ONE, _official()),
    TrainingSet("huffpost_2018_20k", _ONE, _every_fifth),
    TrainingSet("thucnews_titles", _ONE, _official("dev")),
    TrainingSet("masakhanews_yor", _ONE, _official()),
    TrainingSet("myanmar_news", _ONE, _every_fifth),
)
"""In the order of the table."""
