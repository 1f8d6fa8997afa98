"""Ctrl-C and SIGTERM: each ends a command, with all that it started, in one line and within two seconds."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import FrameType
from typing import Any

_PATIENCE = 1.5  # seconds for tidying up
_LINES = {signal.SIGINT: "interrupted", signal.SIGTERM: "ended by SIGTERM"}
_USUAL: dict[signal.Signals, Any] = {
    signal.SIGINT: signal.default_int_handler,
    signal.SIGTERM: signal.SIG_DFL,
}


class EndedError(KeyboardInterrupt):
    """The process was asked to end, by Ctrl-C or SIGTERM.

    No bare KeyboardInterrupt: Python itself ends by the signal if one of those passed through exec().
    """

    number: int = signal.SIGINT


class TerminatedError(EndedError):
    """The process was asked to end by SIGTERM."""

    number = signal.SIGTERM


def line_of(end: KeyboardInterrupt) -> str:
    """Return the line that says why a command ended early: its message, or else the signal.

    >>> line_of(KeyboardInterrupt()), line_of(TerminatedError()), line_of(EndedError("interrupted; go on"))
    ('interrupted', 'ended by SIGTERM', 'interrupted; go on')
    """
    return str(end) or _LINES[signal.Signals(_number(end))]


def status_of(end: KeyboardInterrupt) -> int:
    """Return the exit status, which is 128 and the number of the signal.

    >>> status_of(KeyboardInterrupt()), status_of(TerminatedError())
    (130, 143)
    """
    return 128 + _number(end)


def _number(end: KeyboardInterrupt) -> int:
    return end.number if isinstance(end, EndedError) else signal.SIGINT


def end_at_once() -> None:
    """From now on, let Ctrl-C and SIGTERM end this process in one line: it has nothing to tidy up yet."""
    for number in _ours():
        signal.signal(number, _end)


def _ours() -> list[signal.Signals]:
    """Return the signals to act on; one that is ignored from the start, as under nohup, stays so."""
    if threading.current_thread() is not threading.main_thread():
        return []
    return [number for number, usual in _USUAL.items() if signal.getsignal(number) in (usual, _end)]


def _end(number: int, _frame: FrameType | None = None) -> None:
    """End this process."""
    if sys.stderr is not None:
        with suppress(OSError):
            os.write(2, _LINES[signal.Signals(number)].encode() + b"\n")
    os._exit(128 + number)


@contextmanager
def ended_by_signals() -> Iterator[None]:
    """Let the first Ctrl-C or SIGTERM raise, and later ones wait for what that sets off.

    Python acts on signals between its own steps, so a fit in C can hold one back: where it does so for
    too long, a thread ends this process.
    """
    ours, handler = _ours(), _Handler()
    before = [signal.signal(number, handler) for number in ours]
    with _watched(ours):
        yield
    if not handler.called:  # else it stays: a second signal is not to disturb the end
        for number, earlier in zip(ours, before, strict=True):
            signal.signal(number, earlier)


class _Handler:
    """Raises at the first call alone."""

    def __init__(self) -> None:
        self.called = False

    def __call__(self, number: int, _frame: FrameType | None) -> None:
        if not self.called:
            self.called = True
            threading.excepthook = _pass_over  # of those that serve processes which end now
            raise TerminatedError if number == signal.SIGTERM else EndedError


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
            _end(number[0])
    os.close(reading)
