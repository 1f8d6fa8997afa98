"""What a model records of how it came to be."""

from __future__ import annotations

import platform
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from importlib.metadata import version
from typing import Any

import numpy as np
from numpy.typing import NDArray

from topicml.article import Article, Problem, corpus_fingerprint
from topicml.corpus.label_conflicts import summarize_copies
from topicml.training.settings import TrainingSettings
from topicml.training.tuning import Trial
from topicml.version import __version__

_PACKAGES = ("numpy", "scipy", "scikit-learn")


def record_of_training(
    articles: Sequence[Article],
    groups: NDArray[np.int64],
    problems: Sequence[Problem],
    given: TrainingSettings,
    trials: Sequence[Trial],
) -> dict[str, Any]:
    """Return what is on record before the model is made, as values that JSON can hold.

    Parameters
    ----------
    articles : sequence of Article
    groups : ndarray of int64, shape (n_articles,)
        Copies of one article.
    problems : sequence of Problem
        Of reading them.
    given : TrainingSettings
        As the caller had them, before any were searched.
    trials : sequence of Trial
    """
    return {
        "data_sha256": corpus_fingerprint(articles),
        "n_articles": len(articles),
        "rows": _rows(articles, groups, problems),
        "settings_given": asdict(given),
        "tried": [trial.to_dict() for trial in trials],
        "versions": {
            "topicml": __version__,
            "python": platform.python_version(),
            **{name: version(name) for name in _PACKAGES},
        },
    }


def _rows(
    articles: Sequence[Article], groups: NDArray[np.int64], problems: Sequence[Problem]
) -> dict[str, Any]:
    """Return which rows were used, which were left out, and which repeat or contradict each other."""
    copies = summarize_copies(articles, groups)
    return {
        "used": len(articles),
        "left_out": Counter(problem.kind for problem in problems if problem.left_out),
        "noted": Counter(problem.kind for problem in problems if not problem.left_out),
        "copies": copies.n_copies,
        "copied_texts": copies.n_groups,
        "conflicts": len(copies.conflicts),
    }


RECORD = "retraining"
"""Where the provenance of a model keeps how it came to replace another, whose fingerprint is ``replaced``."""
