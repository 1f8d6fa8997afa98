"""How far two people agree who have labelled the same articles."""

from __future__ import annotations

from collections.abc import Hashable, Sequence

import numpy as np
from numpy.typing import NDArray

from topicml.metrics.resampling import Estimate, Measures, Tally, resample

_RESAMPLES = 1_000


def cohen_kappa(first: Sequence[Hashable], second: Sequence[Hashable]) -> Estimate:
    """Return Cohen's kappa of two lists of answers: their agreement beyond what chance would give.

    It is 1 where they always agree and 0 where they agree as often as by chance (Cohen 1960,
    doi:10.1177/001316446002000104). Where both give one answer alone, it is not defined.

    Parameters
    ----------
    first, second : sequence
        The answers of either person about the same things, in the same order.

    Returns
    -------
    Estimate
        With its 95% bootstrap interval; without one where it is not defined.

    Examples
    --------
    >>> cohen_kappa(["a", "a", "b", "b"], ["a", "a", "b", "a"]).value
    0.5
    >>> print(cohen_kappa(["a", "a"], ["a", "a"]))
    –
    """
    names = {answer: column for column, answer in enumerate(dict.fromkeys([*first, *second]))}
    if not names:
        return Estimate(0.0, None)
    columns = np.zeros((len(first), 2 * len(names) + 2))
    rows = np.arange(len(first))
    columns[rows, [names[answer] for answer in first]] = 1
    columns[rows, [len(names) + names[answer] for answer in second]] = 1
    columns[:, -2] = [a == b for a, b in zip(first, second, strict=True)]
    columns[:, -1] = 1
    found = resample([Tally(columns, _kappa)], groups=None, n_resamples=_RESAMPLES, random_state=0)
    drawn = found.drawn["kappa"]
    if np.isnan(drawn[0]):
        return Estimate(0.0, None)
    return Estimate.of(drawn[~np.isnan(drawn)])


def _kappa(sums: NDArray[np.float64]) -> Measures:
    n_names = (sums.shape[1] - 2) // 2
    first, second = sums[:, :n_names], sums[:, n_names:-2]
    agree, n = sums[:, -2], sums[:, -1]
    by_chance = (first * second).sum(axis=1) / n**2
    defined = by_chance < 1
    kappa = (agree / n - by_chance) / np.where(defined, 1 - by_chance, 1)
    return {"kappa": np.where(defined, kappa, np.nan)}
