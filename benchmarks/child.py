"""Running a command and watching the memory that it takes.

Imports the standard library only: a process that has just been started inherits the size of the one
that started it as its own peak, so whoever measures must be small.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter, sleep

__all__ = ["Usage", "run"]

_SECONDS_BETWEEN_LOOKS = 0.05


@dataclass(frozen=True, slots=True)
class Usage:
    """What a command took.

    Parameters
    ----------
    seconds : float
    largest_process : int
        Peak resident bytes of the largest process among the command's own and those it waited for,
        as the kernel keeps it.
    all_processes : int or None
        Peak of all its processes together, by looking twenty times a second; None where there is
        no /proc to look at.
    """

    seconds: float
    largest_process: int
    all_processes: int | None


def run(command: Sequence[str], log: Path) -> Usage:
    """Run a command to its end.

    Parameters
    ----------
    command : sequence of str
    log : Path
        Takes what the command prints.

    Raises
    ------
    SystemExit
        If it fails; the message holds what it printed.
    """
    begin = perf_counter()
    with log.open("wb") as stream:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=stream, stderr=stream)
        try:
            peak_of_all, status, resources = _wait(process.pid)
        except BaseException:
            process.kill()
            raise
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        printed = log.read_text(encoding="utf-8", errors="replace")[-4000:]
        raise SystemExit(f"{' '.join(command)} ended with status {process.returncode}:\n{printed}")
    largest = resources.ru_maxrss * (1 if sys.platform == "darwin" else 1024)  # kilobytes on Linux
    together = max(peak_of_all, largest) if peak_of_all else None
    return Usage(perf_counter() - begin, largest, together)


def _wait(pid: int) -> tuple[int, int, resource.struct_rusage]:
    """Wait for a process, looking at its memory meanwhile."""
    peak = 0
    while True:
        ended, status, resources = os.wait4(pid, os.WNOHANG)
        if ended:
            return peak, status, resources
        peak = max(peak, _resident_bytes(pid))
        sleep(_SECONDS_BETWEEN_LOOKS)


def _resident_bytes(pid: int) -> int:
    """Return the memory of a process and its descendants; pages that may be shared are counted once."""
    sizes = [_own_and_shared(member) for member in _family(pid)]
    return sum(own for own, _ in sizes) + max(shared for _, shared in sizes)


def _family(pid: int) -> list[int]:
    try:
        threads = list(Path(f"/proc/{pid}/task").iterdir())
        children = [int(child) for thread in threads for child in (thread / "children").read_text().split()]
    except OSError:  # ended meanwhile, or a system without /proc
        children = []
    return [pid, *(member for child in children for member in _family(child))]


def _own_and_shared(pid: int) -> tuple[int, int]:
    """Return a process's resident bytes, its own and those that are files or shared memory."""
    try:
        resident, shared = map(int, Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1:3])
    except OSError:
        return 0, 0
    page = os.sysconf("SC_PAGE_SIZE")
    return (resident - shared) * page, shared * page
