"""An evaluation as tables that a page can sort, with intervals as bars."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import ceil, floor

from topicml.evaluation.result import Evaluation, confused, told_measures
from topicml.evaluation.slices import Slice
from topicml.metrics.confusion import Confusion
from topicml.metrics.decisions import LabelMeasures
from topicml.metrics.names import MEASURES
from topicml.metrics.probabilities import CoveragePoint
from topicml.metrics.resampling import Estimate

FEW = 10
"""Labels with fewer articles have a table of their own: their scores say next to nothing."""

_INTERVAL = "95% interval"


@dataclass(frozen=True, slots=True)
class Cell:
    """Content of one cell.

    A column of numbers is sorted by their keys; None goes last, whichever way. A bar is low end, value and
    high end of an interval, as shares of the width that it is drawn in.
    """

    text: str
    key: float | None = None
    bar: tuple[float, float, float] | None = None


@dataclass(frozen=True, slots=True)
class PageTable:
    """Rows under a header: of each column its name, and whether it holds numbers."""

    columns: tuple[tuple[str, bool], ...]
    rows: tuple[tuple[Cell, ...], ...]


def measure_table(evaluation: Evaluation) -> PageTable:
    """Return all that is one number."""
    rows = [(Cell(MEASURES[name]), *_estimate(found)) for name, found in told_measures(evaluation).items()]
    return _table(["measure", *_of_estimate("value")], rows)


def label_tables(labels: Mapping[str, LabelMeasures]) -> tuple[PageTable, PageTable, str]:
    """Return a row for each label, the weakest first, those with few articles apart, and a line about bars.

    Where all labels have few articles, all of them are in the first table, and there are no bars.
    """
    ranked = sorted(labels.items(), key=lambda item: item[1].f1.value)
    few = [item for item in ranked if item[1].support < FEW]
    if len(few) == len(ranked):
        return _label_table(ranked, None), _label_table([], None), ""
    many = [item for item in ranked if item[1].support >= FEW]
    low, high = scale = _scale([own.f1 for _, own in many])
    told = f"Bars show the 95% interval of F1 between {low:.1f} and {high:.1f}."
    return _label_table(many, scale), _label_table(few, None), told


def _label_table(labels: Sequence[tuple[str, LabelMeasures]], scale: tuple[float, float] | None) -> PageTable:
    """Return a row for each label; without a scale, intervals are not drawn."""
    ranked = any(own.average_precision is not None for _, own in labels)
    rows = []
    for label, own in labels:
        others = [own.precision, own.recall, *([own.average_precision] if own.average_precision else [])]
        counts = (_count(own.support), _count(own.given))
        rows.append((Cell(label), *_estimate(own.f1, scale), *map(_number, others), *counts))
    last = [("precision", True), ("recall", True), *([("average precision", True)] if ranked else [])]
    return _table(["label", *_of_estimate("F1"), *last, ("articles", True), ("times given", True)], rows)


def _scale(estimates: Sequence[Estimate]) -> tuple[float, float]:
    """Return between which tenths intervals are drawn, so that they fill the room."""
    intervals = [found.interval for found in estimates if found.interval]
    low = min((interval[0] for interval in intervals), default=0.0)
    high = max((interval[1] for interval in intervals), default=1.0)
    return floor(10 * low) / 10, max(ceil(10 * high) / 10, floor(10 * low) / 10 + 0.1)


def count_table(name: str, labels: Mapping[str, int]) -> PageTable:
    """Return a row for each label with its number, the largest first."""
    ranked = sorted(labels.items(), key=lambda item: -item[1])
    return _table(["label", (name, True)], [(Cell(label), _count(count)) for label, count in ranked])


def confusion_table(confusions: Sequence[Confusion]) -> PageTable:
    """Return a row for each pair of a missed and a wrong label, the most frequent first."""
    rows = [
        (
            Cell(" → ".join(confused(found))),
            _count(found.count),
            *((Cell(""), Cell("")) if found.true is None else _estimate(found.share)),
        )
        for found in confusions
    ]
    return _table(["true → given", ("articles", True), *_of_estimate("share of the true label")], rows)


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
    return _table([("answered from probability", True), ("answered", True), *_of_estimate("right")], rows)


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
    return ((name, True), (_INTERVAL, True))


def _estimate(estimate: Estimate, scale: tuple[float, float] | None = None) -> tuple[Cell, Cell]:
    """Return the value, and the interval, which is sorted by its low end and may be drawn on a scale.

    An interval without width is of too few articles to be drawn: it would look like certainty.
    """
    if estimate.interval is None:
        return _number(estimate), Cell(estimate.interval_text())
    bar = None
    if scale and estimate.low < estimate.high:
        low, value, high = (
            (end - scale[0]) / (scale[1] - scale[0]) for end in (estimate.low, estimate.value, estimate.high)
        )
        bar = (low, value, high)
    return _number(estimate), Cell(estimate.interval_text(), estimate.low, bar)


def _number(estimate: Estimate) -> Cell:
    return Cell(estimate.value_text(), estimate.value if estimate.interval else None)


def _count(number: int) -> Cell:
    return Cell(f"{number:,}", number)
