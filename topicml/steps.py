"""The steps of long work as it goes on: to the log, to stderr, to a function of the caller."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from time import perf_counter

_LOG = logging.getLogger("topicml")
_LOG.addHandler(logging.NullHandler())  # nothing is printed unless the caller's logging is set up to


@dataclass(frozen=True, slots=True)
class Steps:
    """Tells each step, as it begins, to whoever asked for it."""

    progress: Callable[[str], None] | None = None
    verbose: bool = False
    begin: float = field(default_factory=perf_counter)

    def __call__(self, step: str) -> None:
        """Report that a step begins."""
        _LOG.info(step)
        if self.verbose:
            sys.stderr.write(f"{perf_counter() - self.begin:6.1f} s  {step}\n")
        if self.progress is not None:
            self.progress(step)

    @classmethod
    def of(cls, progress: Callable[[str], None] | None, *, verbose: bool) -> Steps:
        """Return what tells the steps of some work; that of a part of it is the one of the whole.

        >>> whole = Steps.of(print, verbose=False)
        >>> Steps.of(whole, verbose=False) is whole
        True
        >>> whole("fitting")
        fitting
        """
        return progress if isinstance(progress, cls) else cls(progress, verbose)
