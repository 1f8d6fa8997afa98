"""Shared by several tests: articles and labels, texts and terms, files of a folder, the package's code."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, ClassifierMixin

import topicml
from topicml.article import Article
from topicml.model.feature_settings import FeatureSettings
from topicml.model.persistence import load_classifier
from topicml.model.tokens import ngram_hashes, tokenize

PACKAGE = Path(topicml.__file__).parent
SOURCES = {  # of the package's modules, by name without "topicml."
    ".".join(path.relative_to(PACKAGE).with_suffix("").parts): path for path in sorted(PACKAGE.rglob("*.py"))
}
TREES = {module: ast.parse(path.read_text(encoding="utf-8")) for module, path in SOURCES.items()}

MADE_UP_LABELS = ("art", "chess", "sport")
SCRIPTS = "aB_1 .\0éßж中国กัดု\u0301चु\ud800"
ANY_TEXTS = st.lists(
    st.text(st.one_of(st.sampled_from(SCRIPTS), st.characters(exclude_categories=[]))), max_size=6
)
NGRAM_SETTINGS = st.builds(
    lambda low, width, length: FeatureSettings((low, low + width), min_token_length=length),
    st.integers(1, 3),
    st.integers(0, 2),
    st.integers(1, 3),
)

# Different words with one first hash, from a lattice reduction of the powers of the hash's base. Should the
# hash ever change, a new pair is to be found; test_the_twins_share_a_hash says so.
TWINS = ("acfaedaaafaahaaa", "gaaiaajdcadeaecb")


def one_hot(y, n_classes: int = 3) -> NDArray[np.bool_]:
    """Label numbers as rows of truth values; a number that is no class is a row without any."""
    return np.asarray(y)[:, None] == np.arange(n_classes)


@st.composite
def decisions(draw, *, most_articles: int = 25, n_labels: tuple[int, int] = (3, 3)):
    """True and given labels of some articles, any of them on any."""
    shape = (draw(st.integers(1, most_articles)), draw(st.integers(*n_labels)))
    return draw(arrays(np.bool_, shape)), draw(arrays(np.bool_, shape))


def made_up(n: int, *, seed: int = 0, year: int = 2023, wrong: float = 0.0) -> list[Article]:
    """Dated articles that tell their label by some of their words; of some, the label is another one."""
    rng = np.random.default_rng(seed)
    articles = []
    for k in range(n):
        label = MADE_UP_LABELS[k % 3]
        telling = [f"{label}{w}" for w in rng.integers(0, 40, 4)]
        words = telling + [f"word{w}" for w in rng.integers(0, 999, 16)]
        given = MADE_UP_LABELS[(k + 1) % 3] if rng.random() < wrong else label
        date = f"{year}-{k // 28 % 12 + 1:02}-{k % 28 + 1:02}"
        articles.append(Article(" ".join(rng.permutation(words)), labels=(given,), date=date))
    return articles


def fingerprint_in(folder: str | Path) -> str:
    """The fingerprint of the model in a folder."""
    return load_classifier(folder).fingerprint


def contents(folder: Path) -> dict[str, bytes]:
    """The files of a folder by name; of one that is not there, none."""
    return {file.name: file.read_bytes() for file in folder.iterdir()} if folder.exists() else {}


def terms_of(text: str, feature_settings: FeatureSettings) -> list[int]:
    """Return the hashes of the terms of one document."""
    tokens = tokenize([text], min_token_length=feature_settings.min_token_length)
    hashes = tokens.hashes()
    return [term for order in feature_settings.orders for term in ngram_hashes(hashes, order).tolist()]


class ScoreItself(ClassifierMixin, BaseEstimator):
    """An estimator whose decision score is its only feature."""

    classes_ = np.array([False, True])

    def fit(self, _X, _y):
        return self

    def decision_function(self, X):
        return X[:, 0]

    def predict(self, X):
        return self.decision_function(X) > 0

    def __sklearn_is_fitted__(self):
        return True


def run_python(arguments, folder):
    """Run Python in a folder, with this package; what it prints on stderr is shown if it fails."""
    found = subprocess.run(
        [sys.executable, *arguments],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(PACKAGE.parent)},
        check=False,
        capture_output=True,
        text=True,
    )
    assert found.returncode == 0, found.stderr
    return found
