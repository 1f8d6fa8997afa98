"""A folder of text files: each sub-folder is a label, as in scikit-learn's ``load_files``."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import NoReturn

from topicml.article import Article, Problem
from topicml.cells import cell_labels
from topicml.columns import ReadOptions, Row
from topicml.decoding import decode
from topicml.exceptions import CorpusError
from topicml.files import shown_path
from topicml.text_page import is_breadcrumb, parse_text_page

_TEXT_SUFFIXES = frozenset(["", ".txt", ".text"])


def read_folder(folder: Path, options: ReadOptions) -> Iterator[Row | Problem]:
    """Read every text file below a folder, in the same order on every machine.

    The first sub-folder on the way to a file is its label; a file in the folder itself has none,
    unless it is a saved page that names its section. A whole file is the text, save for a saved page,
    which is taken apart. Hidden entries are passed over in silence, other files with a `Problem`
    (``fatal=False``), and so are links to folders, which may lead in a circle.

    Parameters
    ----------
    folder : Path
    options : ReadOptions

    Yields
    ------
    Row or Problem
        The id of an article is its path below the folder, with ``/`` between the parts.

    Raises
    ------
    CorpusError
        If the folder, or one below it, cannot be listed.
    """
    for parent, folders, files in os.walk(folder, onerror=_cannot_list):
        folders[:] = _visible(folders)
        for name in folders:
            if (Path(parent) / name).is_symlink():
                yield _skipped(
                    Path(parent) / name, "a link to a folder is not followed; name its target instead"
                )
        for name in _visible(files):
            yield _read_file(Path(parent) / name, folder, options)


def _cannot_list(error: OSError) -> NoReturn:
    raise CorpusError(f"cannot be listed: {error.strerror}: {shown_path(error.filename)}") from error


def _visible(names: Iterable[str]) -> list[str]:
    return sorted(
        (name for name in names if not name.startswith(".") and name != "__MACOSX"), key=os.fsencode
    )


def _read_file(file: Path, folder: Path, options: ReadOptions) -> Row | Problem:
    path = shown_path(file)
    if file.suffix.lower() not in _TEXT_SUFFIXES:
        return _skipped(file, "expected a name that ends in .txt or .text, or has no ending")
    if not file.is_file():
        return _skipped(file, "expected a regular file")
    try:
        text = decode(file.read_bytes(), options.encoding)
    except OSError as error:
        return Problem("unreadable file", f"{error.strerror}; make it readable, or move it away", path)
    except CorpusError as error:
        return Problem("wrong encoding", str(error), path)
    return Row(_article(text, file.relative_to(folder), path), path)


def _article(text: str, below: Path, path: str) -> Article:
    first_line = text.lstrip().partition("\n")[0].rstrip()
    article = parse_text_page(text) if is_breadcrumb(first_line) else Article(text)
    if len(below.parts) > 1:
        article = replace(article, labels=cell_labels(shown_path(below.parts[0]), "folder"))
    return replace(article, id=shown_path(below.as_posix()), origin=path)


def _skipped(entry: Path, reason: str) -> Problem:
    return Problem("skipped file", reason, shown_path(entry), fatal=False)
