"""A model as a scikit-learn ``Pipeline``, and models as files of other programs' formats.

The pipeline's two steps are topicml's own reading of text and topicml's own decision, in the shape that
scikit-learn's tools expect. Steps of scikit-learn alone were refused: ``TfidfVectorizer`` cuts text as
topicml does only where it is ASCII and terms are words, and no calibrator that scikit-learn can be
handed the numbers of computes these probabilities. Such a pipeline would answer differently, silently.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import Literal, NoReturn, TypeAlias

import joblib
import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.sparse import csr_array
from sklearn.base import BaseEstimator, ClassifierMixin, TransformerMixin
from sklearn.pipeline import Pipeline
from sklearn.utils import Tags
from sklearn.utils.validation import check_is_fitted, validate_data

from topicml.article import Article
from topicml.exceptions import TopicmlError, TopicmlTypeError, TopicmlValueError
from topicml.files import as_path, open_binary_output
from topicml.model.classifier import FittedClassifier
from topicml.model.decision import assign_labels, below_bars
from topicml.model.fitted import ModelInput, as_classifier
from topicml.model.inputs import TextInput, as_texts
from topicml.model.ngrams import PIECE_BIT
from topicml.model.sparse import SparseRows
from topicml.model.vectorizer import TermStrings, Vectorizer
from topicml.training.selection import as_scipy

ExportFormat = Literal["sklearn", "onnx"]
Rows: TypeAlias = ArrayLike | csr_array


def to_sklearn(model: ModelInput) -> Pipeline:
    """Return a model as a scikit-learn pipeline that predicts the same.

    Scores and probabilities equal the model's to the last bit. ``predict`` answers every text, because
    scikit-learn's classifiers cannot abstain: a multiclass model gives the most probable label, a
    multilabel one the labels of ``model.predict``, and none where that abstains. Only
    `FittedClassifier.familiarity` is lost: the columns of the second step are terms and do not show
    how many words a text has. It cannot be trained: ``fit`` raises an error, because a fit would lose the
    calibration.

    Parameters
    ----------
    model : FittedClassifier
        The model to export.

    Returns
    -------
    sklearn.pipeline.Pipeline
        With the steps `TermWeights` and `LinearDecision`. Saved by joblib or pickle, it needs topicml
        where it is loaded.

    Examples
    --------
    >>> import topicml
    >>> texts = ["Heavy rain tonight", "Rain and wind", "The cup final", "A late cup goal"]
    >>> labels = ["weather", "weather", "sport", "sport"]
    >>> model = topicml.TopicClassifier(n_folds=2, n_jobs=1).fit(texts, labels).model_
    >>> topicml.to_sklearn(model).predict(["More rain", "Cup match postponed"]).tolist()
    ['weather', 'sport']
    """
    classifier = as_classifier(model)
    return Pipeline([("terms", TermWeights.of(classifier)), ("decision", LinearDecision.of(classifier))])


def export_model(model: ModelInput, path: str | Path, *, to: ExportFormat) -> None:
    """Write a model to a file in another program's format, replacing an existing file.

    Parameters
    ----------
    model : FittedClassifier
        The model to export.
    path : str or Path
        The file to write.
    to : {"sklearn", "onnx"}
        "sklearn" writes what `to_sklearn` returns with joblib: a pickle, which runs code when it is
        loaded. "onnx" writes what `topicml.to_onnx` returns.

    Raises
    ------
    UnexportableError
        If the model has settings that the format cannot express.
    MissingExtraError
        If the format needs a package that is not installed.
    TopicmlError
        If the file cannot be written.
    """
    if to not in ("sklearn", "onnx"):
        raise TopicmlValueError(f"to must be 'sklearn' or 'onnx', found {to!r}")
    classifier = as_classifier(model)
    content = _onnx_bytes(classifier) if to == "onnx" else _joblib_bytes(classifier)
    with open_binary_output(as_path(path)) as file:
        file.write(content)


def _onnx_bytes(model: FittedClassifier) -> bytes:
    from topicml.interop.onnx_export import to_onnx  # noqa: PLC0415  (the other format does without it)

    content: bytes = to_onnx(model).SerializeToString(deterministic=True)
    return content


def _joblib_bytes(model: FittedClassifier) -> bytes:
    file = BytesIO()
    joblib.dump(to_sklearn(model), file)
    return file.getvalue()


class _Finished(BaseEstimator):  # type: ignore[misc]  # scikit-learn ships no types
    """A step that comes from a trained model and does not learn."""

    def fit(self, X: object, y: object = None) -> NoReturn:  # noqa: ARG002  (scikit-learn's signature)
        """Refuse: to go on as it is would let cross-validation score a model on what it was trained on."""
        raise TopicmlError(
            f"{type(self).__name__} comes from a trained model and does not learn: train with "
            "topicml.TopicClassifier, or wrap the pipeline in sklearn.frozen.FrozenEstimator"
        )


class TermWeights(TransformerMixin, _Finished):  # type: ignore[misc]  # scikit-learn ships no types
    """Turn texts or articles into the TF-IDF rows of a model; made by `to_sklearn`.

    Attributes
    ----------
    vectorizer_ : Vectorizer
    """

    vectorizer_: Vectorizer

    @classmethod
    def of(cls, model: FittedClassifier) -> TermWeights:
        """Return the step of a model; it shares no memory with a file."""
        step, own = cls(), model.vectorizer
        step.vectorizer_ = replace(
            own,
            hashes=np.array(own.hashes),
            idf=np.array(own.idf),
            terms=TermStrings.pack(own.terms[term] for term in range(len(own.terms))),
        )
        return step

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.input_tags.string = True
        tags.input_tags.one_d_array = True
        tags.input_tags.two_d_array = False
        return tags

    def transform(self, X: Iterable[TextInput]) -> csr_array:
        """Return the weight of each term in each text, float32, shape (n_texts, n_terms)."""
        check_is_fitted(self)
        if isinstance(X, str | Article):
            raise TopicmlTypeError(
                f"expected an iterable of texts, found one {type(X).__name__}: write [text]"
            )
        return as_scipy(self.vectorizer_.transform(as_texts(X), n_jobs=-1)[0], dtype=np.float32)

    def get_feature_names_out(
        self,
        input_features: object = None,  # noqa: ARG002  (scikit-learn's signature; a text has no features)
    ) -> NDArray[np.object_]:
        """Return how each term is written, shape (n_terms,)."""
        check_is_fitted(self)
        terms = self.vectorizer_.terms
        return np.array([terms[term] for term in range(len(terms))], object)


class LinearDecision(ClassifierMixin, _Finished):  # type: ignore[misc]  # scikit-learn ships no types
    """Turn TF-IDF rows into scores, probabilities and labels as a model does; made by `to_sklearn`.

    Attributes
    ----------
    classes_ : ndarray of str, shape (n_classes,)
    coefficients_ : Coefficients
        As the model stores them.
    intercept_ : ndarray of float64, shape (n_classes,)
    n_features_in_ : int
    multilabel_ : bool
    calibration_ : Calibration
    thresholds_ : ndarray of float64, shape (n_classes,)
        From which probability on a label of a multilabel model is assigned.
    bars_ : ndarray of float64, shape (n_classes,)
        A multilabel model abstains where a label would be given with a lower probability.
    min_confidence_ : float
        The model abstains where no probability reaches it.
    telling_ : ndarray of bool, shape (n_terms,)
        The terms without any of which a text is unknown to the model.
    """

    @classmethod
    def of(cls, model: FittedClassifier) -> LinearDecision:
        """Return the step of a model; it shares no memory with a file."""
        step = cls()
        step.classes_ = np.array(model.classes_)
        step.coefficients_ = model.coefficients.copy()
        step.intercept_ = np.array(model.intercept, np.float64)
        step.n_features_in_ = len(model.vectorizer)
        step.multilabel_ = model.multilabel
        step.calibration_ = model.calibration
        step.thresholds_ = np.array(model.thresholds, np.float64)
        step.min_confidence_ = model.min_confidence
        bars = model.min_label_confidence
        step.bars_ = np.array([bars.get(label, 0.0) for label in model.classes_])
        step.telling_ = _telling(model.vectorizer)
        return step

    @property
    def coef_(self) -> NDArray[np.float32]:
        """Coefficients, shape (n_classes, n_terms): a row for each class, also where there are two."""
        check_is_fitted(self)
        coef: NDArray[np.float32] = self.coefficients_.dense().T
        return coef

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = True
        tags.classifier_tags.multi_label = True
        return tags

    def decision_function(self, X: Rows) -> NDArray[np.float64]:
        """Return linear scores, shape (n_texts, n_classes); of a multiclass model of two, (n_texts,).

        That one is the second class's, as everywhere in scikit-learn: above 0 where it is predicted.
        """
        scores = self._scores(self._rows(X))
        if not self.multilabel_ and scores.shape[1] == 2:
            scores = (scores[:, 1] - scores[:, 0]) / 2
        return scores

    def predict_proba(self, X: Rows) -> NDArray[np.float64]:
        """Return calibrated probabilities, shape (n_texts, n_classes), columns as in `classes_`."""
        return self._probabilities(self._rows(X))

    def predict(self, X: Rows) -> NDArray[np.str_] | NDArray[np.int64]:
        """Return labels, shape (n_texts,), or of a multilabel model an indicator matrix.

        Its shape is (n_texts, n_classes), its columns are those of `classes_`.
        """
        rows = self._rows(X)
        probabilities = self._probabilities(rows)
        assigned = assign_labels(probabilities, self.thresholds_, multilabel=self.multilabel_)
        if self.multilabel_:
            known = rows.dot(self.telling_[:, None].astype(np.float32))[:, 0] > 0
            sure = probabilities.max(axis=1) >= self.min_confidence_
            sure &= ~below_bars(probabilities, self.thresholds_, self.bars_)
            indicator: NDArray[np.int64] = (assigned & (known & sure)[:, None]).astype(np.int64)
            return indicator
        labels: NDArray[np.str_] = self.classes_[assigned.argmax(axis=1)]
        return labels

    def _rows(self, X: Rows) -> SparseRows:
        check_is_fitted(self)
        checked = validate_data(
            self, X, reset=False, accept_sparse="csr", dtype=np.float32, ensure_min_samples=0
        )
        rows = csr_array(checked)
        return SparseRows(rows.data, rows.indices, rows.indptr.astype(np.int64), rows.shape[1])

    def _probabilities(self, rows: SparseRows) -> NDArray[np.float64]:
        probabilities: NDArray[np.float64] = self.calibration_.apply(self._scores(rows))
        return probabilities

    def _scores(self, rows: SparseRows) -> NDArray[np.float64]:
        scores: NDArray[np.float64] = self.coefficients_.scores(rows) + self.intercept_
        return scores


def _telling(vectorizer: Vectorizer) -> NDArray[np.bool_]:
    """Return the terms by which a text counts as known: words, where there are words."""
    if not (vectorizer.settings.orders and vectorizer.settings.char_orders):
        return np.ones(len(vectorizer), bool)
    return ~(vectorizer.hashes & PIECE_BIT).astype(bool)
