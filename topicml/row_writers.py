"""Rows of predictions as text: JSON Lines and CSV."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterable, Sequence
from typing import Any, TextIO, TypeAlias

from topicml.prediction_rows import BatchOptions, BatchSummary

_Write: TypeAlias = Callable[[dict[str, Any]], object]

_COLUMNS = (
    *("row", "id", "label", "labels", "probability", "probabilities"),
    *("abstained", "reason", "known_terms", "error"),
)


def write_rows(rows: Iterable[dict[str, Any]], stream: TextIO, options: BatchOptions) -> BatchSummary:
    """Write predicted rows as JSON Lines or CSV.

    In CSV, the cells of ``labels``, ``probabilities`` and ``codes`` hold JSON, since a label may contain
    any character that could separate it from the next. Without rows, CSV is its header alone.
    """
    stream.write(header(options))
    return write_body(rows, stream, options, ascii_only=is_narrow(stream))


def header(options: BatchOptions) -> str:
    """Return what stands before the first row: a line for CSV, else nothing."""
    return ",".join(_columns(options)) + "\n" if options.output_format == "csv" else ""


def write_body(
    rows: Iterable[dict[str, Any]], stream: TextIO, options: BatchOptions, *, ascii_only: bool
) -> BatchSummary:
    """Write predicted rows without the header; ``ascii_only`` escapes the rest of Unicode in JSON."""
    n_rows = n_abstained = n_errors = 0
    as_csv = options.output_format == "csv"
    write = (_csv_writer if as_csv else _json_writer)(stream, _columns(options), ascii_only)
    for row in rows:
        write(row)
        n_rows += 1
        n_abstained += bool(row.get("abstained"))
        n_errors += "error" in row
    return BatchSummary(n_rows, n_abstained, n_errors)


def is_narrow(stream: TextIO) -> bool:
    """Tell whether a stream cannot carry all of Unicode, so that JSON must be written in ASCII."""
    return (stream.encoding or "").lower().replace("-", "") != "utf8"


def _columns(options: BatchOptions) -> tuple[str, ...]:
    return _COLUMNS + ("codes",) * options.codes + ("title", "text") * options.keep_text


def _json_writer(stream: TextIO, _columns: Sequence[str], ascii_only: bool) -> _Write:  # noqa: FBT001  (a table of two)
    return lambda row: stream.write(json.dumps(row, ensure_ascii=ascii_only) + "\n")


def _csv_writer(stream: TextIO, columns: Sequence[str], ascii_only: bool) -> _Write:  # noqa: FBT001  (a table of two)
    # csv quotes what is in its line terminator, so with this one it quotes a lone CR, too.
    record = io.StringIO(newline="")
    writer = csv.DictWriter(record, columns, lineterminator="\r\n")

    def write(row: dict[str, Any]) -> None:
        writer.writerow({column: _cell(value, ascii_only=ascii_only) for column, value in row.items()})
        stream.write(record.getvalue().removesuffix("\r\n") + "\n")
        record.seek(0)
        record.truncate()

    return write


def _cell(value: object, *, ascii_only: bool) -> object:
    if isinstance(value, list):
        return json.dumps(value, ensure_ascii=ascii_only)
    if isinstance(value, bool):
        return "true" if value else "false"
    return value
