"""An evaluation as tables that a page can sort, with intervals as bars."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from topicml.evaluation.result import Evaluation, confused
from topicml.evaluation.slices import Slice
from topicml.metrics.confusion import Confusion
from topicml.metrics.decisions import LabelMeasures
from topicml.metrics.names import MEASURES
from topicml.metrics.probabilities import CoveragePoint
from topicml.metrics.resampling import Estimate

_NO_SHARES = ("log_loss", "brier")  # they may be larger than 1


@dataclass(frozen=True, slots=True)
class Cell:
    """What stands in one cell.

    A column of numbers is sorted by their keys; None goes last, whichever way. A bar is low end, value and
    high end of an interval from 0 to 1, to be drawn.
    """

    text: str
    key: float | None = None
    bar: tuple[float, float, float] | None = None


@dataclass(frozen=True, slots=True)
class PageTable:
    """Rows under a header: of each column its name, and whether it holds numbers."""

    columns: tuple[tuple[str, bool], ...]
    rows: tuple[tuple[Cell, ...], ...]


def measure_table(evaluation: Evaluation, beside: Mapping[str, Mapping[str, Estimate]]) -> PageTable:
    """Return all that is one number, and beside it what other articles gave, by the name of these."""
    rows = []
    for name, estimate in evaluation.measures.items():
        others = [_number(of[name]) if name in of else Cell("") for of in beside.values()]
        rows.append((Cell(MEASURES[name]), *_estimate(estimate, drawn=name not in _NO_SHARES), *others))
    return _table(["measure", *_of_estimate("value"), *((name, True) for name in beside)], rows)


def label_table(labels: Mapping[str, LabelMeasures]) -> PageTable:
    """Return a row for each label, the weakest first."""
    ranked = any(own.average_precision is not None for own in labels.values())
    rows = []
    for label, own in sorted(labels.items(), key=lambda item: item[1].f1.value):
        others = [own.precision, own.recall, *([own.average_precision] if own.average_precision else [])]
        counts = (_count(own.support), _count(own.given))
        rows.append((Cell(label), *_estimate(own.f1), *map(_number, others), *counts))
    last = [("precision", True), ("recall", True), *([("average precision", True)] if ranked else [])]
    return _table(["label", *_of_estimate("F1"), *last, ("articles", True), ("given", True)], rows)


def count_table(name: str, labels: Mapping[str, int]) -> PageTable:
    """Return a row for each label with its number, the largest first."""
    ranked = sorted(labels.items(), key=lambda item: -item[1])
    return _table(["label", (name, True)], [(Cell(label), _count(count)) for label, count in ranked])


def confusion_table(confusions: Sequence[Confusion]) -> PageTable:
    """Return a row for each pair of a missed and a wrong label, the most frequent first."""
    rows = [
        (
            *map(Cell, confused(found)),
            _count(found.count),
            *_estimate(found.share, drawn=False),
        )
        for found in confusions
    ]
    return _table(["true", "given", ("articles", True), *_of_estimate("share")], rows)


def coverage_table(points: Sequence[CoveragePoint]) -> PageTable:
    """Return a row for each confidence."""
    rows = [
        (
            Cell(f"{point.confidence:.3f}", point.confidence),
            _number(point.coverage),
            *_estimate(point.precision),
        )
        for point in points
    ]
    return _table([("from probability", True), ("answered", True), *_of_estimate("right")], rows)


def slice_table(field: str, parts: Sequence[Slice]) -> PageTable:
    """Return a row for each value of a field."""
    rows = [
        (
            Cell(part.name),
            _count(part.n),
            *_estimate(part.measures["macro_f1"]),
            *_estimate(part.measures["accuracy"]),
            _number(part.measures["coverage"]),
        )
        for part in parts
    ]
    measures = (*_of_estimate("macro F1"), *_of_estimate("accuracy"))
    return _table([field, ("articles", True), *measures, ("answered", True)], rows)


def _table(columns: Iterable[str | tuple[str, bool]], rows: Iterable[tuple[Cell, ...]]) -> PageTable:
    named = ((column, False) if isinstance(column, str) else column for column in columns)
    return PageTable(tuple(named), tuple(rows))


def _of_estimate(name: str) -> tuple[tuple[str, bool], ...]:
    return ((name, True), ("95 % interval", True))


def _estimate(estimate: Estimate, *, drawn: bool = True) -> tuple[Cell, Cell]:
    """Return the value, and the interval, which is sorted by its low end and may be drawn as a bar."""
    if estimate.interval is None:
        return _number(estimate), Cell(estimate.interval_text())
    bar = (estimate.low, estimate.value, estimate.high) if drawn else None
    return _number(estimate), Cell(estimate.interval_text(), estimate.low, bar)


def _number(estimate: Estimate) -> Cell:
    return Cell(estimate.value_text(), estimate.value if estimate.interval else None)


def _count(number: int) -> Cell:
    return Cell(str(number), number)
