"""Evaluations to draw, and what drawings hold."""

from __future__ import annotations

import numpy as np
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


@pytest.fixture(scope="session")
def dots():
    """Return what finds the places of all dots."""

    def of(ax):
        lines = (line for line in ax.lines if line.get_marker() == "o")
        return [tuple(place) for line in lines for place in line.get_xydata().tolist()]

    return of


@pytest.fixture(scope="session")
def strokes():
    """Return what finds both ends of all lines that stand for intervals."""

    def of(ax):
        return [np.asarray(stroke).tolist() for lines in ax.collections for stroke in lines.get_segments()]

    return of
