"""Files of articles in, files of predictions out: one row for each row, in order, in constant memory."""

from __future__ import annotations

import csv
import gzip
import io
import json
import os
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from io import TextIOWrapper
from itertools import islice
from pathlib import Path
from typing import IO, Any, BinaryIO, Literal, TextIO, cast

from topicml.article import Article, Problem
from topicml.classifier import FittedClassifier
from topicml.columns import DEFAULT_OPTIONS, ReadOptions
from topicml.decoding import is_compressed
from topicml.exceptions import CorpusError, TopicmlError, TopicmlValueError
from topicml.label_mapping import codes_of
from topicml.readers import iter_articles

__all__ = ["BatchOptions", "BatchSummary", "OutputFormat", "predict_file", "predict_rows", "write_rows"]

OutputFormat = Literal["jsonl", "csv"]
_TABLES = (".parquet", ".tsv", ".tab", ".xlsx")  # names that promise something else
_COLUMNS = (
    *("row", "id", "label", "labels", "probability", "probabilities"),
    *("abstained", "reason", "known_terms", "error"),
)


@dataclass(frozen=True, slots=True)
class BatchSummary:
    """What a batch came to.

    Parameters
    ----------
    n_rows : int
        Rows read, and rows written.
    n_abstained : int
        Rows for a person to decide.
    n_errors : int
        Rows that could not be read.
    """

    n_rows: int = 0
    n_abstained: int = 0
    n_errors: int = 0

    def __str__(self) -> str:
        rows = "1 row" if self.n_rows == 1 else f"{self.n_rows} rows"
        parts = [rows, f"{self.n_abstained} of them for a person"]
        return ", ".join([*parts, f"{self.n_errors} unreadable"] if self.n_errors else parts)


@dataclass(frozen=True, slots=True)
class BatchOptions:
    """How a batch is read and written.

    Parameters
    ----------
    output_format : {"jsonl", "csv"}, optional
        By default what the output's name says, else JSON Lines.
    top_k : int, optional
        How many probabilities to give for each row; by default all.
    keep_text : bool, default=False
        Also give title and text, to see which prediction belongs to what.
    strict : bool, default=False
        Stop at the first row that cannot be read, instead of giving a row with its error.
    batch_size : int, default=1000
        Rows held at once; their number does not change the predictions.
    """

    output_format: OutputFormat | None = None
    top_k: int | None = None
    keep_text: bool = False
    strict: bool = False
    batch_size: int = 1000

    def __post_init__(self) -> None:
        if self.output_format not in (None, "jsonl", "csv"):
            raise TopicmlValueError(f"output_format must be 'jsonl' or 'csv', found {self.output_format!r}")
        if self.top_k is not None and self.top_k < 1:
            raise TopicmlValueError(f"top_k must be 1 or more, found {self.top_k}")
        if self.batch_size < 1:
            raise TopicmlValueError(f"batch_size must be 1 or more, found {self.batch_size}")


_DEFAULT_BATCH = BatchOptions()


def predict_file(
    model: FittedClassifier,
    source: str | Path | BinaryIO,
    out: Path | None = None,
    *,
    reading: ReadOptions = DEFAULT_OPTIONS,
    options: BatchOptions = _DEFAULT_BATCH,
    progress: Callable[[int], None] | None = None,
) -> BatchSummary:
    """Predict every row of a file or stream.

    Parameters
    ----------
    model : FittedClassifier
    source : str, Path or binary file
        As for `topicml.readers.iter_articles`.
    out : Path, optional
        Written under a temporary name until it is whole; gzipped if it ends in ``.gz``. By default
        standard output.
    reading : ReadOptions, optional
    options : BatchOptions, optional
    progress : callable, optional
        Called with the number of rows done, every ``options.batch_size`` rows.

    Returns
    -------
    BatchSummary

    Raises
    ------
    CorpusError
        If the source cannot be read; if ``options.strict``, also if a row cannot.
    TopicmlError
        If the output cannot be written.
    """
    rows = _reported(
        predict_rows(model, iter_articles(source, reading), options), options.batch_size, progress
    )
    codes = bool(codes_of((), model.provenance))
    if out is None:
        return write_rows(rows, sys.stdout, options, codes=codes)
    options = replace(options, output_format=options.output_format or _format_of(out))
    with _open_output(out) as stream:
        return write_rows(rows, stream, options, codes=codes)


def predict_rows(
    model: FittedClassifier, items: Iterable[Article | Problem], options: BatchOptions = _DEFAULT_BATCH
) -> Iterator[dict[str, Any]]:
    """Predict a stream of rows.

    Yields
    ------
    dict
        With ``row`` (counted from 1), ``id``, and either the prediction or ``error``; with ``codes``
        of the labels if the model keeps any.

    Raises
    ------
    CorpusError
        If ``options.strict`` and a row cannot be read.
    """
    stream = iter(items)
    row = 0
    while batch := list(islice(stream, options.batch_size)):
        predictions = iter(model.predict([item for item in batch if isinstance(item, Article)]))
        for item in batch:
            row += 1
            if isinstance(item, Problem):
                if options.strict:
                    raise CorpusError(f"{item}; mend it, or do without --strict to get a row with the error")
                yield {"row": row, "id": None, "error": str(item)}
                continue
            prediction = next(predictions)
            answer = {"row": row, "id": item.id, **prediction.to_dict(top_k=options.top_k)}
            answer |= codes_of(prediction.labels, model.provenance)
            yield {**answer, "title": item.title, "text": item.text} if options.keep_text else answer


def write_rows(
    rows: Iterable[dict[str, Any]], stream: TextIO, options: BatchOptions, *, codes: bool = False
) -> BatchSummary:
    """Write predicted rows as JSON Lines or CSV.

    In CSV, the cells of ``labels``, ``probabilities`` and ``codes`` hold JSON, since a label may contain
    any character that could separate it from the next. Without rows, CSV is its header alone, which has
    the column ``codes`` if asked.
    """
    n_rows = n_abstained = n_errors = 0
    columns = _COLUMNS + ("codes",) * codes + ("title", "text") * options.keep_text
    write = _csv_writer(stream, columns) if options.output_format == "csv" else _json_writer(stream)
    for row in rows:
        write(row)
        n_rows += 1
        n_abstained += bool(row.get("abstained"))
        n_errors += "error" in row
    return BatchSummary(n_rows, n_abstained, n_errors)


def _reported(
    rows: Iterator[dict[str, Any]], every: int, progress: Callable[[int], None] | None
) -> Iterator[dict[str, Any]]:
    for row in rows:
        yield row
        if progress is not None and row["row"] % every == 0:
            progress(row["row"])


@contextmanager
def _open_output(path: Path) -> Iterator[TextIO]:
    """Open a file for writing as UTF-8, gzipped if its name says so; it takes its name when it is whole."""
    try:
        with ExitStack() as stack:
            file: IO[bytes] = stack.enter_context(_replacing(path))
            if is_compressed(path):  # without name and time, so that the same rows are the same bytes
                file = stack.enter_context(cast(IO[bytes], gzip.GzipFile("", "wb", 6, file, mtime=0)))
            # A lone surrogate from the input becomes an escape, which JSON reads back as it was.
            yield stack.enter_context(TextIOWrapper(file, "utf-8", "backslashreplace", newline=""))
    except OSError as error:
        raise TopicmlError(f"cannot write {path}: {error.strerror or error}") from error


@contextmanager
def _replacing(path: Path) -> Iterator[IO[bytes]]:
    """Open a file that takes its name once it is whole; what is no regular file is written to as it is."""
    target = Path(os.path.realpath(path))
    if target.exists() and not target.is_file():
        with target.open("wb") as file:
            yield file
        return
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=".saving-")
    try:
        with os.fdopen(handle, "wb") as file:
            yield file
        Path(name).chmod(0o644)
        Path(name).replace(target)
    finally:
        Path(name).unlink(missing_ok=True)


def _format_of(path: Path) -> OutputFormat:
    ending = (path.with_suffix("") if is_compressed(path) else path).suffix.lower()
    if ending in _TABLES:
        raise TopicmlValueError(f"cannot write {ending}: name the output .jsonl or .csv, each also with .gz")
    return "csv" if ending == ".csv" else "jsonl"


def _is_narrow(stream: TextIO) -> bool:
    """Tell whether a stream cannot carry all of Unicode, so that JSON must be written in ASCII."""
    return (stream.encoding or "").lower().replace("-", "") != "utf8"


def _json_writer(stream: TextIO) -> Callable[[dict[str, Any]], object]:
    ascii_only = _is_narrow(stream)
    return lambda row: stream.write(json.dumps(row, ensure_ascii=ascii_only) + "\n")


def _csv_writer(stream: TextIO, columns: Sequence[str]) -> Callable[[dict[str, Any]], object]:
    # csv quotes what is in its line terminator, so with this one it quotes a lone CR, too.
    record = io.StringIO(newline="")
    writer = csv.DictWriter(record, columns, lineterminator="\r\n")
    ascii_only = _is_narrow(stream)

    def write(row: dict[str, Any]) -> None:
        writer.writerow({column: _cell(value, ascii_only=ascii_only) for column, value in row.items()})
        stream.write(record.getvalue().removesuffix("\r\n") + "\n")
        record.seek(0)
        record.truncate()

    write(dict(zip(columns, columns, strict=True)))
    return write


def _cell(value: object, *, ascii_only: bool) -> object:
    if isinstance(value, list):
        return json.dumps(value, ensure_ascii=ascii_only)
    if isinstance(value, bool):
        return "true" if value else "false"
    return value
