"""Work in threads and in processes, with results in the order of what was given."""

from __future__ import annotations

import os
import warnings
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from numbers import Integral
from typing import Any, Protocol, TypeVar

from topicml.exceptions import TopicmlError, TopicmlTypeError, TopicmlValueError

_Item = TypeVar("_Item")
_Result = TypeVar("_Result")
_Item_contra = TypeVar("_Item_contra", contravariant=True)
_Result_co = TypeVar("_Result_co", covariant=True)
_function: Callable[[Any], Any] | None = None  # of a worker, which has one for its whole life


def n_threads(n_jobs: int) -> int:
    """Return how many threads a number of jobs stands for: as in joblib, -1 is one for each core."""
    if isinstance(n_jobs, bool) or not isinstance(n_jobs, Integral):
        raise TopicmlTypeError(f"n_jobs must be a whole number, found {n_jobs!r}")
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


class Starting(Protocol[_Item_contra, _Result_co]):
    """What can be pickled and makes, in the process that works, the function that works."""

    def start(self) -> Callable[[_Item_contra], _Result_co]:
        """Return the function."""
        ...


def in_processes(
    work: Starting[_Item, _Result],
    items: Iterable[_Item],
    *,
    jobs: int,
    pauses: Callable[[_Item], bool] = lambda _: False,
) -> Iterator[_Result]:
    """Apply a function to items in processes; results come in the order of the items.

    At most twice as many items as there are processes wait at a time; one job works in this process.
    `pauses` says of an item that the next may be long in coming, so that all results are given before it.
    """
    # Not by joblib, which prediction has to do without. On 424 pages both took 11 s, joblib with a third
    # more memory; when the first process is killed, joblib's wait for five minutes, and these end at once.
    if jobs == 1:
        yield from map(work.start(), items)
        return
    from concurrent.futures import Future, ProcessPoolExecutor  # noqa: PLC0415  (one job needs no pool)
    from concurrent.futures.process import BrokenProcessPool  # noqa: PLC0415
    from multiprocessing import active_children, get_context  # noqa: PLC0415

    others = set(active_children())

    # Not forked: a copy of a process with threads, as NumPy's, may wait for a lock that nobody holds.
    pool = ProcessPoolExecutor(jobs, get_context("spawn"), _begin, (work,))
    waiting: deque[Future[_Result]] = deque()
    try:
        for item in items:
            with signals_held_back():  # it starts the processes as they are needed
                waiting.append(pool.submit(_apply, item))
            while waiting and (len(waiting) >= 2 * jobs or pauses(item)):
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    except BrokenProcessPool as error:
        raise TopicmlError(
            "a worker process ended too early; there may be too little memory for so many --jobs"
        ) from error
    except BaseException:  # nobody waits for the results of what they are at
        for worker in set(active_children()) - others:
            worker.kill()
        raise
    finally:
        pool.shutdown(cancel_futures=True)


@contextmanager
def signals_held_back() -> Iterator[None]:
    """Let Ctrl-C and SIGTERM wait; processes that are started meanwhile never take notice of either.

    Those end with the first process, which a signal to all of them reaches, too.

    What they are told in `_begin` comes too late for one that is still being imported. Blocking is for them
    alone: here, another thread could take the signal, so this process hands it on afterwards.
    """
    import signal  # noqa: PLC0415  (predictions start without it)
    from threading import current_thread, main_thread  # noqa: PLC0415

    if not hasattr(signal, "pthread_sigmask"):  # Windows
        yield
        return
    numbers = {signal.SIGINT, signal.SIGTERM}
    late: list[int] = []
    acted_on = [number for number in numbers if signal.getsignal(number) not in (signal.SIG_IGN, None)]
    handlers = {
        number: signal.signal(number, lambda number, _: late.append(number))
        for number in (acted_on if current_thread() is main_thread() else ())
    }
    before = signal.pthread_sigmask(signal.SIG_BLOCK, numbers)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
        for number, handler in handlers.items():
            signal.signal(number, handler)
        for held in late:
            signal.raise_signal(held)


def _begin(work: Starting[Any, Any]) -> None:
    import signal  # noqa: PLC0415  (runs in workers only, as what follows)
    import threading  # noqa: PLC0415

    global _function  # noqa: PLW0603  (what a pool's initialiser leaves behind has no other place)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches all processes; the first one acts on it
    threading.Thread(target=_end_with_parent, daemon=True).start()
    try:
        _function = work.start()
    except TopicmlError as error:
        _function = _raising(error)


def _apply(item: Any) -> Any:  # noqa: ANN401  (whatever the function takes and gives)
    if _function is None:
        raise TopicmlError("a worker process got a task before it had started")
    return _function(item)


def _raising(error: TopicmlError) -> Callable[[Any], Any]:
    """Return a function that raises: an error in a pool's initialiser would lose its message."""

    def raise_it(_item: object) -> None:
        raise error

    return raise_it


def in_joblib(tasks: Iterable[Any], *, n_jobs: int, **how: Any) -> Iterator[Any]:  # noqa: ANN401  (for joblib)
    """Have joblib's processes do calls that it delayed, and pass over signals; results come in order."""
    from joblib import Parallel  # noqa: PLC0415  (prediction does without it)
    from joblib.externals.loky.backend import resource_tracker  # noqa: PLC0415

    if n_jobs != 1:
        from multiprocessing import resource_tracker as another  # noqa: PLC0415

        for tracker in (resource_tracker, another):
            tracker.ensure_running()  # starting, it would let signals through again
    with ExitStack() as stack:
        with signals_held_back():
            results = Parallel(n_jobs=n_jobs, return_as="generator", **how)(tasks)
            stack.callback(_close_quietly, results)
        for result in results:  # noqa: UP028  (`yield from` would close them itself, not quietly)
            yield result


def _close_quietly(results: Generator[Any, None, None]) -> None:
    """End work whose results nobody waits for, without joblib's warning of it."""
    with warnings.catch_warnings(action="ignore", category=UserWarning):
        results.close()


def end_with(parent: int) -> None:
    """End this process when another is gone, whose child it is; on Windows, it ends by itself, later.

    For workers that joblib starts: they would finish what they have, and wait five minutes for more.
    """
    import signal  # noqa: PLC0415  (runs in workers only)

    if os.getpid() == parent or not hasattr(signal, "setitimer"):
        return

    def look(_signal: int, _frame: object) -> None:
        if os.getppid() != parent:
            os._exit(1)

    # By a timer: beside a second thread, one that only sleeps, pages took twice as long.
    signal.signal(signal.SIGALRM, look)
    signal.setitimer(signal.ITIMER_REAL, 0.3, 0.3)


def _end_with_parent() -> None:
    """End this process when the first one was killed; a worker would wait for its next task forever."""
    from multiprocessing import connection, parent_process  # noqa: PLC0415  (runs in workers only)

    if parent := parent_process():
        connection.wait([parent.sentinel])
        os._exit(1)
