"""One-vs-rest linear classifiers, fitted by scikit-learn's solvers."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from topicml.model.sparse import SparseRows
from topicml.training.selection import as_scipy
from topicml.training.settings import SolverSettings

if TYPE_CHECKING:
    from sklearn.linear_model import SGDClassifier
    from sklearn.svm import LinearSVC


_MANY_VALUES = 150_000_000  # from here on the dual solver's copies of the data would take over 3 GB
_EPOCHS = 5


@dataclass(frozen=True, eq=False, slots=True)
class LinearWeights:
    """The weights of one linear function a label.

    `coef` is of shape (n_terms, n_classes), so that one article touches only the rows of its own terms.
    """

    coef: NDArray[np.float32]
    intercept: NDArray[np.float64]

    def scores(self, rows: SparseRows) -> NDArray[np.float64]:
        """Return what each label's function says of each row, shape (n_rows, n_classes)."""
        return rows.dot(self.coef) + self.intercept


def fit_linear(
    X: SparseRows,
    Y: NDArray[np.bool_],
    settings: SolverSettings,
    *,
    labels: Sequence[str] = (),
    multilabel: bool,
    random_state: int = 0,
    sample_weight: NDArray[np.float64] | None = None,
) -> LinearWeights:
    """Fit a linear support vector machine for each label against the rest.

    Without `multilabel`, one call of the solver fits all labels, which copies X once instead of once a label.
    The seed determines the order in which the solver visits the rows. A label without rows gets the limit
    without positives: weights 0 and intercept -1; a label of all rows gets the reverse.
    """
    weights = LinearWeights(
        np.zeros((X.n_columns, Y.shape[1]), np.float32), np.where(Y.any(axis=0), 1.0, -1.0)
    )
    mixed = np.flatnonzero(Y.any(axis=0) & ~Y.all(axis=0))
    given = dict(settings.weights)
    weight_of = [given.get(label, 1.0) for label in labels] if given else None
    matrix = as_scipy(X, dtype=np.float64 if len(X.data) <= _MANY_VALUES else np.float32)
    if not multilabel:
        if len(mixed):
            y = np.searchsorted(mixed, Y.argmax(axis=1))
            by_class = {place: weight_of[k] for place, k in enumerate(mixed.tolist())} if weight_of else None
            _store(weights, mixed, *_fit(matrix, y, settings, by_class, random_state, sample_weight))
        return weights
    for k in mixed:
        by_class = {False: 1.0, True: weight_of[k]} if weight_of else None
        coef, intercept = _fit(matrix, Y[:, k], settings, by_class, random_state, sample_weight)
        weights.coef[:, k], weights.intercept[k] = coef[0], intercept[0]
    return weights


def _fit(
    X: csr_array,
    y: NDArray[Any],
    settings: SolverSettings,
    by_class: dict[int, float] | None,
    random_state: int,
    sample_weight: NDArray[np.float64] | None,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    from sklearn.exceptions import ConvergenceWarning  # noqa: PLC0415  (see _solver)

    svm = _solver(X, settings, by_class or settings.class_weight, random_state)
    with warnings.catch_warnings():
        # Near the optimum a coarse answer is as good as a fine one: out-of-fold scores tell if it is not.
        warnings.simplefilter("ignore", ConvergenceWarning)
        # Of labels of one or two articles each it asks whether they might be numbers to regress on.
        warnings.filterwarnings("ignore", "The number of unique classes", UserWarning)
        svm.fit(X, y, sample_weight=sample_weight)
    return svm.coef_, svm.intercept_


def _solver(
    X: csr_array, settings: SolverSettings, class_weight: object, random_state: int
) -> LinearSVC | SGDClassifier:
    """Return the dual solver, or for very much data the stochastic one, which makes no copy of it.

    scikit-learn takes a second to import: whoever names the wrong column is told before that.
    """
    from sklearn.linear_model import SGDClassifier  # noqa: PLC0415  (as the docstring says)
    from sklearn.svm import LinearSVC  # noqa: PLC0415

    if len(X.data) <= _MANY_VALUES:
        return LinearSVC(
            C=settings.C,
            tol=settings.tol,
            max_iter=settings.max_iter,
            class_weight=class_weight,
            dual=True,
            random_state=random_state,
        )
    return SGDClassifier(
        loss="hinge",  # the squared one does not settle under stochastic steps
        alpha=1 / (settings.C * X.shape[0]),
        max_iter=_EPOCHS,
        tol=None,
        class_weight=class_weight,
        average=True,
        random_state=random_state,
    )


def _store(
    weights: LinearWeights,
    mixed: NDArray[np.int64],
    coef: NDArray[np.float64],
    intercept: NDArray[np.float64],
) -> None:
    if (
        len(coef) == 1
    ):  # of two labels scikit-learn keeps the second one's function: the first has its negative
        coef, intercept = np.vstack((-coef, coef)), np.concatenate((-intercept, intercept))
    weights.coef[:, mixed] = coef.T
    weights.intercept[mixed] = intercept
