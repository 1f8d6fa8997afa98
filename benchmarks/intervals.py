"""``python -m benchmarks.intervals``: how often the 95% intervals of an evaluation hold the truth.

Test sets are drawn from populations whose scores are known, and each is measured as `topicml.evaluate`
measures. Plain percentiles of the same resamples stand beside the intervals that are printed.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from benchmarks.markdown import print_section
from topicml.metrics.decisions import decision_tally, measures
from topicml.metrics.resampling import percentile_interval, resample

__all__ = ["Population", "covered", "populations"]

MEASURES = ("accuracy", "micro_f1", "macro_f1")
N_SETS = 1000


@dataclass(frozen=True, eq=False, slots=True)
class Population:
    """Articles without end, and how a model answers them.

    Parameters
    ----------
    name : str
    joint : ndarray of float64, shape (n_classes, n_classes)
        Probability of a true label (row) together with an answer (column).
    n_stories : int
        In a test set.
    copies : bool
        Whether half of the stories are in it twice.
    """

    name: str
    joint: NDArray[np.float64]
    n_stories: int
    copies: bool = False

    def true_scores(self) -> dict[str, float]:
        """Return the scores of the whole population."""
        # Per 10^9 articles, since measures take sums below 1 for nothing to divide by.
        parts = ([1.0, self.joint.trace()], self.joint.diagonal(), self.joint.sum(0), self.joint.sum(1))
        found = measures(1e9 * np.concatenate(parts)[None], len(self.joint))
        return {name: float(found[name][0]) for name in MEASURES}

    def draw(
        self, rng: np.random.Generator
    ) -> tuple[NDArray[np.bool_], NDArray[np.bool_], NDArray[np.int64]]:
        """Return truth, answers and stories of a test set."""
        n_classes = len(self.joint)
        cells = rng.choice(n_classes**2, self.n_stories, p=self.joint.ravel())
        stories = np.arange(self.n_stories)
        if self.copies:
            stories = stories.repeat(rng.integers(1, 3, self.n_stories))
        labels = np.eye(n_classes, dtype=bool)
        return labels[cells // n_classes][stories], labels[cells % n_classes][stories], stories


def populations() -> tuple[Population, ...]:
    """Return labels few and many, as frequent as each other and not, alone and with copies."""
    return (
        Population("4 labels, 200 stories", _joint(4, 0.8, 0.0), 200),
        Population("4 labels, 200 stories, half of them twice", _joint(4, 0.8, 0.0), 200, copies=True),
        Population("20 labels, 1,000 stories", _joint(20, 0.85, 0.0), 1000),
        Population("20 labels, the rarest 7 of 500 stories", _joint(20, 0.85, 1.0), 500),
        Population("40 labels, the rarest 6 of 1,000 stories", _joint(40, 0.7, 1.0), 1000),
    )


def _joint(n_classes: int, accuracy: float, skew: float) -> NDArray[np.float64]:
    """Return a population: label k is (k + 1)^skew times rarer than the first, and none is found as well."""
    rng = np.random.default_rng(0)
    prior = np.arange(1.0, n_classes + 1) ** -skew
    taken_for = rng.random((n_classes, n_classes)) * prior
    np.fill_diagonal(taken_for, 0)
    right = np.clip(accuracy + rng.uniform(-0.15, 0.15, n_classes), 0.05, 0.99)
    given = taken_for / taken_for.sum(axis=1, keepdims=True) * (1 - right[:, None])
    np.fill_diagonal(given, right)
    joint: NDArray[np.float64] = given * (prior / prior.sum())[:, None]
    return joint


def covered(
    population: Population, *, n_sets: int = N_SETS, n_resamples: int = 1000, random_state: int = 0
) -> dict[str, tuple[float, float]]:
    """Return for each measure how often the interval holds the truth, and how often percentiles do."""
    rng = np.random.default_rng(random_state)
    truth = population.true_scores()
    held = {name: np.zeros(2) for name in MEASURES}
    for seed in range(n_sets):
        true, given, stories = population.draw(rng)
        tally = decision_tally(true, given)
        found = resample([tally], groups=stories, n_resamples=n_resamples, random_state=seed)
        for name in MEASURES:
            intervals = (
                found.estimate(name).interval or (0.0, 0.0),
                percentile_interval(found.drawn[name][1:]),
            )
            held[name] += [low <= truth[name] <= high for low, high in intervals]
    return {name: (float(counts[0] / n_sets), float(counts[1] / n_sets)) for name, counts in held.items()}


def main() -> None:
    """Print the table."""
    header = [
        "population",
        *(f"{name}, {kind}" for name in MEASURES for kind in ("corrected", "percentiles")),
    ]
    rows = []
    for population in populations():
        found = covered(population)
        shares = [f"{share:.1%}" for name in MEASURES for share in found[name]]
        rows.append([population.name, *shares])
    print_section(
        f"Test sets, of {N_SETS:,}, whose 95% interval holds the truth",
        header,
        rows,
        note="topicml prints the corrected intervals.",
    )


if __name__ == "__main__":
    main()
