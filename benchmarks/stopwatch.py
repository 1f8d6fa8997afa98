"""Measuring time."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterable
from statistics import median
from time import perf_counter

__all__ = ["alternated_medians", "timed"]


def timed(work: Callable[[], object]) -> float:
    """Do something once and return the seconds that it took."""
    gc.collect()  # what earlier work left behind is not this one's to clean up
    begin = perf_counter()
    result = work()
    seconds = perf_counter() - begin
    del result  # after the time is taken: letting go of a large result is not part of the work
    return seconds


def alternated_medians(works: Iterable[Callable[[], object]], *, repeats: int) -> list[float]:
    """Do each of several things in turn, some times over; return each one's median seconds.

    In turn, and not one after the other is done: a machine that slows down slows all of them.
    """
    listed = list(works)
    rounds = [[timed(work) for work in listed] for _ in range(repeats)]
    return [median(seconds) for seconds in zip(*rounds, strict=True)]
