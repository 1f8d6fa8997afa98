"""Read a person's decisions: tables of tasks and of suspects, and exports of annotation tools."""

from __future__ import annotations

import zipfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from io import BytesIO
from pathlib import Path

from topicml.article import Article, Problem
from topicml.exceptions import CorpusError, TopicmlValueError
from topicml.files import as_path, open_binary, read_pieces, shown_path
from topicml.formatting import did_you_mean
from topicml.lifecycle.annotation_exports import decisions_of, tool_of
from topicml.lifecycle.decision_rows import DecisionRow
from topicml.lifecycle.decisions import (
    ARTICLE_ID,
    DECISION_FORMATS,
    Decision,
    DecisionFormat,
    unguarded,
)
from topicml.reading.archives import DAMAGE, is_hidden, is_spreadsheet
from topicml.reading.cells import Cell, cell_labels, cell_text
from topicml.reading.columns import DEFAULT_OPTIONS, ReadOptions, find_columns
from topicml.reading.corpus import refuse_fatal
from topicml.reading.decoding import decode
from topicml.reading.json_lines import JsonParser, what_is_broken
from topicml.reading.readers import iter_articles

_DECISION = "decision"
_PARQUET = b"PAR1"
_ROLES = (
    ReadOptions(label_column=_DECISION),
    ReadOptions(),
    ReadOptions(label_column=_DECISION, text_column="id"),
    ReadOptions(text_column="id"),
)
_ADVICE = "correct the file; nothing was changed"


def read_decisions(
    paths: str | Path | Iterable[str | Path],
    *,
    format: DecisionFormat | None = None,  # noqa: A002  (the word of the command line)
    options: ReadOptions = DEFAULT_OPTIONS,
) -> list[Decision]:
    r"""Read a person's decisions about articles from files of any of the formats.

    Parameters
    ----------
    paths : str, Path, or iterable of them
        Tables that `topicml.write_tasks` or ``topicml suspects --out`` wrote, as CSV or as a spreadsheet
        saved them (``.csv``, ``.tsv``, ``.xlsx``, ``.ods``); exports of Label Studio (JSON, JSON-MIN),
        Prodigy (JSONL) and doccano (JSONL, or the ZIP file with it).
    format : {"csv", "label-studio", "prodigy", "doccano"}, optional
        By default found from the content of each file.
    options : ReadOptions, optional
        `label_separator` splits labels in one cell; `encoding` is that of files that are not UTF-8.

    Returns
    -------
    list of Decision
        In the order of files and rows, those that decide nothing included.

    Raises
    ------
    CorpusError
        If a file cannot be read, or a row says two things or nothing that is known; the message names up to
        20 places.
    TopicmlValueError
        If the format is unknown.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     done = Path(folder, "done.jsonl")
    ...     _ = done.write_text('{"text": "Rain", "accept": ["weather"], "answer": "accept"}')
    ...     [decision] = read_decisions(done)
    >>> decision.action, decision.labels, decision.text
    ('label', ('weather',), 'Rain')
    """
    if format not in (None, *DECISION_FORMATS):
        raise TopicmlValueError(
            f"unknown format {format!r}; expected one of {', '.join(DECISION_FORMATS)}"
            + did_you_mean(str(format), DECISION_FORMATS)
        )
    listed = list(paths) if isinstance(paths, Iterable) and not isinstance(paths, str) else [paths]
    found = [item for path in map(as_path, listed) for item in _of_file(path, format, options)]
    refuse_fatal((item for item in found if isinstance(item, Problem)), advice=_ADVICE)
    return [item for item in found if isinstance(item, Decision)]


def _of_file(path: Path, form: DecisionFormat | None, options: ReadOptions) -> Iterator[Decision | Problem]:
    name = shown_path(path)
    try:
        with open_binary(path) as stream:
            data = b"".join(read_pieces(stream))
        yield from _of_bytes(data, path, name, form, options)
    except CorpusError as error:
        raise CorpusError(f"{name}: {error}") from error


def _of_bytes(
    data: bytes, path: Path, name: str, form: DecisionFormat | None, options: ReadOptions
) -> Iterator[Decision | Problem]:
    if zipfile.is_zipfile(BytesIO(data)):
        if members := _members(data):
            for member, content in members.items():
                if not member.endswith((".json", ".jsonl")):
                    raise CorpusError(f"expected .json or .jsonl in the archive, found {member!r}; unpack it")
                text = decode(content, options.encoding)
                yield from _of_json(text, f"{name}/{member}", form, options)
            return
    elif not data.startswith(_PARQUET):
        options = replace(options, encoding=_encoding(data, options))
        text = decode(data, options.encoding)
        if text.lstrip().startswith(("{", "[")) and form != "csv":
            yield from _of_json(text, name, form, options)
            return
    if form not in (None, "csv"):
        raise CorpusError(f"expected JSON, as {form} exports it, found a table")
    yield from _of_table(path, options)


def _encoding(data: bytes, options: ReadOptions) -> str | None:
    """Return the encoding of a file: UTF-8, or that of its byte order mark, where it can be."""
    try:
        decode(data)
    except CorpusError:
        return options.encoding
    return None


def _members(data: bytes) -> dict[str, bytes]:
    """Return the files of an archive, such as doccano's with one for each annotator; none of a workbook."""
    try:
        with zipfile.ZipFile(BytesIO(data)) as archive:
            if is_spreadsheet(archive):
                return {}
            names = [name for name in sorted(archive.namelist()) if not is_hidden(name)]
            return {name: archive.read(name) for name in names}
    except DAMAGE as error:
        raise CorpusError(f"cannot be read as ZIP: {error}; unpack it") from error


def _of_json(
    text: str, name: str, form: DecisionFormat | None, options: ReadOptions
) -> Iterator[Decision | Problem]:
    for number, cells in _values(text, name):
        origin = f"{name}:{number}"
        if not isinstance(cells, dict):
            yield Problem("not an object", "expected an object with an article and a decision", name, number)
            continue
        tool = form or tool_of(cells)
        try:
            yield from decisions_of(cells, tool, origin) if tool else [_of_object(cells, origin, options)]
        except CorpusError as error:
            yield Problem("impossible decision", str(error), name, number)


def _values(text: str, name: str) -> Iterator[tuple[int, Cell]]:
    """Yield the objects of an array, or of lines, with their numbers, counted from 1."""
    parser = JsonParser()
    try:
        whole = parser.parse(text.strip())
        yield from enumerate(whole if isinstance(whole, list) else [whole], 1)
    except (ValueError, RecursionError):
        for number, line in enumerate(text.split("\n"), 1):
            if line.strip():
                yield number, _parsed(line, f"{name}:{number}", parser)


def _parsed(line: str, place: str, parser: JsonParser) -> Cell:
    try:
        return parser.parse(line)
    except ValueError as error:
        reason, position = what_is_broken(error, line)
        message = f"{place}:{position + 1}: broken JSON: {reason}; expected one whole JSON object per line"
        raise CorpusError(message) from error
    except RecursionError as error:
        raise CorpusError(f"{place}: nested too deeply") from error


def _of_object(cells: Mapping[str, Cell], origin: str, options: ReadOptions) -> Decision:
    """Read an object that is no tool's as a row of a table."""
    names = find_columns(list(cells), DEFAULT_OPTIONS, required=()).names
    own = {role: cell_text(cells.get(names.get(role, ""))) for role in ("id", "title", "text")}
    texts = {_normal(name): cell_text(cell) for name, cell in cells.items()}
    label = names.get("label", "")
    return DecisionRow(
        id=cell_text(cells.get(ARTICLE_ID)) or own["id"] or None,
        title=own["title"],
        text=own["text"],
        origin=origin,
        label=cell_labels(cells.get(label), label, options.label_separator),
        words=cell_labels(cells.get(_DECISION), _DECISION, options.label_separator),
        guess=cell_labels(cells.get("guess"), "guess"),
        cells=texts,
    ).decision()


def _of_table(path: Path, options: ReadOptions) -> Iterator[Decision | Problem]:
    roles, items = _table(path, options)
    for item in items:
        if isinstance(item, Problem):
            yield item
            continue
        try:
            yield _row_of(item, roles, options).decision()
        except CorpusError as error:
            name, _, line = item.origin.rpartition(":")
            yield Problem("impossible decision", str(error), name, int(line))


def _table(path: Path, options: ReadOptions) -> tuple[ReadOptions, list[Article | Problem]]:
    """Return the rows of a table, and which of its columns were taken for which role.

    The decisions are read as labels where there are any, and ids as the text where there is no text.
    """
    reason: CorpusError | None = None
    for roles in _ROLES:
        wanted = replace(roles, encoding=options.encoding, label_separator=options.label_separator)
        try:
            return roles, list(iter_articles(path, wanted))
        except CorpusError as error:
            reason = reason if roles.text_column else error
    raise reason or CorpusError("no column that can be read")


def _row_of(article: Article, roles: ReadOptions, options: ReadOptions) -> DecisionRow:
    cells = {_normal(name): unguarded(text) for name, text in article.metadata.items()}
    text, own = unguarded(article.text), unguarded(article.id or "")
    separator = options.label_separator
    labels = tuple(map(unguarded, article.labels)) if article.labels is not None else None
    label, words = labels, cell_labels(cells.get(_DECISION), _DECISION, separator)
    if roles.label_column:
        label, words = cell_labels(cells.get("label", cells.get("labels")), "label", separator), labels
    return DecisionRow(
        id=(text if roles.text_column else own) or None,
        title=unguarded(article.title),
        text="" if roles.text_column else text,
        origin=article.origin,
        label=label,
        words=words,
        guess=cell_labels(cells.get("guess"), "guess"),
        cells=cells,
    )


def _normal(name: str) -> str:
    return name.strip().lower()
