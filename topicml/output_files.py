"""Files that are written whole or not at all."""

from __future__ import annotations

import gzip
import os
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from io import TextIOWrapper
from pathlib import Path
from typing import IO, TextIO, cast

from topicml.decoding import is_compressed
from topicml.exceptions import TopicmlError


@contextmanager
def open_output(path: Path) -> Iterator[TextIO]:
    """Open a file for writing as UTF-8, gzipped if its name says so; it takes its name when it is whole.

    Raises
    ------
    TopicmlError
        If it cannot be written.
    """
    with ExitStack() as stack:
        file = stack.enter_context(open_binary_output(path))
        if is_compressed(path):  # without name and time, so that the same rows are the same bytes
            file = stack.enter_context(cast(IO[bytes], gzip.GzipFile("", "wb", 6, file, mtime=0)))
        # A lone surrogate from the input becomes an escape, which JSON reads back as it was.
        yield stack.enter_context(TextIOWrapper(file, "utf-8", "backslashreplace", newline=""))


@contextmanager
def open_binary_output(path: Path) -> Iterator[IO[bytes]]:
    """Open a file for writing bytes; it takes its name when it is whole.

    Raises
    ------
    TopicmlError
        If it cannot be written.
    """
    try:
        with _replacing(path) as file:
            yield file
    except OSError as error:
        raise TopicmlError(f"cannot write {path}: {error.strerror or error}") from error


@contextmanager
def temporary_beside(target: Path) -> Iterator[Path]:
    """Make an empty file in the folder of another, and remove it if it is still there at the end."""
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=".saving-")
    os.close(handle)
    try:
        yield Path(name)
    finally:
        Path(name).unlink(missing_ok=True)


def give_name(finished: Path, target: Path) -> None:
    """Put a whole file in the place of another, in one step, to be read by everybody."""
    finished.chmod(0o644)
    finished.replace(target)


@contextmanager
def _replacing(path: Path) -> Iterator[IO[bytes]]:
    """Open a file that takes its name once it is whole; what is no regular file is written to as it is."""
    target = Path(os.path.realpath(path))
    if target.exists() and not target.is_file():
        with target.open("wb") as file:
            yield file
        return
    with temporary_beside(target) as temporary:
        with temporary.open("wb") as file:
            yield file
        give_name(temporary, target)
