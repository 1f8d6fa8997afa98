"""Parquet tables, read in batches with polars."""

from __future__ import annotations

import json
from collections.abc import Iterator
from io import BytesIO
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

from topicml.article import Problem
from topicml.exceptions import CorpusError, MissingExtraError
from topicml.reading.columns import ReadOptions, Row, find_columns

if TYPE_CHECKING:
    import polars as pl


_BATCH = 10_000


def read_parquet(source: Path | BytesIO, path: str, options: ReadOptions) -> Iterator[Row | Problem]:
    """Read a Parquet table; rows are counted from 1, in place of lines.

    Categorical columns are text like any other, so categories without a row never appear.
    """
    columns = None
    numbers = count(1)
    names = _class_names(source)
    for batch in _batches(source):
        columns = columns or find_columns(batch.columns, options)
        # In this order: zip takes from its first argument before it notices that the second is spent.
        for values, number in zip(batch.iter_rows(named=True), numbers, strict=False):
            for column, known in names.items():
                code = values.get(column)
                if isinstance(code, int) and 0 <= code < len(known):
                    values[column] = known[code]
            yield columns.row_of_values(values, path, number)


def _class_names(source: Path | BytesIO) -> dict[str, list[str]]:
    """Return the names of the classes of each column of numbers, where a data set's file keeps them."""
    try:
        import polars as pl  # noqa: PLC0415  (an extra)
    except ImportError:  # said where the table is read
        return {}
    try:
        written = pl.read_parquet_metadata(source).get("huggingface", "{}")
        features = json.loads(written)["info"]["features"]
        return {
            column: list(map(str, kind["names"]))
            for column, kind in features.items()
            if kind.get("_type") == "ClassLabel"
        }
    except (AttributeError, KeyError, TypeError, ValueError, OSError, pl.exceptions.PolarsError):
        return {}  # what is wrong with the file is said where it is read


def _batches(source: Path | BytesIO) -> Iterator[pl.DataFrame]:
    try:
        import polars as pl  # noqa: PLC0415  (an extra: only who reads Parquet needs it)
    except ImportError as error:
        raise MissingExtraError("reading Parquet needs polars: pip install 'topicml[tables]'") from error
    try:
        # No globbing: a file may be called a[1].parquet.
        table = pl.scan_parquet(source, glob=False)
        for start in count(0, _BATCH):
            batch = table.slice(start, _BATCH).collect()
            yield batch
            if batch.height < _BATCH:
                return
    except (pl.exceptions.PolarsError, OSError, ValueError) as error:
        raise CorpusError(f"cannot be read as Parquet: {error}") from error
