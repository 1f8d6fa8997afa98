"""Where pages are: files of pages, archives and feeds below folders, in the same order everywhere."""

from __future__ import annotations

import gzip
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from io import BytesIO
from pathlib import Path
from types import MappingProxyType
from typing import IO, Literal, TypeAlias

from topicml.article import Problem
from topicml.exceptions import CorpusError
from topicml.files import is_compressed, open_binary, read_pieces, shown_path, walk
from topicml.pages.http_answer import MAX_BYTES
from topicml.reading.text_files import PAGE_ENDINGS, passed_over

GZIP = b"\x1f\x8b"
"""How files begin that are compressed with it."""

Kind: TypeAlias = Literal["page", "warc", "feed", "ninjs"]
_KINDS: Mapping[str, Kind] = MappingProxyType(
    {
        **dict.fromkeys(PAGE_ENDINGS, "page"),
        **dict.fromkeys((".warc", ".arc", ".wacz"), "warc"),
        **dict.fromkeys((".rss", ".atom", ".xml", ".rdf"), "feed"),
    }
)

_NINJS = re.compile(rb'"(?:body_x?html|body_text|bodies)"\s*:')
_PEEKED = 1_000_000


@dataclass(frozen=True, slots=True)
class PageFile:
    """A file that holds a page or several; its id is its path below the folder named, or its name."""

    path: Path
    kind: Kind
    id: str
    folder: tuple[str, ...] = ()  # the first sub-folder on the way to it, if that has a letter in its name


def list_files(source: Path, *, lone_folders: bool = False) -> Iterator[PageFile | Problem]:
    """List the files of a source: itself, or all below it, each folder's files by name before its folders.

    Hidden entries are skipped without a message; files that hold no pages are one problem for each ending. If
    only one sub-folder holds pages, its name says nothing about them and is left out, unless `lone_folders`.
    """
    name = shown_path(source)
    if source.is_dir():
        yield from _below(source, lone_folders=lone_folders)
    elif not source.exists():
        raise CorpusError(f"{name}: no such file or folder")
    elif not source.is_file():  # reading a pipe could wait forever
        raise CorpusError(f"{name}: expected a file or a folder, found a pipe, a socket or a device")
    elif (kind := _kind(source)) is None:
        raise CorpusError(
            f"{name}: expected a folder, or a name that ends in one of {', '.join(_KINDS)} (also with .gz)"
        )
    else:
        yield PageFile(source, kind, shown_path(source.name))


def read_bounded(path: Path) -> bytes:
    """Read a file, through gzip if its name or its beginning says so, up to a size that no page has."""
    with open_binary(path) as stream:
        data = _bounded(stream)
    if not data.startswith(GZIP):
        return data
    with gzip.open(BytesIO(data)) as packed:  # saved as a server sent it
        return _bounded(packed)


def _bounded(stream: IO[bytes] | gzip.GzipFile) -> bytes:
    data = bytearray()
    for piece in read_pieces(iter(partial(stream.read, 1 << 16), b"")):
        data += piece
        if len(data) > MAX_BYTES:
            raise CorpusError(f"expected at most {MAX_BYTES:,} bytes, found more")
    return bytes(data)


def _kind(path: Path) -> Kind | None:
    ending = Path(path.stem if is_compressed(path) else path.name).suffix.lower()
    return "ninjs" if ending == ".json" and _is_ninjs(path) else _KINDS.get(ending)


def _is_ninjs(path: Path) -> bool:
    """Return whether a file of JSON has a body as ninjs has it: beside pages, much else is JSON."""
    try:
        with open_binary(path) as stream:
            beginning = next(read_pieces(iter(partial(stream.read, _PEEKED), b"")), b"")
            return _NINJS.search(beginning) is not None
    except (CorpusError, OSError):
        return False


def _below(folder: Path, *, lone_folders: bool) -> Iterator[PageFile | Problem]:
    others = []
    named = lone_folders or _several_folders(folder)
    for path in (path for files, _ in walk(folder) for path in files):
        if not path.is_file():  # a pipe, say, or a link to nothing
            yield Problem("skipped file", "expected a regular file", shown_path(path), fatal=False)
        elif kind := _kind(path):
            label = _label(path, folder) if named else ()
            yield PageFile(path, kind, shown_path(path.relative_to(folder).as_posix()), label)
        else:
            others.append(path)
    yield from passed_over(others, folder, f"one of {', '.join(_KINDS)} (also with .gz)")


def _several_folders(folder: Path) -> bool:
    """Return whether pages are in two sub-folders or more."""
    first: set[str] = set()
    for files, _ in walk(folder):
        first |= {
            path.relative_to(folder).parts[0]
            for path in files
            if path.parent != folder and path.is_file() and _kind(path)
        }
        if len(first) > 1:
            return True
    return False


def _label(path: Path, folder: Path) -> tuple[str, ...]:
    """Return the first sub-folder, unless it is a year or the like."""
    first = shown_path(path.relative_to(folder).parts[0]).strip()
    return (first,) if path.parent != folder and any(map(str.isalpha, first)) else ()
