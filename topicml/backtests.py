"""A backtest as it is told: scores step by step, what age costs, and the answer in words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from topicml.ageing import Ageing
from topicml.formatting import shortened, table_lines, wrapped
from topicml.metrics.names import MEASURES as NAMES
from topicml.metrics.resampling import Estimate

_SHOWN = 12


@dataclass(frozen=True, slots=True)
class BacktestStep:
    """A model, and a window of later articles that it was tested on.

    Parameters
    ----------
    trained_until : str
        The model was trained on what is dated before this; ISO 8601, UTC.
    n_train : int
        Articles that it was trained on.
    begins, ends : str
        The window: from the one on, before the other.
    age_weeks : float
        From the end of training to the middle of the window.
    n : int
        Articles that it was tested on.
    n_copies : int
        Articles of the window that were left out, being near-copies of earlier ones.
    scores : dict of str to Estimate
        Accuracy, micro-F1 and macro-F1. A label that the model does not know counts as missed.
    """

    trained_until: str
    n_train: int
    begins: str
    ends: str
    age_weeks: float
    n: int
    n_copies: int
    scores: dict[str, Estimate]

    @property
    def is_fresh(self) -> bool:
        """Whether the model was trained just before the window."""
        return self.trained_until == self.begins

    def to_row(self) -> dict[str, Any]:
        """Return it as one flat row."""
        row: dict[str, Any] = {
            "trained_until": self.trained_until,
            "n_train": self.n_train,
            "begins": self.begins,
            "ends": self.ends,
            "age_weeks": self.age_weeks,
            "n": self.n,
            "n_copies": self.n_copies,
        }
        for measure, estimate in self.scores.items():
            row |= estimate.named(measure)
        return row


@dataclass(frozen=True, slots=True)
class Backtest:
    """How models would have done on what followed, and how fast they would have aged.

    Parameters
    ----------
    steps : tuple of BacktestStep
        Each model on each later window that has articles, in the order of windows, then of models.
    ageing : Ageing
        A label that a model had not seen when it was trained counts as missed.
    n_train : mapping of str to (int, int)
        How many articles of each label the first model was trained on, and the last. Where a label has
        become far more frequent, old models miss it for lack of examples, not for lack of new words.
    notes : tuple of str
        What a person should know: articles without a date, windows without articles.
    """

    steps: tuple[BacktestStep, ...]
    ageing: Ageing
    n_train: Mapping[str, tuple[int, int]]
    notes: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        """Return all of it as values that JSON can hold."""
        return {
            **self.ageing.to_dict(),
            "n_train": {label: list(counts) for label, counts in self.n_train.items()},
            "steps": self.rows(),
            "notes": list(self.notes),
        }

    def rows(self) -> list[dict[str, Any]]:
        """Return one flat row for each model and window; those by age are in ``ageing.ages``."""
        return [step.to_row() for step in self.steps]

    def __str__(self) -> str:
        measure = self.ageing.measure
        name = NAMES[measure]
        fresh = [["trained until", "on", "tested until", "on", name, "95 % interval"]]
        for step in self.steps:
            if step.is_fresh:
                score = step.scores[measure]
                shown = [f"{score.value:.3f}", f"{score.low:.3f} to {score.high:.3f}"]
                fresh.append([step.trained_until, str(step.n_train), step.ends, str(step.n), *shown])
        lines = [
            *table_lines(fresh, right=[False, True, False, True, True, True]),
            "",
            *_age_lines(self.ageing),
            "",
            *_label_lines(self.ageing, self.n_train),
            "",
            *wrapped(self.ageing.answer),
        ]
        return "\n".join(lines)


def _age_lines(ageing: Ageing) -> list[str]:
    table = [["older by", "on", NAMES[ageing.measure], "fresh", "drop", "95 % interval"]]
    for age in ageing.ages[1:]:
        drop = [f"{age.drop.value:+.3f}", f"{age.drop.low:+.3f} to {age.drop.high:+.3f}"]
        scores = [f"{age.score.value:.3f}", f"{age.fresh.value:.3f}"]
        table.append([f"{age.weeks:.1f} weeks", str(age.n), *scores, *drop])
    return table_lines(table, right=[True] * 6)


def _label_lines(ageing: Ageing, n_train: Mapping[str, tuple[int, int]]) -> list[str]:
    """Tell the labels that lose most."""
    table = [["label", "F1 lost a week", "95 % interval", "first trained on", "last"]]
    ranked = sorted(ageing.label_drops.items(), key=lambda item: -item[1].value)
    for label, drop in ranked[:_SHOWN]:
        shown = [f"{drop.value:+.4f}", f"{drop.low:+.4f} to {drop.high:+.4f}"]
        table.append([shortened(label, 24), *shown, *map(str, n_train[label])])
    more = [f"and {len(ranked) - _SHOWN} more labels"] if len(ranked) > _SHOWN else []
    return [*table_lines(table, right=[False, True, True, True, True]), *more]
