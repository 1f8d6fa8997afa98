"""Rows of predictions as JSON Lines, CSV, Parquet and a table for a screen."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

from topicml.article import Problem
from topicml.batch.rows import BatchOptions, BatchSummary, Row
from topicml.batch.spreadsheet import Spreadsheet
from topicml.batch.table import table_of
from topicml.exceptions import MissingExtraError, TopicmlError
from topicml.model.classifier import FittedClassifier

if TYPE_CHECKING:
    import polars as pl


_ROW_GROUP = 10_000


def header(options: BatchOptions, model: FittedClassifier) -> str:
    """Return the lines before the first row: names of columns for CSV and a table, else none."""
    if options.output_format == "table":
        return table_of([], width=options.width, header=True)
    return ",".join(Spreadsheet.of(options, model).columns) + "\n" if options.output_format == "csv" else ""


def write_body(
    rows: Iterable[Row], stream: TextIO, options: BatchOptions, model: FittedClassifier, *, ascii_only: bool
) -> BatchSummary:
    """Write predicted rows without the header; ``ascii_only`` escapes the rest of Unicode in JSON."""
    written: list[Row] = []
    if options.output_format == "csv":
        stream.writelines(Spreadsheet.of(options, model).lines(_noted(rows, written)))
    elif options.output_format == "table":
        stream.write(table_of(_noted(rows, written), width=options.width))
    else:
        encode = json.JSONEncoder(ensure_ascii=ascii_only).encode  # once: json.dumps makes one for each row
        stream.writelines(encode(json_row(row, options)) + "\n" for row in _noted(rows, written))
    predictions = [row.prediction for row in written]
    answered = [prediction for prediction in predictions if prediction is not None]
    n_abstained = sum(prediction.abstained for prediction in answered)
    n_review = sum(prediction.needs_review for prediction in answered)
    return BatchSummary(len(written), n_abstained, len(written) - len(answered), n_review - n_abstained)


def json_row(row: Row, options: BatchOptions) -> dict[str, Any]:
    """Return a row as values that JSON can hold."""
    item, prediction = row.item, row.prediction
    if isinstance(item, Problem) or prediction is None:
        return {"row": row.number, "id": None, "error": str(item)}
    found = {"row": row.number, "id": item.id, **prediction.to_dict(top_k=options.top_k)}
    if options.codes:
        found["codes"] = row.codes
    if options.keep_text:
        found |= {"title": item.title, "date": item.date, "url": item.metadata.get("url"), "text": item.text}
    return found


def _noted(rows: Iterable[Row], written: list[Row]) -> Iterator[Row]:
    """Yield rows, and keep them for the counts."""
    for row in rows:
        written.append(row)
        yield row


def is_narrow(stream: TextIO) -> bool:
    """Tell whether a stream cannot carry all of Unicode, so that JSON must be written in ASCII."""
    return (stream.encoding or "").lower().replace("-", "") != "utf8"


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

    Columns have the names of JSON Lines. ``labels`` is a list of text, and ``probabilities`` a list of
    records of ``label`` and ``probability``, since a list in Parquet holds values of one type.
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
        "fingerprint": pl.String,
        "error": pl.String,
    }
    columns |= {"codes": pl.List(pl.String)} if codes else {}
    kept = dict.fromkeys(("title", "date", "url", "text"), pl.String) if keep_text else {}
    return pl.Schema(columns | kept)
