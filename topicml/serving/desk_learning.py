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

_Hits = Mapping[int, bool]
"""Whether the most probable label is right, by the article's position."""


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
    """How often a model's first guess is right on decided articles that it has not seen.

    `change` compares with the training before, on the articles that were decided by then. `given` is the
    score of the model that the desk was started with, on the same articles.
    """

    n_decided: int
    right: Estimate
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
        self._before: _Hits = {}
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
        others = [
            article
            for row, article in enumerate(material.archive)
            if row not in job.seen and article.labels is None
        ]
        unlabelled = [others[row] for row in evenly(len(others), _MOST_UNLABELLED).tolist()]
        settings = TrainingSettings(target_type="multilabel" if material.multilabel else "multiclass")
        result = train(listed, settings=settings, unlabelled=unlabelled or None, n_jobs=1)
        hits = _held_out(result, places, mine)
        score = _score(hits, self._before)
        if material.model is not None:
            score = _compared(score, hits, material.model, dict(zip(places, mine, strict=True)))
        self._before = hits
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


def _held_out(result: TrainingResult, places: Sequence[int], articles: Sequence[Article]) -> _Hits:
    """Say of the first articles of a training what a model guesses right that has not seen them."""
    scored = np.flatnonzero(result.folds >= 0)
    rows = scored < len(articles)
    own = scored[rows].tolist()
    hits = _hits(result.classifier, result.probabilities[rows], [articles[row] for row in own])
    return {places[row]: hit for row, hit in zip(own, hits, strict=True) if articles[row].labels}


def _compared(score: Score, hits: _Hits, model: FittedClassifier, decided: Mapping[int, Article]) -> Score:
    """Compare with the model of the start, on the articles that neither had seen."""
    listed = [decided[place] for place in hits]
    seen = seen_in_training(model, listed)
    unseen = [place for row, place in enumerate(hits) if seen is None or not seen[row]]
    if not unseen:
        return score
    fresh = [decided[place] for place in unseen]
    given = _share(_hits(model, model.predict_proba(fresh, n_jobs=1), fresh))
    mine = _share([hits[place] for place in unseen])
    return replace(score, given=given, used=mine.value >= given.value)


def _hits(
    classifier: FittedClassifier, probabilities: NDArray[np.float64], articles: Sequence[Article]
) -> list[bool]:
    names = classifier.classes_
    best = probabilities.argmax(axis=1).tolist()
    return [names[row] in (article.labels or ()) for row, article in zip(best, articles, strict=True)]


def _score(hits: _Hits, before: _Hits) -> Score:
    change = None
    if common := [position for position in hits if position in before]:
        both = _drawn([[hits[position], before[position]] for position in common])
        change = Estimate.of(both[:, 0] - both[:, 1])
    return Score(len(hits), _share(list(hits.values())), change)


def _share(hits: Sequence[bool]) -> Estimate:
    return Estimate.share_of(_drawn([[hit] for hit in hits])[:, 0]) if hits else Estimate(0.0, None)


def _drawn(rows: Sequence[Sequence[bool]]) -> NDArray[np.float64]:
    """Return the mean of each column, of all articles and of resamples."""
    values = np.array(rows, np.float64)
    sums = np.concatenate([values.sum(axis=0, keepdims=True), resampled_sums(values, _RESAMPLES, 0)])
    means: NDArray[np.float64] = sums / len(values)
    return means
