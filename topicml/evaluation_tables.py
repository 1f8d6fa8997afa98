"""An evaluation as tables: once, for terminal, notebook and page."""

from __future__ import annotations

from collections.abc import Sequence
from textwrap import wrap
from typing import TYPE_CHECKING

from topicml.displays.tables import Table
from topicml.formatting import counted, escaped, shortened, table_lines
from topicml.metrics.names import MEASURE_NAMES, MEASURES
from topicml.metrics.resampling import Estimate
from topicml.slicing import Slice

if TYPE_CHECKING:
    from topicml.evaluation_result import Evaluation


_NONE = "–"
_WIDTH = 80
_LISTED = 30
_NAMED = 5  # labels in a line
_CONFUSIONS = 10
_LABEL_CELLS = 26  # what the numbers beside it leave of 80
_CONFUSION_CELLS = 22
_SLICE_CELLS = 14
_FEW = 30


def evaluation_tables(evaluation: Evaluation) -> tuple[Table, ...]:
    """Return all that is measured, its labels, the ten most frequent confusions, and its slices."""
    tables = [_measures(evaluation), _labels(evaluation)]
    if evaluation.confusions:
        tables.append(_confusions(evaluation))
    tables += [_slices(field, parts) for field, parts in evaluation.slices.items()]
    return tuple(tables)


def summary_lines(evaluation: Evaluation) -> list[str]:
    """Return what was measured, and what to know of it, in a few lines."""
    stories = (
        ""
        if evaluation.n_stories == evaluation.n
        else f" ({counted(evaluation.n_stories, 'story', 'stories')})"
    )
    kind = "any number of labels each" if evaluation.multilabel else "one label each"
    lines = [
        f"{counted(evaluation.n, 'article')}{stories}, {counted(len(evaluation.labels), 'label')}, {kind}",
        answered_text(evaluation),
    ]
    if evaluation.n_seen:
        lines += wrap(_seen_text(evaluation), _WIDTH)
    for what, labels in (
        ("labels that the model does not know", evaluation.unknown_labels),
        ("labels that no article bears (times given)", evaluation.absent_labels),
    ):
        if labels:
            named = [f"{escaped(label)} ({count})" for label, count in labels.items()]
            more = f", and {len(named) - _NAMED} more" if len(named) > _NAMED else ""
            lines += wrap(f"{what}: {', '.join(named[:_NAMED])}{more}", _WIDTH, subsequent_indent="  ")
    return lines


def answered_text(evaluation: Evaluation) -> str:
    """Say how many articles were answered, and what the others count as."""
    if evaluation.n_answered == evaluation.n:
        return "answered: all"
    others = counted(evaluation.n - evaluation.n_answered, "article")
    return f"answered: {evaluation.coverage:.1%}; what is not ({others}) counts as given no label"


def _seen_text(evaluation: Evaluation) -> str:
    """Say how many articles the model has seen in training, and its scores on the others."""
    text = f"{evaluation.n_seen} of them are also in the training data, exactly or nearly, and measure memory"
    without = evaluation.scores_without_seen
    if without is None:
        return text
    of_others = (
        f"{name} {getattr(without, measure):.3f}" for measure, name in MEASURES.items() if measure != "ece"
    )
    return f"{text}; on the other {without.n}: {', '.join(of_others)}"


def evaluation_text(evaluation: Evaluation) -> str:
    """Return an evaluation as text of 80 columns: of long tables the first rows."""
    lines = summary_lines(evaluation)
    for table in evaluation_tables(evaluation):
        short = table.first(_LISTED)
        rows = [[shortened(escaped(cell), short.cells) for cell in row] for row in short.rows]
        lines += ["", short.title, *table_lines(rows, right=short.right)]
    return "\n".join(lines)


def _measures(evaluation: Evaluation) -> Table:
    rows = [
        (MEASURE_NAMES[name], _value(estimate), _interval(estimate))
        for name, estimate in evaluation.measures.items()
    ]
    return Table("Measures", (("measure", "value", "95 % interval"), *rows), (False, True, True), 40)


def _labels(evaluation: Evaluation) -> Table:
    header: tuple[str, ...] = ("label", "precision", "recall", "F1", "95 % interval", "articles")
    rows = []
    for label, own in sorted(evaluation.labels.items(), key=lambda item: item[1].f1.value):
        row: tuple[str, ...] = (
            label,
            _value(own.precision),
            _value(own.recall),
            _value(own.f1),
            _interval(own.f1),
            str(own.support),
        )
        rows.append(row)
    few = any(0 < own.support < _FEW for own in evaluation.labels.values())
    note = f"; of fewer than {_FEW} articles, an interval says little" if few else ""
    return Table(f"Labels, the weakest first{note}", (header, *rows), (False, *[True] * 5), _LABEL_CELLS)


def _confusions(evaluation: Evaluation) -> Table:
    header = ("true", "given", "articles", "share", "95 % interval")
    rows = [
        (
            found.true if found.true is not None else "(none missed)",
            found.given if found.given is not None else "(none)",
            str(found.count),
            _value(found.share) if found.true is not None else "",
            _interval(found.share) if found.true is not None else "",
        )
        for found in evaluation.confusions[:_CONFUSIONS]
    ]
    right = (False, False, True, True, True)
    return Table(
        "Most frequent confusions, with their share of the true label",
        (header, *rows),
        right,
        _CONFUSION_CELLS,
    )


def _slices(field: str, parts: Sequence[Slice]) -> Table:
    header = (field, "articles", "accuracy", "95 %", "macro F1", "95 %", "answered")
    rows = []
    for part in parts:
        accuracy, macro, coverage = (part.measures[name] for name in ("accuracy", "macro_f1", "coverage"))
        name = "(all others)" if part.value is None else part.value or "(none)"
        row = (name, str(part.n), _value(accuracy), _interval(accuracy, "–"))
        rows.append((*row, _value(macro), _interval(macro, "–"), _value(coverage)))
    few = any(part.n_stories < _FEW for part in parts)
    note = f"; where stories are fewer than {_FEW}, an interval says little" if few else ""
    return Table(f"By {field}{note}", (header, *rows), (False, *[True] * 6), _SLICE_CELLS)


def _value(estimate: Estimate) -> str:
    return _NONE if estimate.interval is None else f"{estimate.value:.3f}"


def _interval(estimate: Estimate, between: str = " to ") -> str:
    if estimate.interval is None:
        return _NONE
    low, high = estimate.interval
    return f"{low:.3f}{between}{high:.3f}"
