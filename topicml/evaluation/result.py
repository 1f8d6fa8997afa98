"""What is known of a model after it was measured, and its tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from textwrap import wrap
from typing import TYPE_CHECKING, Any

from topicml.displays.tables import Table
from topicml.evaluation.slices import Slice
from topicml.formatting import counted, escaped, html_safe, shortened, table_lines
from topicml.metrics.confusion import Confusion
from topicml.metrics.decisions import LabelMeasures
from topicml.metrics.names import MEASURE_NAMES, MEASURES
from topicml.metrics.probabilities import CoveragePoint, ReliabilityBin
from topicml.metrics.resampling import Estimate
from topicml.metrics.resampling import intervals_of as _intervals
from topicml.metrics.scores import LabelScores, Scores

if TYPE_CHECKING:
    from topicml.displays.confusion_matrix import ConfusionMatrixDisplay
    from topicml.displays.coverage import CoverageDisplay
    from topicml.displays.label_scores import LabelScoresDisplay
    from topicml.displays.reliability import ReliabilityDisplay


_SCORES = ("accuracy", "micro_f1", "macro_f1", "ece")


@dataclass(frozen=True, slots=True, repr=False)
class Evaluation:
    """How a model does on a corpus.

    An article that the model does not answer counts as given no label: its labels are missed. An
    unanswered article without labels is thus right. Measures of probabilities (log loss, Brier score,
    calibration, ranking) look at every article, answered or not.

    Parameters
    ----------
    multilabel : bool
        Whether an article may bear several labels or none.
    n, n_stories, n_answered : int
        Articles; stories, of which copies are one; articles that the model answered.
    measures : mapping of str to Estimate
        Of the whole corpus, see docs/evaluation.md.
    labels : mapping of str to LabelMeasures
        Those of the model, then those that the corpus alone has.
    unknown_labels : mapping of str to int
        Labels of the corpus that the model does not know, with their articles. They count as missed.
    absent_labels : mapping of str to int
        Labels of the model that no article bears, with the articles that were given them.
    confusions : tuple of Confusion
        The most frequent first, 50 at most.
    confusion_matrix : tuple of tuple of int, or None
        Of a multiclass model: how many articles of each label (row, in the order of `labels`) were given
        which label, or none (the last column).
    reliability : tuple of ReliabilityBin
        From small probabilities to large ones.
    coverage_curve : tuple of CoveragePoint
        From few articles to all that have a known term.
    slices : mapping of str to tuple of Slice
        By the fields that were asked for.
    n_seen : int, optional
        Articles that are also among those that the model was trained on, exactly or nearly, see
        `topicml.corpus.seen_articles`; None if the model keeps no fingerprints of them.
    scores_without_seen : Scores, optional
        Of the other articles, if some were seen and some were not.
    """

    multilabel: bool
    n: int
    n_stories: int
    n_answered: int
    measures: Mapping[str, Estimate]
    labels: Mapping[str, LabelMeasures]
    unknown_labels: Mapping[str, int]
    absent_labels: Mapping[str, int]
    confusions: tuple[Confusion, ...]
    confusion_matrix: tuple[tuple[int, ...], ...] | None
    reliability: tuple[ReliabilityBin, ...]
    coverage_curve: tuple[CoveragePoint, ...]
    slices: Mapping[str, tuple[Slice, ...]]
    n_seen: int | None = None
    scores_without_seen: Scores | None = None

    @property
    def coverage(self) -> float:
        """Share of the articles that the model answered."""
        return self.n_answered / self.n

    @property
    def scores(self) -> Scores:
        """The scores that training prints, too, to be held beside them."""
        overall = {name: self.measures[name] for name in _SCORES}
        labels = {
            label: LabelScores(own.precision.value, own.recall.value, own.f1.value, own.support)
            for label, own in self.labels.items()
        }
        return Scores(
            n=self.n,
            **{name: estimate.value for name, estimate in overall.items()},
            intervals={name: estimate.interval for name, estimate in overall.items() if estimate.interval},
            labels=labels,
        )

    def confusion_display(self) -> ConfusionMatrixDisplay:
        """Return which labels are taken for which as a picture and a table: ``plot()``, ``frame()``."""
        from topicml.displays.confusion_matrix import ConfusionMatrixDisplay  # noqa: PLC0415  (rarely wanted)

        return ConfusionMatrixDisplay.from_evaluation(self)

    def label_display(self) -> LabelScoresDisplay:
        """Return F1 of each label as a picture and a table, the weakest first."""
        from topicml.displays.label_scores import LabelScoresDisplay  # noqa: PLC0415  (rarely wanted)

        return LabelScoresDisplay.from_evaluation(self)

    def reliability_display(self) -> ReliabilityDisplay:
        """Return what probabilities promise beside what came true as a picture and a table."""
        from topicml.displays.reliability import ReliabilityDisplay  # noqa: PLC0415  (rarely wanted)

        return ReliabilityDisplay.from_evaluation(self)

    def coverage_display(self) -> CoverageDisplay:
        """Return what answering fewer articles is worth as a picture and a table."""
        from topicml.displays.coverage import CoverageDisplay  # noqa: PLC0415  (rarely wanted)

        return CoverageDisplay.from_evaluation(self)

    def to_dict(self) -> dict[str, Any]:
        """Return the evaluation as values that JSON can hold.

        Measures stand beside each other by name, their intervals under ``intervals``; an interval is
        None where there is nothing to divide by.
        """
        return {
            "n": self.n,
            "n_stories": self.n_stories,
            "n_answered": self.n_answered,
            "multilabel": self.multilabel,
            **{name: estimate.value for name, estimate in self.measures.items()},
            "intervals": _intervals(self.measures),
            "labels": {label: own.to_dict() for label, own in self.labels.items()},
            "unknown_labels": dict(self.unknown_labels),
            "absent_labels": dict(self.absent_labels),
            "confusions": [_plain(asdict(confusion)) for confusion in self.confusions],
            "confusion_matrix": _plain(self.confusion_matrix),
            "reliability": [_plain(asdict(part)) for part in self.reliability],
            "coverage_curve": [_plain(asdict(point)) for point in self.coverage_curve],
            "slices": {field: [part.to_dict() for part in parts] for field, parts in self.slices.items()},
            "n_seen": self.n_seen,
            "scores_without_seen": self.scores_without_seen and self.scores_without_seen.to_dict(),
        }

    def __repr__(self) -> str:
        """Return a line: what a notebook keeps beside the tables that it shows."""
        best = ", ".join(f"{name}={self.measures[name].value:.3f}" for name in ("accuracy", "macro_f1"))
        return f"Evaluation(n={self.n}, n_answered={self.n_answered}, {best})"

    def __str__(self) -> str:
        """Return the evaluation as tables of 80 columns."""
        return evaluation_text(self)

    def _repr_html_(self) -> str:
        return evaluation_html(self)


def _plain(value: Any) -> Any:  # noqa: ANN401  (whatever JSON can hold)
    if isinstance(value, dict):
        return {key: _plain(inner) for key, inner in value.items()}
    return [_plain(inner) for inner in value] if isinstance(value, list | tuple) else value


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


def evaluation_html(evaluation: Evaluation) -> str:
    """Return an evaluation as HTML that stands by itself: no script, no style sheet, nothing loaded.

    Parameters
    ----------
    evaluation : Evaluation

    Returns
    -------
    str
        One ``div``. The measures are shown; the other tables open at a click.
    """
    measures, *others = evaluation_tables(evaluation)
    lines = "<br>".join(map(html_safe, summary_lines(evaluation)))
    folded = "".join(
        f"<details><summary>{html_safe(table.title)}</summary>{_table(table)}</details>" for table in others
    )
    return f'<div style="max-width:60em"><div dir="auto">{lines}</div>{_table(measures)}{folded}</div>'


def _table(table: Table) -> str:
    header, *rows = table.rows
    body = "".join(f"<tr>{_cells(row, table, 'td')}</tr>" for row in rows)
    return f"<table><thead><tr>{_cells(header, table, 'th')}</tr></thead><tbody>{body}</tbody></table>"


def _cells(row: tuple[str, ...], table: Table, tag: str) -> str:
    sides = ("right" if right else "left" for right in table.right)
    return "".join(
        f'<{tag} dir="auto" style="text-align:{side}">{html_safe(cell)}</{tag}>'
        for cell, side in zip(row, sides, strict=True)
    )
