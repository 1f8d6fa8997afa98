"""One cell of a row: what it says as text, and which labels it holds.

Every table format hands its cells over as the values of JSON, with numbers still as they were typed,
so that the rules below are one set of rules for CSV, JSON Lines and Parquet.
"""

from __future__ import annotations

import ast
import json
import math
import re
import warnings
from decimal import Decimal
from typing import TypeAlias

from topicml.article import canonical
from topicml.exceptions import CorpusError
from topicml.formatting import shortened


class Number(str):
    """A number as its file spells it: a float would lose the last digits of a long id, and zeros of 1.10."""

    __slots__ = ()


Cell: TypeAlias = "str | bool | list[Cell] | dict[str, Cell] | None"
"""A `Number` is a `str` too, so every function here asks for it first where it matters."""

_WHOLE = re.compile(r"(-?[0-9]+)\.0+")
_LISTED = re.compile(r"""\[.*['"].*\]|\(.*['"].*\)|\{.*['"].*\}""", re.DOTALL)
_BRACKETS = frozenset("[({")
_SPREADSHEET_ERRORS = frozenset(
    {"#N/A", "#REF!", "#VALUE!", "#NAME?", "#DIV/0!", "#NULL!", "#NUM!", "#SPILL!", "#CALC!"}
)
_SHOWN = 60
_HALF = re.compile("[\ud800-\udfff]")  # an escape of JSON may stand for half a character


def cell_of(value: object) -> Cell:
    """Turn a value of Python or NumPy, such as a data frame holds, into the JSON value that says the same.

    >>> cell_of((1, 2.5)), cell_of(float("nan")), cell_of({"b", "a"})
    (['1', '2.5'], None, ['a', 'b'])
    """
    if hasattr(value, "tolist"):  # NumPy's
        return cell_of(value.tolist())
    match value:
        case None | bool() | str():
            return value
        case int() | float() | Decimal():
            # Older writers put NaN where a number is missing.
            return None if math.isnan(value) else Number(str(value))
        case list() | tuple() | set() | frozenset():
            cells = [cell_of(member) for member in value]
            return sorted(cells, key=str) if isinstance(value, set | frozenset) else cells
        case dict():
            return {str(key): cell_of(member) for key, member in value.items()}
        case _:
            return value.decode() if isinstance(value, bytes) else str(value)


def plain_text(cell: Cell, column: str) -> str:
    """Return a cell that must be one piece of text: the article's body, its title, its id.

    >>> plain_text(Number("1.10"), "text"), plain_text(None, "text")
    ('1.10', '')
    """
    if isinstance(cell, list | dict):
        raise CorpusError(f"column {column!r} must be text, found {_kind(cell)}")
    return cell_text(cell)


def cell_text(cell: Cell) -> str:
    """Return any cell as text: JSON's words for true and false, compact JSON for what is nested.

    >>> cell_text({"tags": ["a", True], "score": Number("0.50")})
    '{"tags":["a",true],"score":0.50}'
    """
    if cell is None:
        return ""
    return str(cell) if isinstance(cell, str) else _compact(cell)


def _compact(cell: Cell) -> str:
    # json.dumps would put quotes around a Number.
    if isinstance(cell, Number):
        return str(cell)
    if isinstance(cell, list):
        return f"[{','.join(map(_compact, cell))}]"
    if isinstance(cell, dict):
        return "{" + ",".join(f"{_compact(key)}:{_compact(value)}" for key, value in cell.items()) + "}"
    return json.dumps(cell, ensure_ascii=False)


def cell_labels(cell: Cell, column: str, separator: str | None = None) -> tuple[str, ...] | None:
    """Return the labels of a cell, each once, without outer white space; None if nobody has labelled the row.

    A list holds several labels, or none, and so does a text that spells one, see `spelled_list`. Anything
    else holds one, unless there is a separator, which splits it; empty parts are dropped, so a cell that
    holds nothing but the separator says "labelled, and no label applies".

    >>> cell_labels(Number("2.0"), "label"), cell_labels("2.0", "label")
    (('2',), ('2.0',))
    >>> cell_labels("sport; ;chess;sport", "label", ";"), cell_labels([], "label"), cell_labels("", "label")
    (('sport', 'chess'), (), None)
    """
    cell = spelled_list(cell)
    if isinstance(cell, list):
        if None in cell:
            raise CorpusError(f"column {column!r} has a list of labels with an empty entry: {_shown(cell)}")
        return _distinct([_label(member, column) for member in cell])
    if isinstance(cell, str) and cell.lstrip()[:1] in _BRACKETS and _LISTED.fullmatch(cell.strip()):
        raise CorpusError(
            f"column {column!r} must hold a label or a list of labels such as "
            f'["sport", "economy"], found {_shown(cell)}'
        )
    label = _label(cell, column)
    if label in _SPREADSHEET_ERRORS:
        raise CorpusError(f"column {column!r} holds {label}, an error of a spreadsheet; correct the cell")
    if not label:
        return None
    return _distinct(label.split(separator)) if separator else (label,)


def spelled_list(cell: Cell) -> Cell:
    """Return a text that spells a list of texts as that list; any other cell as it is.

    Only so can a table without nested values, such as CSV, hold labels of any characters. Lists are those of
    JSON, those that data frames write (lists, tuples and sets of Python), and the ``choices`` of annotation
    tools. A label in brackets but without quotes stays a label.

    >>> [spelled_list(cell) for cell in ('["arts | stage", "local"]', "('a', 'b')", "[]", "[sport]", "[1]")]
    [['arts | stage', 'local'], ['a', 'b'], [], '[sport]', '[1]']
    """
    if isinstance(cell, dict) and list(cell) == ["choices"]:
        return cell["choices"]
    if isinstance(cell, Number) or not isinstance(cell, str):
        return cell
    text = cell.strip()
    if text[:1] not in _BRACKETS:
        return cell
    if text != "[]" and not _LISTED.fullmatch(text):
        return cell
    found = _read_literal(text)
    if isinstance(found, dict) and list(found) == ["choices"]:
        found = found["choices"]
    if not isinstance(found, list | tuple | set):
        return cell
    whole = all(isinstance(member, str) and not _HALF.search(member) for member in found)
    return sorted(found) if whole and isinstance(found, set) else list(found) if whole else cell


def _read_literal(text: str) -> object:
    """Return the value that a text spells in JSON or as a literal of Python; None if it spells none."""
    for read in (json.loads, _read_python):
        try:
            return read(text)
        except (ValueError, SyntaxError, MemoryError, RecursionError):
            continue
    return None


def _read_python(text: str) -> object:
    with warnings.catch_warnings():  # escapes that Python does not know
        warnings.simplefilter("ignore")
        return ast.literal_eval(text)


def _label(cell: Cell, column: str) -> str:
    if isinstance(cell, list | dict):
        raise CorpusError(
            f"column {column!r} must hold a label or a list of labels, found {_kind(cell)} in it"
        )
    if isinstance(cell, Number) and (whole := _WHOLE.fullmatch(cell)):
        return whole[1]
    return canonical(cell_text(cell).strip()).strip()


def _distinct(labels: list[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(stripped for label in labels if (stripped := label.strip())))


def _shown(cell: Cell) -> str:
    return shortened(cell_text(cell), _SHOWN)


def _kind(cell: list[Cell] | dict[str, Cell]) -> str:
    return "a list" if isinstance(cell, list) else "an object"
