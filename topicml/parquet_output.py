"""Predicted rows as a Parquet table, made from their JSON Lines in bounded memory."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from topicml.exceptions import MissingExtraError, TopicmlError

if TYPE_CHECKING:
    import polars as pl


_ROW_GROUP = 10_000


def require_polars() -> None:
    """Make sure, before work is spent on rows, that they can be written.

    Raises
    ------
    MissingExtraError
        If polars is not installed, or is too old to write a table piece by piece.
    """
    try:
        from polars.io.plugins import register_io_source  # noqa: F401, PLC0415  (an extra: only for Parquet)
    except ImportError as error:
        raise MissingExtraError(
            "writing Parquet needs a recent polars: pip install --upgrade 'topicml[tables]'"
        ) from error


def write_parquet(lines: Path, target: Path, *, keep_text: bool, codes: bool = False) -> None:
    """Write a table of predicted rows.

    Columns are those of CSV. ``labels`` is a list of text, and ``probabilities`` a list of records of
    ``label`` and ``probability``, since a list in Parquet holds values of one type.

    Parameters
    ----------
    lines : Path
        The rows as JSON Lines.
    target : Path
    keep_text : bool
        Whether the rows have title and text.
    codes : bool, default=False
        Whether they have the codes of labels.

    Raises
    ------
    TopicmlError
        If the table cannot be written.
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
