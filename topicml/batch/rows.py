"""Articles to rows of predictions: plain values, one row for each item, in order."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args

from topicml.article import Article, Problem
from topicml.exceptions import CorpusError, TopicmlValueError
from topicml.formatting import counted
from topicml.model.classifier import FittedClassifier
from topicml.model.prediction import check_top_k

OutputFormat = Literal["jsonl", "csv", "parquet"]


@dataclass(frozen=True, slots=True)
class BatchSummary:
    """What a batch came to.

    Parameters
    ----------
    n_rows : int
        Rows read, and rows written.
    n_abstained : int
        Rows for a person to decide.
    n_errors : int
        Rows that could not be read.
    """

    n_rows: int = 0
    n_abstained: int = 0
    n_errors: int = 0

    def __add__(self, other: BatchSummary) -> BatchSummary:
        return BatchSummary(
            self.n_rows + other.n_rows,
            self.n_abstained + other.n_abstained,
            self.n_errors + other.n_errors,
        )

    def __str__(self) -> str:
        parts = [counted(self.n_rows, "row"), f"{self.n_abstained} of them for a person"]
        return ", ".join([*parts, f"{self.n_errors} unreadable"] if self.n_errors else parts)


@dataclass(frozen=True, slots=True)
class BatchOptions:
    """How a batch is read and written.

    Parameters
    ----------
    output_format : {"jsonl", "csv", "parquet"}, optional
        By default what the output's name says, else JSON Lines.
    top_k : int, optional
        How many probabilities to give for each row; by default all.
    keep_text : bool, default=False
        Also give title and text, to see which prediction belongs to what.
    strict : bool, default=False
        Stop at the first row that cannot be read, instead of giving a row with its error.
    batch_size : int, default=1000
        Rows held at once; their number does not change the predictions.
    codes : bool, default=False
        Also give the codes of the labels, such as those of IPTC Media Topics, of a model that keeps any.
    """

    output_format: OutputFormat | None = None
    top_k: int | None = None
    keep_text: bool = False
    strict: bool = False
    batch_size: int = 1000
    codes: bool = False

    def __post_init__(self) -> None:
        if self.output_format not in (None, *get_args(OutputFormat)):
            raise TopicmlValueError(
                f"output_format must be 'jsonl', 'csv' or 'parquet', found {self.output_format!r}"
            )
        check_top_k(self.top_k)
        if self.batch_size < 1:
            raise TopicmlValueError(f"batch_size must be 1 or more, found {self.batch_size}")


DEFAULT_BATCH = BatchOptions()


def predict_batch(
    model: FittedClassifier, batch: Sequence[Article | Problem], options: BatchOptions, *, first_row: int
) -> Iterator[dict[str, Any]]:
    """Predict rows that are held at once, as ``row``, ``id`` and either the prediction or ``error``.

    With ``options.strict`` a row that cannot be read is an error instead.
    """
    predictions = iter(model.predict([item for item in batch if isinstance(item, Article)]))
    for row, item in enumerate(batch, first_row):
        if isinstance(item, Problem):
            if options.strict:
                raise CorpusError(f"{item}; mend it, or do without --strict to get a row with the error")
            yield {"row": row, "id": None, "error": str(item)}
            continue
        prediction = next(predictions)
        answer = {"row": row, "id": item.id, **prediction.to_dict(top_k=options.top_k)}
        if options.codes:
            answer["codes"] = model.label_codes(prediction.labels)
        yield {**answer, "title": item.title, "text": item.text} if options.keep_text else answer
