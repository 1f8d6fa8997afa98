"""Numbers that callers pass: of the right kind, and large enough."""

from __future__ import annotations

from numbers import Integral, Real

from topicml.exceptions import TopicmlTypeError, TopicmlValueError


def whole_number(name: str, value: object, lowest: int, *, unit: str = "") -> int:
    """Return a whole number as JSON can hold it, also NumPy's; refuse anything else, and a lower one.

    >>> whole_number("n_folds", 1, 2)
    Traceback (most recent call last):
    topicml.exceptions.TopicmlValueError: n_folds must be 2 or more, found 1
    """
    if isinstance(value, bool) or not isinstance(value, Integral):
        raise TopicmlTypeError(f"{name} must be a whole number{unit}, found {value!r}")
    if value < lowest:
        raise TopicmlValueError(f"{name} must be {lowest} or more, found {value}")
    return int(value)


def number(name: str, value: object) -> float:
    """Return a number, or refuse anything else.

    >>> number("max_df", "all")
    Traceback (most recent call last):
    topicml.exceptions.TopicmlTypeError: max_df must be a number, found 'all'
    """
    if not isinstance(value, Real):
        raise TopicmlTypeError(f"{name} must be a number, found {value!r}")
    return float(value)
