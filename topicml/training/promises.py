"""Promised precisions: which of them can be kept, and what the scores are with them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from topicml.exceptions import TopicmlValueError, UnkeptPromiseError
from topicml.formatting import counted, listed
from topicml.metrics.decisions import answer_tally
from topicml.metrics.resampling import Estimate, resample
from topicml.metrics.scores import Scores, score
from topicml.model.record import Abstention
from topicml.training.abstention import (
    NEVER,
    choose_abstention,
    highest_precision,
    most_that_can_be_promised,
)
from topicml.training.settings import TrainingSettings

_LISTED = 5


class Answers(NamedTuple):
    """Articles that would be answered: how sure each is, whether it is right, and its part of the file."""

    confidence: NDArray[np.float64]
    right: NDArray[np.bool_]
    blocks: NDArray[np.int64]


@dataclass(frozen=True, eq=False, slots=True)
class Decided:
    """What articles held out are given as long as nothing is promised.

    Parameters
    ----------
    probabilities, given, Y : ndarray, shape (n_articles, n_classes)
    answerable : ndarray of bool, shape (n_articles,)
        Whether any term of the article is known.
    blocks : ndarray of int64, shape (n_articles,)
        The part of the file that each is in.
    """

    probabilities: NDArray[np.float64]
    given: NDArray[np.bool_]
    Y: NDArray[np.bool_]
    answerable: NDArray[np.bool_]
    blocks: NDArray[np.int64]

    def answers(self) -> Answers:
        """Return all of them with their most probable label."""
        right = self.Y[np.arange(len(self.Y)), self.probabilities.argmax(axis=1)] & self.answerable
        return Answers(self.probabilities.max(axis=1), right, self.blocks)

    def answers_of(self, label: int) -> Answers:
        """Return those that are given a label."""
        rows = self.given[:, label]
        return Answers(self.probabilities[rows, label], self.Y[rows, label], self.blocks[rows])

    def given_under(
        self, overall: float, bars: NDArray[np.float64], *, multilabel: bool
    ) -> NDArray[np.bool_]:
        """Return what they are given where answers, and each label, need a probability."""
        best, needed = self.probabilities.argmax(axis=1), np.maximum(bars, overall)
        given = self.given
        if multilabel:
            unkept = bars == NEVER
            needed = np.where(unkept, NEVER, overall)
            given = given & ~(given & unkept).any(axis=1)[:, None] & (self.probabilities >= bars)
        sure = self.probabilities.max(axis=1) >= needed[best]
        kept: NDArray[np.bool_] = given & sure[:, None]
        return kept


@dataclass(frozen=True, slots=True)
class Promise:
    """A promise of precision, and what it costs out of fold.

    Parameters
    ----------
    label : str or None
        None for a promise of all answers.
    n_given : int
        Articles that would be answered, or get the label, without it.
    abstention : Abstention
    highest : float, optional
        The highest precision that can be promised instead, where this one cannot be kept.
    """

    label: str | None
    n_given: int
    abstention: Abstention
    highest: float | None = None

    @classmethod
    def of(cls, answers: Answers, precision: float, *, label: str | None = None) -> Promise:
        """Find the lowest confidence that keeps a promise, or the highest promise that can be kept."""
        confidence, right, blocks = answers
        found = choose_abstention(confidence, right, precision=precision, blocks=blocks)
        highest = None if found.kept else highest_precision(confidence, right, blocks=blocks)
        return cls(label, len(confidence), found, highest)

    @property
    def note(self) -> str:
        """Remarks for the reader about it, in a line."""
        found, whose = self.abstention, "" if self.label is None else f" that would get {self.label!r}"
        if not found.kept:
            return f"{self._unkept}: articles{whose} go to a person"
        given, whose = f"{self.label!r} is given", " that would get it"
        if self.label is None:
            given, whose = "articles are answered", ""
        articles = counted(self.n_given, "article")
        return (
            f"{given} from a probability of {found.min_confidence:.3f}: {found.kept:.1%} of "
            f"{articles}{whose}, {found.precision:.1%} of these rightly (of later ones at least "
            f"{found.lower_bound:.1%}, one-sided 95% bound)"
        )

    @property
    def _unkept(self) -> str:
        whose = "for all answers" if self.label is None else f"for {self.label!r}"
        return (
            f"{100 * self.abstention.promised:g}% precision cannot be guaranteed {whose} from "
            f"{counted(self.n_given, 'article')}"
        )

    @property
    def refusal(self) -> str:
        """What to do where it cannot be kept."""
        option = "--abstain-precision" if self.label is None else "--min-precision"
        if self.highest is None:
            return f"{self._unkept}, and no lower precision can: leave out {option}"
        value = f"{self.highest:g}" if self.label is None else repr(f"{self.label}={self.highest:g}")
        return f"{self._unkept}; the highest that can is {self.highest:g}: use {option} {value}"


def find_promises(
    decided: Decided, classes: tuple[str, ...], settings: TrainingSettings
) -> tuple[Promise, ...]:
    """Find what it takes to keep each promise of the settings; the one for all answers comes first."""
    found = []
    if settings.abstain_precision is not None:
        found.append(Promise.of(decided.answers(), settings.abstain_precision))
    for label, precision in settings.min_precision:
        found.append(Promise.of(decided.answers_of(classes.index(label)), precision, label=label))
    return tuple(found)


def is_hopeless(Y: NDArray[np.bool_], classes: tuple[str, ...], settings: TrainingSettings) -> bool:
    """Return whether no model could keep a promise: even if all answers were right, they would be too few."""
    if settings.allow_unkept:
        return False
    most = dict(zip(classes, map(most_that_can_be_promised, Y.sum(axis=0).tolist()), strict=True))
    overall = most_that_can_be_promised(len(Y)) < (settings.abstain_precision or 0.0)
    return overall or any(most[label] < precision for label, precision in settings.min_precision)


def refuse_unkept(promises: Sequence[Promise]) -> None:
    """Raise an error that names all promises that cannot be kept, if there are any."""
    unkept = [promise for promise in promises if not promise.abstention.kept]
    if unkept:
        told = listed((promise.refusal for promise in unkept), len(unkept), between=". ")
        raise UnkeptPromiseError(
            f"{told}, or --allow-unkept (allow_unkept=True) to send such articles to a person",
            {promise.label: promise.highest for promise in unkept},
        )


def check_known(
    classes: tuple[str, ...], by_label: Iterable[tuple[str, float]], *, setting: str = "min_precision"
) -> None:
    """Refuse a setting for a label that no article has.

    >>> check_known(("sport", "weather"), [("art", 0.9)])  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    ...
    topicml.exceptions.TopicmlValueError: min_precision names labels that no article has: 'art'; ...
    """
    if unknown := [label for label, _ in by_label if label not in classes]:
        known = listed(map(repr, classes), _LISTED, more=" and {} more")
        raise TopicmlValueError(
            f"{setting} names labels that no article has: {', '.join(map(repr, unknown))}; expected "
            f"any of {known}"
        )


@dataclass(frozen=True, slots=True)
class ScoresWithPromises:
    """Out-of-fold scores of a model that leaves articles to a person so as to keep its promises.

    Parameters
    ----------
    scores : Scores
        An article left to a person counts as given no label.
    answered, answered_without : Estimate
        Share of the articles that get a label, with promises and without.
    precision, precision_without : Estimate
        Share of these whose first label is right.
    """

    scores: Scores
    answered: Estimate
    precision: Estimate
    answered_without: Estimate
    precision_without: Estimate

    def to_dict(self) -> dict[str, Any]:
        """Return them as values that JSON can hold."""
        return {
            "scores": self.scores.to_dict(),
            "answered": self.answered.to_dict(),
            "precision": self.precision.to_dict(),
            "answered_without": self.answered_without.to_dict(),
            "precision_without": self.precision_without.to_dict(),
        }


def score_with_promises(
    decided: Decided,
    promises: Iterable[Promise],
    classes: tuple[str, ...],
    *,
    multilabel: bool,
    groups: NDArray[np.int64],
    random_state: int,
) -> ScoresWithPromises:
    """Score decisions that keep the promises."""
    bars = {promise.label: promise.abstention.min_confidence for promise in promises}
    of_labels = np.array([bars.get(label, 0.0) for label in classes])
    given = decided.given_under(bars.get(None, 0.0), of_labels, multilabel=multilabel)
    how: dict[str, Any] = {"groups": groups, "random_state": random_state}
    scores = score(decided.Y, given, decided.probabilities, classes, multilabel=multilabel, **how)
    return ScoresWithPromises(
        scores, *_answered(decided, given, **how), *_answered(decided, decided.given, **how)
    )


def _answered(
    decided: Decided,
    given: NDArray[np.bool_],
    **how: Any,  # noqa: ANN401  (groups and seed, handed on)
) -> tuple[Estimate, Estimate]:
    """Return the share of the articles that get a label, and the share of these whose first one is right."""
    first = np.where(given, decided.probabilities, -1.0).argmax(axis=1)
    right = decided.Y[np.arange(len(given)), first][:, None]
    answered: NDArray[np.bool_] = np.logical_or.reduce(given, axis=1)
    tally = answer_tally(right, np.ones(right.shape, bool), answered)
    found = resample([tally], n_resamples=1000, **how)
    return found.estimate("coverage"), found.estimate("answered_accuracy")
