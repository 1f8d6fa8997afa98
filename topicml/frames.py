"""Data frames of pandas, polars and pyarrow: made of rows, and read as columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib import import_module
from typing import Any, Literal, TypeAlias, get_args

from topicml.exceptions import CorpusError, MissingExtraError, TopicmlTypeError, TopicmlValueError

Frame: TypeAlias = Any
"""A data frame of one of the backends, none of which needs to be installed."""

Backend: TypeAlias = Literal["polars", "pandas", "pyarrow"]


def data_frame(
    columns: Sequence[str], rows: Sequence[Mapping[str, object]], backend: Backend = "polars"
) -> Frame:
    """Return rows as a table of the backend, no matter what else is installed.

    >>> table = data_frame(["label", "f1"], [{"label": "sport", "f1": 0.5}, {"label": "art", "f1": None}])
    >>> list(table.columns), table.shape
    (['label', 'f1'], (2, 2))
    """
    if backend not in get_args(Backend):
        raise TopicmlValueError(f"backend must be one of {get_args(Backend)}, found {backend!r}")
    by_column = {name: [row[name] for row in rows] for name in columns}
    try:
        library = import_module(backend)
    except ImportError as error:
        install = "'topicml[tables]'" if backend == "polars" else backend
        raise MissingExtraError(
            f"a data frame of {backend} needs {backend}: pip install {install}, or choose another with "
            f"backend={' or '.join(repr(other) for other in get_args(Backend) if other != backend)}"
        ) from error
    if backend == "polars":
        return library.DataFrame(by_column, strict=False)
    return library.table(by_column) if backend == "pyarrow" else library.DataFrame(by_column)


def frame_columns(frame: Frame) -> dict[str, list[object]]:
    """Return the columns of a data frame by name, as lists of Python values; what is missing is None."""
    try:
        import narwhals as nw  # noqa: PLC0415  (prediction does without)
    except ImportError as error:
        raise MissingExtraError("reading a data frame needs narwhals: pip install narwhals") from error
    try:
        table = nw.from_native(frame, eager_only=True)
        columns = list(table.iter_columns())
        missing = [column.is_null().to_list() for column in columns]
    except TypeError as error:
        hint = "; call collect() on it first" if hasattr(frame, "collect") else ""
        raise TopicmlTypeError(
            f"expected a data frame of pandas, polars or pyarrow, found {type(frame).__name__}{hint}"
        ) from error
    except nw.exceptions.NarwhalsError as error:  # such as two columns of one name
        raise CorpusError(f"the data frame cannot be read: {' '.join(str(error).split())}") from error
    values = [column.to_list() for column in columns]
    return {
        str(column.name): [None if null else value for value, null in zip(own, nulls, strict=True)]
        for column, own, nulls in zip(columns, values, missing, strict=True)
    }
