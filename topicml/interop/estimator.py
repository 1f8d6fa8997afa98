"""topicml's training as a scikit-learn estimator."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.exceptions import NotFittedError as SklearnNotFittedError
from sklearn.utils import Tags

from topicml.article import Article
from topicml.corpus.targets import encode_labels
from topicml.exceptions import NotFittedError, TopicmlTypeError, TopicmlValueError
from topicml.interop.target_forms import TargetForm, read_target
from topicml.metrics.names import Measure
from topicml.model.classifier import FittedClassifier
from topicml.model.decision import assign_labels
from topicml.model.feature_settings import FeatureSettings
from topicml.model.inputs import TextInput, as_texts
from topicml.model.sparse import CoefDtype
from topicml.training.settings import Search, SolverSettings, TrainingSettings
from topicml.training.train import TrainingResult, train

_ABSENT_SCORE = -1.0  # of a label that no article had: the margin by which a linear model says no


class _NotFittedError(NotFittedError, SklearnNotFittedError):  # type: ignore[misc]  # ships no types
    """Both topicml's error and scikit-learn's, which `topicml.exceptions` must not import."""


@dataclass(eq=False, repr=False, kw_only=True)  # writes __init__, so that a parameter is one line
class TopicClassifier(ClassifierMixin, BaseEstimator):  # type: ignore[misc]  # scikit-learn ships no types
    """Put texts into sections: TF-IDF and a linear model, as `topicml.train` trains them.

    Takes texts or articles where other estimators take a matrix, and goes into `cross_val_score`,
    `GridSearchCV` and `Pipeline`. What it learns is `model_`, which `topicml.save_model` saves.

    Parameters
    ----------
    ngram_range : tuple of two int, optional, default=(1, 2)
        The shortest and the longest run of words that is a term; None for no words.
    char_ngram_range : tuple of two int, optional
        The shortest and the longest run of characters within a word that is a term; by default none.
    title_weight : int, default=1
        How often a term of a title counts.
    min_token_length : int, default=2
        Characters that a word needs.
    sublinear_tf : bool, default=True
        Weigh a term by ``1 + ln(count)`` and not by its count.
    min_df : int, optional
        Documents that a term must occur in; by default 2, and 1 in a corpus of fewer than 200.
    max_df : float, default=1.0
        Largest share of the documents that a term may occur in.
    max_terms : int, default=100_000
        Terms to keep: those that best separate the labels.
    pruned_to : int, optional
        Terms that stay of these after a first fit, those with the largest coefficients.
    stop_words : tuple of str, default=()
        Words that no term may contain.
    C : float, default=1.0
        Inverse strength of the l2 penalty.
    tol : float, default=0.01
        Tolerance at which the solver stops.
    class_weight : {"balanced"} or mapping, optional
        "balanced" weighs the articles of a label by how rare it is. A mapping of labels to numbers weighs
        the articles that have them; others count 1.
    search : {"none", "light", "full"}, default="light"
        How far to look for better settings than the ones given.
    measure : {"macro_f1", "micro_f1", "accuracy"}, default="macro_f1"
        The measure that the search and the thresholds maximise.
    abstain_precision : float, optional
        Precision to promise for the articles that ``model_`` answers; ``predict`` answers every article.
    min_precision : tuple of (str, float), default=()
        Labels, as text, and precisions to promise for them; for several labels an article ``predict``
        also keeps such promises.
    allow_unkept : bool, default=False
        Whether to go on where a promise cannot be kept: ``model_`` then leaves the articles it concerns to
        a person.
    coef_dtype : {"int8", "int16", "float32"}, default="int8"
        How coefficients are stored; predictions and scores use the stored ones.
    max_size : int, optional
        Bytes that the saved model may take.
    n_folds : int, optional
        Folds for the out-of-fold scores, which also calibrate the probabilities; by default 5, 3
        from 5,000 articles on, and one fifth held out from 200,000 on.
    random_state : int, default=0
        Random seed, an int: the same data, settings and seed give the same model.
    fingerprints : bool, default=True
        Whether the model keeps 40 bytes of each article, so that it is recognised later.
    n_jobs : int, default=-1
        Processes to use, as in joblib: -1 is one for each core. The result does not depend on it.

    Attributes
    ----------
    classes_ : ndarray, shape (n_classes,)
        The labels, sorted; for an indicator matrix the numbers of its columns.
    model_ : FittedClassifier
        The model; its labels are those of `classes_` as text.
    result_ : TrainingResult
        The result of training; ``result_.scores`` are the out-of-fold scores.

    Notes
    -----
    Two different articles are enough to fit, as elsewhere in scikit-learn; `topicml.train` asks for six.

    There is no ``n_features_in_``, because an article is not a row of features; scikit-learn's own text
    vectorizers have none either.

    Lists of labels are accepted here, but not by scikit-learn's cross-validation; give it an indicator
    matrix (`sklearn.preprocessing.MultiLabelBinarizer`).

    Examples
    --------
    >>> texts = ["Heavy rain tonight", "Rain and wind", "The cup final", "A late cup goal"]
    >>> classifier = TopicClassifier(n_folds=2).fit(texts, ["weather", "weather", "sport", "sport"])
    >>> classifier.predict(["More rain", "Cup match postponed"]).tolist()
    ['weather', 'sport']
    >>> classifier.predict_proba(["More rain"]).shape
    (1, 2)
    """

    ngram_range: tuple[int, int] | None = (1, 2)
    char_ngram_range: tuple[int, int] | None = None
    title_weight: int = 1
    min_token_length: int = 2
    sublinear_tf: bool = True
    min_df: int | None = None
    max_df: float = 1.0
    max_terms: int = 100_000
    pruned_to: int | None = None
    stop_words: tuple[str, ...] = ()
    C: float = 1.0
    tol: float = 0.01
    class_weight: Literal["balanced"] | Mapping[Any, float] | None = None
    search: Search = "light"
    measure: Measure = "macro_f1"
    abstain_precision: float | None = None
    min_precision: tuple[tuple[str, float], ...] = ()
    allow_unkept: bool = False
    coef_dtype: CoefDtype = "int8"
    max_size: int | None = None
    n_folds: int | None = None
    random_state: int = 0
    fingerprints: bool = True
    n_jobs: int = -1

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.input_tags.string = True
        tags.input_tags.one_d_array = True
        tags.input_tags.two_d_array = False
        tags.classifier_tags.multi_label = True
        return tags

    def fit(self, X: Iterable[TextInput], y: object) -> TopicClassifier:
        """Train on texts and their labels.

        Parameters
        ----------
        X : iterable of str or Article
            A list, an array or a column. The labels of an Article are ignored: `y` decides.
        y : array-like or sparse matrix
            One label for each text, of any type that scikit-learn takes; an indicator matrix, shape
            (n_articles, n_classes); or a list of labels (str) for each text. Predictions come back
            in the same form, those of a sparse matrix as an array.

        Returns
        -------
        TopicClassifier
            Itself.

        Raises
        ------
        TopicmlTypeError
            If an item is not a text, or not a label; the message names its position.
        TopicmlValueError
            If X and y differ in length, y cannot be labels, or a parameter is impossible.
        CorpusError
            If there are no articles, labels or terms to learn from.
        """
        inputs = _inputs(X)
        form, labels = read_target(y)
        _check_lengths(inputs, labels)
        articles = [_labelled(value, names) for value, names in zip(inputs, labels, strict=True)]
        self.result_: TrainingResult = train(
            articles, settings=self._settings(form), n_jobs=self.n_jobs, fewest=2
        )
        self.model_: FittedClassifier = self.result_.classifier
        self.classes_: NDArray[Any] = form.classes_
        self._form = form
        return self

    def predict(self, X: Iterable[TextInput]) -> NDArray[Any] | list[tuple[str, ...]]:
        """Return the labels of each text, in the form of the `y` that was trained on.

        A text without known terms gets the label that is most probable then, or none if there may be several.

        Parameters
        ----------
        X : iterable of str or Article
            A list, an array or a column.

        Returns
        -------
        ndarray, or list of tuple of str
            Of shape (n_articles,), or (n_articles, n_classes) for an indicator matrix.
        """
        model = self._fitted()
        if model.multilabel:
            return self._form.restore(encode_labels(model.predict(_inputs(X)), self._form.names))
        probabilities = self.predict_proba(X)
        return self._form.restore(assign_labels(probabilities, model.thresholds, multilabel=False))

    def predict_proba(self, X: Iterable[TextInput]) -> NDArray[np.float64]:
        """Return calibrated probabilities, shape (n_articles, n_classes), columns as in `classes_`.

        If each article has one label, a row sums to 1. If it may have several, each probability is separate,
        and is 0 for a column of an indicator matrix without a 1.
        """
        return self._by_class(self._fitted().predict_proba(_inputs(X)), absent=0.0)

    def decision_function(self, X: Iterable[TextInput]) -> NDArray[np.float64]:
        """Return linear scores, shape (n_articles, n_classes); with two classes, (n_articles,).

        With two classes it is the second one's, as everywhere in scikit-learn: above 0 where it is predicted.
        """
        model = self._fitted()
        scores = self._by_class(model.decision_function(_inputs(X)), absent=_ABSENT_SCORE)
        if model.multilabel or scores.shape[1] > 2:
            return scores
        return (scores[:, 1] - scores[:, 0]) / 2  # each is the other's negative, so this is the second

    def score(self, X: Iterable[TextInput], y: object, sample_weight: ArrayLike | None = None) -> float:
        """Return the share of texts with exactly the right labels.

        Parameters
        ----------
        X : iterable of str or Article
            A list, an array or a column.
        y : array-like or sparse matrix
            In the form that was trained on.
        sample_weight : array-like, shape (n_articles,), optional
            How much each text counts; by default all the same.
        """
        self._fitted()
        if self._form.kind != "lists":
            return float(super().score(_inputs(X), y, sample_weight=sample_weight))
        inputs = _inputs(X)
        _, labels = read_target(y)
        _check_lengths(inputs, labels)
        weights = None if sample_weight is None else np.asarray(sample_weight)
        right = [set(found) == set(true) for found, true in zip(self.predict(inputs), labels, strict=True)]
        return float(np.average(np.array(right), weights=weights))

    def _settings(self, form: TargetForm) -> TrainingSettings:
        if isinstance(self.random_state, bool) or not isinstance(self.random_state, int | np.integer):
            raise TopicmlTypeError(f"random_state must be an int, found {self.random_state!r}")
        return TrainingSettings(
            target_type=form.target_type,
            features=FeatureSettings(**self._values_of(FeatureSettings)),
            solver=SolverSettings(**{**self._values_of(SolverSettings), "class_weight": self._weights()}),
            **self._values_of(TrainingSettings),
        )

    def _weights(self) -> Any:  # noqa: ANN401  (what is none is refused by the settings)
        """Return weights by the text of their labels, as training names them."""
        given = self.class_weight
        return (
            {str(label): weight for label, weight in given.items()} if isinstance(given, Mapping) else given
        )

    def _values_of(self, settings: type) -> dict[str, Any]:
        """Return the parameters that are fields of a kind of settings."""
        own = self.get_params(deep=False)
        return {field.name: _plain(own[field.name]) for field in fields(settings) if field.name in own}

    def _fitted(self) -> FittedClassifier:
        if not hasattr(self, "model_"):
            raise _NotFittedError("this TopicClassifier is not fitted yet: call fit(X, y) first")
        return self.model_

    def _by_class(self, values: NDArray[np.float64], *, absent: float) -> NDArray[np.float64]:
        """Put columns in the order of `classes_`: topicml sorts labels as text, so "10" before "9"."""
        column = {label: k for k, label in enumerate(self.model_.classes_)}
        ordered = np.full((len(values), len(self.classes_)), absent)
        for k, name in enumerate(self._form.names):
            if name in column:
                ordered[:, k] = values[:, column[name]]
        return ordered


def _inputs(X: Iterable[TextInput]) -> list[TextInput]:
    """Return the texts as a list, whose length can be asked for, all of them checked."""
    if isinstance(X, str | Article):
        raise TopicmlTypeError(f"expected an iterable of texts, found one {type(X).__name__}: write [text]")
    as_texts(X)  # refuses what is no iterable of texts, such as a table, before it is made a list of
    inputs = list(X)
    deque(as_texts(inputs), maxlen=0)
    return inputs


def _check_lengths(inputs: Sequence[TextInput], labels: Sequence[object]) -> None:
    if len(inputs) != len(labels):
        raise TopicmlValueError(
            f"X and y have inconsistent numbers of samples: {len(inputs)} texts, labels for {len(labels)}"
        )


def _labelled(value: TextInput, labels: tuple[str, ...]) -> Article:
    if isinstance(value, Article):
        return replace(value, labels=labels)
    return Article(str.__str__(value), labels=labels)


def _plain(value: object) -> object:
    """Return what a model's JSON can hold, for searches pass NumPy's numbers, and grids from files lists."""
    if isinstance(value, np.generic):
        return value.item()
    return tuple(value) if isinstance(value, list) else value
