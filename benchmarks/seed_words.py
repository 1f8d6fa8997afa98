"""``python -m benchmarks.seed_words``: a few words for each section and an archive, no label, as Markdown.

The labels of the training part of each public set are hidden; accuracy is that on the test part. The words
are in seed_words.toml, those of the corpus that ships beside it. The settings were chosen on training parts,
whose labels only judged them.
"""

from __future__ import annotations

import argparse
import time
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

import topicml
from benchmarks.data_sets import data_folder, read_data_sets
from benchmarks.machine import heading
from benchmarks.markdown import print_section
from topicml.article import Article
from topicml.corpus.targets import encode_labels
from topicml.metrics.scores import quick_score
from topicml.model.feature_settings import FeatureSettings
from topicml.model.inputs import as_texts
from topicml.training.seed_words import SeedWords, find_words, weigh_words
from topicml.training.settings import TrainingSettings

__all__ = ["read_words"]

_WORDS = Path(__file__).with_suffix(".toml")
_SEVERAL = ("reuters21578_modapte90", "world_desk")
_SHIPPED, _SHIPPED_WORDS = Path("data/world_desk.jsonl"), Path("data/seed_words.toml")


@dataclass(frozen=True, slots=True)
class _Parts:
    """An archive with labels that nobody looks at, and articles to measure on."""

    archive: tuple[Article, ...]
    test: tuple[Article, ...]

    def of_labels(self, labels: Sequence[str]) -> _Parts:
        """Return the articles that have one of these labels, with these alone."""
        return _Parts(_with(self.archive, labels), _with(self.test, labels))


def main() -> None:
    """Measure each set once; print a table of one label an article, and one of several."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.seed_words", description=main.__doc__)
    parser.add_argument("--sets", nargs="+", help="names of sets (default: all)")
    parser.add_argument("--jobs", type=int, default=-1)
    arguments = parser.parse_args()
    words = {name: own for name, own in read_words().items() if not arguments.sets or name in arguments.sets}
    print(heading(("topicml", "scikit-learn")))
    one = {name: own for name, own in words.items() if name not in _SEVERAL}
    head = ("set", "sections", "counting seed words", "seed words and archive", "shares", "seconds")
    rows = (_row(name, own, arguments.jobs) for name, own in one.items())
    print_section("One label an article: accuracy", head, rows, left=1)
    several = {name: own for name, own in words.items() if name in _SEVERAL}
    rows = (_row(name, own, arguments.jobs) for name, own in several.items())
    print_section("Several labels an article: micro and macro F1", head, rows, left=1)


def read_words() -> dict[str, dict[str, list[str]]]:
    """Return the words of each section of each set."""
    words = tomllib.loads(_WORDS.read_text(encoding="utf-8"))
    return {**words, "world_desk": tomllib.loads(_SHIPPED_WORDS.read_text(encoding="utf-8"))}


def _row(name: str, words: Mapping[str, Sequence[str]], n_jobs: int) -> list[str]:
    several = name in _SEVERAL
    settings = TrainingSettings(target_type="multilabel" if several else None)
    parts = _parts(name).of_labels(list(words))
    hidden = [Article(article.text, article.title) for article in parts.archive]
    begin = time.perf_counter()
    seeded = topicml.train(unlabelled=hidden, seed_words=words, settings=settings, n_jobs=n_jobs)
    seconds = time.perf_counter() - begin
    given = [found.labels for found in seeded.classifier.predict(parts.test)]
    by_counting = list(_by_counting(parts.test, words, several=several))
    figures = (
        _figures(parts.test, sorted(words), labels, several=several) for labels in (by_counting, given)
    )
    return [name, str(len(words)), *figures, seeded.seed_report.shares_of, f"{seconds:.0f}"]


def _parts(name: str) -> _Parts:
    if name == "world_desk":
        corpus = topicml.read_corpus(_SHIPPED).articles
        return _Parts(tuple(one for row, one in enumerate(corpus) if row % 5), tuple(corpus[::5]))
    [data] = read_data_sets([data_folder(name)])
    return _Parts(data.train, data.test)


def _with(articles: Sequence[Article], labels: Sequence[str]) -> tuple[Article, ...]:
    kept = ((one, tuple(label for label in one.labels or () if label in labels)) for one in articles)
    return tuple(Article(one.text, one.title, own) for one, own in kept if own)


def _by_counting(
    articles: Sequence[Article], words: Mapping[str, Sequence[str]], *, several: bool
) -> Iterator[tuple[str, ...]]:
    """Yield the section whose words weigh most in each article, or all whose words it has."""
    seeds = SeedWords.of(words)
    found = find_words(list(as_texts(articles)), seeds, FeatureSettings(), shared=several)
    for weights in weigh_words(found):
        best = [int(weights.argmax())] if not several else np.flatnonzero(weights > 0).tolist()
        yield tuple(seeds.labels[k] for k in best)


def _figures(
    articles: Sequence[Article], labels: Sequence[str], given: Sequence[tuple[str, ...]], *, several: bool
) -> str:
    truth = encode_labels(articles, labels)
    decided = encode_labels([Article("", labels=own) for own in given], labels)
    measures = ("micro_f1", "macro_f1") if several else ("accuracy",)
    return ", ".join(f"{quick_score(truth, decided, measure):.3f}" for measure in measures)


if __name__ == "__main__":
    main()
