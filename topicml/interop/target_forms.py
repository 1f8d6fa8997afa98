"""The forms in which scikit-learn's users pass y: to the labels of articles, and back."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import issparse
from sklearn.utils.multiclass import type_of_target
from sklearn.utils.validation import column_or_1d

from topicml.article import TargetType
from topicml.exceptions import CorpusError, TopicmlTypeError, TopicmlValueError

_CONTAINERS = (list, tuple, set, frozenset)


@dataclass(frozen=True, eq=False, slots=True)
class TargetForm:
    """How labels were given, so that predictions can be given likewise.

    Parameters
    ----------
    kind : {"labels", "indicator", "lists"}
        One label an article; a column of 0 and 1 for each label; a list of labels for each article.
    classes_ : ndarray, shape (n_classes,)
        Sorted; for an indicator matrix, which does not name them, the numbers of its columns.
    dtype : dtype
        Of an indicator matrix; else that of `classes_`.
    """

    kind: Literal["labels", "indicator", "lists"]
    classes_: NDArray[Any]
    dtype: np.dtype[Any]

    @property
    def target_type(self) -> TargetType:
        """What topicml's training calls it."""
        return "multiclass" if self.kind == "labels" else "multilabel"

    @property
    def names(self) -> tuple[str, ...]:
        """The classes as topicml's labels, which are text."""
        return tuple(str(label) for label in self.classes_)

    def restore(self, assigned: NDArray[np.bool_]) -> NDArray[Any] | list[tuple[str, ...]]:
        """Return which article has which label, shape (n_articles, n_classes), in the form of y.

        Examples
        --------
        >>> form, _ = read_target([["rain"], ["rain", "sport"], []])
        >>> form.restore(np.array([[True, False], [False, False]]))
        [('rain',), ()]
        """
        if self.kind == "labels":
            one_each: NDArray[Any] = self.classes_[assigned.argmax(axis=1)]
            return one_each
        if self.kind == "indicator":
            return assigned.astype(self.dtype)
        return [tuple(self.classes_[row].tolist()) for row in assigned]


def read_target(y: object) -> tuple[TargetForm, list[tuple[str, ...]]]:
    """Find the form in which labels are given, and return them as labels of articles.

    They may be whatever `sklearn.utils.multiclass.type_of_target` calls binary, multiclass or
    multilabel-indicator; or, beyond it, one list, tuple or set of str for each article. All else is an error:
    a label is missing or of another type than the others, measured numbers, several outputs, one class only.

    >>> form, labels = read_target([3, 10, 3])
    >>> form.classes_.tolist(), labels
    ([3, 10], [('3',), ('10',), ('3',)])
    """
    given = _materialized(y)
    rows = _rows(given)
    if _are_label_lists(rows):
        return _from_lists(rows)
    _check_all_text_or_none(rows)
    kind = _kind(given)
    if kind == "multilabel-indicator":
        return _from_indicator(np.asarray(given))
    if kind in ("binary", "multiclass"):
        return _from_labels(column_or_1d(given, warn=True))
    raise TopicmlValueError(
        f"Unknown label type: {kind}. y must be one label for each article (text or whole numbers), "
        "a matrix of 0 and 1 with a column for each label, or a list of labels for each article"
    )


def _materialized(y: Any) -> Any:  # noqa: ANN401  (whatever array type it is)
    """Return a list of what can be iterated only, arrays as they are, and sparse ones dense."""
    if y is None:
        raise TopicmlValueError("TopicClassifier requires y to be passed, but the target y is None")
    if issparse(y):
        return y.toarray()  # type: ignore[attr-defined]  # every sparse class has it, their base lacks it
    if hasattr(y, "__array__"):
        return y
    if isinstance(y, str | bytes) or not isinstance(y, Iterable):
        raise TopicmlTypeError(f"y must hold a label for each article, found {type(y).__name__}")
    return list(y)


def _rows(given: Any) -> list[Any]:  # noqa: ANN401
    """Return the entries that may be objects of any kind: those of lists and of arrays of objects."""
    if isinstance(given, list):
        return given
    array = np.asarray(given)
    return list(array) if array.dtype == object and array.ndim == 1 else []


def _are_label_lists(rows: Sequence[object]) -> bool:
    """Whether rows hold text; nested lists of numbers are an indicator matrix."""
    held = [row for row in rows if isinstance(row, _CONTAINERS)]
    return bool(held) and all(isinstance(label, str) for row in held for label in row)


def _check_all_text_or_none(rows: Sequence[object]) -> None:
    """Refuse what NumPy would write out as text beside text: None and NaN would become labels."""
    if any(isinstance(row, str) for row in rows):
        for position, row in enumerate(rows):
            if not isinstance(row, str):
                raise TopicmlTypeError(
                    f"expected a label that is text at position {position} of y, as others are, found {row!r}"
                )


def _kind(given: Any) -> str:  # noqa: ANN401
    """Return scikit-learn's name of a type of target."""
    try:
        array = np.asarray(given)
        if array.dtype.kind == "S":  # scikit-learn before 1.7 took them, with a warning
            return "bytes"
        if array.dtype == object and not all(isinstance(label, str) for label in array.flat):
            return "unknown"
        if array.size and (array.dtype.kind != "f" or np.isfinite(array).all()):
            with np.errstate(invalid="ignore"):  # scikit-learn tries whether huge floats are whole numbers
                return str(type_of_target(array, input_name="y"))
    except ValueError as error:  # lists of different lengths
        raise TopicmlValueError(f"y cannot be read as labels: {error}") from error
    if not array.size:
        raise CorpusError("there are no articles to train on: y has 0 samples")
    raise TopicmlValueError("Input y contains NaN or infinity: leave out the articles without a label")


def _from_labels(y: NDArray[Any]) -> tuple[TargetForm, list[tuple[str, ...]]]:
    classes, codes = np.unique(y, return_inverse=True)
    if len(classes) < 2:
        raise TopicmlValueError(f"training needs two classes or more, found one class in y: {classes[0]!r}")
    form = TargetForm("labels", classes, classes.dtype)
    names = form.names
    return form, [(names[code],) for code in codes]


def _from_indicator(Y: NDArray[Any]) -> tuple[TargetForm, list[tuple[str, ...]]]:
    form = TargetForm("indicator", np.arange(Y.shape[1]), Y.dtype)
    return form, [tuple(str(column) for column in row.nonzero()[0]) for row in Y]


def _from_lists(rows: Sequence[Iterable[str]]) -> tuple[TargetForm, list[tuple[str, ...]]]:
    for position, row in enumerate(rows):
        if not isinstance(row, _CONTAINERS):
            raise TopicmlTypeError(
                f"expected a list of labels at position {position} of y, as others are, found {row!r}"
            )
    labels = [tuple(sorted(str.__str__(label) for label in row)) for row in rows]
    classes = np.array(sorted({label for row in labels for label in row}), dtype=np.str_)
    return TargetForm("lists", classes, classes.dtype), labels
