"""Open, read and replace files: a file takes its name when it is whole."""

from __future__ import annotations

import bz2
import errno
import gzip
import lzma
import os
import re
import sys
import tempfile
import zlib
from collections.abc import Callable, Container, Iterable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from hashlib import blake2b
from io import TextIOWrapper
from pathlib import Path
from typing import IO, BinaryIO, NoReturn, TextIO, cast

from topicml.exceptions import CorpusError, TopicmlError, TopicmlTypeError
from topicml.formatting import escaped, shortened

if sys.platform != "win32":
    import fcntl

_HEAD = 512
_OPENERS: tuple[tuple[bytes, Callable[[Path], object]], ...] = (
    (b"\x1f\x8b", gzip.open),
    (b"BZh", bz2.open),
    (b"\xfd7zXZ\x00", lzma.open),
)
STAGED = ".saving-"
"""How the names of files begin that have not taken theirs."""

# How browsers name the folder beside a page, in their languages: Story_files, Story-Dateien.
_BESIDE = re.compile(
    r"(?:_files|-files|\.files|-Dateien|_fichiers|-filer|_archivos|_arquivos|_ficheiros|_file|_bestanden|_pliki)\Z"
)


def as_path(value: str | Path) -> Path:
    """Return the path that a caller names; what can name none is refused.

    >>> as_path("models/desk").name
    'desk'
    """
    if not isinstance(value, str | Path):
        raise TopicmlTypeError(f"expected a path, as str or Path, found {shortened(repr(value), 60)}")
    return Path(value)


@contextmanager
def open_output(path: Path) -> Iterator[TextIO]:
    """Open a file for writing as UTF-8, gzipped if its name says so; it takes its name when it is whole."""
    with ExitStack() as stack:
        file = stack.enter_context(open_binary_output(path))
        if is_compressed(path):  # without name and time, so that the same rows are the same bytes
            file = stack.enter_context(cast(IO[bytes], gzip.GzipFile("", "wb", 6, file, mtime=0)))
        # A lone surrogate from the input becomes an escape, which JSON reads back as it was.
        yield stack.enter_context(TextIOWrapper(file, "utf-8", "backslashreplace", newline=""))


@contextmanager
def open_binary_output(path: Path) -> Iterator[IO[bytes]]:
    """Open a file for writing bytes; it takes its name when it is whole."""
    try:
        with _replacing(path) as file:
            yield file
    except OSError as error:
        raise TopicmlError(f"cannot write {path}: {error.strerror or error}") from error


@contextmanager
def staged(target: Path) -> Iterator[Path]:
    """Make an empty file beside where it is to go, and remove it if it is still there at the end.

    It is locked meanwhile, where there are such locks, so that the next one for the same target can remove
    what a killed process left.
    """
    beginning = f"{STAGED}{blake2b(os.fsencode(target.name), digest_size=6).hexdigest()}-"
    _remove_left_overs(target.parent, beginning)
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=beginning)
    while not (_lock(handle) and Path(name).exists()):  # another removed it before it was locked
        os.close(handle)
        handle, name = tempfile.mkstemp(dir=target.parent, prefix=beginning)
    if sys.platform == "win32":  # where an open file can be given no other name
        os.close(handle)
    try:
        yield Path(name)
    finally:
        Path(name).unlink(missing_ok=True)
        if sys.platform != "win32":
            os.close(handle)


def _remove_left_overs(folder: Path, beginning: str) -> None:
    if sys.platform == "win32":
        return
    for path in folder.glob(f"{beginning}*"):
        with suppress(OSError), path.open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            path.unlink()


def _lock(handle: int) -> bool:
    """Lock a file, and return whether nobody else had; one that cannot be locked is nobody's, either."""
    if sys.platform != "win32":
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            return error.errno not in (errno.EACCES, errno.EAGAIN)
    return True


def give_name(finished: Path, target: Path) -> None:
    """Put a whole file in the place of another, in one step, to be read by everybody."""
    finished.chmod(0o644)
    finished.replace(target)


@contextmanager
def _replacing(path: Path) -> Iterator[IO[bytes]]:
    """Open a file that takes its name once it is whole; devices and pipes are written to directly."""
    target = Path(os.path.realpath(path))
    if target.exists() and not target.is_file():
        with target.open("wb") as file:
            yield file
        return
    with staged(target) as temporary:
        with temporary.open("wb") as file:
            yield file
        give_name(temporary, target)


def shown_path(path: str | Path) -> str:
    r"""Return a path as it is shown, with bytes that are not UTF-8 escaped: ``caf\xe9.txt``."""
    return escaped(os.fsencode(path).decode("utf-8", "backslashreplace"))


def walk(folder: Path) -> Iterator[tuple[list[Path], list[Path]]]:
    """Yield the files and the links to folders in a folder, then in each one below it, sorted by bytes.

    Hidden entries are passed over, and so is what macOS puts into archives and what browsers save beside a
    page: pictures, scripts and advertisements. Links to folders are not followed, because they may lead in a
    circle.
    """
    for parent, folders, files in os.walk(folder, onerror=_cannot_list):
        pages = {name.rpartition(".")[0] for name in files if name.lower().endswith((".html", ".htm"))}
        folders[:] = (name for name in _visible(folders) if not _is_beside(name, pages))
        links = [path for name in folders if (path := Path(parent) / name).is_symlink()]
        yield [Path(parent) / name for name in _visible(files)], links


def _is_beside(folder: str, pages: Container[str]) -> bool:
    found = _BESIDE.search(folder)
    return found is not None and folder[: found.start()] in pages


def _cannot_list(error: OSError) -> NoReturn:
    raise CorpusError(f"cannot be listed: {error.strerror}: {shown_path(error.filename)}") from error


def _visible(names: Iterable[str]) -> list[str]:
    return sorted(
        (name for name in names if not name.startswith(".") and name != "__MACOSX"), key=os.fsencode
    )


def is_compressed(path: Path) -> bool:
    """Return whether a file's name says that it is compressed with gzip."""
    return path.suffix.lower() == ".gz"


PACKED_ENDINGS = (".gz", ".bz2", ".xz", ".zst")
"""Of compressed files, whose names have the ending of what is in them before it."""


def name_unpacked(path: Path) -> Path:
    """Return a path without the ending that says that the file is compressed.

    >>> name_unpacked(Path("a.csv.xz")).name, name_unpacked(Path("a.csv")).name
    ('a.csv', 'a.csv')
    """
    return path.with_suffix("") if path.suffix.lower() in PACKED_ENDINGS else path


class Gauge:
    """Tells how much of a file has been read, by whoever reads it."""

    def __init__(self) -> None:
        self._file: BinaryIO | None = None

    def watch(self, file: BinaryIO) -> None:
        """Look at this file from now on; of a compressed one, at its compressed bytes."""
        inner = file.fileobj if isinstance(file, gzip.GzipFile) else getattr(file, "_fp", file)
        self._file = cast(BinaryIO, inner)

    def share(self) -> float | None:
        """Return the share that has been read, from 0 to 1; None if that is not known."""
        if self._file is None:
            return None
        if self._file.closed:  # readers close a file when they have read it
            return 1.0
        return self._file.tell() / max(os.fstat(self._file.fileno()).st_size, 1)


def open_binary(path: Path, gauge: Gauge | None = None) -> BinaryIO:
    """Open a file for reading, decompressed if its name or its first bytes say so, watched by a gauge."""
    try:
        file = cast(BinaryIO, _opener(path)(path))
    except (OSError, ValueError) as error:
        raise CorpusError(_cannot_read(error)) from error
    if gauge is not None:
        gauge.watch(file)
    return file


def first_bytes(path: Path) -> bytes:
    """Return how a file begins; of what is no regular file nothing, because it can be read only once."""
    try:
        if not path.is_file():
            return b""
        with path.open("rb") as file:
            return file.read(_HEAD)
    except OSError:  # whoever reads it says so
        return b""


def _opener(path: Path) -> Callable[[Path], object]:
    head = first_bytes(path)
    if is_compressed(path):
        return gzip.open
    return next((opened for magic, opened in _OPENERS if head.startswith(magic)), _open_plain)


def _open_plain(path: Path) -> object:
    return path.open("rb")


def read_pieces(stream: Iterable[bytes]) -> Iterator[bytes]:
    """Hand on the pieces of a stream; it may break off: a damaged or truncated gzip file, a disk error."""
    try:
        yield from stream
    except (OSError, EOFError, zlib.error, lzma.LZMAError) as error:
        raise CorpusError(_cannot_read(error)) from error


def _cannot_read(error: Exception) -> str:
    reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return f"cannot be read: {reason}"
