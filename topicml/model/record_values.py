"""Dataclasses as values that JSON can hold, and back, each field checked against its type."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from dataclasses import MISSING, fields, is_dataclass
from functools import cache
from types import MappingProxyType, NoneType, UnionType
from typing import Any, Literal, NoReturn, TypeVar, Union, get_args, get_origin, get_type_hints

from topicml.exceptions import ModelFormatError
from topicml.formatting import shortened

_T = TypeVar("_T")
WHERE_KNOWN = MappingProxyType({"written": "where it is known"})
"""The metadata of a field that is left out where it is None; others are written as None, too."""

_LARGEST = sys.float_info.max
_PLAIN: Mapping[type, tuple[Any, str]] = MappingProxyType(
    {
        bool: (bool, "true or false"),
        int: (int, "a whole number"),
        float: (int | float, "a number"),
        str: (str, "a text"),
    }
)


def read_as(kind: type[_T], stored: object, place: str) -> _T:
    """Read an entry, or a part of one, that is a dataclass; the place names it in messages.

    Examples
    --------
    >>> from topicml.model.record import RecordedThreshold
    >>> read_as(RecordedThreshold, {"threshold": "high", "range": [0.2, 0.4]}, "sport")
    Traceback (most recent call last):
    ...
    topicml.exceptions.ModelFormatError: the model's record: sport.threshold: expected a number, found 'high'
    """
    if not isinstance(stored, Mapping):
        refuse(place, "a mapping", stored)
    return kind(**read_fields(kind, stored, f"{place}."))


@cache
def kinds_of(kind: type) -> Mapping[str, Any]:
    """Return the type of each field, without the None that it may be."""
    found = {}
    for name, hint in get_type_hints(kind).items():
        options = [option for option in get_args(hint) if option is not NoneType]
        found[name] = options[0] if get_origin(hint) in (UnionType, Union) else hint
    return found


def read_fields(kind: Any, stored: Mapping[str, Any], prefix: str) -> dict[str, Any]:  # noqa: ANN401  (a dataclass)
    """Read the fields of a dataclass; what is None or not there is as by default, what is unknown no part."""
    parts = {}
    for part in fields(kind):
        if stored.get(part.name) is not None:
            parts[part.name] = _read(kinds_of(kind)[part.name], stored[part.name], f"{prefix}{part.name}")
        elif part.default is MISSING and part.default_factory is MISSING:
            raise ModelFormatError(f"the model's record: {prefix}{part.name}: expected an entry, found none")
    return parts


def _read(kind: Any, stored: Any, place: str) -> Any:  # noqa: ANN401  (whatever JSON can hold)
    """Return a stored value in the type that it should have."""
    if kind is Any:
        return stored
    if isinstance(kind, type) and is_dataclass(kind):
        return read_as(kind, stored, place)
    if get_origin(kind) is Literal:
        return stored if stored in get_args(kind) else refuse(place, f"one of {get_args(kind)}", stored)
    if get_origin(kind) is tuple:
        return _read_list(get_args(kind), stored, place)
    if get_origin(kind) is Mapping:
        if not (isinstance(stored, Mapping) and all(isinstance(key, str) for key in stored)):
            refuse(place, "a mapping", stored)
        inner = get_args(kind)[1]
        return {key: _read(inner, value, f"{place}[{key!r}]") for key, value in stored.items()}
    accepted, called = _PLAIN[kind]
    if isinstance(stored, bool) is not (kind is bool) or not isinstance(stored, accepted):
        refuse(place, called, stored)
    if kind is float and not -_LARGEST <= stored <= _LARGEST:
        raise ModelFormatError(f"the model's record: {place}: expected a finite number")
    return stored


def _read_list(kinds: tuple[Any, ...], stored: object, place: str) -> tuple[Any, ...]:
    if not isinstance(stored, list | tuple):
        refuse(place, "a list", stored)
    several = kinds[-1] is Ellipsis
    if not several and len(stored) != len(kinds):
        refuse(place, f"a list of {len(kinds)}", stored)
    each = kinds[:1] * len(stored) if several else kinds
    return tuple(
        _read(kind, value, f"{place}[{k}]") for k, (kind, value) in enumerate(zip(each, stored, strict=True))
    )


def refuse(place: str, expected: str, found: object) -> NoReturn:
    """Say what was expected at a place of the record, and what was found."""
    shown = shortened(repr(found), 60)
    raise ModelFormatError(f"the model's record: {place}: expected {expected}, found {shown}")


def written(value: Any, names: Iterable[str]) -> dict[str, Any]:  # noqa: ANN401  (a dataclass)
    """Write the named fields of a dataclass, without those that are left out where they are not known."""
    optional = {part.name for part in fields(value) if part.metadata == WHERE_KNOWN}
    found = {name: getattr(value, name) for name in names}
    return {name: _plain(part) for name, part in found.items() if part is not None or name not in optional}


def _plain(value: Any) -> Any:  # noqa: ANN401  (a field)
    if is_dataclass(value) and not isinstance(value, type):
        return written(value, kinds_of(type(value)))
    if isinstance(value, Mapping):
        return {key: _plain(inner) for key, inner in value.items()}
    return [_plain(inner) for inner in value] if isinstance(value, list | tuple) else value
