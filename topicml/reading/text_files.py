"""Articles from text files: lines, pages, and folders of pages."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from urllib.parse import unquote

from topicml.article import Article, Problem
from topicml.exceptions import CorpusError
from topicml.files import name_unpacked, shown_path, walk
from topicml.formatting import counted
from topicml.reading.cells import cell_labels
from topicml.reading.columns import ReadOptions, Row
from topicml.reading.decoding import BadLine, Line, decode, peeked
from topicml.reading.json_documents import read_json
from topicml.reading.text_page import is_breadcrumb, parse_text_page

PAGE_ENDINGS = (".html", ".htm", ".xhtml", ".shtml", ".mhtml", ".mht")
"""Of saved pages as HTML, which `topicml.pages` reads; the last two hold their pictures, too."""

_PARTS = frozenset(
    {"train", "training", "test", "testing", "dev", "val", "valid", "validation", "eval", "evaluation"}
)
_PARTITION = re.compile(r"(?:labels?|section|topic|category|class)=(.+)", re.IGNORECASE)
_TEXT_SUFFIXES = frozenset(["", ".txt", ".text"])
_FASTTEXT_LABELS = re.compile(r"(?:__label__\S+\s*)*")
_FASTTEXT_LABEL = re.compile(r"__label__(\S+)")
_UPPER = bytes(range(128, 256))
_OBJECT_OR_LIST = re.compile(r"\{|\[\s*(?:\{|$)")


def read_lines(lines: Iterable[Line], path: str, _options: ReadOptions) -> Iterator[Row | Problem]:
    r"""Read one article a line, a blank line included: outputs stay beside their inputs.

    >>> [row.article.text for row in read_lines(["Rain\x0b\r\n", "\n"], "a.txt", ReadOptions())]
    ['Rain\x0b', '']
    """
    for number, line in enumerate(lines, 1):
        if isinstance(line, BadLine):
            yield line.problem(path, number)
        else:
            text = line.removesuffix("\n").removesuffix("\r")
            yield Row(Article(text, origin=f"{path}:{number}"), path, number)


def read_page(lines: Iterable[Line], path: str, _options: ReadOptions) -> Iterator[Row | Problem]:
    """Read one saved page; an empty file holds none."""
    content: list[str] = []
    for number, line in enumerate(lines, 1):
        if isinstance(line, BadLine):
            yield line.problem(path, number)
            return
        content.append(line)
    if content:
        yield Row(replace(parse_text_page("".join(content)), origin=path), path)


def read_text(lines: Iterable[Line], path: str, options: ReadOptions) -> Iterator[Row | Problem]:
    """Read a saved page if the first line that is not blank is a breadcrumb, else one article a line."""
    first, lines = peeked(lines)
    if _FASTTEXT_LABEL.match(first):
        yield from read_fasttext(lines, path, options)
        return
    reader = read_page if is_breadcrumb(first) else read_lines
    yield from reader(lines, path, options)


def read_stream(lines: Iterable[Line], path: str, options: ReadOptions) -> Iterator[Row | Problem]:
    """Read JSON if the first line that is not blank begins as an object or a list of some, else lines."""
    first, lines = peeked(lines)
    if _FASTTEXT_LABEL.match(first):
        yield from read_fasttext(lines, path, options)
        return
    reader = read_json if _OBJECT_OR_LIST.match(first) else read_lines
    yield from reader(lines, path, options)


def read_fasttext(lines: Iterable[Line], path: str, _options: ReadOptions) -> Iterator[Row | Problem]:
    r"""Read one article a line, its labels before it, as fastText takes them.

    >>> [row] = read_fasttext(["__label__sport __label__art Cup final\n"], "a.txt", ReadOptions())
    >>> row.article.labels, row.article.text
    (('sport', 'art'), 'Cup final')
    """
    for number, line in enumerate(lines, 1):
        if isinstance(line, BadLine):
            yield line.problem(path, number)
            continue
        words = _FASTTEXT_LABELS.match(line)
        labels = tuple(_FASTTEXT_LABEL.findall(words[0] if words else ""))
        text = line[words.end() if words else 0 :].removesuffix("\n").removesuffix("\r")
        article = Article(text, labels=labels or None, origin=f"{path}:{number}")
        yield Row(article, path, number, label_list=len(labels) > 1)


def is_saved_page(file: Path) -> bool:
    """Return whether a file's name says that it is a page as HTML, perhaps compressed."""
    return name_unpacked(file).suffix.lower() in PAGE_ENDINGS


def read_folder(
    folder: Path,
    options: ReadOptions,
    *,
    read_html: Callable[[Path, str], Iterable[Row | Problem]] | None = None,
) -> Iterator[Row | Problem]:
    """Read every text file below a folder, in the same order on every machine.

    The first sub-folder on the way to a file is its label; a file in the folder itself has none, unless it is
    a page saved as text that names its section. A file is one article, and its id is its path below the
    folder, with ``/`` between the parts. Pages as HTML are read by `read_html`, which takes path and id.
    Without it, each is a `Problem` (``fatal=False``), and so are other files and links to folders. Hidden
    entries are skipped without a message.
    """
    refuse_parts_as_labels(folder)
    for files, links in walk(folder):
        for link in links:
            yield _skipped(link, "links to folders are not followed; name the target instead")
        for file in files:
            if read_html is not None and is_saved_page(file):
                yield from read_html(file, _id(file, folder))
            else:
                yield _read_file(file, folder, options)


def refuse_parts_as_labels(folder: Path) -> None:
    """Stop at a folder whose sub-folders are the parts of a split corpus, which are no labels."""
    found = folder.iterdir() if folder.is_dir() else ()
    names = [path.name for path in found if path.is_dir() and not path.name.startswith(".")]
    if len(names) > 1 and all(name.lower() in _PARTS for name in names):
        listed = " and ".join(sorted(names))
        raise CorpusError(
            f"the sub-folders {listed} are parts of a corpus, not labels; name one of them: "
            f"{shown_path(folder / min(names, key=len))}"
        )


def _id(file: Path, folder: Path) -> str:
    return shown_path(file.relative_to(folder).as_posix())


def _read_file(file: Path, folder: Path, options: ReadOptions) -> Row | Problem:
    path = shown_path(file)
    if is_saved_page(file):
        return Problem("saved page", "read saved pages with topicml collect", path, fatal=False)
    if file.suffix.lower() not in _TEXT_SUFFIXES:
        return _skipped(file, "expected a name that ends in .txt or .text, or has no ending")
    if not file.is_file():
        return _skipped(file, "expected a regular file")
    try:
        data = file.read_bytes()
        text = decode(data, None if _is_utf8(data, options.encoding) else options.encoding)
    except OSError as error:
        return Problem("unreadable file", f"{error.strerror}; make it readable, or move it away", path)
    except CorpusError as error:
        return Problem("wrong encoding", str(error), path)
    return Row(_article(text, file.relative_to(folder), path), path)


def _is_utf8(data: bytes, encoding: str | None) -> bool:
    """Return whether a file is UTF-8 all the same, though an encoding of one byte a character is named.

    Text in such an encoding is not UTF-8 by chance, so that one option can serve a folder of both.
    """
    if encoding is None or data.isascii() or len(_UPPER.decode(encoding, "replace")) != len(_UPPER):
        return False
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True


def _article(text: str, below: Path, path: str) -> Article:
    first_line = text.lstrip().partition("\n")[0].rstrip()
    article = parse_text_page(text) if is_breadcrumb(first_line) else Article(text)
    if len(below.parts) > 1:
        article = replace(article, labels=cell_labels(folder_label(below.parts[0]), "folder"))
    return replace(article, id=shown_path(below.as_posix()), origin=path)


def folder_label(name: str) -> str:
    """Return the label that a folder's name is; of a partition such as ``label=sport`` its value.

    >>> folder_label("label=sport"), folder_label("A=B testing")
    ('sport', 'A=B testing')
    """
    partition = _PARTITION.fullmatch(name)
    return shown_path(unquote(partition[1]) if partition else name)


def passed_over(files: Iterable[Path], folder: Path, expected: str) -> Iterator[Problem]:
    """Say how many files of a folder are not read, for each ending; markers such as _SUCCESS are none."""
    endings = Counter(file.suffix.lower() for file in files if not file.name.startswith("_"))
    for ending, count in sorted(endings.items()):
        found = f"{counted(count, 'file')} {f'ending in {ending!r}' if ending else 'without an ending'}"
        message = f"{found}; expected {expected}"
        yield Problem("skipped files", message, shown_path(folder), fatal=False, left_out=False)


def _skipped(entry: Path, reason: str) -> Problem:
    return Problem("skipped file", reason, shown_path(entry), fatal=False)
