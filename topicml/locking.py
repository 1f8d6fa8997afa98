"""One process at a time: a locked file, which the system frees when the process that holds it ends."""

from __future__ import annotations

import errno
import os
import sys
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from topicml.exceptions import TopicmlError

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

_PAUSE = 0.02
_FLAGS = os.O_RDWR | os.O_CREAT | getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0)
_BUSY = frozenset({errno.EACCES, errno.EAGAIN, errno.EDEADLK})
_FAR = 1 << 30  # Windows keeps others from reading the locked byte, so it is one that holds nothing


@contextmanager
def locked(path: Path, busy: str, *, patience: float = 0.0, temporary: bool = False) -> Iterator[BinaryIO]:
    """Open a file, made if it is not there, that nobody else opens with this function until it is closed.

    Whoever finds it locked for longer than `patience`, in seconds, gets `busy` as an error. A temporary file
    is removed at the end. Where the file system has no locks, a warning says so, and the work goes on.
    """
    file = _opened(path, busy, time.monotonic() + patience)
    try:
        yield file
    finally:
        if temporary and os.name != "nt":  # before the lock ends: afterwards it may be another's
            path.unlink(missing_ok=True)
        file.close()
        if temporary and os.name == "nt":  # which removes no open file, so not one that another holds
            with suppress(OSError):
                path.unlink()


def _opened(path: Path, busy: str, deadline: float) -> BinaryIO:
    while True:
        file = os.fdopen(os.open(path, _FLAGS, 0o666), "r+b")
        try:
            free = _lock(file, path)
            if free and _is_there(file, path):
                return file
        except BaseException:
            file.close()
            raise
        file.close()
        if not free:
            if time.monotonic() >= deadline:
                raise TopicmlError(busy)
            time.sleep(_PAUSE)


def _is_there(file: BinaryIO, path: Path) -> bool:
    """Tell whether an open file still has its name: whoever held it before may have removed it."""
    with suppress(FileNotFoundError):
        return os.path.samestat(os.fstat(file.fileno()), path.stat())
    return False


def _lock(file: BinaryIO, path: Path) -> bool:
    """Lock a file, and return whether that was possible at once."""
    try:
        if sys.platform == "win32":
            file.seek(_FAR)
            try:
                msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
            finally:
                file.seek(0)
        else:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        if error.errno in _BUSY:
            return False
        warnings.warn(
            f"{path}: files cannot be locked here ({error.strerror}); let no two processes write to this "
            "folder at the same time",
            stacklevel=2,
        )
    return True
