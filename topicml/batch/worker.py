"""A batch of articles in, a piece of the output file out: the work that can be done in any process."""

from __future__ import annotations

import gzip
import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from topicml.article import Article, Problem
from topicml.batch.rows import BatchOptions, BatchSummary, predict_batch
from topicml.batch.writers import header, write_body
from topicml.exceptions import ModelFormatError, TopicmlError
from topicml.model.classifier import FittedClassifier
from topicml.model.persistence import load_classifier

_Value = TypeVar("_Value")
_LEVEL = 6


@dataclass(frozen=True, slots=True)
class Batch:
    """Rows that are worked on at once."""

    items: Sequence[Article | Problem]
    first_row: int  # counted from 1
    pause: bool = False  # of the input, after them, so that their answers should not wait


@dataclass(frozen=True, slots=True)
class Answer:
    """The output for one batch."""

    data: bytes
    summary: BatchSummary
    error: TopicmlError | None = None  # not raised at once: the rows before it are to be written


@dataclass(frozen=True, slots=True)
class Answering:
    """How batches become pieces of output; small enough to be sent to another process.

    Compressed, each piece is a member of a gzip file, which is such members one after the other. The
    file can then be cut after any of them, and they can be made in any process.
    """

    model: FittedClassifier | Path  # from a folder, the arrays are mapped, and processes share them
    options: BatchOptions
    ascii_only: bool = False  # JSON is to escape all that is not ASCII
    compressed: bool = False
    fingerprint: str | None = None  # that the model loaded from a folder must have

    def start(self) -> Callable[[Batch], Answer]:
        """Load the model where that is to be done, and return the function that answers."""
        if isinstance(self.model, FittedClassifier):
            return lambda batch: self._answer(self.model, batch)  # type: ignore[arg-type]  # narrowed above
        model = load_classifier(self.model)
        if self.fingerprint not in (None, model.fingerprint):
            raise ModelFormatError(
                f"{self.model}: the model was replaced while the job was starting; run it again"
            )
        return lambda batch: self._answer(model, batch)

    def head(self, model: FittedClassifier) -> bytes:
        """Return the bytes before the first row. In gzip there always are some: no bytes are no gzip file."""
        return self._encoded(header(self.options, model))

    def _answer(self, model: FittedClassifier, batch: Batch) -> Answer:
        text = io.StringIO(newline="")
        failures: list[TopicmlError] = []
        rows = predict_batch(model, batch.items, self.options, first_row=batch.first_row)
        whole = _until_error(rows, failures)
        summary = write_body(whole, text, self.options, model, ascii_only=self.ascii_only)
        return Answer(self._encoded(text.getvalue()), summary, next(iter(failures), None))

    def _encoded(self, text: str) -> bytes:
        # A lone surrogate from the input becomes an escape, which JSON reads back as it was.
        data = text.encode("utf-8", "backslashreplace")
        # Without name and time, so that the same rows are the same bytes.
        return gzip.compress(data, _LEVEL, mtime=0) if self.compressed else data


def batches_of(
    items: Iterable[Article | Problem], size: int, pauses: Callable[[], bool] = lambda: False
) -> Iterator[Batch]:
    """Group items into batches; if reading fails, the items that were read before come first.

    `pauses` is asked after each item whether those held should be answered without waiting for more.
    """
    held: list[Article | Problem] = []
    first_row = 1
    failures: list[TopicmlError] = []
    for item in _until_error(items, failures):
        held.append(item)
        pause = pauses()
        if pause or len(held) == size:
            yield Batch(held, first_row, pause)
            first_row += len(held)
            held = []
    if held:
        yield Batch(held, first_row)
    for failure in failures:
        raise failure


def _until_error(values: Iterable[_Value], failures: list[TopicmlError]) -> Iterator[_Value]:
    """Yield values up to an error, which is kept for when they have been dealt with."""
    try:
        yield from values
    except TopicmlError as error:
        failures.append(error)
