"""Articles to rows of predictions, one for each item, in order."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

from topicml.article import Article, Problem
from topicml.exceptions import CorpusError, TopicmlValueError
from topicml.formatting import counted
from topicml.model.classifier import FittedClassifier
from topicml.model.prediction import Prediction, check_top_k

OutputFormat = Literal["jsonl", "csv", "parquet", "table"]


@dataclass(frozen=True, slots=True)
class BatchSummary:
    """Counts of a batch's rows.

    Parameters
    ----------
    n_rows : int
        Rows read, and rows written.
    n_abstained : int
        Articles that the model does not answer: a person should review them.
    n_errors : int
        Rows that could not be read.
    n_unlabelled : int
        Articles without a label, because none is probable enough: a person should review these, too.

    Examples
    --------
    >>> print(BatchSummary(n_rows=59, n_abstained=2, n_unlabelled=6))
    59 articles; 8 need review (6 without a label, 2 the model is unsure of)
    >>> print(BatchSummary(n_rows=59))
    59 articles; none need review
    """

    n_rows: int = 0
    n_abstained: int = 0
    n_errors: int = 0
    n_unlabelled: int = 0

    def __add__(self, other: BatchSummary) -> BatchSummary:
        return BatchSummary(
            self.n_rows + other.n_rows,
            self.n_abstained + other.n_abstained,
            self.n_errors + other.n_errors,
            self.n_unlabelled + other.n_unlabelled,
        )

    @property
    def n_review(self) -> int:
        """Articles that a person should review."""
        return self.n_abstained + self.n_unlabelled

    def __str__(self) -> str:
        parts = [counted(self.n_rows - self.n_errors, "article"), self._needing()]
        if self.n_errors:
            parts.append(f"{counted(self.n_errors, 'row')} could not be read")
        return "; ".join(parts)

    def _needing(self) -> str:
        """Return how many articles need review, and why."""
        if not self.n_review:
            return "none need review"
        if self.n_abstained and self.n_unlabelled:
            why = f"{self.n_unlabelled:,} without a label, {self.n_abstained:,} the model is unsure of"
        else:
            why = "without a label" if self.n_unlabelled else "the model is unsure"
        return f"{self.n_review:,} need{'s' if self.n_review == 1 else ''} review ({why})"


@dataclass(frozen=True, slots=True)
class BatchOptions:
    """How a batch is read and written.

    Parameters
    ----------
    output_format : {"jsonl", "csv", "parquet", "table"}, optional
        By default the one that the output's name says, else JSON Lines. A table is for a screen.
    top_k : int, optional
        How many probabilities to give for each row: all by default, 3 in CSV.
    keep_text : bool, default=False
        Also give the article's title, date, address (``url``) and text, if its row has them.
    strict : bool, default=False
        Stop at the first row that cannot be read, instead of giving a row with its error.
    always_label : bool, default=False
        Give an article the most probable label where none reaches its threshold.
    batch_size : int, default=1000
        Rows held at once; their number does not change the predictions.
    codes : bool, default=False
        Also give the codes of the labels, such as those of IPTC Media Topics, if the model keeps any.
    width : int, default=80
        Characters in a line of a table.
    keep_record : bool, default=False
        Keep the record of a finished job, so that resuming it does nothing: for one job among many.
    """

    output_format: OutputFormat | None = None
    top_k: int | None = None
    keep_text: bool = False
    strict: bool = False
    always_label: bool = False
    batch_size: int = 1000
    codes: bool = False
    width: int = 80
    keep_record: bool = False

    def __post_init__(self) -> None:
        if self.output_format not in (None, *get_args(OutputFormat)):
            raise TopicmlValueError(
                f"output_format must be one of {get_args(OutputFormat)}, found {self.output_format!r}"
            )
        check_top_k(self.top_k)
        if self.batch_size < 1:
            raise TopicmlValueError(f"batch_size must be 1 or more, found {self.batch_size}")


DEFAULT_BATCH = BatchOptions()


@dataclass(frozen=True, slots=True)
class Row:
    """An item that was read, by its number counted from 1, and the prediction for it if it is an article."""

    number: int
    item: Article | Problem
    prediction: Prediction | None
    codes: Sequence[str | None] | None = None  # of the prediction's labels


def predict_batch(
    model: FittedClassifier, batch: Sequence[Article | Problem], options: BatchOptions, *, first_row: int
) -> Iterator[Row]:
    """Predict rows that are held at once.

    With ``options.strict`` a row that cannot be read is an error instead.
    """
    articles = [item for item in batch if isinstance(item, Article)]
    predictions = iter(model.predict(articles, always_label=options.always_label))
    for number, item in enumerate(batch, first_row):
        if isinstance(item, Problem):
            if options.strict:
                raise CorpusError(f"{item}; correct it, or leave out --strict to get a row with the error")
            yield Row(number, item, None)
            continue
        prediction = next(predictions)
        codes = model.label_codes(prediction.labels) if options.codes else None
        yield Row(number, item, prediction, codes)
