"""``python -m benchmarks.watching [FILE...]``: how far off accuracy is that `topicml.watch` estimates.

For each file of labelled articles in order of time: a model of the first articles estimates its accuracy in
windows of the later ones without their labels, and then meets the labels. Without a file: HuffPost, headlines
about China and 20 Newsgroups, where these are. The constants of the estimate were chosen on the training
sides of these sets, on Reuters, Ohsumed, AG News and Wikipedia's current events.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path

import topicml
from benchmarks.data_sets import data_folder
from benchmarks.machine import heading
from benchmarks.markdown import print_section
from topicml import Article, FittedClassifier

_WINDOWS = 10
_HEAD = ("window", "articles", "right", "estimated", "error", "below", "above", "held")


@dataclass(frozen=True, slots=True)
class _Series:
    """Articles to train on, and windows of later articles."""

    name: str
    train: Sequence[Article]
    windows: Sequence[Sequence[Article]]


def main() -> None:
    """Print for each window the accuracy, its estimate, and how far its interval reaches."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.watching", description=main.__doc__)
    parser.add_argument("data", nargs="*", type=Path, metavar="FILE", help="the oldest articles first")
    arguments = parser.parse_args()
    print(heading(("topicml",)))
    given = (_halved(path.name, _articles(path)) for path in arguments.data)
    for series in given if arguments.data else _public():
        model = topicml.train(series.train).classifier
        rows = [_row(model, k, window) for k, window in enumerate(series.windows, start=1)]
        print_section(f"{series.name}, trained on {len(series.train):,} articles", _HEAD, rows)


def _articles(path: Path) -> Sequence[Article]:
    return topicml.read_corpus(path, labelled=True).articles


def _halved(name: str, articles: Sequence[Article]) -> _Series:
    return _Series(name, *_cut(articles, len(articles) // 2))


def _cut(articles: Sequence[Article], first: int) -> tuple[Sequence[Article], Sequence[Sequence[Article]]]:
    n = len(articles) - first
    edges = [first + n * k // _WINDOWS for k in range(_WINDOWS + 1)]
    return articles[:first], [articles[begin:end] for begin, end in pairwise(edges)]


def _public() -> Iterator[_Series]:
    """Yield the public sets that are there; HuffPost has its newest articles first."""
    if (path := data_folder("huffpost_2018_20k") / "all.jsonl.gz").exists():
        articles = _articles(path)[::-1]
        yield _halved("HuffPost, later half", articles)
        yield _Series("HuffPost, ten elevenths", *_cut(articles, len(articles) // (_WINDOWS + 1)))
    if (path := data_folder("china_world_headlines") / "all.jsonl.gz").exists():
        articles = _articles(path)
        months = sorted({(article.date or "")[:7] for article in articles})
        yield _Series(
            "China headlines, months after March 2022",
            [article for article in articles if (article.date or "") < "2022-04"],
            [[a for a in articles if (a.date or "")[:7] == month] for month in months if month > "2022-03"],
        )
    if (folder := data_folder("20newsgroups_bydate")).exists():
        train, test = (_articles(folder / f"{part}.jsonl.gz") for part in ("train", "test"))
        yield _Series("20 Newsgroups, train to test", train, [test])


def _row(model: FittedClassifier, number: int, window: Sequence[Article]) -> list[str]:
    unlabelled = [replace(article, labels=None, date=None, origin="") for article in window]
    [found] = topicml.watch(model, unlabelled).windows
    assert found.accuracy is not None  # the model was just trained
    given = model.predict_proba(unlabelled).argmax(axis=1).tolist()
    right = sum(article.labels == (model.classes_[k],) for article, k in zip(window, given, strict=True))
    true, own = right / len(window), found.accuracy
    held = "yes" if own.low <= true <= own.high else "no"
    reach = (own.value - own.low, own.high - own.value)
    numbers = (true, own.value, own.value - true, *reach)
    return [str(number), f"{len(window):,}", *(f"{x:.3f}" for x in numbers), held]


if __name__ == "__main__":
    main()
