"""A process beside the service that trains on the decisions and chooses the next articles."""

from __future__ import annotations

import os
import signal
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from multiprocessing import get_context
from multiprocessing.connection import Connection

import numpy as np
from numpy.typing import NDArray

from topicml.article import Article
from topicml.corpus.seen_articles import seen_in_training
from topicml.exceptions import TopicmlError
from topicml.lifecycle.clusters import evenly
from topicml.lifecycle.suggest import suggest
from topicml.metrics.resampling import Estimate, resampled_sums
from topicml.model.classifier import FittedClassifier
from topicml.parallel import end_with
from topicml.serving.desk_queue import Choice
from topicml.training.settings import TrainingSettings
from topicml.training.train import TrainingResult, train

_AHEAD = 50  # articles that are chosen at once, or as many as are labelled between two trainings
_MOST_UNLABELLED = 1_000  # articles of the archive that are learned from: ten seconds
_RESAMPLES = 1_000

_Counts = Mapping[int, tuple[int, int, int]]
"""Labels of articles by position: right ones, wrong ones, missing ones."""


@dataclass(frozen=True, slots=True)
class Material:
    """What does not change while people label."""

    archive: Sequence[Article]
    labels: tuple[str, ...]
    multilabel: bool
    model: FittedClassifier | None = None
    labelled: Sequence[Article] = ()
    retrain_every: int = 25


@dataclass(frozen=True, slots=True)
class Job:
    """What to do: choose articles, and before that train if asked to.

    `decided` are labels by position; `seen` are all positions that somebody has decided or skipped.
    """

    decided: Mapping[int, tuple[str, ...]]
    seen: frozenset[int]
    retrain: bool


@dataclass(frozen=True, slots=True)
class Score:
    """How good a model is on decided articles that it has not seen, and how that changed.

    `change` compares with the training before, on the articles that were decided by then. `given` is the
    score of the model that the desk was started with, on the same articles.
    """

    n_decided: int
    f1: Estimate
    change: Estimate | None = None
    given: Estimate | None = None
    used: bool = True


@dataclass(frozen=True, slots=True)
class Lesson:
    """What came of a job. `classifier` guesses from now on, if there is one.

    `all_chosen` says that no other article is left to choose.
    """

    choices: tuple[Choice, ...]
    all_chosen: bool = False
    classifier: FittedClassifier | None = None
    score: Score | None = None
    note: str = ""


class Learner:
    """A process that does one job at a time."""

    def __init__(self, material: Material) -> None:
        context = get_context("spawn")  # a fork would copy the threads' locks
        self._connection, theirs = context.Pipe()
        self._process = context.Process(target=_work, args=(theirs, os.getpid(), material), daemon=True)
        self._process.start()
        theirs.close()

    def learn(self, job: Job) -> Lesson:
        """Do a job, and wait for it.

        Raises
        ------
        EOFError, OSError
            If the process has ended.
        """
        self._connection.send(job)
        found: Lesson = self._connection.recv()
        return found

    def close(self) -> None:
        """End the process, whatever it does: decisions are not its business."""
        self._process.kill()
        self._process.join()


def _work(connection: Connection, parent: int, material: Material) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # a Ctrl-C is the service's
    end_with(parent)
    student = _Student(material)
    while True:
        try:
            job = connection.recv()
        except EOFError:
            return
        connection.send(student.lesson(job))


class _Student:
    """Remembers the model that guesses now, and what the training before got right."""

    def __init__(self, material: Material) -> None:
        self._material, self._guessing = material, material.model
        self._before: _Counts = {}
        self._n_ahead = max(_AHEAD, 2 * material.retrain_every)

    def lesson(self, job: Job) -> Lesson:
        score, notes = None, []
        if job.retrain:
            try:
                score = self._trained(job)
            except (TopicmlError, ValueError) as error:
                notes.append(f"not trained yet: {error}")
        choices, note = self._chosen(job)
        told = "; ".join([*notes, note] if note else notes)
        return Lesson(choices, len(choices) < self._n_ahead, self._guessing, score, told)

    def _trained(self, job: Job) -> Score:
        material = self._material
        places = [p for p, labels in job.decided.items() if material.multilabel or len(labels) == 1]
        mine = [replace(material.archive[p], labels=job.decided[p]) for p in places]
        listed = [*mine, *material.labelled]
        others = [article for row, article in enumerate(material.archive) if row not in job.seen]
        unlabelled = [others[row] for row in evenly(len(others), _MOST_UNLABELLED).tolist()]
        settings = TrainingSettings(target_type="multilabel" if material.multilabel else "multiclass")
        result = train(listed, settings=settings, unlabelled=unlabelled or None, n_jobs=1)
        counts = _held_out(result, places, mine)
        score = _score(counts, self._before)
        if material.model is not None:
            score = _compared(score, counts, material.model, material.archive, job.decided)
        self._before = counts
        self._guessing = result.classifier if score.used else material.model
        return score

    def _chosen(self, job: Job) -> tuple[tuple[Choice, ...], str]:
        """Choose articles; where a model that has seen little knows too few words, without it."""
        material, note = self._material, ""
        done = [material.archive[position] for position in sorted(job.seen)] + list(material.labelled)
        for model in (self._guessing, None):
            try:
                found = suggest(material.archive, n=self._n_ahead, model=model, labelled=done, n_jobs=1)
            except TopicmlError as error:
                note = f"chosen without the model: {error}" if model else str(error)
                continue
            return tuple(Choice(one.position, one.reason) for one in found), note
        return (), note


def _held_out(result: TrainingResult, places: Sequence[int], articles: Sequence[Article]) -> _Counts:
    """Count what models got right in the first articles of a training, each of which they had not seen."""
    scored = np.flatnonzero(result.folds >= 0)
    rows = scored < len(articles)
    answers = _answers(result.classifier, result.probabilities[rows])
    own = scored[rows].tolist()
    counts = _counts(answers, [articles[row] for row in own])
    return {places[row]: count for row, count in zip(own, counts, strict=True)}


def _compared(
    score: Score,
    counts: _Counts,
    model: FittedClassifier,
    archive: Sequence[Article],
    decided: Mapping[int, tuple[str, ...]],
) -> Score:
    """Compare with the model of the start, on the articles that neither had seen."""
    held_out = [replace(archive[place], labels=decided[place]) for place in counts]
    seen = seen_in_training(model, held_out)
    unseen = [place for row, place in enumerate(counts) if seen is None or not seen[row]]
    if not unseen:
        return score
    fresh = [replace(archive[place], labels=decided[place]) for place in unseen]
    answers = _answers(model, model.predict_proba(fresh, n_jobs=1))
    given = _f1(dict(zip(unseen, _counts(answers, fresh), strict=True)))
    mine = _f1({place: counts[place] for place in unseen})
    return replace(score, given=given, used=mine.value >= given.value)


def _answers(classifier: FittedClassifier, probabilities: NDArray[np.float64]) -> list[tuple[str, ...]]:
    """Return the labels that are more probable than not, or the most probable one of a multiclass model."""
    names = classifier.classes_
    if not classifier.multilabel:
        return [(names[int(row)],) for row in probabilities.argmax(axis=1)]
    return [tuple(names[int(k)] for k in np.flatnonzero(row >= 0.5)) for row in probabilities]


def _counts(answers: Sequence[tuple[str, ...]], articles: Sequence[Article]) -> list[tuple[int, int, int]]:
    found = []
    for answer, article in zip(answers, articles, strict=True):
        truth, said = set(article.labels or ()), set(answer)
        found.append((len(truth & said), len(said - truth), len(truth - said)))
    return found


def _score(counts: _Counts, before: _Counts) -> Score:
    common = [position for position in counts if position in before]
    change = None
    if common:
        both = np.array([[*counts[p], *before[p]] for p in common], float)
        drawn = _drawn(both)
        change = Estimate.of(_f1_of(drawn[:, :3]) - _f1_of(drawn[:, 3:]))
    return Score(len(counts), _f1(counts), change)


def _f1(counts: _Counts) -> Estimate:
    if not counts:
        return Estimate(0.0, None)
    return Estimate.share_of(_f1_of(_drawn(np.array(list(counts.values()), float))))


def _drawn(rows: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.concatenate([rows.sum(axis=0, keepdims=True), resampled_sums(rows, _RESAMPLES, 0)])


def _f1_of(sums: NDArray[np.float64]) -> NDArray[np.float64]:
    right, wrong, missing = sums.T
    found: NDArray[np.float64] = 2 * right / np.maximum(2 * right + wrong + missing, 1)
    return found
