"""Counting what a model does with training articles that were held out, for `topicml.watch`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from topicml.model.classifier import FittedClassifier
from topicml.model.decision import assign_labels
from topicml.model.predictions import REASON_CODES
from topicml.model.reference import Reference, confidence_counts

_MOST_SOURCES = 50
_NO_KNOWN_TERMS, _LOW_CONFIDENCE, _NO_LABEL = (
    REASON_CODES.index(reason) for reason in ("no_known_terms", "low_confidence", "no_label_reached")
)


def reference_of(
    classifier: FittedClassifier,
    probabilities: NDArray[np.float64],
    Y: NDArray[np.bool_],
    answerable: NDArray[np.bool_],
    sources: Iterable[str | None],
) -> Reference:
    """Return counts of what the classifier's rule makes of articles that were held out.

    Probabilities and true labels are of shape (n_articles, n_classes), those of articles by models that had
    not seen them; answerable is whether such a model knew any term of the article. The sources are those of
    all training articles.
    """
    given = assign_labels(probabilities, classifier.thresholds, multilabel=classifier.multilabel)
    reasons = np.zeros(len(Y), np.int64)
    reasons[~given.any(axis=1)] = _NO_LABEL
    reasons[classifier.low_confidence(probabilities)] = _LOW_CONFIDENCE
    reasons[~answerable] = _NO_KNOWN_TERMS
    named = Counter(source for source in sources if source)
    frequent = sorted(named.items(), key=lambda item: (-item[1], item[0]))[:_MOST_SOURCES]
    return Reference(
        n_articles=len(Y),
        labels=tuple(given.sum(axis=0).tolist()),
        reasons=tuple(np.bincount(reasons, minlength=len(REASON_CODES)).tolist()),
        confidence=tuple(confidence_counts(probabilities[given]).tolist()),
        right=tuple(confidence_counts(probabilities[given & Y]).tolist()),
        sources=dict(frequent),
    )
