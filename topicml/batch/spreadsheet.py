"""Rows as CSV for spreadsheets: one plain value in each cell."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import count

from topicml.article import Article, Problem
from topicml.batch.rows import BatchOptions, Row
from topicml.model.classifier import FittedClassifier
from topicml.model.prediction import REASONS, Prediction

_TOP_K = 3  # most probable labels that have columns, unless another number is asked for
_MARKS = (";", "|", "/")
_FORMULA = re.compile(r"[=@\t\r]|[+\-](?![\d.,]+\Z)")  # what a spreadsheet may run; no number


@dataclass(frozen=True, slots=True)
class Spreadsheet:
    """The columns of a model's predictions."""

    n_ranks: int  # most probable labels that have columns
    mark: str | None  # between the labels of one cell; None where there is one label
    codes: bool
    keep_text: bool

    @classmethod
    def of(cls, options: BatchOptions, model: FittedClassifier) -> Spreadsheet:
        """Return the columns that the options ask for."""
        mark = free_mark(model.classes_) if model.multilabel else None
        n_ranks = min(options.top_k or _TOP_K, len(model.classes_))
        return cls(n_ranks, mark, options.codes, options.keep_text)

    @property
    def columns(self) -> list[str]:
        """Their names, in order."""
        ranks = range(1, self.n_ranks + 1)
        return [
            *("row", "id", "title", "date", "url", "label", "probability"),
            *("labels",) * (self.mark is not None),
            *(name for rank in ranks for name in (f"label_{rank}", f"probability_{rank}")),
            *("needs_review", "reason", "fingerprint", "error"),
            *("codes",) * self.codes,
            *("text",) * self.keep_text,
        ]

    def lines(self, rows: Iterable[Row]) -> Iterator[str]:
        """Yield each row as a record, which ends as a line does."""
        # csv quotes the characters of its line terminator, so with this one it quotes a lone CR, too.
        record = io.StringIO(newline="")
        writer = csv.DictWriter(record, self.columns, lineterminator="\r\n")
        for row in rows:
            writer.writerow(self._cells(row))
            yield record.getvalue().removesuffix("\r\n") + "\n"
            record.seek(0)
            record.truncate()

    def _cells(self, row: Row) -> dict[str, object]:
        item, prediction = row.item, row.prediction
        if isinstance(item, Problem) or prediction is None:
            return {"row": row.number, "error": _harmless(str(item))}
        cells = {"row": row.number, **_article_cells(item), **self._answer_cells(prediction)}
        if self.codes:
            cells["codes"] = self._joined([code or "" for code in row.codes or ()])
        return {**cells, "text": _harmless(item.text)} if self.keep_text else cells

    def _answer_cells(self, prediction: Prediction) -> dict[str, object]:
        cells: dict[str, object] = {
            "label": prediction.label,
            "probability": prediction.probability,
            "needs_review": "true" if prediction.needs_review else "false",
            "reason": REASONS[prediction.reason] if prediction.reason else None,
            "fingerprint": prediction.fingerprint,
        }
        if self.mark is not None:
            cells["labels"] = self._joined(prediction.labels)
        for rank, (label, probability) in enumerate(prediction.ranked(self.n_ranks), 1):
            cells |= {f"label_{rank}": label, f"probability_{rank}": probability}
        return cells

    def _joined(self, texts: Sequence[str]) -> str:
        mark = self.mark or _MARKS[0]
        return (f"{mark} " if mark == _MARKS[0] else f" {mark} ").join(texts)


def free_mark(labels: Sequence[str]) -> str:
    """Return what can separate labels: the first mark that is in none of them, repeated if all are.

    >>> free_mark(["Arts; stage", "sport"]), free_mark(["a;b", "c|d", "e/f"])
    ('|', ';;')
    """
    marks = (mark * n for n in count(1) for mark in _MARKS)
    return next(mark for mark in marks if not any(mark in label for label in labels))


def _article_cells(article: Article) -> dict[str, object]:
    return {
        "id": article.id,
        "title": _harmless(article.title),
        "date": _harmless(article.date),
        "url": _harmless(article.metadata.get("url")),
    }


def _harmless(text: str | None) -> str | None:
    """Put an apostrophe before a text that a spreadsheet would run as a formula."""
    return f"'{text}" if text and _FORMULA.match(text) else text
