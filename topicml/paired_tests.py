"""Chance, where two models answer the same articles: McNemar's test and what it could have shown."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy.special import bdtr, ndtri

from topicml.exceptions import TopicmlValueError

_FEW = 25


@dataclass(frozen=True, slots=True)
class McNemar:
    """McNemar's test of whether two models are right equally often.

    Parameters
    ----------
    only_a, only_b : int
        Pairs that only this model got right. The others say nothing of which is better.
    p_value : float
        Two-sided.
    method : {"exact", "mid-p"}
    """

    only_a: int
    only_b: int
    p_value: float
    method: Literal["exact", "mid-p"]


def mcnemar(only_a: int, only_b: int) -> McNemar:
    """Test discordant pairs: exactly for fewer than 25 of them, else with the mid-p value.

    The exact test keeps its promise always, and errs on the safe side by much where pairs are few. The
    mid-p value comes nearer to 5 % and hardly ever exceeds it; the chi-squared test with continuity
    correction was refused, being as cautious as the exact one and less right (Fagerland, Lydersen and
    Laake 2013, "The McNemar test for binary matched-pairs data", doi:10.1186/1471-2288-13-91).

    Raises
    ------
    TopicmlValueError
        If a count is negative.

    Examples
    --------
    >>> mcnemar(1, 7)  # 2 x (1 + 8) / 2^8
    McNemar(only_a=1, only_b=7, p_value=0.0703125, method='exact')
    >>> mcnemar(0, 0).p_value
    1.0
    """
    if min(only_a, only_b) < 0:
        raise TopicmlValueError(f"counts must not be negative, found {only_a} and {only_b}")
    p_value = mcnemar_p_values(np.array([only_a]), np.array([only_b]))[0]
    return McNemar(only_a, only_b, float(p_value), "exact" if only_a + only_b < _FEW else "mid-p")


def mcnemar_p_values(only_a: NDArray[np.int64], only_b: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return the p-value of each pair of counts, as `mcnemar` does.

    >>> mcnemar_p_values(np.array([1, 20]), np.array([7, 20])).tolist()
    [0.0703125, 1.0]
    """
    n, fewer = only_a + only_b, np.minimum(only_a, only_b)
    up_to = bdtr(fewer, np.maximum(n, 1), 0.5)
    below = np.where(fewer > 0, bdtr(np.maximum(fewer - 1, 0), np.maximum(n, 1), 0.5), 0.0)
    two_sided = np.where(n < _FEW, 2 * up_to, up_to + below)
    capped: NDArray[np.float64] = np.minimum(two_sided, 1.0)
    return capped


def bootstrap_p_values(draws: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return for each column of resampled differences how often chance alone would stray as far from 0.

    Twice the share of draws on the rarer side of 0, half of those that are 0 counted; the test that
    inverts the percentile interval (Efron and Tibshirani 1993, "An Introduction to the Bootstrap",
    chapters 13 and 15). One is added to both counts, since no finite number of draws shows that a thing
    never happens.

    >>> bootstrap_p_values(np.array([[1.0, 0.0], [2.0, 0.0], [-1.0, 0.0]])).tolist()
    [0.75, 1.0]
    """
    ties = (draws == 0).sum(axis=0)
    rarer = np.minimum((draws < 0).sum(axis=0), (draws > 0).sum(axis=0))
    p_values: NDArray[np.float64] = np.minimum((2 * rarer + ties + 1) / (len(draws) + 1), 1.0)
    return p_values


def minimum_detectable_difference(
    n: int, discordant: float, *, power: float = 0.8, level: float = 0.05
) -> float | None:
    """Return the smallest difference of accuracy that McNemar's test would find with this power.

    Connor 1987, "Sample size for testing differences in proportions for the paired-sample design"
    (doi:10.2307/2531961), gives the pairs that a difference d takes where the models part on a share s:

        n = (z(1 - level / 2) sqrt(s) + z(power) sqrt(s - d^2))^2 / d^2

    This is that formula, solved for d.

    Parameters
    ----------
    n : int
        Pairs.
    discordant : float
        Share of the pairs that only one model got right.
    power : float, default=0.8
    level : float, default=0.05

    Returns
    -------
    float or None
        None if no difference could be found: the difference cannot exceed the discordant share.

    Examples
    --------
    >>> round(minimum_detectable_difference(1000, 0.1), 4)
    0.028
    >>> minimum_detectable_difference(20, 0.1) is None
    True
    """
    z_level, z_power = float(ndtri(1 - level / 2)), float(ndtri(power))
    inner = n + z_power**2 - z_level**2
    if inner <= 0:
        return None
    difference = sqrt(discordant) * (z_level * sqrt(n) + z_power * sqrt(inner)) / (n + z_power**2)
    return difference if 0 < difference <= discordant else None
