"""The result of measuring a model, with its tables and pictures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from topicml.displays.confusion_matrix import ConfusionMatrixDisplay
from topicml.displays.coverage import CoverageDisplay
from topicml.displays.label_scores import LabelScoresDisplay
from topicml.displays.reliability import ReliabilityDisplay
from topicml.displays.tables import Table, html_view
from topicml.evaluation.slices import Slice
from topicml.formatting import counted, escaped, listed, wrapped
from topicml.metrics.confusion import Confusion
from topicml.metrics.decisions import LabelMeasures
from topicml.metrics.names import MEASURES, NONE_GIVEN, ONE_TOO_MANY, SCORES
from topicml.metrics.probabilities import CoveragePoint, ReliabilityBin
from topicml.metrics.resampling import Estimate, intervals_of
from topicml.metrics.scores import LabelScores, Scores
from topicml.metrics.wording import calibration_text, share_text

_WIDTH = 80
_LISTED = 30  # rows of a table
_NAMED = 5  # labels in a line
_CONFUSIONS = 10
_LABEL_CELLS = 26  # the numbers beside it take the rest of 80
_CONFUSION_CELLS = 22
_SLICE_CELLS = 14
_FEW = 30  # articles or stories
_REPEATED = ("micro_f1", "micro_precision", "micro_recall")
"""Measures that repeat accuracy, or the accuracy of answered articles, where each article gets one label."""


@dataclass(frozen=True, slots=True, repr=False)
class Evaluation:
    """How a model does on a corpus.

    An article that the model leaves to a person counts as given no label: its labels are missed, and if it
    has none, it counts as right. Measures of probabilities (log loss, Brier score, calibration, ranking)
    look at every article, answered or not. As text and as HTML it shows `without_copies` where there is one.

    Parameters
    ----------
    multilabel : bool
        Whether an article may have several labels or none.
    n, n_stories, n_answered : int
        Articles; stories, copies counting as one; articles that the model answered.
    n_no_label : int
        Articles that a multilabel model answered without a label, because none reached its threshold.
    measures : mapping of str to Estimate
        Every measure that is a single number, see docs/evaluation.md.
    labels : mapping of str to LabelMeasures
        The model's labels, then those that only the corpus has.
    unknown_labels : mapping of str to int
        Labels of the corpus that the model does not know, with their articles. They count as missed.
    absent_labels : mapping of str to int
        Labels of the model that no article has, with the articles that were given them.
    confusions : tuple of Confusion
        The most frequent first, at most 50.
    confusion_matrix : tuple of tuple of int, or None
        For a multiclass model: how many articles of each label (row, in the order of `labels`) were given
        each label, or none (the last column).
    reliability : tuple of ReliabilityBin
        From small probabilities to large ones.
    coverage_curve : tuple of CoveragePoint
        From few articles to all that have a known term.
    slices : mapping of str to tuple of Slice
        Scores by the values of the requested fields.
    confused_pairs : tuple of (int, int, int)
        For a multilabel model: all pairs of a label that an article was not given and a wrong one that it was
        given, by their places in `labels` or the number of labels for none, and their articles.
    n_seen : int, optional
        Articles that are also among those that the model was trained on, exactly or nearly, see
        `topicml.corpus.seen_articles`; None if the model keeps no fingerprints of them.
    without_copies : Evaluation, optional
        Evaluation of the other articles only, if some were seen and some were not.
    """

    multilabel: bool
    n: int
    n_stories: int
    n_answered: int
    n_no_label: int
    measures: Mapping[str, Estimate]
    labels: Mapping[str, LabelMeasures]
    unknown_labels: Mapping[str, int]
    absent_labels: Mapping[str, int]
    confusions: tuple[Confusion, ...]
    confusion_matrix: tuple[tuple[int, ...], ...] | None
    reliability: tuple[ReliabilityBin, ...]
    coverage_curve: tuple[CoveragePoint, ...]
    slices: Mapping[str, tuple[Slice, ...]]
    confused_pairs: tuple[tuple[int, int, int], ...] = ()
    n_seen: int | None = None
    without_copies: Evaluation | None = None

    @property
    def scores_without_seen(self) -> Scores | None:
        """The scores of `without_copies`, if there are any."""
        return None if self.without_copies is None else self.without_copies.scores

    @property
    def coverage(self) -> float:
        """Share of the articles that the model answered."""
        return self.n_answered / self.n

    @property
    def scores(self) -> Scores:
        """The scores that training also prints, for comparison."""
        overall = {name: self.measures[name] for name in (*SCORES, "precision_at_1") if name in self.measures}
        labels = {
            label: LabelScores(own.precision.value, own.recall.value, own.f1.value, own.support)
            for label, own in self.labels.items()
        }
        return Scores(
            n=self.n,
            **{name: estimate.value for name, estimate in overall.items()},
            intervals={name: estimate.interval for name, estimate in overall.items() if estimate.interval},
            labels=labels,
            f1_intervals={name: own.f1.interval for name, own in self.labels.items() if own.f1.interval},
        )

    def confusion_display(self) -> ConfusionMatrixDisplay:
        """Return the confusions of labels as a picture and a table: ``plot()``, ``frame()``."""
        support = np.array([*(own.support for own in self.labels.values()), self.n])
        complete = self.confusion_matrix is not None
        return ConfusionMatrixDisplay(tuple(self.labels), _confusion_counts(self), support, complete=complete)

    def label_display(self) -> LabelScoresDisplay:
        """Return F1 of each label as a picture and a table, the weakest first."""
        return LabelScoresDisplay(self.labels, self.measures["macro_f1"])

    def reliability_display(self) -> ReliabilityDisplay:
        """Return how often answers are right at each probability as a picture and a table."""
        return ReliabilityDisplay(self.reliability, self.measures["ece"])

    def coverage_display(self) -> CoverageDisplay:
        """Return precision by share of articles answered, as a picture and a table."""
        return CoverageDisplay(self.coverage_curve)

    def to_dict(self) -> dict[str, Any]:
        """Return the evaluation as values that JSON can hold.

        Measures have their names as keys, and their intervals are under ``intervals``; an interval is
        None where there is nothing to divide by. All of them count all rows; ``without_copies`` has the
        same keys for the articles that the model was not trained on.
        """
        return {
            "n": self.n,
            "n_stories": self.n_stories,
            "n_answered": self.n_answered,
            "n_no_label": self.n_no_label,
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
            "without_copies": self.without_copies and self.without_copies.to_dict(),
        }

    def __repr__(self) -> str:
        """Return one line with the main figures."""
        best = ", ".join(f"{MEASURES[name]} {self.measures[name]}" for name in ("accuracy", "macro_f1"))
        return f"Evaluation({counted(self.n, 'article')}, {self.n_answered:,} answered, {best})"

    def __str__(self) -> str:
        """Return it in words, then the first rows of labels, confusions and slices in 80 columns."""
        lines = [line for text in summary_lines(self) for line in wrapped(text, width=_WIDTH, hanging="  ")]
        for table in evaluation_tables(self)[1:]:
            lines += ["", *table.first(_LISTED).to_lines()]
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        """Return it as HTML that needs no style sheet: in words, then tables that open at a click."""
        measures, *others = evaluation_tables(self)
        return html_view(summary_lines(self), *others, measures)


def plain(value: Any) -> Any:  # noqa: ANN401  (whatever JSON can hold)
    """Return a value as JSON has it: dataclasses as dictionaries, tuples as lists."""
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
    for true, given, count in evaluation.confused_pairs:
        counts[true, given] = count
    right = [round(own.recall.value * own.support) for own in labels.values()]
    np.fill_diagonal(counts[:-1, :-1], right)
    return counts


def evaluation_tables(evaluation: Evaluation) -> tuple[Table, ...]:
    """Return all measures, the labels, the ten most frequent confusions, and the slices.

    Where some articles were trained on, all of these are about the others.
    """
    shown = evaluation.without_copies or evaluation
    tables = [_measures(shown), _labels(shown)]
    if shown.confusions:
        tables.append(_confusions(shown))
    tables += [_slices(field, parts) for field, parts in shown.slices.items()]
    return tuple(tables)


def summary_lines(evaluation: Evaluation) -> list[str]:
    """Return the result in words: the articles, the main scores, and warnings about labels."""
    shown = evaluation.without_copies or evaluation
    copied = shown.n_stories != shown.n
    stories = f" ({counted(shown.n_stories, 'story', 'stories')})" if copied else ""
    kind = "any number of labels each" if shown.multilabel else "one label each"
    lines = [
        f"{counted(shown.n, 'article')}{stories}, {counted(len(shown.labels), 'label')}, {kind}",
        *headline(evaluation),
    ]
    for name, labels in (
        ("labels that the model does not know", shown.unknown_labels),
        ("labels that no article has (times given)", shown.absent_labels),
    ):
        if labels:
            named = listed((f"{escaped(label)} ({count})" for label, count in labels.items()), _NAMED)
            lines.append(f"{name}: {named}")
    return lines


def headline(evaluation: Evaluation) -> list[str]:
    """Return the main scores in a few sentences: those of articles that the model has not seen, if any."""
    shown = evaluation.without_copies or evaluation
    measures = shown.measures
    all_right = "have all labels right" if shown.multilabel else "have the right label"
    lines = [_seen_text(evaluation)] if evaluation.n_seen else []
    if "precision_at_1" in measures:
        lines.append(share_text(measures["precision_at_1"], shown.n, "have the first label right"))
    lines.append(share_text(measures["accuracy"], shown.n, all_right))
    f1 = [f"{MEASURES[name]} {measures[name]}" for name in ("macro_f1", "micro_f1")[: 1 + shown.multilabel]]
    return [*lines, ", ".join(f1), left_to_person_text(shown), calibration_text(measures["ece"])]


def left_to_person_text(evaluation: Evaluation) -> str:
    """Say how many articles were left to a person."""
    others, none = evaluation.n - evaluation.n_answered, evaluation.n_no_label
    unlabelled = f"; {none:,} ({none / evaluation.n:.1%}) got no label" if none else ""
    if not others:
        return f"no article was left to a person{unlabelled}"
    verbs = ("was", "counts") if others == 1 else ("were", "count")
    left = f"{counted(others, 'article')} ({others / evaluation.n:.1%})"
    return f"{left} {verbs[0]} left to a person and {verbs[1]} as wrong{unlabelled}"


def _seen_text(evaluation: Evaluation) -> str:
    """Say how many articles the model was trained on, and that these are no test."""
    n, all_of = evaluation.n_seen, counted(evaluation.n, "article")
    if evaluation.without_copies is None:
        return (
            f"all {all_of} are in the training data, exactly or nearly, so the scores say nothing about new "
            "articles"
        )
    verb = "is" if n == 1 else "are"
    return (
        f"{n:,} of {all_of} {verb} in the training data, exactly or nearly; they say nothing about new "
        "articles and are left out here"
    )


def told_measures(evaluation: Evaluation) -> dict[str, Estimate]:
    """Return the measures but for those that repeat another one."""
    repeated = {"weighted_recall", *(() if evaluation.multilabel else _REPEATED)}  # weighted is micro recall
    if evaluation.n_answered == evaluation.n:
        repeated |= {"coverage", "answered_accuracy"}
    return {name: found for name, found in evaluation.measures.items() if name not in repeated}


def _measures(evaluation: Evaluation) -> Table:
    rows = [
        (MEASURES[name], estimate.value_text(), estimate.interval_text())
        for name, estimate in told_measures(evaluation).items()
    ]
    return Table("Measures", (("measure", "value", "95% interval"), *rows), (False, True, True), 40)


def _labels(evaluation: Evaluation) -> Table:
    header = ("label", "precision", "recall", "F1", "95% interval", "articles")
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
    note = f" (intervals for fewer than {_FEW} articles are unreliable)" if few else ""
    return Table(f"Labels, weakest first{note}", (header, *rows), (False, *[True] * 5), _LABEL_CELLS)


def _confusions(evaluation: Evaluation) -> Table:
    header = ("true", "given", "count", "share", "95% interval")
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
    """Return the names of both labels of a confusion in a table."""
    return (
        ONE_TOO_MANY if found.true is None else found.true,
        NONE_GIVEN if found.given is None else found.given,
    )


def _slices(field: str, parts: Sequence[Slice]) -> Table:
    header = (field, "articles", "accuracy", "95%", "macro F1", "95%", "answered")
    rows = []
    for part in parts:
        accuracy, macro, coverage = (part.measures[name] for name in ("accuracy", "macro_f1", "coverage"))
        row = (part.name, str(part.n), accuracy.value_text(), accuracy.interval_text(between="–"))
        rows.append((*row, macro.value_text(), macro.interval_text(between="–"), coverage.value_text()))
    few = any(part.n_stories < _FEW for part in parts)
    note = f" (intervals for fewer than {_FEW} stories are unreliable)" if few else ""
    return Table(f"By {field}{note}", (header, *rows), (False, *[True] * 6), _SLICE_CELLS)
