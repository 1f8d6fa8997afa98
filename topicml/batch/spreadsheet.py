"""Rows as CSV for spreadsheets: one plain value in each cell."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from topicml.article import Article, Problem
from topicml.batch.rows import BatchOptions, Row
from topicml.model.classifier import FittedClassifier
from topicml.model.prediction import REASONS, Prediction

_TOP_K = 3  # most probable labels that have columns, unless another number is asked for
_SEPARATORS = ("; ", " | ", " / ", "\t")
_FORMULA = re.compile(r"[=@\t\r]|[+\-](?![\d.,]+\Z)")  # what a spreadsheet may run; no number
_LEAST = 0.0001  # probabilities have four digits, none of which make a round certainty


@dataclass(frozen=True, slots=True)
class Spreadsheet:
    """The columns of a model's predictions."""

    n_ranks: int  # most probable labels that have columns
    separator: str | None  # of the labels in one cell; None where there is one label
    codes: bool
    keep_text: bool

    @classmethod
    def of(cls, options: BatchOptions, model: FittedClassifier) -> Spreadsheet:
        """Return the columns that the options ask for."""
        free = (mark for mark in _SEPARATORS if not any(mark.strip() in label for label in model.classes_))
        separator = next(free, _SEPARATORS[-1]) if model.multilabel else None
        n_ranks = min(options.top_k or _TOP_K, len(model.classes_))
        return cls(n_ranks, separator, options.codes, options.keep_text)

    @property
    def columns(self) -> list[str]:
        """Their names, in order."""
        ranks = range(1, self.n_ranks + 1)
        return [
            *("row", "id", "title", "date", "url", "label", "probability"),
            *("labels",) * (self.separator is not None),
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
            writer.writerow({name: _harmless(cell) for name, cell in self._cells(row).items()})
            yield record.getvalue().removesuffix("\r\n") + "\n"
            record.seek(0)
            record.truncate()

    def _cells(self, row: Row) -> dict[str, object]:
        item, prediction = row.item, row.prediction
        if isinstance(item, Problem) or prediction is None:
            return {"row": row.number, "error": str(item)}
        cells = {"row": row.number, **_article_cells(item), **self._answer_cells(prediction)}
        if self.codes:
            cells["codes"] = (self.separator or " ").join(code or "" for code in row.codes or ())
        return {**cells, "text": item.text} if self.keep_text else cells

    def _answer_cells(self, prediction: Prediction) -> dict[str, object]:
        cells: dict[str, object] = {
            "label": prediction.label,
            "probability": _rounded(prediction.probability),
            "needs_review": "true" if prediction.needs_review else "false",
            "reason": REASONS[prediction.reason] if prediction.reason else None,
            "fingerprint": prediction.fingerprint,
        }
        if self.separator is not None:
            cells["labels"] = self.separator.join(prediction.labels)
        for rank, (label, probability) in enumerate(prediction.probabilities.items(), 1):
            if rank > self.n_ranks:
                break
            cells |= {f"label_{rank}": label, f"probability_{rank}": _rounded(probability)}
        return cells


def _article_cells(article: Article) -> dict[str, object]:
    return {
        "id": article.id,
        "title": article.title,
        "date": article.date,
        "url": article.metadata.get("url"),
    }


def _rounded(probability: float) -> float:
    return min(max(round(probability, 4), _LEAST), 1 - _LEAST)


def _harmless(cell: object) -> object:
    """Put an apostrophe before a text that a spreadsheet would run as a formula."""
    return f"'{cell}" if isinstance(cell, str) and _FORMULA.match(cell) else cell
