"""The file of decisions: a line is on disk before the next article shows, and a restart reads it."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO

from topicml.article import Article
from topicml.exceptions import CorpusError
from topicml.files import shown_path
from topicml.lifecycle.decisions import ARTICLE_ID
from topicml.locking import locked


@dataclass(frozen=True, slots=True)
class Entry:
    """A decision in the file; `labels` is None where the article was skipped.

    `key` says which article it is about; `begin` and `end` are the bytes of its line.
    """

    key: ArticleKey
    annotator: str
    labels: tuple[str, ...] | None
    note: str = ""
    begin: int = 0
    end: int = 0


_BEGIN = b"{"  # of every line
ArticleKey = tuple[str | None, str, str]


def key_of(article: Article) -> ArticleKey:
    """Return what says which article it is: its id, title and text."""
    return article.id, article.title, article.text


class DecisionLog:
    """Appends decisions to a file of JSON Lines, one write each, and takes the last ones back.

    The lines are those of Prodigy's ``choice`` tasks, with who decided and when.
    """

    def __init__(self, path: Path, file: BinaryIO) -> None:
        self.path, self._file = path, file
        data = file.read()
        whole = data.rfind(b"\n") + 1
        self.entries = list(_entries(data[:whole], path))
        self.repaired = ""
        self._length = whole
        if rest := data[whole:]:
            self._end_last_line(rest)

    def append(self, article: Article, entry: Entry, about: Mapping[str, Any]) -> Entry:
        """Write a decision and wait until it is on disk.

        Raises
        ------
        OSError
            If that fails. Nothing of it counts then, and the next one is written in its place.
        """
        line = _line(article, entry, about)
        self._write(self._length, line)
        begin, self._length = self._length, self._length + len(line)
        kept = Entry(entry.key, entry.annotator, entry.labels, entry.note, begin, self._length)
        self.entries.append(kept)
        return kept

    def last_of(self, annotator: str) -> Entry | None:
        """Return the last decision of a person."""
        return next((entry for entry in reversed(self.entries) if entry.annotator == annotator), None)

    def remove(self, entry: Entry) -> None:
        """Take a decision out of the file; in the middle, an empty line stays in its place."""
        if entry.end == self._length:
            self._write(entry.begin, b"")
            self._length = entry.begin
        else:
            self._write(entry.begin, b" " * (entry.end - entry.begin - 1), cut=False)
        self.entries.remove(entry)

    def _write(self, begin: int, data: bytes, *, cut: bool = True) -> None:
        """Write at a place; what lies behind is cut off, such as a line that could not be written whole."""
        self._check_in_place()
        if cut:
            self._file.truncate(begin)
        self._file.seek(begin)
        view = memoryview(data)
        while view:
            view = view[os.write(self._file.fileno(), view) :]
        os.fsync(self._file.fileno())

    def _check_in_place(self) -> None:
        """Refuse to write into a file that has lost its name: nobody would find the decisions."""
        try:
            same = os.path.samestat(os.fstat(self._file.fileno()), self.path.stat())
        except FileNotFoundError:
            same = False
        if not same:
            raise FileNotFoundError(2, "it was moved or deleted; start the desk again")

    def _end_last_line(self, rest: bytes) -> None:
        """Keep a last line that only lacks its end, and cut off one that was not written whole."""
        try:
            [entry] = _entries(rest + b"\n", self.path, self._length)
        except CorpusError as error:
            if not (isinstance(error.__cause__, ValueError) and rest.startswith(_BEGIN)):
                raise  # it is whole, or nothing that a desk began to write
            self._write(self._length, b"")
            self.repaired = "the last line was not written whole and nobody confirmed it: it was cut off"
            return
        self._write(self._length, rest + b"\n")
        self._length += len(rest) + 1
        self.entries.append(entry)


@contextmanager
def opened_log(path: Path) -> Iterator[DecisionLog]:
    """Open a file of decisions, made if it is not there, that no other desk writes to meanwhile.

    Raises
    ------
    CorpusError
        If it has other lines than a desk writes.
    TopicmlError
        If another desk has it open.
    """
    busy = f"another desk writes to {shown_path(path)}: stop that one, or name another file with --out"
    with locked(path, busy) as file:
        yield DecisionLog(path, file)


def _line(article: Article, entry: Entry, about: Mapping[str, Any]) -> bytes:
    row = {
        **({ARTICLE_ID: article.id} if article.id else {}),
        **({"title": article.title} if article.title else {}),
        "text": article.text,
        **about,
        "accept": list(entry.labels or ()),
        "answer": "ignore" if entry.labels is None else "accept",
        "annotator": entry.annotator,
        "timestamp": datetime.now(UTC).isoformat(timespec="seconds"),
        **({"note": entry.note} if entry.note else {}),
    }
    try:
        return (json.dumps(row, ensure_ascii=False) + "\n").encode()
    except UnicodeEncodeError:  # half of a surrogate pair, which JSON can hold in ASCII alone
        return (json.dumps(row) + "\n").encode()


def _entries(data: bytes, path: Path, begin: int = 0) -> Iterator[Entry]:
    for number, line in enumerate(data.split(b"\n")[:-1], 1):
        end = begin + len(line) + 1
        if line.strip():
            try:
                yield _entry(json.loads(line), begin, end)
            except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
                raise CorpusError(
                    f"{shown_path(path)}:{number}: expected a decision of the label desk, found something "
                    "else; name another file with --out, or correct this line"
                ) from error
        begin = end


def _entry(row: Mapping[str, Any], begin: int, end: int) -> Entry:
    key = (row.get(ARTICLE_ID), row.get("title", ""), row["text"])
    labels = tuple(row["accept"]) if row["answer"] == "accept" else None
    texts = (key[0] or "", *key[1:], row["annotator"], row.get("note", ""), *(labels or ()))
    if not all(isinstance(text, str) for text in texts):
        raise TypeError("not a text")
    return Entry(key, row["annotator"], labels, row.get("note", ""), begin, end)
