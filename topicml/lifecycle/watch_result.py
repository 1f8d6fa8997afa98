"""Whether a model still fits the news, as a value: windows of articles beside training, and a verdict."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from topicml.displays.tables import Table, html_view
from topicml.displays.watch import WatchDisplay
from topicml.formatting import counted
from topicml.lifecycle.rising_words import RisingWord
from topicml.metrics.resampling import Estimate
from topicml.model.prediction import Reason

WatchVerdict = Literal["retrain", "fits", "too little to tell"]

_FEWEST = 50  # articles, fewer of which give no verdict
_NO_COUNTS = "it has no counts of its training articles to compare with"
_SHOWN, _SHOWN_LABELS, _CELLS = 12, 10, 24

_REASONS = {
    "no_known_terms": "no known word",
    "unusual_language": "unusual language",
    "low_confidence": "not sure enough",
    "no_label_reached": "no label probable enough",
}


@dataclass(frozen=True, slots=True)
class WatchedWindow:
    """What a model does with the articles of some weeks, or of a file.

    Parameters
    ----------
    name : str
        Its days, or its file.
    n : int
        Articles.
    left_to_person : Estimate
        Share of the articles.
    reasons : mapping of Reason to int
        These articles by reason, as in `topicml.Prediction.reason`.
    labels : mapping of str to Estimate
        Share of each label among the labels given.
    confidence : float
        Mean probability of the labels given.
    unknown_words : float or None
        Share of the words that training articles did not have. None if the model cannot say.
    accuracy : Estimate or None
        Estimated, no labels seen, with a 90% interval: how many of the labels given are right. None if the
        model has no counts of training to estimate from.
    new_sources : float or None
        Share of articles from outlets that training had less than half as often, beyond chance. None where
        outlets are not known.
    words : tuple of RisingWord
        Words that are new or rising, the most surprising first.
    findings : tuple of str
        What speaks for retraining.
    """

    name: str
    n: int
    left_to_person: Estimate
    reasons: Mapping[Reason, int]
    labels: Mapping[str, Estimate]
    confidence: float
    unknown_words: float | None
    accuracy: Estimate | None
    new_sources: float | None
    words: tuple[RisingWord, ...]
    findings: tuple[str, ...]

    def to_row(self) -> dict[str, Any]:
        """Return its numbers as one flat row."""
        accuracy = self.accuracy or Estimate(0.0, None)
        row = {"window": self.name, "n": self.n, **self.left_to_person.named("left_to_person")}
        numbers = {"confidence": self.confidence, "unknown_words": self.unknown_words}
        estimated = accuracy.named("estimated_accuracy")
        if accuracy.interval is None:
            estimated["estimated_accuracy"] = None
        return {**row, **numbers, **estimated, "new_sources": self.new_sources}

    def to_dict(self) -> dict[str, Any]:
        """Return all of it as values that JSON can hold."""
        return {
            **self.to_row(),
            "reasons": dict(self.reasons),
            "labels": {label: share.to_dict() for label, share in self.labels.items()},
            "words": [word.to_dict() for word in self.words],
            "findings": list(self.findings),
        }


@dataclass(frozen=True, slots=True)
class TrainingSide:
    """The same of the training articles, while they were held out; None where the model does not say."""

    left_to_person: float | None
    labels: Mapping[str, float]
    unknown_words: float | None
    accuracy: float | None

    def to_dict(self) -> dict[str, Any]:
        """Return it as values that JSON can hold."""
        return {
            "left_to_person": self.left_to_person,
            "labels": dict(self.labels),
            "unknown_words": self.unknown_words,
            "accuracy": self.accuracy,
        }


@dataclass(frozen=True, slots=True, repr=False)
class Watch:
    """Whether a model still fits articles that nobody labelled.

    Parameters
    ----------
    windows : tuple of WatchedWindow
        In order of time; the last one decides.
    training : TrainingSide
        What to compare them with.
    multilabel : bool
        Whether articles may have several labels.
    fingerprint : str
        Of the model.
    notes : tuple of str
        Articles that were left out, and what the model cannot say.
    """

    windows: tuple[WatchedWindow, ...]
    training: TrainingSide
    multilabel: bool
    fingerprint: str
    notes: tuple[str, ...]

    @property
    def verdict(self) -> WatchVerdict:
        """Whether the model should be retrained, from the last window."""
        if self.windows[-1].n < _FEWEST or self.training.accuracy is None:
            return "too little to tell"
        return "retrain" if self.windows[-1].findings else "fits"

    @property
    def answer(self) -> str:
        """The verdict in one line."""
        last = self.windows[-1]
        match self.verdict:
            case "too little to tell":
                few = f"{counted(last.n, 'article')} are too few" if last.n < _FEWEST else _NO_COUNTS
                return f"It is not clear whether the model fits: {few}."
            case "retrain":
                return f"Retrain the model: {'; '.join(last.findings)}."
            case "fits":
                return "The model fits these articles as far as can be seen without labels."

    def display(self) -> WatchDisplay:
        """Return the windows as a picture and a table: ``plot()``, ``frame()``."""
        return WatchDisplay(
            rows=[window.to_row() for window in self.windows],
            names=[window.name for window in self.windows],
            accuracies=[window.accuracy or Estimate(0.0, None) for window in self.windows],
            left_to_person=[window.left_to_person for window in self.windows],
            training_accuracy=self.training.accuracy,
            training_left=self.training.left_to_person,
            measure=self.measure,
        )

    @property
    def measure(self) -> str:
        """What the estimate is about: "accuracy", or "precision" where articles have several labels."""
        return "precision" if self.multilabel else "accuracy"

    def to_dict(self) -> dict[str, Any]:
        """Return all of it as values that JSON can hold."""
        return {
            "verdict": self.verdict,
            "answer": self.answer,
            "measure": self.measure,
            "estimated": "no labels seen",
            "fingerprint": self.fingerprint,
            "training": self.training.to_dict(),
            "windows": [window.to_dict() for window in self.windows],
            "notes": list(self.notes),
        }

    def tables(self) -> tuple[Table, ...]:
        """Return the windows, and labels, reasons and words of the last window, as tables."""
        last = self.windows[-1]
        return (
            self._windows_table(),
            *([_reasons_table(last)] if any(last.reasons.values()) else []),
            self._labels_table(last),
            *([_words_table(last)] if last.words else []),
        )

    def __repr__(self) -> str:
        return f"Watch({counted(len(self.windows), 'window')}: {self.verdict})"

    def __str__(self) -> str:
        lines = [self.answer, *([told] if (told := self.estimate_text) else [])]
        for table in self.tables():
            lines += ["", *table.to_lines()]
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        return html_view([self.answer, self.estimate_text], *self.tables())

    @property
    def estimate_text(self) -> str:
        """The estimate for the last window in a sentence; empty where there is none."""
        last, training = self.windows[-1], self.training.accuracy
        if last.accuracy is None or last.accuracy.interval is None or training is None:
            return ""
        low, high = (f"{end:.0%}" for end in last.accuracy.interval)
        return (
            f"{self.measure.capitalize()} {last.accuracy.value:.0%} (90% interval {low} to {high}): "
            f"estimated, no labels seen. In training it was {training:.0%}, measured."
        )

    def _windows_table(self) -> Table:
        header = ("window", "articles", "to a person", "unknown", f"estimated {self.measure}")
        rows = [
            (
                window.name,
                f"{window.n:,}",
                f"{window.left_to_person.value:.1%}",
                _percent(window.unknown_words),
                window.accuracy.value_text(".0%") + f" ({window.accuracy.interval_text('.0%')})"
                if window.accuracy and window.accuracy.interval
                else "–",
            )
            for window in self.windows[-_SHOWN:]
        ]
        own = self.training
        training = ("training, measured", "", _percent(own.left_to_person), _percent(own.unknown_words))
        rows.append((*training, "–" if own.accuracy is None else f"{own.accuracy:.0%}"))
        title = (
            "Windows"
            if len(self.windows) <= _SHOWN
            else f"Windows (the last {_SHOWN} of {len(self.windows)})"
        )
        return Table(title, (header, *rows), (False, True, True, True, True), _CELLS)

    def _labels_table(self, last: WatchedWindow) -> Table:
        before = self.training.labels
        moved = sorted(
            last.labels, key=lambda label: (-abs(last.labels[label].value - before.get(label, 0.0)), label)
        )
        rows = [
            (
                label,
                f"{last.labels[label].value:.1%} ({last.labels[label].interval_text('.1%')})",
                _percent(before.get(label)),
            )
            for label in moved[:_SHOWN_LABELS]
        ]
        more = f", the {len(rows)} that moved most" if len(rows) < len(moved) else ""
        header = ("label", "share (95% interval)", "in training")
        return Table(f"Labels given: {last.name}{more}", (header, *rows), (False, True, True), _CELLS)


def _percent(share: float | None) -> str:
    return "–" if share is None else f"{share:.1%}"


def _reasons_table(last: WatchedWindow) -> Table:
    rows = [
        (_REASONS[reason], f"{n:,}", f"{n / last.n:.1%}")
        for reason, n in sorted(last.reasons.items(), key=lambda item: -item[1])
        if n
    ]
    header = ("left to a person", "articles", "share")
    return Table(f"Left to a person: {last.name}", (header, *rows), (False, True, True), _CELLS)


def _words_table(last: WatchedWindow) -> Table:
    rows = [
        (
            word.word,
            "new" if word.is_new else "rising",
            f"{word.n_articles:,}",
            f"{word.share:.2%}",
            f"{'up to ' if word.is_new else ''}{word.training_share:.2%}",
            word.articles[0][1],
        )
        for word in last.words
    ]
    header = ("word", "kind", "articles", "share", "in training", "as in")
    right = (False, False, True, True, True, False)
    return Table(f"New and rising words: {last.name}", (header, *rows), right, _CELLS)
