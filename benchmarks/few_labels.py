"""``python -m benchmarks.few_labels``: few labelled articles and an archive, beside peers, as Markdown.

Of the training part of each public set a few articles keep their labels, so many of each label or so many
drawn by chance; the labels of all others are hidden. Measured on the test part, as the mean of the draws. The
peers get the same articles, by scikit-learn's TF-IDF with the terms of all training articles. Settings of
topicml were chosen on the training parts alone, of which 30% were held out for this.
"""

from __future__ import annotations

import argparse
import time
import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.exceptions import ConvergenceWarning
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.semi_supervised import LabelSpreading, SelfTrainingClassifier
from sklearn.svm import LinearSVC

import topicml
from benchmarks.data_sets import DataSet, data_folder, read_data_sets
from benchmarks.machine import heading
from benchmarks.markdown import print_section
from topicml.article import Article
from topicml.corpus.targets import encode_labels
from topicml.metrics.scores import quick_score

__all__ = ["draw"]

_CASES = (
    ("bbc_news", "5 a label"),
    ("ag_news", "8 a label"),
    ("ag_news", "64 a label"),
    ("20newsgroups_bydate", "10 a label"),
    ("20newsgroups_bydate", "50 a label"),
    ("20newsgroups_bydate", "1000 at random"),
    ("reuters21578_r8", "50 at random"),
    ("reuters21578_r8", "200 at random"),
    ("reuters21578_r8", "8 a label"),
    ("ohsumed23_single", "10 a label"),
    ("masakhanews_yor", "10 a label"),
    ("dbpedia14_14k", "5 a label"),
    ("huffpost_2018_20k", "500 at random"),
    ("reuters21578_r52", "300 at random"),
)
_TOPICS = 10  # the largest ones of ModApte
_WITH_SEVERAL = ("200 at random", "500 at random", "1000 at random")
_PEERS = ("linear SVM alone", "SelfTrainingClassifier", "LabelSpreading")
_OWN = ("topicml alone", "topicml, archive", "used")


@dataclass(frozen=True, slots=True)
class _Draw:
    """Articles with a label, those whose label is hidden, and those to measure on."""

    labelled: tuple[Article, ...]
    hidden: tuple[Article, ...]
    test: tuple[Article, ...]


def main() -> None:
    """Measure each case, draw by draw; print a table of one label an article, and one of several."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.few_labels", description=main.__doc__)
    parser.add_argument("--sets", nargs="+", help="names of sets (default: all)")
    parser.add_argument("--draws", type=int, default=3)
    parser.add_argument("--jobs", type=int, default=-1)
    arguments = parser.parse_args()
    print(heading(("topicml", "scikit-learn")))
    cases = [case for case in _CASES if not arguments.sets or case[0] in arguments.sets]
    if cases:
        rows = (_row(name, labelled, arguments.draws, arguments.jobs) for name, labelled in cases)
        head = ("set", "labelled", *_PEERS, *_OWN, "seconds")
        print_section("One label an article: accuracy", head, rows, left=2, note="Mean of the draws.")
    if not arguments.sets or "reuters21578_modapte90" in arguments.sets:
        rows = (_row_of_several(labelled, arguments.draws, arguments.jobs) for labelled in _WITH_SEVERAL)
        title = f"ModApte's {_TOPICS} largest topics: micro and macro F1"
        print_section(title, ("labelled", "topicml alone", "topicml, archive", "used"), rows)


def draw(labels: Sequence[str], labelled: str, seed: int) -> NDArray[np.int64]:
    """Return the rows that keep their labels: "5 a label", or "50 at random".

    >>> draw(["art", "art", "sport", "sport"], "1 a label", 0).tolist()
    [0, 3]
    """
    rng, y = np.random.default_rng(seed), np.asarray(labels)
    n = int(labelled.split(maxsplit=1)[0])
    if labelled.endswith("at random"):
        return rng.permutation(len(y))[:n]
    return np.concatenate([rng.permutation(np.flatnonzero(y == label))[:n] for label in np.unique(y)])


def _row(name: str, labelled: str, n_draws: int, n_jobs: int) -> list[str]:
    [data] = read_data_sets([data_folder(name)])
    found: dict[str, list[float]] = {column: [] for column in (*_PEERS, *_OWN, "seconds")}
    for seed in range(n_draws):
        rows = draw([article.labels[0] for article in data.train if article.labels], labelled, seed)
        for column, value in _measured(_drawn(data, rows), n_jobs):
            found[column].append(value)
    means = [f"{np.mean(found[column]):.3f}" for column in (*_PEERS, *_OWN[:2])]
    return [
        name,
        labelled,
        *means,
        f"{sum(found['used']):.0f} of {n_draws}",
        f"{np.mean(found['seconds']):.0f}",
    ]


def _drawn(data: DataSet, rows: NDArray[np.int64]) -> _Draw:
    kept = set(rows.tolist())
    hidden = (replace(one, labels=None) for row, one in enumerate(data.train) if row not in kept)
    return _Draw(tuple(data.train[row] for row in rows.tolist()), tuple(hidden), data.test)


def _measured(drawn: _Draw, n_jobs: int) -> Iterator[tuple[str, float]]:
    """Yield the accuracy of each contender, and whether topicml used the archive, and how long that took."""
    truth = np.array([article.labels[0] for article in drawn.test if article.labels])
    for name, predicted in _by_peers(drawn):
        yield name, float((predicted == truth).mean())
    for name, archive in zip(_OWN, (None, drawn.hidden), strict=False):
        begin = time.perf_counter()
        result = topicml.train(drawn.labelled, unlabelled=archive, n_jobs=n_jobs)
        seconds = time.perf_counter() - begin
        given = [found.labels[:1] for found in result.classifier.predict(drawn.test)]
        yield name, float(np.mean([one == (label,) for one, label in zip(given, truth, strict=True)]))
    yield "used", float(result.archive is not None and result.archive.used)
    yield "seconds", seconds


def _by_peers(drawn: _Draw) -> Iterator[tuple[str, NDArray[Any]]]:
    articles = [*drawn.labelled, *drawn.hidden]
    vectorizer = TfidfVectorizer(sublinear_tf=True, min_df=2, token_pattern=r"\w+")
    X = vectorizer.fit_transform(article.full_text for article in articles)
    X_test = vectorizer.transform(article.full_text for article in drawn.test)
    labels, y = np.unique(
        [article.labels[0] for article in drawn.labelled if article.labels], return_inverse=True
    )
    masked = np.concatenate((y, np.full(len(drawn.hidden), -1)))
    logistic = LogisticRegression(C=10, max_iter=300)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        warnings.simplefilter("ignore", UserWarning)  # of labels of one article each
        warnings.simplefilter("ignore", RuntimeWarning)  # of articles that no label reaches
        models: tuple[Callable[[], Any], ...] = (
            lambda: LinearSVC(random_state=0).fit(X[: len(y)], y),
            lambda: SelfTrainingClassifier(logistic, threshold=0.75).fit(X, masked),
            lambda: LabelSpreading(kernel="knn", n_neighbors=10).fit(X, masked),
        )
        for name, fit in zip(_PEERS, models, strict=True):
            yield name, labels[fit().predict(X_test)]


def _row_of_several(labelled: str, n_draws: int, n_jobs: int) -> list[str]:
    [data] = read_data_sets([data_folder("reuters21578_modapte90")])
    topics = _largest(data)
    data = replace(data, train=_of_topics(data.train, topics), test=_of_topics(data.test, topics))
    found, used = [], 0
    for seed in range(n_draws):
        rows = draw([""] * len(data.train), labelled, seed)
        drawn = _drawn(data, rows)
        settings = topicml.TrainingSettings(target_type="multilabel")
        for archive in (None, drawn.hidden):
            result = topicml.train(drawn.labelled, settings=settings, unlabelled=archive, n_jobs=n_jobs)
            given = encode_labels(list(result.classifier.predict(drawn.test)), topics)
            truth = encode_labels(drawn.test, topics)
            found += [quick_score(truth, given, measure) for measure in ("micro_f1", "macro_f1")]
        used += bool(result.archive and result.archive.used)
    means = np.mean(np.reshape(found, (-1, 2, 2)), axis=0)
    return [labelled, *(f"{micro:.3f}, {macro:.3f}" for micro, macro in means), f"{used} of {n_draws}"]


def _largest(data: DataSet) -> list[str]:
    labels = [label for article in data.train for label in article.labels or ()]
    names, counts = np.unique(labels, return_counts=True)
    return [str(name) for name in names[np.argsort(-counts, kind="stable")][:_TOPICS]]


def _of_topics(articles: Sequence[Article], topics: Sequence[str]) -> tuple[Article, ...]:
    kept = frozenset(topics)
    return tuple(
        replace(one, labels=tuple(label for label in one.labels or () if label in kept)) for one in articles
    )


if __name__ == "__main__":
    main()
