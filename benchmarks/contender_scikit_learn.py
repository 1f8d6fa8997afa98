"""The pipeline that scikit-learn's users build for text: TF-IDF of words and pairs, linear SVM."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import joblib
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.multiclass import OneVsRestClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MultiLabelBinarizer
from sklearn.svm import LinearSVC

from topicml import Article

__all__ = ["ScikitLearn", "tfidf_vectorizer"]

_FIRST_ANSWER = """
import sys, joblib
pipeline, binarizer = joblib.load(sys.argv[1])
answer = pipeline.predict([sys.argv[2]])
print(answer if binarizer is None else binarizer.inverse_transform(answer))
"""


def tfidf_vectorizer() -> Any:  # noqa: ANN401  (scikit-learn ships no types)
    """Return the vectorizer with the settings of topicml's."""
    return TfidfVectorizer(sublinear_tf=True, ngram_range=(1, 2), min_df=2)


@dataclass(frozen=True, slots=True)
class _Model:
    pipeline: Any
    binarizer: Any

    def predict(self, texts: Sequence[str]) -> list[tuple[str, ...]]:
        answers = self.pipeline.predict(texts)
        if self.binarizer is None:
            return [(str(label),) for label in answers]
        found: list[tuple[str, ...]] = self.binarizer.inverse_transform(answers)
        return found

    def predict_one(self, text: str) -> object:
        return self.predict([text])

    def save(self, path: Path) -> None:
        joblib.dump((self.pipeline, self.binarizer), path)


@dataclass(frozen=True, slots=True)
class ScikitLearn:
    """A fit and no more: no scores, no probabilities."""

    name: str = "scikit-learn"

    def train(self, articles: Sequence[Article], *, multilabel: bool) -> _Model:
        """Fit the pipeline, for many labels one machine a label."""
        labels = [article.labels or () for article in articles]
        binarizer = MultiLabelBinarizer() if multilabel else None
        y = binarizer.fit_transform(labels) if binarizer else [label for (label,) in labels]
        classifier = OneVsRestClassifier(LinearSVC()) if multilabel else LinearSVC()
        pipeline = make_pipeline(tfidf_vectorizer(), classifier)
        return _Model(pipeline.fit([article.full_text for article in articles], y), binarizer)

    def load(self, path: Path) -> _Model:
        """Unpickle a saved pipeline."""
        return _Model(*joblib.load(path))

    def first_answer(self, path: Path, text: str) -> list[str]:
        """Return the command line that loads a pipeline and predicts one text."""
        return [sys.executable, "-c", _FIRST_ANSWER, str(path), text]
