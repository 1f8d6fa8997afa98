"""Text to TF-IDF matrix: the part of the work that grows with every byte of text."""

from __future__ import annotations

from collections.abc import Sequence

from benchmarks.contender_scikit_learn import tfidf_vectorizer
from benchmarks.contenders import ratio_columns
from benchmarks.data_sets import DataSet
from benchmarks.markdown import number, print_section, ratio
from benchmarks.stopwatch import alternated_medians
from topicml.model.feature_settings import FeatureSettings
from topicml.model.vectorizer import Vectorizer
from topicml.training.vocabulary import fit_vectorizer

__all__ = ["print_matrix_table"]


def print_matrix_table(data_set: DataSet, *, repeats: int) -> None:
    """Measure both vectorizers on the training texts of one data set, and print how fast they are."""
    texts, size = data_set.train_texts(), data_set.megabytes
    fitting = alternated_medians(
        [lambda: _fit_transform(texts), lambda: tfidf_vectorizer().fit_transform(texts)], repeats=repeats
    )
    ours, theirs = _fitted(texts), tfidf_vectorizer().fit(texts)
    transforming = alternated_medians(
        [lambda: ours.transform(texts, n_jobs=-1), lambda: theirs.transform(texts)], repeats=repeats
    )
    print_section(
        f"Text to matrix, MB a second (more is better), {data_set.name}",
        ("work", "topicml", "scikit-learn", ratio_columns()[0]),
        [
            _row("fit and transform", [size / spent for spent in fitting]),
            _row("transform alone", [size / spent for spent in transforming]),
        ],
        note="Words and pairs of words that occur in two documents or more, sublinear term frequency, both.",
    )


def _fitted(texts: Sequence[str]) -> Vectorizer:
    return fit_vectorizer(texts, FeatureSettings(), min_df=2)


def _fit_transform(texts: Sequence[str]) -> object:
    return _fitted(texts).transform(texts, n_jobs=-1)


def _row(work: str, speeds: Sequence[float]) -> list[str]:
    ours, theirs = speeds
    return [work, number(ours), number(theirs), ratio(ours, theirs)]
