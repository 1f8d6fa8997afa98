"""Rows of predictions as JSON Lines, CSV and Parquet."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO, TypeAlias

from topicml.batch.rows import BatchOptions, BatchSummary
from topicml.exceptions import MissingExtraError, TopicmlError

if TYPE_CHECKING:
    import polars as pl


_Write: TypeAlias = Callable[[dict[str, Any]], object]

_ROW_GROUP = 10_000
_COLUMNS = (
    *("row", "id", "label", "labels", "probability", "probabilities"),
    *("abstained", "reason", "known_terms", "error"),
)


def header(options: BatchOptions) -> str:
    """Return what stands before the first row: a line for CSV, else nothing."""
    return ",".join(_columns(options)) + "\n" if options.output_format == "csv" else ""


def write_body(
    rows: Iterable[dict[str, Any]], stream: TextIO, options: BatchOptions, *, ascii_only: bool
) -> BatchSummary:
    """Write predicted rows without the header; ``ascii_only`` escapes the rest of Unicode in JSON.

    In CSV, the cells of ``labels``, ``probabilities`` and ``codes`` hold JSON, since a label may contain
    any character that could separate it from the next.
    """
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


def require_polars() -> None:
    """Make sure, before work is spent on rows, that a polars is there that writes tables piece by piece."""
    try:
        from polars.io.plugins import register_io_source  # noqa: F401, PLC0415  (an extra: only for Parquet)
    except ImportError as error:
        raise MissingExtraError(
            "writing Parquet needs a recent polars: pip install --upgrade 'topicml[tables]'"
        ) from error


def write_parquet(lines: Path, target: Path, *, keep_text: bool, codes: bool = False) -> None:
    """Write predicted rows, given as JSON Lines, as a table.

    Columns are those of CSV. ``labels`` is a list of text, and ``probabilities`` a list of records of
    ``label`` and ``probability``, since a list in Parquet holds values of one type.
    """
    import polars as pl  # noqa: PLC0415  (an extra: only for Parquet)
    from polars.io.plugins import register_io_source  # noqa: PLC0415  (the same)

    schema = _schema(keep_text=keep_text, codes=codes)

    def frames(*_pushed_down: object) -> Iterator[pl.DataFrame]:
        with lines.open(encoding="utf-8") as file:
            while group := [_row(line) for line in islice(file, _ROW_GROUP)]:
                yield pl.DataFrame(group, schema=schema)

    try:
        table = register_io_source(frames, schema=schema)
        table.sink_parquet(target, row_group_size=_ROW_GROUP)
    except (pl.exceptions.PolarsError, OSError) as error:
        raise TopicmlError(f"the rows cannot be written as Parquet: {error}") from error


def _row(line: str) -> dict[str, Any]:
    row: dict[str, Any] = json.loads(line)
    if "probabilities" in row:
        row["probabilities"] = [{"label": label, "probability": p} for label, p in row["probabilities"]]
    return row


def _schema(*, keep_text: bool, codes: bool) -> pl.Schema:
    import polars as pl  # noqa: PLC0415  (an extra: only for Parquet)

    columns: dict[str, Any] = {
        "row": pl.Int64,
        "id": pl.String,
        "label": pl.String,
        "labels": pl.List(pl.String),
        "probability": pl.Float64,
        "probabilities": pl.List(pl.Struct({"label": pl.String, "probability": pl.Float64})),
        "abstained": pl.Boolean,
        "reason": pl.String,
        "known_terms": pl.Float64,
        "error": pl.String,
    }
    columns |= {"codes": pl.List(pl.String)} if codes else {}
    return pl.Schema(columns | ({"title": pl.String, "text": pl.String} if keep_text else {}))
