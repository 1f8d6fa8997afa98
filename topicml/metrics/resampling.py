"""The bootstrap: what a measure would have been on other articles of the same kind."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import nan

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from topicml.elementary import product

Measures = Mapping[str, NDArray[np.float64]]

_NOTHING = "–"
_RESAMPLES_AT_ONCE = 100
_CELLS_AT_ONCE = 1 << 25


@dataclass(frozen=True, slots=True)
class Estimate:
    """A measure and how far chance may have moved it.

    Parameters
    ----------
    value : float
        Of all articles; 0 where there is nothing to divide by.
    interval : (float, float) or None
        95% bootstrap interval. None where there is nothing to divide by, so that `value` means nothing.
    """

    value: float
    interval: tuple[float, float] | None

    @classmethod
    def of(cls, drawn: NDArray[np.float64]) -> Estimate:
        """Describe a number that was drawn: the first of all articles, the others of resamples.

        >>> Estimate.of(np.array([0.5, 0.4, 0.4, 0.6, 0.6]))
        Estimate(value=0.5, interval=(0.4, 0.6))
        """
        return cls(float(drawn[0]), percentile_interval(drawn[1:]))

    @classmethod
    def share_of(cls, drawn: NDArray[np.float64]) -> Estimate:
        """Describe a score that was drawn, by an interval that is corrected for the bias of its draws.

        Differences need none: what moves both scores moves them alike.
        """
        return cls(float(drawn[0]), corrected_interval(float(drawn[0]), drawn[1:]))

    @property
    def low(self) -> float:
        """Lower end of the interval; NaN where there is none."""
        return nan if self.interval is None else self.interval[0]

    @property
    def high(self) -> float:
        """Upper end of the interval; NaN where there is none."""
        return nan if self.interval is None else self.interval[1]

    def to_dict(self) -> dict[str, float | None]:
        """Return value, low and high by name; None is an end of no interval."""
        low, high = self.interval or (None, None)
        return {"value": self.value, "low": low, "high": high}

    def named(self, name: str) -> dict[str, float | None]:
        """Return value, low and high as columns of a flat row.

        >>> Estimate(0.5, (0.4, 0.6)).named("accuracy")
        {'accuracy': 0.5, 'accuracy_low': 0.4, 'accuracy_high': 0.6}
        """
        found = self.to_dict()
        return {name: found["value"], f"{name}_low": found["low"], f"{name}_high": found["high"]}

    def value_text(self, digits: str = ".3f") -> str:
        """Return the value as text, or a dash where it means nothing."""
        return _NOTHING if self.interval is None else f"{self.value:{digits}}"

    def interval_text(self, digits: str = ".3f", between: str = " to ") -> str:
        """Return the interval as text, or a dash where there is none.

        >>> Estimate(0.5, (0.25, 0.75)).interval_text("+.2f")
        '+0.25 to +0.75'
        """
        if self.interval is None:
            return _NOTHING
        return between.join(f"{end:{digits}}" for end in self.interval)

    def __str__(self) -> str:
        """Return the value with its interval, or a dash.

        >>> print(Estimate(0.5, (0.25, 0.75)), Estimate(0.0, None))
        0.500 (0.250 to 0.750) –
        """
        return _NOTHING if self.interval is None else f"{self.value_text()} ({self.interval_text()})"


@dataclass(frozen=True, eq=False, slots=True)
class Tally:
    """What each article adds to some sums, and the measures that follow from such sums.

    A resample of the articles is then a product of matrices, not a new look at every article.

    Parameters
    ----------
    columns : ndarray of float64, shape (n_articles, n_columns)
    measures : callable
        Takes sums, shape (n_rows, n_columns), and returns by name arrays of shape (n_rows,) or
        (n_rows, n_values). Where there is nothing to divide by they hold NaN.
    swelling : tuple of str
        Measures whose interval is that of `shifted_interval`.
    """

    columns: NDArray[np.float64]
    measures: Callable[[NDArray[np.float64]], Measures]
    swelling: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False, slots=True)
class Resampled:
    """Measures of all articles and of resamples of them.

    Parameters
    ----------
    drawn : mapping of str to ndarray of float64, shape (1 + n_resamples,) or (1 + n_resamples, n_values)
        The first row is that of all articles.
    swelling : frozenset of str
    """

    drawn: Measures
    swelling: frozenset[str] = frozenset()

    def estimate(self, name: str) -> Estimate:
        """Return a measure that is one number."""
        return self._estimate(name, self.drawn[name])

    def estimates(self, name: str) -> tuple[Estimate, ...]:
        """Return a measure that is several numbers."""
        return tuple(self._estimate(name, column) for column in self.drawn[name].T)

    def _estimate(self, name: str, column: NDArray[np.float64]) -> Estimate:
        value, draws = float(column[0]), column[1:]
        if np.isnan(value):
            return Estimate(0.0, None)
        # A resample without anything to divide by says nothing of the measure.
        told = draws[~np.isnan(draws)]
        if not len(told):
            return Estimate(value, None)
        interval = shifted_interval if name in self.swelling else corrected_interval
        return Estimate(value, interval(value, told))


def resample(
    tallies: Sequence[Tally],
    *,
    groups: NDArray[np.int64] | None,
    n_resamples: int,
    random_state: int,
    weighted: Callable[[NDArray[np.float64]], Measures] | None = None,
) -> Resampled:
    """Compute measures of the articles and of resamples of them.

    Parameters
    ----------
    tallies : sequence of Tally
        All of the same articles, one or more.
    groups : ndarray of int64, shape (n_articles,), or None
        Articles of one group are drawn together (cluster bootstrap: Field and Welsh 2007,
        doi:10.1111/j.1467-9868.2007.00593.x); without groups each stands alone.
    n_resamples : int
    random_state : int
    weighted : callable, optional
        For measures that do not follow from sums. Takes how often each article counts, shape
        (n_rows, n_articles), and returns what `Tally.measures` does.
    """
    statistics = np.hstack([tally.columns for tally in tallies])
    sums = summed_by_group(statistics, groups)
    group_of = np.arange(len(statistics)) if groups is None else np.unique(groups, return_inverse=True)[1]
    rows, others = [sums.sum(axis=0, keepdims=True)], []
    with _one_blas_thread():
        if weighted is not None:
            others.append(weighted(np.ones((1, len(statistics)))))
        for counts in bootstrap_counts(len(sums), n_resamples, random_state):
            rows.append(product(counts, sums))
            if weighted is not None:
                others.append(weighted(counts[:, group_of]))
    edges = np.cumsum([tally.columns.shape[1] for tally in tallies])[:-1]
    parts = np.hsplit(np.concatenate(rows), edges)
    drawn: dict[str, NDArray[np.float64]] = {}
    for tally, part in zip(tallies, parts, strict=True):
        drawn.update(tally.measures(part))
    for name in others[0] if others else ():
        drawn[name] = np.concatenate([batch[name] for batch in others])
    return Resampled(drawn, frozenset(name for tally in tallies for name in tally.swelling))


def bootstrap_counts(n: int, n_resamples: int, random_state: int) -> Iterator[NDArray[np.float64]]:
    """Yield how often each of n things is drawn, a batch of resamples at a time, shape (n_rows, n).

    Each resample draws as many as there are, with replacement.
    """
    rng = np.random.default_rng(random_state)
    at_once = max(1, min(_RESAMPLES_AT_ONCE, _CELLS_AT_ONCE // n))
    for first in range(0, n_resamples, at_once):
        some = min(at_once, n_resamples - first)
        drawn = [np.bincount(rng.integers(n, size=n), minlength=n) for _ in range(some)]
        yield np.stack(drawn).astype(np.float64)


def resampled_sums(sums: NDArray[np.float64], n_resamples: int, random_state: int) -> NDArray[np.float64]:
    """Draw as many groups as there are, with replacement, again and again, and sum their statistics."""
    with _one_blas_thread():
        drawn = [product(counts, sums) for counts in bootstrap_counts(len(sums), n_resamples, random_state)]
    return np.concatenate(drawn)


def _one_blas_thread() -> threadpool_limits:
    """Keep NumPy's products in one thread for a while.

    They are many and small here: a second thread mostly waits for the first, and waits by computing. Of
    7,532 articles and 20 labels a thousand resamples took 0.2 s of processor time in one thread and 1.3 s
    in two. Sums then also come out the same on any number of cores.
    """
    return threadpool_limits(1, user_api="blas")


def summed_by_group(statistics: NDArray[np.float64], groups: NDArray[np.int64] | None) -> NDArray[np.float64]:
    """Return the sum of the rows of each group; without groups, the rows."""
    if groups is None:
        return statistics
    _, group_of = np.unique(groups, return_inverse=True)
    sums = np.zeros((group_of.max() + 1, statistics.shape[1]))
    np.add.at(sums, group_of, statistics)
    return sums


def percentile_interval(draws: NDArray[np.float64]) -> tuple[float, float]:
    """Return the interval that holds the middle 95% of the draws."""
    low, high = np.percentile(draws, [2.5, 97.5])
    return float(low), float(high)


def corrected_interval(value: float, draws: NDArray[np.float64]) -> tuple[float, float]:
    """Return the percentile interval about the value without its bias.

    F1 of a rare label falls in most resamples, as it did in the sample itself: the draws of macro F1 lie
    as far below the value as the value lies below the truth (the bootstrap estimate of bias: Efron and
    Tibshirani 1993, "An Introduction to the Bootstrap", chapter 10), and are moved up by twice as much.
    Of 40 labels, the rarest with six articles, plain percentiles held the truth in 80 of 100 simulated
    test sets (``python -m benchmarks.intervals``). The bias-corrected percentiles of Efron 1981
    (doi:10.2307/3314608) held it in 92: they read the farthest tail of the draws, which a thousand do not
    reach, and the acceleration of BCa (Efron 1987) does not change that.

    Parameters
    ----------
    value : float
        Of all articles.
    draws : ndarray of float64, shape (n_resamples,)

    Examples
    --------
    >>> draws = np.arange(1001.0)
    >>> corrected_interval(500.0, draws)
    (25.0, 975.0)
    >>> corrected_interval(600.0, draws)  # the draws lie 100 below, so the truth lies 100 above
    (225.0, 1175.0)
    """
    return _moved(value, draws, 2 * (value - draws.mean()))


def shifted_interval(value: float, draws: NDArray[np.float64]) -> tuple[float, float]:
    """Return the percentile interval of draws that are moved back by what resampling added to them.

    For a sum of sizes, such as the calibration error, which grows under resampling. It is moved by no more
    than that, so that it lies about the value that is printed, which has the same bias.

    >>> shifted_interval(600.0, np.arange(1001.0))
    (125.0, 1075.0)
    """
    return _moved(value, draws, value - draws.mean())


def _moved(value: float, draws: NDArray[np.float64], by: float) -> tuple[float, float]:
    """Return the percentile interval of draws that are moved; that of a share stays one."""
    highest = 1.0 if max(value, draws.max()) <= 1 else np.inf
    low, high = np.clip(np.add(percentile_interval(draws), by), 0.0, highest)
    return float(low), float(high)


def intervals_of(measures: Mapping[str, Estimate]) -> dict[str, list[float] | None]:
    """Return the intervals of measures by name, as values that JSON can hold."""
    return {
        name: None if estimate.interval is None else list(estimate.interval)
        for name, estimate in measures.items()
    }
