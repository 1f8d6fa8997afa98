"""``python -m benchmarks.suggested_labels``: articles that `topicml suggest` chooses, against chance.

The labels of the training articles are hidden. Simulated is a person who labels 25 articles, trains with
the others as an archive, and labels as many again as there are, until the budget is used up. Printed:
accuracy on the test part, mean and standard deviation over three draws, of the model that `topicml train`
makes of the labelled articles and the archive. How articles are chosen was settled on training parts alone.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from benchmarks.data_sets import DataSet, data_folder, read_data_sets
from benchmarks.machine import heading
from benchmarks.markdown import print_section
from topicml import Article, FittedClassifier, TrainingSettings, suggest, train

_NAMES = (
    *("20newsgroups_bydate", "reuters21578_r8", "reuters21578_r52", "ohsumed23_single", "bbc_news"),
    *("ag_news", "masakhanews_yor", "dbpedia14_14k", "huffpost_2018_20k"),
)
_FIRST_ROUND = 25

_Rows = NDArray[np.int64]


def main() -> None:
    """Label a part of each set as suggested, and by chance."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.suggested_labels", description=main.__doc__)
    parser.add_argument("--sets", nargs="+", default=_NAMES, metavar="NAME")
    parser.add_argument("--budgets", type=int, nargs="+", default=[25, 50, 100, 200, 500], metavar="N")
    parser.add_argument("--draws", type=int, default=3, metavar="N")
    arguments = parser.parse_args()
    budgets = sorted(arguments.budgets)
    print(heading(("topicml",)), flush=True)
    folders = [data_folder(name) for name in arguments.sets]
    for data in read_data_sets(folders):
        drawn = [_curves(data, budgets, seed) for seed in range(arguments.draws)]
        _print(data, budgets, np.mean(drawn, axis=0), np.std(drawn, axis=0))


def _print(
    data: DataSet, budgets: Sequence[int], means: NDArray[np.float64], spread: NDArray[np.float64]
) -> None:
    rows = [
        [str(budget), *(f"{mean:.3f} ± {std:.3f}" for mean, std in zip(of_budget, of_spread, strict=True))]
        for budget, of_budget, of_spread in zip(budgets, means.tolist(), spread.tolist(), strict=True)
    ]
    print_section(f"{data.name}, {len(data.train):,} articles", ("labels", "by chance", "suggested"), rows)


def _curves(data: DataSet, budgets: Sequence[int], seed: int) -> list[list[float]]:
    """Return for each budget the accuracy of articles chosen by chance, and of suggested ones."""
    suggested = dict(_suggested(data, budgets, seed))
    order = np.random.default_rng(seed).permutation(len(data.train))
    return [[_accuracy(_trained(data, order[:n], seed), data), suggested[n]] for n in budgets]


def _suggested(data: DataSet, budgets: Sequence[int], seed: int) -> Iterator[tuple[int, float]]:
    """Yield each budget with the accuracy that the suggested articles reach."""
    rows, model = np.empty(0, np.int64), None
    for n in budgets:
        while len(rows) < n:
            more = min(max(_FIRST_ROUND, len(rows)), n - len(rows))
            rows = np.append(rows, _next(data, rows, more, model, seed))
            model = _trained(data, rows, seed)
        yield n, _accuracy(model, data)


def _next(data: DataSet, rows: _Rows, n: int, model: FittedClassifier | None, seed: int) -> _Rows:
    """Return the rows that are suggested next, after these."""
    archive = _archive(data)
    for row in rows.tolist():
        archive[row] = data.train[row]
    found = suggest(archive, n=n, model=model, random_state=seed)
    return np.array([suggestion.position for suggestion in found])


def _archive(data: DataSet) -> list[Article]:
    return [replace(article, labels=None) for article in data.train]


def _trained(data: DataSet, rows: _Rows, seed: int) -> FittedClassifier:
    """Train as the command does, with the other articles as its archive."""
    unlabelled = _archive(data)
    labelled = [data.train[row] for row in rows.tolist()]
    others = [unlabelled[row] for row in np.setdiff1d(np.arange(len(unlabelled)), rows).tolist()]
    return train(labelled, unlabelled=others, settings=TrainingSettings(random_state=seed)).classifier


def _accuracy(model: FittedClassifier | None, data: DataSet) -> float:
    assert model is not None
    told = model.predict(data.test)
    right = [one.label in (article.labels or ()) for one, article in zip(told, data.test, strict=True)]
    return float(np.mean(right))


if __name__ == "__main__":
    main()
