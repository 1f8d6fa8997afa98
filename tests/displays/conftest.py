"""Evaluations to draw."""

from __future__ import annotations

import pytest

from topicml.article import Article
from topicml.evaluation.evaluate import evaluate


@pytest.fixture(scope="session")
def multiclass_evaluation(base_classifier, base_articles):
    """One mistake, one article that is not answered, one label that the model does not know."""
    more = (Article("The cup final", labels=("economy",)), Article("qqq", labels=("art",)))
    return evaluate(base_classifier, base_articles + more, n_resamples=50)


@pytest.fixture(scope="session")
def multilabel_evaluation(multilabel_classifier, multilabel_articles):
    more = (Article("Heavy rain in the cup final", labels=("economy",)), Article("qqq", labels=("art",)))
    return evaluate(multilabel_classifier, multilabel_articles + more, n_resamples=50)


@pytest.fixture(scope="session", params=["multiclass", "multilabel"])
def evaluation(request):
    return request.getfixturevalue(f"{request.param}_evaluation")
