"""Files to articles: training, evaluation and prediction all read through this module."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from io import BytesIO, TextIOBase
from pathlib import Path
from types import MappingProxyType
from typing import IO, BinaryIO, TypeAlias

from topicml.article import Article, Problem
from topicml.exceptions import CorpusError, TopicmlTypeError
from topicml.files import Gauge, first_bytes, name_unpacked, open_binary, read_pieces, shown_path, walk
from topicml.reading.archives import read_zip
from topicml.reading.columns import DEFAULT_OPTIONS, INPUT_FORMATS, ReadOptions, Row
from topicml.reading.corpus import Corpus, corpus_of, only_labelled, refuse_fatal
from topicml.reading.decoding import Line, decoded_lines
from topicml.reading.delimited import read_csv, read_tsv
from topicml.reading.json_documents import read_json
from topicml.reading.json_lines import read_json_lines
from topicml.reading.parquet import read_parquet
from topicml.reading.signatures import first_piece, is_packed, refuse_foreign, unpacked
from topicml.reading.text_files import (
    PAGE_ENDINGS,
    folder_label,
    passed_over,
    read_fasttext,
    read_folder,
    read_lines,
    read_page,
    read_stream,
    read_text,
    refuse_parts_as_labels,
)

_Source: TypeAlias = str | Path | Iterable[bytes]
_Items: TypeAlias = Iterator[Row | Problem]
_LineReader: TypeAlias = Callable[[Iterable[Line], str, ReadOptions], _Items]

_LINE_READERS: Mapping[str, _LineReader] = MappingProxyType(
    {
        "jsonl": read_json_lines,
        "json": read_json,
        "csv": read_csv,
        "tsv": read_tsv,
        "page": read_page,
        "fasttext": read_fasttext,
        "lines": read_lines,
        "text": read_text,
        "stream": read_stream,
    }
)
_EXTENSIONS: Mapping[str, str] = MappingProxyType(
    {
        ".jsonl": "jsonl",
        ".ndjson": "jsonl",
        ".jsonlines": "jsonl",
        ".json": "json",
        ".csv": "csv",
        ".tsv": "tsv",
        ".tab": "tsv",
        ".parquet": "parquet",
        ".xlsx": "spreadsheet",
        ".ods": "spreadsheet",
        ".txt": "text",
    }
)
TABLES = "tables (.jsonl .json .csv .tsv .parquet .xlsx .ods)"
"""The files of a folder of tables."""

_ZIP, _PARQUET = b"PK\x03\x04", b"PAR1"
_NAMES = {"spreadsheet": "workbook (.xlsx or .ods)", "zip": "ZIP file"}
_KINDS: Mapping[str, str] = MappingProxyType(
    {
        "jsonl": "JSON Lines",
        "json": "JSON",
        "csv": "CSV",
        "tsv": "TSV",
        "parquet": "Parquet",
        "spreadsheet": "a spreadsheet",
        "page": "a page saved as text",
        "lines": "text, one article per line",
        "text": "text, one article per line or a page",
        "fasttext": "lines of fastText",
        "folder": "a folder",
        "zip": "a ZIP archive or spreadsheet",
    }
)
_COLLECTED = (*PAGE_ENDINGS, ".warc", ".arc", ".wacz", ".rss", ".atom", ".xml", ".rdf")


def iter_articles(
    path: _Source,
    options: ReadOptions = DEFAULT_OPTIONS,
    gauge: Gauge | None = None,
    note: Callable[[Problem], object] | None = None,
) -> Iterator[Article | Problem]:
    r"""Read one file, in constant memory: one item for each input row, in order.

    A row without text is an article with an empty text, and a row that cannot be read is a problem in its
    place: no row is left out, so that outputs match their inputs. (Saved pages and arrays of JSON are read
    whole, and so is Parquet that is compressed with gzip or comes from a stream.)

    Parameters
    ----------
    path : str, Path or binary file
        A ``.jsonl``, ``.ndjson``, ``.jsonlines``, ``.json``, ``.csv``, ``.tsv``, ``.tab``, ``.parquet`` or
        ``.txt`` file, each also with ``.gz``; or a folder of text files. ``-`` or a binary file is a stream:
        JSON if it begins with ``{`` or ``[{``, else one article a line.
    options : ReadOptions, optional
        Columns, format and encoding; by default found from the files.
    gauge : Gauge, optional
        Shows how much of a file other than Parquet has been read.
    note : callable, optional
        Called with each problem that costs no row, such as half a character that is replaced.

    Yields
    ------
    Article or Problem

    Raises
    ------
    CorpusError
        If there is no such file, its format is not known, or it has no column that can be the text.
    MissingExtraError
        If it is Parquet and polars is not installed.

    Examples
    --------
    >>> from io import BytesIO, TextIOBase
    >>> for item in iter_articles(BytesIO(b'{"text": "Rain", "label": "weather"}\n{"text": \n')):
    ...     print(item.labels if isinstance(item, Article) else item)
    ('weather',)
    <stream>:2:10: broken JSON: Expecting value; expected one whole JSON object per line
    """
    for item in _named_items(path, options, gauge):
        if isinstance(item, Row):
            yield item.article
        elif item.left_out:
            yield item
        elif note is not None:
            note(item)


def read_corpus(
    *paths: _Source,
    options: ReadOptions = DEFAULT_OPTIONS,
    labelled: bool = False,
    keep_empty: bool = False,
    skip_bad_rows: bool = False,
) -> Corpus:
    """Read files whole, one after the other.

    Parameters
    ----------
    *paths : str, Path or binary file
        As for `iter_articles`.
    options : ReadOptions, optional
        Columns, format and encoding; by default found from the files.
    labelled : bool, default=False
        Whether the articles are for training or evaluation: rows without a label or without text are then
        left out and listed among the problems, and it is an error if no row is left.
    keep_empty : bool, default=False
        Whether `labelled` keeps articles without text, as evaluation counts them.
    skip_bad_rows : bool, default=False
        Whether to leave out rows that cannot be read, and list them among the problems.

    Returns
    -------
    Corpus
        Multilabel if a label came as a list or if ``options.label_separator`` is given.

    Raises
    ------
    CorpusError
        If a row cannot be read, unless `skip_bad_rows`; the message lists the first 20.
    CorpusError
        If `labelled` and no row is left.
    CorpusError
        As for `iter_articles`.
    MissingExtraError
        As for `iter_articles`.
    """
    items = [item for path in paths for item in _named_items(path, options)]
    wanted = [only_labelled(item, keep_empty=keep_empty) for item in items] if labelled else items
    corpus = corpus_of(wanted, options.label_separator)
    if not skip_bad_rows:
        refuse_fatal(corpus.problems)
    if labelled and not corpus:
        raise CorpusError(_no_rows(paths, items, corpus.problems))
    return corpus


def check_corpus(*paths: _Source, options: ReadOptions = DEFAULT_OPTIONS) -> Corpus:
    """Read all rows that can be trained on, and list every problem without stopping at any.

    A file that cannot be read at all is one problem of the kind ``unreadable file``.
    """
    return corpus_of([item for path in paths for item in _check(path, options)], options.label_separator)


def _check(source: _Source, options: ReadOptions) -> _Items:
    name = _shown_name(source)
    rows = 0
    try:
        for item in map(only_labelled, _noted(_items(source, name, options, None), options)):
            yield item
            rows += isinstance(item, Row)
    except CorpusError as error:
        yield Problem("unreadable file", str(error), name)
    else:
        if not rows:
            yield Problem("no rows", "expected a row with a text and a label, found none", name)


def described(source: str | Path, options: ReadOptions = DEFAULT_OPTIONS) -> str:
    """Return what a file is taken for, in the words of a person; why it cannot be read, if it cannot.

    >>> described("-", ReadOptions(input_format="csv"))
    'CSV'
    """
    if str(source) == "-":
        return _KINDS.get(options.input_format or "", "a stream: JSON, or one article per line")
    file = Path(source)
    head = first_bytes(file)
    try:
        kind = options.input_format or _format_of(file)
    except CorpusError as error:
        return str(error)
    if kind != "folder" and head.startswith((_ZIP, _PARQUET)):
        kind = "parquet" if head.startswith(_PARQUET) else kind if kind == "spreadsheet" else "zip"
    return _KINDS[kind] + (", compressed" if is_packed(head) else "")


def _no_rows(sources: Sequence[_Source], items: Sequence[Row | Problem], problems: Sequence[Problem]) -> str:
    message = f"no rows with a text and a label in {', '.join(map(_shown_name, sources)) or 'no file'}"
    counts = Counter(problem.kind for problem in problems if problem.left_out)
    if counts:
        message += f"; left out: {', '.join(f'{count} x {kind}' for kind, count in counts.items())}"
    if counts["saved page"]:
        message += f"; {_collect_first(' '.join(map(_shown_name, sources)))}"
    if counts["no label"]:
        others = next((sorted(item.article.metadata) for item in items if isinstance(item, Row)), [])
        found = f"; other columns: {', '.join(map(repr, others))}" if others else ""
        message += f"; name the label's column with --label-column{found}"
    return message


def _named_items(source: _Source, options: ReadOptions, gauge: Gauge | None = None) -> _Items:
    """Read one source; an error that concerns all of it names it."""
    name = _shown_name(source)
    try:
        yield from _noted(_items(source, name, options, gauge), options)
    except CorpusError as error:
        raise CorpusError(f"{name}: {error}") from error


def _noted(items: _Items, options: ReadOptions) -> _Items:
    """Note, once for a source, that a column with lists of labels is not used."""
    waiting = options.label_column is None
    for item in items:
        yield item
        if waiting and isinstance(item, Row) and (unread := item.unread_labels):
            waiting = False
            message = (
                f"the column {unread!r} has lists of labels but is not used, because another column is taken "
                f"for the label; name the right one with --label-column"
            )
            yield Problem("unread labels", message, item.path, item.line, fatal=False, left_out=False)


def _shown_name(source: _Source) -> str:
    if isinstance(source, str | Path):
        return "<stdin>" if str(source) == "-" else shown_path(source)
    name = getattr(source, "name", None)
    return shown_path(name) if isinstance(name, str) else "<stream>"


def _items(source: _Source, name: str, options: ReadOptions, gauge: Gauge | None) -> _Items:
    if isinstance(source, TextIOBase):
        raise TopicmlTypeError(
            f"{name}: expected a binary file, found one opened as text; open it with mode 'rb'"
        )
    no_source = isinstance(source, bytes | bytearray | list | tuple | Mapping) or hasattr(source, "columns")
    if no_source or not isinstance(source, str | Path | Iterable):
        raise TopicmlTypeError(
            f"expected a path or a binary file, found {type(source).__name__}; for a data frame or lists use "
            "topicml.Corpus.from_frame or from_lists"
        )
    if isinstance(source, str | Path) and str(source) != "-":
        return _file_items(Path(source), name, options, gauge)
    stream = _stdin() if isinstance(source, str | Path) else source
    return _stream_items(stream, options.input_format or "stream", name, options)


def _stdin() -> BinaryIO:
    if sys.stdin is None:
        raise CorpusError("no input: standard input is closed")
    return sys.stdin.buffer


def _file_items(file: Path, name: str, options: ReadOptions, gauge: Gauge | None) -> _Items:
    kind = options.input_format or _format_of(file)
    head = first_bytes(file)
    if kind == "folder":
        yield from _folder_items(file, options)
        return
    if options.input_format is None:
        refuse_foreign(head)
    if head.startswith(_ZIP):
        yield from _zip_items(file, name, options)
    elif head.startswith(_PARQUET):
        yield from read_parquet(file, name, options)
    else:
        with open_binary(file, gauge) as stream:
            yield from _stream_items(stream, kind, name, options)


def _stream_items(stream: Iterable[bytes], kind: str, name: str, options: ReadOptions) -> _Items:
    head, pieces = first_piece(unpacked(read_pieces(stream)))
    if head.startswith(_ZIP):
        return _zip_items(BytesIO(b"".join(pieces)), name, options)
    if head.startswith(_PARQUET):
        kind = "parquet"
    elif kind in ("spreadsheet", "zip"):
        raise CorpusError(f"expected a {_NAMES[kind]}, found something else; does its name say what it is?")
    elif options.input_format is None:
        refuse_foreign(head)
    if kind == "folder":
        raise CorpusError("expected a folder, found a stream; give the folder's path")
    if kind == "parquet":
        # Parquet is read from its end, so a stream of it must be held whole.
        return read_parquet(BytesIO(b"".join(pieces)), name, options)
    if kind == "jsonl" and options.json_key is not None:
        kind = "json"  # which knows of keys
    return _LINE_READERS[kind](decoded_lines(pieces, options.encoding), name, options)


def _folder_items(folder: Path, options: ReadOptions) -> _Items:
    """Read a folder of texts, or of tables: then other files are passed over, markers without a word."""
    files = [file for found, _ in walk(folder) for file in found if not file.name.startswith("_")]
    tables = [file for file in files if table_format(file) not in (None, "text") and file.is_file()]
    if not tables:
        yield from read_folder(folder, options)
        return
    yield from passed_over(sorted({*files} - {*tables}), folder, TABLES)
    refuse_parts_as_labels(folder)
    for table in tables:
        labels = [folder_label(part) for part in table.relative_to(folder).parts[:-1] if "=" in part]
        for item in _file_items(table, shown_path(table), options, None):
            unlabelled = labels and isinstance(item, Row) and item.article.labels is None
            yield _labelled(item, labels[0]) if unlabelled and isinstance(item, Row) else item


def _labelled(row: Row, label: str) -> Row:
    return replace(row, article=replace(row.article, labels=(label,)))


def _zip_items(source: Path | BytesIO, name: str, options: ReadOptions) -> _Items:
    def read_member(member: IO[bytes], place: str) -> _Items:
        kind = options.input_format if options.input_format in _LINE_READERS else None
        return _stream_items(member, kind or table_format(Path(place)) or "text", place, options)

    return read_zip(
        source,
        name,
        options,
        read_member=read_member,
        known=lambda member: table_format(Path(member)) is not None,
    )


def table_format(file: Path) -> str | None:
    """Return the format that a file's name promises; None if it promises none."""
    return _EXTENSIONS.get(name_unpacked(file).suffix.lower())


def _collect_first(source: str) -> str:
    return f"saved pages must be collected first: topicml collect {source} --out pages.jsonl"


def _format_of(file: Path) -> str:
    if file.is_dir():
        return "folder"
    if not file.exists():
        raise CorpusError("no such file or folder")
    kind = table_format(file)
    if kind is None:
        if file.suffix.lower() == ".zip" or first_bytes(file).startswith((_ZIP, _PARQUET)):
            return "zip"
        refuse_foreign(first_bytes(file))
        ending = name_unpacked(file).suffix.lower()
        if ending in _COLLECTED:
            raise CorpusError(_collect_first(shown_path(file)))
        raise CorpusError(
            f"unknown ending {ending!r}; expected one of {', '.join(_EXTENSIONS)} (each also with .gz, "
            f".bz2 or .xz), .zip, or a folder; or name the format with "
            f"--input-format ({', '.join(INPUT_FORMATS)})"
        )
    return kind
