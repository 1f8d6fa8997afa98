"""scikit-learn as a careful user has it: the usual pipeline, its settings chosen from a small grid."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.metrics import accuracy_score, f1_score
from sklearn.model_selection import KFold, StratifiedKFold
from sklearn.multiclass import OneVsRestClassifier
from sklearn.preprocessing import MultiLabelBinarizer
from sklearn.svm import LinearSVC

from topicml import Article
from topicml.metrics.names import Measure

__all__ = ["predict_with_small_grid"]

_FEATURES: tuple[dict[str, Any], ...] = (
    {"analyzer": "word", "ngram_range": (1, 1)},
    {"analyzer": "word", "ngram_range": (1, 2)},
    {"analyzer": "char_wb", "ngram_range": (1, 3)},
    {"analyzer": "char_wb", "ngram_range": (3, 5)},
)
_C = (0.3, 1.0, 3.0)
_N_FOLDS = 3


def predict_with_small_grid(
    train: Sequence[Article], texts: Sequence[str], measure: Measure, *, multilabel: bool
) -> list[tuple[str, ...]]:
    """Choose features and C by cross-validation on the training articles, fit, and predict.

    What ``GridSearchCV`` over the pipeline does, but each fold's matrix is made once for all values of
    C, which is three times faster and chooses the same.
    """
    binarizer = MultiLabelBinarizer()
    Y = binarizer.fit_transform([article.labels or () for article in train])
    y = Y if multilabel else Y.argmax(axis=1)
    documents = np.array([article.full_text for article in train], object)
    scored = {
        (place, C): value
        for place, features in enumerate(_FEATURES)
        for C, value in _mean_scores(documents, y, features, measure).items()
    }
    place, C = max(scored, key=lambda setting: scored[setting])
    vectorizer = _vectorizer(_FEATURES[place])
    svm = _svm(C, multilabel=multilabel).fit(vectorizer.fit_transform(documents), y)
    answers = svm.predict(vectorizer.transform(texts))
    if multilabel:
        return list(binarizer.inverse_transform(answers))
    return [(str(binarizer.classes_[k]),) for k in answers]


def _mean_scores(
    documents: NDArray[Any], y: NDArray[Any], features: dict[str, Any], measure: Measure
) -> dict[float, float]:
    multilabel = y.ndim > 1
    splitter = (KFold if multilabel else StratifiedKFold)(_N_FOLDS, shuffle=True, random_state=0)
    values: dict[float, list[float]] = {C: [] for C in _C}
    for kept, held_out in splitter.split(documents, y):
        vectorizer = _vectorizer(features)
        X, unseen = vectorizer.fit_transform(documents[kept]), vectorizer.transform(documents[held_out])
        for C in _C:
            answers = _svm(C, multilabel=multilabel).fit(X, y[kept]).predict(unseen)
            values[C].append(_score(y[held_out], answers, measure))
    return {C: float(np.mean(found)) for C, found in values.items()}


def _vectorizer(features: dict[str, Any]) -> Any:  # noqa: ANN401  (scikit-learn ships no types)
    return TfidfVectorizer(sublinear_tf=True, min_df=2, **features)


def _svm(C: float, *, multilabel: bool) -> Any:  # noqa: ANN401  (scikit-learn ships no types)
    return OneVsRestClassifier(LinearSVC(C=C)) if multilabel else LinearSVC(C=C)


def _score(truth: NDArray[Any], answers: NDArray[Any], measure: Measure) -> float:
    if measure == "accuracy":
        return float(accuracy_score(truth, answers))
    return float(f1_score(truth, answers, average=measure.removesuffix("_f1"), zero_division=0))
