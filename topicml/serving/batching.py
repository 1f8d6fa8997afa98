"""Requests that come together are predicted together: many texts in one call take less time."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from topicml.article import Article
from topicml.model.classifier import FittedClassifier
from topicml.model.prediction import Prediction

_TOGETHER = 256  # articles; a request with more is predicted by itself


@dataclass(frozen=True, slots=True, eq=False)
class _Waiting:
    """Articles of a request, the model that is to answer it, and where its predictions go."""

    classifier: FittedClassifier
    articles: Sequence[Article]
    predictions: asyncio.Future[list[Prediction]]


class Batcher:
    """Predicts in one thread; what arrives meanwhile waits, and is predicted in one call after that.

    Nobody waits for others to come: where no work is going on, a request is predicted at once. All of a
    request is predicted by the model that was there when it came.
    """

    def __init__(self, observe: Callable[[int], None]) -> None:
        self._observe = observe  # is given the number of articles of each call
        self._thread = ThreadPoolExecutor(1, "predict")
        self._waiting: list[_Waiting] = []
        self._work: asyncio.Task[None] | None = None

    async def predict(self, classifier: FittedClassifier, articles: Sequence[Article]) -> list[Prediction]:
        """Return the predictions for the articles of a request."""
        loop = asyncio.get_running_loop()
        waiting = _Waiting(classifier, articles, loop.create_future())
        self._waiting.append(waiting)
        if self._work is None:
            self._work = loop.create_task(self._predict_waiting())
        return await waiting.predictions

    def close(self) -> None:
        """End the thread once its call is done."""
        self._thread.shutdown(wait=False, cancel_futures=True)

    async def _predict_waiting(self) -> None:
        try:
            while batch := self._next_batch():
                await self._answer(batch)
        finally:
            self._work = None

    def _next_batch(self) -> list[_Waiting]:
        """Take the first request that waits, and those after it for the same model that go along."""
        batch: list[_Waiting] = []
        left: list[_Waiting] = []
        n_articles = 0
        for one in self._waiting:
            if one.predictions.cancelled():  # took too long
                continue
            fits = not batch or (
                one.classifier is batch[0].classifier and n_articles + len(one.articles) <= _TOGETHER
            )
            (batch if fits else left).append(one)
            n_articles += len(one.articles) if fits else 0
        self._waiting = left
        return batch

    async def _answer(self, batch: Sequence[_Waiting]) -> None:
        articles = [article for one in batch for article in one.articles]
        self._observe(len(articles))
        call = asyncio.get_running_loop().run_in_executor(
            self._thread, _predicted, batch[0].classifier, articles
        )
        try:
            predictions = await call
        except Exception as error:  # noqa: BLE001  (each request tells it; the next batch is not concerned)
            for one in batch:
                if not one.predictions.done():
                    one.predictions.set_exception(error)
            return
        place = 0
        for one in batch:
            if not one.predictions.done():
                one.predictions.set_result(predictions[place : place + len(one.articles)])
            place += len(one.articles)


def _predicted(classifier: FittedClassifier, articles: Sequence[Article]) -> list[Prediction]:
    return list(classifier.predict(articles, n_jobs=1))
