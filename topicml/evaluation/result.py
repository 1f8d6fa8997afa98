"""What is known of a model after it was measured, its tables and its pictures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass
from textwrap import wrap
from typing import Any

import numpy as np
from numpy.typing import NDArray

from topicml.displays.confusion_matrix import ConfusionMatrixDisplay
from topicml.displays.coverage import CoverageDisplay
from topicml.displays.label_scores import LabelScoresDisplay
from topicml.displays.reliability import ReliabilityDisplay
from topicml.displays.tables import Table
from topicml.evaluation.slices import Slice
from topicml.formatting import counted, escaped, html_safe, listed
from topicml.metrics.confusion import Confusion
from topicml.metrics.decisions import LabelMeasures
from topicml.metrics.names import MEASURES, OVERALL, SCORES
from topicml.metrics.probabilities import CoveragePoint, ReliabilityBin
from topicml.metrics.resampling import Estimate, intervals_of
from topicml.metrics.scores import LabelScores, Scores

_WIDTH = 80
_LISTED = 30  # rows of a table
_NAMED = 5  # labels in a line
_CONFUSIONS = 10
_LABEL_CELLS = 26  # what the numbers beside it leave of 80
_CONFUSION_CELLS = 22
_SLICE_CELLS = 14
_FEW = 30  # articles or stories


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
        overall = {name: self.measures[name] for name in SCORES}
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
        support = np.array([*(own.support for own in self.labels.values()), self.n])
        complete = self.confusion_matrix is not None
        return ConfusionMatrixDisplay(tuple(self.labels), _confusion_counts(self), support, complete=complete)

    def label_display(self) -> LabelScoresDisplay:
        """Return F1 of each label as a picture and a table, the weakest first."""
        return LabelScoresDisplay(self.labels, self.measures["macro_f1"])

    def reliability_display(self) -> ReliabilityDisplay:
        """Return what probabilities promise beside what came true as a picture and a table."""
        return ReliabilityDisplay(self.reliability, self.measures["ece"])

    def coverage_display(self) -> CoverageDisplay:
        """Return what answering fewer articles is worth as a picture and a table."""
        return CoverageDisplay(self.coverage_curve)

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
            "intervals": intervals_of(self.measures),
            "labels": {label: own.to_dict() for label, own in self.labels.items()},
            "unknown_labels": dict(self.unknown_labels),
            "absent_labels": dict(self.absent_labels),
            "confusions": plain(self.confusions),
            "confusion_matrix": plain(self.confusion_matrix),
            "reliability": plain(self.reliability),
            "coverage_curve": plain(self.coverage_curve),
            "slices": {field: [part.to_dict() for part in parts] for field, parts in self.slices.items()},
            "n_seen": self.n_seen,
            "scores_without_seen": self.scores_without_seen and self.scores_without_seen.to_dict(),
        }

    def __repr__(self) -> str:
        """Return a line: what a notebook keeps beside the tables that it shows."""
        best = ", ".join(f"{name}={self.measures[name].value:.3f}" for name in ("accuracy", "macro_f1"))
        return f"Evaluation(n={self.n}, n_answered={self.n_answered}, {best})"

    def __str__(self) -> str:
        """Return the evaluation as tables of 80 columns, of long ones the first rows."""
        lines = summary_lines(self)
        for table in evaluation_tables(self):
            lines += ["", *table.first(_LISTED).to_lines()]
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        """Return it as HTML that stands by itself: the measures are shown, other tables open at a click."""
        measures, *others = ((html_safe(table.title), table.to_html()) for table in evaluation_tables(self))
        lines = "<br>".join(map(html_safe, summary_lines(self)))
        folded = "".join(f"<details><summary>{title}</summary>{table}</details>" for title, table in others)
        return f'<div style="max-width:60em"><div dir="auto">{lines}</div>{measures[1]}{folded}</div>'


def plain(value: Any) -> Any:  # noqa: ANN401  (whatever JSON can hold)
    """Return a value as JSON gives it back: dataclasses as dictionaries, tuples as lists."""
    if is_dataclass(value):
        return {field.name: plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, Mapping):
        return {key: plain(inner) for key, inner in value.items()}
    return [plain(inner) for inner in value] if isinstance(value, list | tuple) else value


def _confusion_counts(evaluation: Evaluation) -> NDArray[np.int64]:
    """Return articles by true label (row) and given label (column), the last of each for none."""
    labels = evaluation.labels
    counts = np.zeros((len(labels) + 1, len(labels) + 1), np.int64)
    if evaluation.confusion_matrix is not None:
        counts[:-1] = evaluation.confusion_matrix
        return counts
    place: dict[str | None, int] = {label: k for k, label in enumerate(labels)} | {None: len(labels)}
    for found in evaluation.confusions:
        counts[place[found.true], place[found.given]] = found.count
    right = [round(own.recall.value * own.support) for own in labels.values()]
    np.fill_diagonal(counts[:-1, :-1], right)
    return counts


def evaluation_tables(evaluation: Evaluation) -> tuple[Table, ...]:
    """Return all that is measured, its labels, the ten most frequent confusions, and its slices."""
    tables = [_measures(evaluation), _labels(evaluation)]
    if evaluation.confusions:
        tables.append(_confusions(evaluation))
    tables += [_slices(field, parts) for field, parts in evaluation.slices.items()]
    return tuple(tables)


def summary_lines(evaluation: Evaluation) -> list[str]:
    """Return what was measured, and what to know of it, in a few lines."""
    copied = evaluation.n_stories != evaluation.n
    stories = f" ({counted(evaluation.n_stories, 'story', 'stories')})" if copied else ""
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
            named = listed((f"{escaped(label)} ({count})" for label, count in labels.items()), _NAMED)
            lines += wrap(f"{what}: {named}", _WIDTH, subsequent_indent="  ")
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
    of_others = (f"{MEASURES[measure]} {getattr(without, measure):.3f}" for measure in OVERALL)
    return f"{text}; on the other {without.n}: {', '.join(of_others)}"


def _measures(evaluation: Evaluation) -> Table:
    rows = [
        (MEASURES[name], estimate.value_text(), estimate.interval_text())
        for name, estimate in evaluation.measures.items()
    ]
    return Table("Measures", (("measure", "value", "95 % interval"), *rows), (False, True, True), 40)


def _labels(evaluation: Evaluation) -> Table:
    header = ("label", "precision", "recall", "F1", "95 % interval", "articles")
    rows = [
        (
            label,
            *(estimate.value_text() for estimate in (own.precision, own.recall, own.f1)),
            own.f1.interval_text(),
            str(own.support),
        )
        for label, own in sorted(evaluation.labels.items(), key=lambda item: item[1].f1.value)
    ]
    few = any(0 < own.support < _FEW for own in evaluation.labels.values())
    note = f"; of fewer than {_FEW} articles, an interval says little" if few else ""
    return Table(f"Labels, the weakest first{note}", (header, *rows), (False, *[True] * 5), _LABEL_CELLS)


def _confusions(evaluation: Evaluation) -> Table:
    header = ("true", "given", "articles", "share", "95 % interval")
    rows = [
        (
            *confused(found),
            str(found.count),
            found.share.value_text() if found.true is not None else "",
            found.share.interval_text() if found.true is not None else "",
        )
        for found in evaluation.confusions[:_CONFUSIONS]
    ]
    title = "Most frequent confusions, with their share of the true label"
    return Table(title, (header, *rows), (False, False, True, True, True), _CONFUSION_CELLS)


def confused(found: Confusion) -> tuple[str, str]:
    """Return what stands for both labels of a confusion in a table."""
    return (
        "(none missed)" if found.true is None else found.true,
        "(none)" if found.given is None else found.given,
    )


def _slices(field: str, parts: Sequence[Slice]) -> Table:
    header = (field, "articles", "accuracy", "95 %", "macro F1", "95 %", "answered")
    rows = []
    for part in parts:
        accuracy, macro, coverage = (part.measures[name] for name in ("accuracy", "macro_f1", "coverage"))
        row = (part.name, str(part.n), accuracy.value_text(), accuracy.interval_text(between="–"))
        rows.append((*row, macro.value_text(), macro.interval_text(between="–"), coverage.value_text()))
    few = any(part.n_stories < _FEW for part in parts)
    note = f"; where stories are fewer than {_FEW}, an interval says little" if few else ""
    return Table(f"By {field}{note}", (header, *rows), (False, *[True] * 6), _SLICE_CELLS)
