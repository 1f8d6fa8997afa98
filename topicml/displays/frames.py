"""Rows as a data frame, of pandas or of polars, whichever is there."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeAlias

from topicml.exceptions import MissingExtraError

Frame: TypeAlias = Any
"""A DataFrame of pandas or polars; neither need be installed."""


def data_frame(columns: Sequence[str], rows: Sequence[Sequence[object]]) -> Frame:
    """Return rows as a table.

    Parameters
    ----------
    columns : sequence of str
    rows : sequence of sequence
        None is a missing value.

    Returns
    -------
    pandas.DataFrame or polars.DataFrame
        Of pandas if it is installed: who has it works with it.

    Raises
    ------
    MissingExtraError
        If neither is installed.

    Examples
    --------
    >>> table = data_frame(["label", "f1"], [("sport", 0.5), ("art", None)])
    >>> list(table.columns), table.shape
    (['label', 'f1'], (2, 2))
    """
    by_column = {name: [row[place] for row in rows] for place, name in enumerate(columns)}
    try:
        import pandas as pd  # type: ignore[import-untyped]  # ships no types
    except ImportError:
        return _polars_frame(by_column)
    return pd.DataFrame(by_column)


def _polars_frame(columns: dict[str, list[object]]) -> Frame:
    try:
        import polars as pl
    except ImportError as error:
        raise MissingExtraError("a table needs pandas or polars: pip install 'topicml[tables]'") from error
    return pl.DataFrame(columns, strict=False)
