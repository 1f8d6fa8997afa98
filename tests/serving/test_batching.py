"""Requests that come together, in the thread that predicts."""

from __future__ import annotations

import asyncio

import pytest

from topicml.article import Article
from topicml.serving.batching import Batcher

TEXTS = ["A late goal.", "The bank cut its rate.", "Snow tonight.", "qqq"]


def run(work):
    """Run work with a batcher; return what it returns, and how many articles each call had."""
    sizes = []

    async def main():
        batcher = Batcher(sizes.append)
        try:
            return await asyncio.wait_for(work(batcher), 60)
        finally:
            batcher.close()

    return asyncio.run(main()), sizes


def articles(*numbers):
    return [Article(TEXTS[number % 4], id=str(number)) for number in numbers]


def test_requests_that_come_together_are_one_call(classifier):
    async def work(batcher):
        return await asyncio.gather(*(batcher.predict(classifier, articles(k, k + 1)) for k in range(20)))

    found, sizes = run(work)
    assert found == [list(classifier.predict(articles(k, k + 1))) for k in range(20)]
    assert sizes == [40]


def test_each_request_is_answered_by_its_own_model(base_classifier, multilabel_classifier):
    models = [base_classifier, multilabel_classifier] * 10

    async def work(batcher):
        return await asyncio.gather(*(batcher.predict(model, articles(0)) for model in models))

    found, sizes = run(work)
    assert [answer.fingerprint for (answer,) in found] == [model.fingerprint for model in models]
    assert sizes == [10, 10]


def test_many_articles_are_several_calls_and_a_request_is_never_cut(base_classifier):
    async def work(batcher):
        requests = [articles(*range(n)) for n in (300, 200, 100, 0)]
        return await asyncio.gather(*(batcher.predict(base_classifier, each) for each in requests))

    found, sizes = run(work)
    assert [len(answers) for answers in found] == [300, 200, 100, 0]
    assert sizes == [300, 200, 100]


def test_a_request_that_was_given_up_is_not_predicted(base_classifier):
    async def work(batcher):
        given_up = asyncio.create_task(batcher.predict(base_classifier, articles(0)))
        kept = asyncio.create_task(batcher.predict(base_classifier, articles(1)))
        asyncio.get_running_loop().call_soon(given_up.cancel)
        await asyncio.wait([given_up])
        return await kept

    found, sizes = run(work)
    assert found == list(base_classifier.predict(articles(1)))
    assert sum(sizes) <= 2


def test_a_call_that_fails_concerns_its_requests_alone(base_classifier):
    async def work(batcher):
        with pytest.raises(TypeError, match="position 0"):
            await batcher.predict(base_classifier, [3])
        return await batcher.predict(base_classifier, articles(0))

    assert run(work)[0] == list(base_classifier.predict(articles(0)))
