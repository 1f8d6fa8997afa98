"""How much better a printed score is than the truth, since settings were chosen by the same folds.

Training prints out-of-fold scores of the settings that scored best on these folds. Whoever picks the
best of many picks luck, too. The check: leave a fifth of the articles out of everything, train with
the full search on the rest, and hold what training prints of itself against the score on the fifth.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from benchmarks.markdown import print_section
from benchmarks.training_quality import settings_for
from benchmarks.training_sets import TrainingSet
from topicml import Article, evaluate, train
from topicml.corpus.near_duplicates import group_near_duplicates

__all__ = ["Optimism", "measure_optimism", "print_optimism"]

_N_PARTS = 5


@dataclass(frozen=True, slots=True)
class Optimism:
    """Printed and true scores of one set.

    Parameters
    ----------
    chosen : TrainingSet
    printed, found : tuple of float
        What each training printed, and what its model reached on the articles left out.
    """

    chosen: TrainingSet
    printed: tuple[float, ...]
    found: tuple[float, ...]


def measure_optimism(chosen: TrainingSet, articles: Sequence[Article]) -> Optimism:
    """Train five times, each time without a fifth of the groups of copies."""
    measure = chosen.measures[0]
    settings = replace(settings_for(chosen, "full"), abstain_precision=None)
    groups = group_near_duplicates([article.full_text for article in articles])
    part_of_group = np.random.default_rng(0).permutation(groups.max() + 1) % _N_PARTS
    printed, found = [], []
    for part in range(_N_PARTS):
        inside = part_of_group[groups] != part
        result = train([a for a, taken in zip(articles, inside, strict=True) if taken], settings=settings)
        left_out = [a for a, taken in zip(articles, inside, strict=True) if not taken]
        printed.append(float(getattr(result.scores, measure)))
        model = result.classifier
        found.append(float(getattr(evaluate(model, left_out, n_resamples=2).scores, measure)))
        print(f"{chosen.name}: printed {printed[-1]:.4f}, found {found[-1]:.4f}", file=sys.stderr)
    return Optimism(chosen, tuple(printed), tuple(found))


def print_optimism(measured: Sequence[Optimism]) -> None:
    """Print the means and their difference."""
    print_section(
        "Printed out-of-fold score of `--tune`, and the score on a fifth that it never saw",
        ("set", "measure", "printed", "found", "difference", "standard error"),
        [_row(one) for one in measured],
        left=2,
        note="Means of five trainings. A positive difference is optimism; a fit on four fifths more than the "
        "folds had works against it.",
    )


def _row(one: Optimism) -> list[str]:
    gaps = np.subtract(one.printed, one.found)
    cells = (np.mean(one.printed), np.mean(one.found), gaps.mean(), gaps.std(ddof=1) / np.sqrt(len(gaps)))
    return [one.chosen.name, one.chosen.measures[0], *(f"{cell:.4f}" for cell in cells)]
