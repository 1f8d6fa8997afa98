"""Working on pieces in threads: NumPy lets go of Python's lock while it computes."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

from topicml.exceptions import TopicmlValueError

_Item = TypeVar("_Item")
_Result = TypeVar("_Result")


def n_threads(n_jobs: int) -> int:
    """Return how many threads a number of jobs stands for: as in joblib, -1 is one for each core.

    Raises
    ------
    TopicmlValueError
        If it is 0.

    Examples
    --------
    >>> n_threads(3)
    3
    """
    if n_jobs == 0:
        raise TopicmlValueError("n_jobs must be a number of threads, or -1 for one for each core; found 0")
    return n_jobs if n_jobs > 0 else max(_n_cores() + 1 + n_jobs, 1)


def _n_cores() -> int:
    """Return how many cores we may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def in_threads(
    function: Callable[[_Item], _Result], items: Iterable[_Item], *, n_jobs: int
) -> Iterator[_Result]:
    """Apply a function to items in threads; results come in the order of the items.

    Items are taken as they are needed: no more than twice as many as there are threads wait at a
    time, so a stream is worked on in bounded memory. A single item starts no thread.

    Parameters
    ----------
    function : callable
    items : iterable
    n_jobs : int
        Threads; -1 is one for each core.
    """
    threads = n_threads(n_jobs)
    source = iter(items)
    first = list(_some(source, 2))
    if threads == 1 or len(first) < 2:
        yield from map(function, first)
        yield from map(function, source)
        return
    from concurrent.futures import Future, ThreadPoolExecutor  # noqa: PLC0415  (a single article needs no pool)

    with ThreadPoolExecutor(threads) as pool:
        waiting: deque[Future[_Result]] = deque(pool.submit(function, item) for item in first)
        for item in source:
            waiting.append(pool.submit(function, item))
            if len(waiting) >= 2 * threads:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


def _some(source: Iterator[_Item], number: int) -> Iterator[_Item]:
    for _, item in zip(range(number), source, strict=False):
        yield item
