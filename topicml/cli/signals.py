"""Ctrl-C and SIGTERM: each ends a command, with all that it started, in one line and within two seconds."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

_PATIENCE = 1.5  # seconds for tidying up


class TerminatedError(KeyboardInterrupt):
    """The process was asked to end by SIGTERM."""


def status_of(end: KeyboardInterrupt) -> int:
    """Return the exit status, which is 128 and the number of the signal.

    >>> status_of(KeyboardInterrupt()), status_of(TerminatedError())
    (130, 143)
    """
    return 143 if isinstance(end, TerminatedError) else 130


@contextmanager
def ended_by_signals() -> Iterator[None]:
    """Let the first Ctrl-C or SIGTERM raise, and later ones wait for what that sets off.

    Python acts on signals between its own steps, so a fit in C can hold one back: where it does so for
    too long, a thread ends this process. What ignores a signal from its start, as under nohup, keeps to that.
    """
    usual: dict[signal.Signals, Any] = {
        signal.SIGINT: signal.default_int_handler,
        signal.SIGTERM: signal.SIG_DFL,
    }
    in_main_thread = threading.current_thread() is threading.main_thread()
    ours = [number for number, how in usual.items() if in_main_thread and signal.getsignal(number) == how]
    handler = _Handler()
    for number in ours:
        signal.signal(number, handler)
    with _watched(ours):
        yield
    for number in ours:  # after a signal they stay: a second one is not to disturb the end
        if not handler.called:
            signal.signal(number, usual[number])


class _Handler:
    """Raises at the first call alone."""

    def __init__(self) -> None:
        self.called = False

    def __call__(self, number: int, _frame: FrameType | None) -> None:
        if not self.called:
            self.called = True
            threading.excepthook = _pass_over  # of those that serve processes which end now
            raise TerminatedError if number == signal.SIGTERM else KeyboardInterrupt


def _pass_over(_error: object) -> None:
    """Say nothing."""


@contextmanager
def _watched(numbers: list[signal.Signals]) -> Iterator[None]:
    """Have a thread that learns of signals at once, by a pipe that Python writes their numbers to."""
    if not numbers or not hasattr(signal, "pthread_sigmask"):  # Windows, where such pipes cannot be made
        yield
        return
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    before = signal.set_wakeup_fd(writing, warn_on_full_buffer=False)
    threading.Thread(target=_end_late, args=(reading, set(numbers)), daemon=True).start()
    try:
        yield
    finally:
        signal.set_wakeup_fd(before)
        os.close(writing)


def _end_late(reading: int, numbers: set[int]) -> None:
    """Wait for a signal, then for the process to end by itself, and end it if it does not."""
    from multiprocessing import active_children
    from time import sleep

    while number := os.read(reading, 1):
        if number[0] in numbers:
            sleep(_PATIENCE)
            for child in active_children():
                child.kill()
            if sys.stderr is not None:
                os.write(2, b"interrupted\n" if number[0] == signal.SIGINT else b"ended by SIGTERM\n")
            os._exit(128 + number[0])
    os.close(reading)
