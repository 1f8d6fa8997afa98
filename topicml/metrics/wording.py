"""Scores in sentences, for people who do not know the measures."""

from __future__ import annotations

from topicml.formatting import counted
from topicml.metrics.resampling import Estimate

_MANY = 1000  # articles, from which on a share has a decimal


def share_text(share: Estimate, n: int, done: str, *, noun: str = "article") -> str:
    """Say how many of some articles are right in some way.

    >>> share_text(Estimate(0.75, (0.5, 0.875)), 8, "have the right label")
    '6 of 8 articles have the right label (75%, 95% interval 50% to 88%)'
    """
    digits = ".0%" if n < _MANY else ".1%"
    count = round(share.value * n)
    verb = done.replace("have ", "has ", 1) if n == 1 else done
    interval = "" if share.interval is None else f", 95% interval {share.interval_text(digits)}"
    return f"{count:,} of {counted(n, noun)} {verb} ({share.value_text(digits)}{interval})"


def calibration_text(ece: Estimate) -> str:
    """Say how far stated probabilities are from the shares that are right.

    >>> calibration_text(Estimate(0.012, (0.007, 0.016)))
    'probabilities are 1.2 percentage points off on average (0.7 to 1.6)'
    """
    points = "–" if ece.interval is None else f"{100 * ece.value:.1f}"
    interval = "" if ece.interval is None else f" ({100 * ece.low:.1f} to {100 * ece.high:.1f})"
    return f"probabilities are {points} percentage points off on average{interval}"
