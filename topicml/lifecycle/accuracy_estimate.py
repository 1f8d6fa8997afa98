"""How many labels of articles that nobody labelled may be right, and how far off that may be."""

from __future__ import annotations

from math import sqrt

import numpy as np
from numpy.typing import NDArray

from topicml.metrics.resampling import Estimate
from topicml.model.reference import N_BINS, Reference

_BELIEVED = 5  # labels that weigh as much as the middle of their range of probabilities
_OPTIMISM = 0.04  # of later articles, in standard deviations of one label's being right or wrong
_SPREAD = 0.05
_SIGMAS_90, _SIGMAS_95 = 1.6449, 1.96


def estimated_accuracy(
    reference: Reference, confidence: NDArray[np.int64], *, doubtful: float = 0.0
) -> Estimate:
    """Estimate which share of given labels is right, from their probabilities alone, with a 90% interval.

    Each label counts as much as labels of about the same probability were right in training, while their
    articles were held out. Later articles turn out worse than that: by 0.04 standard deviations in the mean
    of eight series of articles in order of time, and by 0.05 more or less. So the estimate is lowered, and
    the interval has this error besides that of chance. The doubtful are a share of articles unlike any in
    training, all of whose labels may be wrong: they lower the lower end.

    >>> counts = tuple([0] * 19 + [100])
    >>> seen = Reference(100, (100,), (100, 0, 0, 0, 0), counts, tuple([0] * 19 + [90]), {})
    >>> print(estimated_accuracy(seen, np.array([0] * 19 + [1000])))
    0.892 (0.836 to 0.947)
    """
    n = int(confidence.sum())
    if not n:
        return Estimate(0.0, None)
    known = np.array(reference.confidence) + _BELIEVED
    middles = (np.arange(N_BINS) + 0.5) / N_BINS
    right = (np.array(reference.right) + _BELIEVED * middles) / known
    weights, variance = confidence / n, right * (1 - right)
    mean = float((weights * right).sum())
    deviation = sqrt(max(mean * (1 - mean), 0.0))
    chance = float((weights * variance).sum()) / n + float((weights * weights * variance / known).sum())
    half = _SIGMAS_90 * sqrt(chance + (_SPREAD * deviation) ** 2)
    value = max(mean - _OPTIMISM * deviation, 0.0)
    return Estimate(value, (max(value - half - doubtful, 0.0), min(value + half, 1.0)))


def estimated_share(count: int, n: int) -> Estimate:
    """Return a share of articles with its 95% interval (Wilson 1927, doi:10.1080/01621459.1927.10502953).

    >>> print(estimated_share(0, 100))
    0.000 (0.000 to 0.037)
    """
    if not n:
        return Estimate(0.0, None)
    share, square = count / n, _SIGMAS_95**2
    middle = (share + square / (2 * n)) / (1 + square / n)
    half = _SIGMAS_95 * sqrt(share * (1 - share) / n + square / (4 * n * n)) / (1 + square / n)
    return Estimate(share, (max(min(middle - half, share), 0.0), min(max(middle + half, share), 1.0)))


def gained_share(now: NDArray[np.int64], before: NDArray[np.int64], *, grown: float = 1.0) -> float:
    """Return the share of articles that moved into groups which grew, beyond what chance moves.

    Counts by group; that of a group is what it grew by, less two standard errors. Only groups count whose
    share has `grown` by this factor or more.

    >>> gained_share(np.array([500, 500]), np.array([500, 500]))
    0.0
    """
    n_now, n_before = int(now.sum()), int(before.sum())
    if not n_now or not n_before:
        return 0.0
    p, q = before / n_before, now / n_now
    error = np.sqrt(p * (1 - p) / n_before + q * (1 - q) / n_now)
    gained = np.maximum(q - p - 2 * error, 0.0)
    return float(gained[q >= grown * p].sum())
