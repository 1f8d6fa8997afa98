"""The label desk: articles one at a time, decisions on disk, and a model that learns meanwhile."""

from __future__ import annotations

import asyncio
import json
import logging
import time
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from functools import lru_cache
from itertools import combinations
from typing import Any

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from topicml.article import Article
from topicml.files import shown_path
from topicml.metrics.agreement import cohen_kappa
from topicml.metrics.resampling import Estimate
from topicml.model.classifier import FittedClassifier
from topicml.serving.decision_log import DecisionLog, Entry, key_of
from topicml.serving.desk_learning import Job, Learner, Lesson, Material
from topicml.serving.desk_queue import DeskQueue
from topicml.serving.desk_requests import Asked, asked_for
from topicml.serving.html_pages import desk_page
from topicml.serving.problems import RequestError

_log = logging.getLogger("topicml.serving")
_PAUSE = 2.0  # seconds before a process that has ended is started again
_LONGEST_WAIT = 5.0  # seconds until a person is told that articles are still being chosen
_MOST_SHOWN = 10  # trainings
_MOST_PAIRS = 10  # of people, whose agreement is shown
_Answer = tuple[str, ...]


class Desk:
    """What people label, what they have decided, and what was learned from it.

    Parameters
    ----------
    material : Material
        The archive, the labels, and the model to begin with.
    log : DecisionLog
        The file of decisions; those that it has count.
    overlap : float, default=0
        Share of the articles that two people label.
    claim_minutes : float, default=15
        For how long an article is kept for the person that it was shown to.
    """

    def __init__(
        self, material: Material, log: DecisionLog, *, overlap: float = 0.0, claim_minutes: float = 15.0
    ) -> None:
        self._material, self._log, self._page = material, log, desk_page()
        self._queue = DeskQueue(overlap=overlap, claim_seconds=60 * claim_minutes)
        self._classifier = material.model
        self._positions = {key_of(article): row for row, article in reversed([*enumerate(material.archive)])}
        self.n_elsewhere = sum(not self._remember(entry) for entry in log.entries)
        self._lessons: list[Lesson] = []
        self._note, self._learned_at, self._training = "", 0, False
        self._exhausted = False
        self._wake, self._news = asyncio.Event(), asyncio.Event()
        self.answers = {
            "/desk/next": self.next,
            "/desk/decisions": self.decide,
            "/desk/undo": self.undo,
            "/desk/progress": self.progress,
        }

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Learn in the background for as long as the service runs."""
        learning = asyncio.create_task(self._keep_learning())
        try:
            yield
        finally:
            learning.cancel()
            await asyncio.gather(learning, return_exceptions=True)

    async def page(self) -> Response:
        """Answer with the page for people."""
        return HTMLResponse(self._page.html, headers=self._page.headers)

    async def next(self, request: Request) -> Response:
        """Answer with the article that a person is to look at."""
        asked = await asked_for(request)
        if not self._exhausted and not self._queue.has_for(asked.annotator, asked.session):
            with suppress(TimeoutError):
                await asyncio.wait_for(self._news.wait(), _LONGEST_WAIT)
        return await self._answer(asked)

    async def progress(self, request: Request) -> Response:
        """Answer with how far the work is."""
        return _json({"progress": self._progress((await asked_for(request)).annotator)})

    async def decide(self, request: Request) -> Response:
        """Write a decision to the file, and answer with the next article."""
        asked = await asked_for(request, decision=True)
        position, labels = self._checked(asked)
        article = self._material.archive[position]
        about = await asyncio.to_thread(_about, self._classifier, article)
        before = self._queue.decided.get(position, {})
        if asked.annotator in before:
            if before[asked.annotator] != labels:
                raise RequestError(409, "you have decided otherwise about this article: undo that first")
            return await self._answer(asked)  # an answer was lost, and the page asks again
        if not self._queue.may_decide(position, asked.annotator, asked.session, time.monotonic()):
            self._queue.release(asked.session)
            raise RequestError(
                409, "the article went to another person while you were away; nothing was saved of this one"
            )
        entry = Entry(key_of(article), asked.annotator, labels, asked.note)
        try:
            # In this thread, so that no two lines can mix; a disk takes a few milliseconds.
            self._log.append(article, entry, about)
        except OSError as error:
            raise self._unwritable(error) from error
        self._queue.record(position, asked.annotator, labels)
        self._queue.release(asked.session)
        self._wake_if_needed()
        return await self._answer(asked)

    async def undo(self, request: Request) -> Response:
        """Take back the last decision of a person, and answer with its article."""
        asked = await asked_for(request)
        entry = self._log.last_of(asked.annotator)
        position = None if entry is None else self._positions.get(entry.key)
        if entry is None or position is None:
            raise RequestError(409, "there is no decision of yours to undo")
        try:
            self._log.remove(entry)
        except OSError as error:
            raise self._unwritable(error) from error
        self._queue.take_back(position, asked.annotator, asked.session, time.monotonic())
        taken_back = {"labels": entry.labels, "note": entry.note}
        return _json({**await self._shown(position), "undone": taken_back, **self._state(asked)})

    def _remember(self, entry: Entry) -> bool:
        """Count a decision of the file, if its article is in the archive."""
        position = self._positions.get(entry.key)
        if position is None:
            return False
        self._queue.record(position, entry.annotator, entry.labels)
        return True

    def _checked(self, asked: Asked) -> tuple[int, tuple[str, ...] | None]:
        if not 0 <= asked.position < len(self._material.archive):
            raise RequestError(422, "no article of the archive has this position", field="position")
        if asked.labels is None:
            return asked.position, None
        for place, label in enumerate(asked.labels):
            if label not in self._material.labels:
                raise RequestError(422, "no label has this name", field=f"labels[{place}]")
        if len(asked.labels) > 1 and not self._material.multilabel:
            raise RequestError(422, "expected one label, found several: see --multilabel", field="labels")
        return asked.position, tuple(dict.fromkeys(asked.labels))

    def _unwritable(self, error: OSError) -> RequestError:
        told = {"error": type(error).__name__, "reason": error.strerror}
        _log.error("decision not saved", extra={"facts": told})
        return RequestError(
            503,
            f"the decision was not saved: {shown_path(self._log.path)} cannot be written "
            f"({error.strerror or type(error).__name__}). Mend that and decide again; the article stays here",
        )

    async def _answer(self, asked: Asked) -> Response:
        position = self._queue.claim(asked.annotator, asked.session, time.monotonic())
        self._wake_if_needed()
        return _json({**await self._shown(position), **self._state(asked)})

    def _state(self, asked: Asked) -> dict[str, Any]:
        return {
            "labels": self._material.labels,
            "multilabel": self._material.multilabel,
            "progress": self._progress(asked.annotator),
        }

    async def _shown(self, position: int | None) -> dict[str, Any]:
        """Return an article with the model's guess, as the page shows it."""
        if position is None:
            return {"article": None, "finished": self._exhausted}
        article = self._material.archive[position]
        told = {"position": position, "id": article.id, "title": article.title, "text": article.text}
        model = self._classifier
        guess = None if model is None else await asyncio.to_thread(_guessed, model, article)
        return {"article": told, "reason": self._queue.reason_of(position), "guess": guess}

    def _progress(self, annotator: str) -> dict[str, Any]:
        decided = self._queue.decided
        named = [labels for who in decided.values() for labels in who.values() if labels is not None]
        n = sum(any(labels is not None for labels in who.values()) for who in decided.values())
        return {
            "n_articles": len(self._material.archive),
            "n_decided": n,
            "n_mine": sum(annotator in who for who in decided.values()),
            "labels": Counter(label for labels in named for label in labels),
            "training": self._training,
            "retrain_every": self._material.retrain_every,
            "next_training": max(0, self._learned_at + self._material.retrain_every - n),
            "trainings": [_told(lesson) for lesson in self._lessons[-_MOST_SHOWN:]],
            "agreement": self._agreement(),
            "note": self._note,
        }

    def _agreement(self) -> list[dict[str, Any]]:
        pairs: dict[tuple[str, str], list[tuple[_Answer, _Answer]]] = {}
        for who in self._queue.decided.values():
            named = sorted((one, tuple(sorted(labels))) for one, labels in who.items() if labels is not None)
            for (one, its), (other, others) in combinations(named, 2):
                pairs.setdefault((one, other), []).append((its, others))
        most = sorted(pairs.items(), key=lambda item: -len(item[1]))[:_MOST_PAIRS]
        return [
            {
                "annotators": people,
                "n": len(answers),
                "n_agreed": sum(one == other for one, other in answers),
                "kappa": _estimate(_kappa(tuple(answers))),
            }
            for people, answers in most
        ]

    def _wake_if_needed(self) -> None:
        if self._due() or (self._queue.n_free() < 10 and not self._exhausted):
            self._wake.set()

    def _due(self) -> bool:
        return len(self._queue.labels()) >= self._learned_at + self._material.retrain_every

    async def _keep_learning(self) -> None:
        """Do jobs for ever, one after the other; a process that has ended is replaced."""
        self._wake.set()
        while True:
            learner = await asyncio.to_thread(Learner, self._material)  # it copies the archive
            try:
                await self._learn_with(learner)
            except (EOFError, OSError):
                self._note = "the background training ended unexpectedly and is started again"
                _log.exception("training failed", extra={"facts": {}})
            finally:
                self._training = False
                learner.close()
            await asyncio.sleep(_PAUSE)
            self._wake.set()

    async def _learn_with(self, learner: Learner) -> None:
        while True:
            await self._wake.wait()
            self._wake.clear()
            labels, retrain = self._queue.labels(), self._due()
            seen = frozenset(position for position, who in self._queue.decided.items() if who)
            self._training = retrain
            lesson = await asyncio.to_thread(learner.learn, Job(labels, seen, retrain))
            self._training = False
            self._learned_at = len(labels) if retrain else self._learned_at
            self._take_up(lesson)
            self._wake.clear()  # set meanwhile, for what is done now
            self._wake_if_needed()

    def _take_up(self, lesson: Lesson) -> None:
        self._queue.refill(lesson.choices)
        self._exhausted = lesson.all_chosen
        self._news.set()
        self._news = asyncio.Event()
        self._classifier, self._note = lesson.classifier, lesson.note
        if lesson.score is not None:
            self._lessons.append(lesson)
            told = {
                "n_decided": lesson.score.n_decided,
                "right": lesson.score.right.value,
                "used": lesson.score.used,
            }
            _log.info("trained", extra={"facts": told})


def _guessed(classifier: FittedClassifier, article: Article) -> dict[str, Any]:
    """Return a guess, and the words that speak for its first label."""
    prediction = classifier.predict(article, always_label=True)
    label = prediction.ranked(1)[0][0]
    return {
        "labels": prediction.labels,
        "probabilities": prediction.ranked(),
        "explanation": classifier.explain(article, label).to_dict(),
        "fingerprint": classifier.fingerprint,
    }


def _about(classifier: FittedClassifier | None, article: Article) -> dict[str, Any]:
    """Return what the model said when a decision was made."""
    if classifier is None:
        return {}
    return {
        "guess": list(classifier.predict(article, always_label=True).labels),
        "fingerprint": classifier.fingerprint,
    }


@lru_cache(maxsize=4 * _MOST_PAIRS)
def _kappa(answers: tuple[tuple[_Answer, _Answer], ...]) -> Estimate:
    """Return the kappa of a pair of people, computed once until one of them decides again."""
    return cohen_kappa(*zip(*answers, strict=True))


def _told(lesson: Lesson) -> dict[str, Any]:
    score = lesson.score
    assert score is not None  # noqa: S101  (those without are not kept)
    return {
        "n_decided": score.n_decided,
        "right": _estimate(score.right),
        "change": None if score.change is None else _estimate(score.change),
        "given": None if score.given is None else _estimate(score.given),
        "used": score.used,
    }


def _estimate(estimate: Estimate) -> Mapping[str, float | None]:
    return {**estimate.to_dict(), **({} if estimate.interval else {"value": None})}


def _json(value: object) -> Response:
    """Return an answer in ASCII, which carries any text, also half of a surrogate pair."""
    return Response(json.dumps(value), media_type="application/json")
