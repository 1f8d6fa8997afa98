"""What is known of a model after it was measured."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from topicml.evaluation_html import evaluation_html
from topicml.evaluation_tables import evaluation_text
from topicml.metrics.confusion import Confusion
from topicml.metrics.decisions import LabelMeasures
from topicml.metrics.probabilities import CoveragePoint, ReliabilityBin
from topicml.metrics.resampling import Estimate
from topicml.metrics.resampling import intervals_of as _intervals
from topicml.metrics.scores import LabelScores, Scores
from topicml.slicing import Slice

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
