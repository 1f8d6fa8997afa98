"""``python -m benchmarks.suspects``: how many planted errors `suspect_labels` finds, as Markdown.

By default in the articles of the shipped corpus from before 2022; with a file, in its articles. In one
article in twenty, one label is replaced by another at random. How suspects are found was chosen on the seeds
100 to 119; report others.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

import topicml
from benchmarks.machine import heading
from benchmarks.markdown import print_section
from topicml.article import Article
from topicml.lifecycle.suspects import Suspects
from topicml.shipped import shipped_corpus

_ONE_IN = 20
_FIRST = 30
_BEFORE = "2022"
_HEAD = ("seed", "planted", f"of them in the first {_FIRST}", "in the list", "length of the list", "expected")


def main() -> None:
    """Plant errors, seed by seed, and and count those that are found; then without errors."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.suspects", description=main.__doc__)
    parser.add_argument("data", nargs="?", type=Path, metavar="FILE")
    parser.add_argument("--seeds", type=int, nargs="+", default=range(20))
    arguments = parser.parse_args()
    articles = list(topicml.read_corpus(arguments.data or shipped_corpus(), labelled=True))
    if arguments.data is None:
        articles = [article for article in articles if (article.date or "") < _BEFORE]
    rows = [_counts(articles, seed) for seed in arguments.seeds]
    means = np.mean(rows, axis=0).tolist()
    print(heading(("topicml",)))
    cells = [[str(seed), *(f"{n:g}" for n in row)] for seed, row in zip(arguments.seeds, rows, strict=True)]
    print_section(
        f"Errors planted in {len(articles):,} articles", _HEAD, [*cells, ["mean", *map(_mean, means)]]
    )
    clean = topicml.suspect_labels(articles)
    n = len(clean.suspects)
    print(f"\nWithout planted errors, {n} suspects are listed, with {clean.n_expected:.1f} errors expected.")


def _mean(value: float) -> str:
    return f"{value:.1f}"


def _counts(articles: Sequence[Article], seed: int) -> list[float]:
    noisy, planted = with_errors(articles, seed)
    found = topicml.suspect_labels(noisy)
    return [len(planted), *_hits(found, planted), len(found.suspects), round(found.n_expected, 1)]


def _hits(found: Suspects, planted: set[int]) -> tuple[int, int]:
    hits = [suspect.position in planted for suspect in found.suspects]
    return sum(hits[:_FIRST]), sum(hits)


def with_errors(articles: Sequence[Article], seed: int) -> tuple[list[Article], set[int]]:
    """Replace one label by another in one article in twenty; return which ones, too."""
    rng = np.random.default_rng(seed)
    classes = sorted({label for article in articles for label in article.labels or ()})
    noisy = list(articles)
    rows = rng.choice(len(noisy), -(-len(noisy) // _ONE_IN), replace=False).tolist()
    for row in rows:
        labels = noisy[row].labels or ()
        wrong = labels[rng.integers(len(labels))]
        others = [label for label in classes if label not in labels]
        given = others[rng.integers(len(others))]
        noisy[row] = replace(noisy[row], labels=tuple(given if label == wrong else label for label in labels))
    return noisy, set(rows)


if __name__ == "__main__":
    main()
