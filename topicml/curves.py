"""Learning curves as they are told: scores by the number of articles, and what the last doubling gained."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from topicml.formatting import shortened, table_lines, wrapped
from topicml.metrics.names import MEASURES as NAMES
from topicml.metrics.resampling import Estimate

if TYPE_CHECKING:
    from topicml.displays.learning_curve import LearningCurveDisplay


MoreLabels = Literal["help", "no gain shown", "too little to tell"]

_FEWEST_DIFFERING = 6  # as in topicml.evaluation.comparison
_SHOWN = 25
_SHORT = {"help": "help", "no gain shown": "not shown", "too little to tell": "cannot tell"}


@dataclass(frozen=True, slots=True)
class CurvePoint:
    """What training on some of the articles is worth.

    Parameters
    ----------
    share : float
        Of the articles that are not held out.
    n_train : float
        Articles trained on, the mean over the folds.
    scores : mapping of str to Estimate
        Accuracy, micro-F1 and macro-F1 of the articles held out.
    """

    share: float
    n_train: float
    scores: Mapping[str, Estimate]


@dataclass(frozen=True, slots=True)
class LabelCurve:
    """The learning curve of one label.

    Parameters
    ----------
    label : str
    n : int
        Articles that bear it.
    n_train : tuple of float
        Articles of the label trained on, at each point.
    f1 : tuple of Estimate
        At each point.
    gain : Estimate
        F1 gained by the last doubling of the articles of all labels.
    n_differing : int
        Stories that the last two points decide differently, as to this label.
    """

    label: str
    n: int
    n_train: tuple[float, ...]
    f1: tuple[Estimate, ...]
    gain: Estimate
    n_differing: int

    @property
    def more_labels(self) -> MoreLabels:
        """Whether more articles would help the label, as far as the last doubling shows."""
        return _verdict(self.gain, self.n_differing)


@dataclass(frozen=True, slots=True)
class LearningCurve:
    """Scores by the number of articles trained on.

    Parameters
    ----------
    measure : {"accuracy", "micro_f1", "macro_f1"}
        What `gain` and `guess` are of.
    n : int
        Articles; each was held out once.
    points : tuple of CurvePoint
        From the fewest articles to the most.
    gain : Estimate
        Gained by the last doubling: the slope at the end of the curve. Where the last step is no
        doubling, it is converted to one.
    n_differing : int
        Stories that the last two points decide differently.
    labels : tuple of LabelCurve
        What gained most first. Of twenty labels that gain nothing, one will seem to.
    guess : Estimate or None
        The score with twice as many articles, by an inverse power law through the points
        (`topicml.power_law.extrapolate`, which says how far it missed). The interval is of the points
        alone, not of whether the law holds. None with fewer than four points.
    notes : tuple of str
        What a person should know: shares that were left out.
    """

    measure: str
    n: int
    points: tuple[CurvePoint, ...]
    gain: Estimate
    n_differing: int
    labels: tuple[LabelCurve, ...]
    guess: Estimate | None
    notes: tuple[str, ...]

    @property
    def more_labels(self) -> MoreLabels:
        """Whether more articles would help, as far as the last doubling shows."""
        return _verdict(self.gain, self.n_differing)

    @property
    def answer(self) -> str:
        """Whether more articles would help, in a sentence or two."""
        name, gain = NAMES[self.measure], self.gain
        points = f"{100 * gain.low:.2g} to {100 * gain.high:.2g}"
        match self.more_labels:
            case "too little to tell":
                return (
                    "This cannot tell whether more labels would help: models of the last two sizes differ on "
                    f"{self.n_differing} stories only."
                )
            case "no gain shown":
                return (
                    f"The last doubling of the articles shows no gain in {name}: the 95 % interval is "
                    f"{points} points."
                )
            case "help":
                helped = [curve.label for curve in self.labels if curve.more_labels == "help"]
                return (
                    f"More labels help: the last doubling of the articles gained {100 * gain.value:.2g} "
                    f"points of {name} (95 % interval {points}), and is shown to help {len(helped)} of "
                    f"{len(self.labels)} labels.{self._guessed()}"
                )

    def _guessed(self) -> str:
        if self.guess is None:
            return ""
        return (
            f" The next one may bring {NAMES[self.measure]} to {self.guess}, if the curve goes on as an "
            "inverse power law: a guess."
        )

    def to_dict(self) -> dict[str, Any]:
        """Return all of it as values that JSON can hold."""
        return {
            "measure": self.measure,
            "n": self.n,
            "more_labels": self.more_labels,
            "answer": self.answer,
            "gain_of_doubling": self.gain.to_dict(),
            "n_differing": self.n_differing,
            "guess_of_twice_as_many": self.guess and self.guess.to_dict(),
            "points": self.rows(),
            "labels": [
                {
                    "label": curve.label,
                    "n": curve.n,
                    "more_labels": curve.more_labels,
                    "gain_of_doubling": curve.gain.to_dict(),
                    "n_differing": curve.n_differing,
                }
                for curve in self.labels
            ],
            "label_points": self.label_rows(),
            "notes": list(self.notes),
        }

    def rows(self) -> list[dict[str, Any]]:
        """Return one flat row for each point."""
        rows = []
        for point in self.points:
            row: dict[str, Any] = {"share": point.share, "n_train": point.n_train}
            for measure, estimate in point.scores.items():
                row |= estimate.named(measure)
            rows.append(row)
        return rows

    def label_rows(self) -> list[dict[str, Any]]:
        """Return one flat row for each label and point."""
        return [
            {"label": curve.label, "share": point.share, "n_train": n_train, **f1.named("f1")}
            for curve in self.labels
            for point, n_train, f1 in zip(self.points, curve.n_train, curve.f1, strict=True)
        ]

    def display(self) -> LearningCurveDisplay:
        """Return the curve as a picture and a table: ``plot()``, ``frame()``."""
        from topicml.displays.learning_curve import LearningCurveDisplay  # noqa: PLC0415  (rarely wanted)

        return LearningCurveDisplay(self)

    def __str__(self) -> str:
        overall = [["trained on", NAMES[self.measure], "95 % interval"]]
        for point in self.points:
            score = point.scores[self.measure]
            overall.append(
                [f"{point.n_train:.0f}", f"{score.value:.3f}", f"{score.low:.3f} to {score.high:.3f}"]
            )
        labels = [["label", "articles", "F1", "gain", "95 % interval", "more labels"]]
        for curve in self.labels[:_SHOWN]:
            figures = [f"{curve.f1[-1].value:.3f}", f"{curve.gain.value:+.3f}"]
            interval = f"{curve.gain.low:+.3f} to {curve.gain.high:+.3f}"
            row = [shortened(curve.label, 20), str(curve.n), *figures, interval, _SHORT[curve.more_labels]]
            labels.append(row)
        more = [f"and {len(self.labels) - _SHOWN} more labels"] if len(self.labels) > _SHOWN else []
        lines = [
            *table_lines(overall, right=[True] * 3),
            "",
            *table_lines(labels, right=[False, True, True, True, True, False]),
            *more,
            "",
            *wrapped(self.answer),
        ]
        return "\n".join(lines)


def _verdict(gain: Estimate, n_differing: int) -> MoreLabels:
    """Say what the last doubling shows; fewer than six stories are no evidence though all speak for it."""
    if n_differing < _FEWEST_DIFFERING:
        return "too little to tell"
    return "help" if gain.low > 0 else "no gain shown"
