"""What calibration did for the probabilities: their errors before and after it, out of sample."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from topicml.formatting import table_lines
from topicml.metrics.probabilities import calibration_tally, loss_tally
from topicml.metrics.resampling import resample
from topicml.model.calibration import Calibration
from topicml.model_card import calibration_rows


@dataclass(frozen=True, slots=True)
class ProbabilityErrors:
    """How far probabilities are from what they promise.

    Parameters
    ----------
    ece : float
        Expected calibration error, see `topicml.metrics.probabilities.expected_calibration_error`.
    brier : float
        Brier score (Brier 1950, "Verification of Forecasts Expressed in Terms of Probability"): the mean
        squared distance from the outcomes; of a row's sum for multiclass (0 to 2), of every decision
        for multilabel (0 to 1).
    intervals : mapping of str to (float, float)
        95 % bootstrap interval of both.
    """

    ece: float
    brier: float
    intervals: Mapping[str, tuple[float, float]]


@dataclass(frozen=True, slots=True)
class CalibrationReport:
    """Errors of probabilities before and after calibration, on the same articles.

    Parameters
    ----------
    before, after : ProbabilityErrors
    """

    before: ProbabilityErrors
    after: ProbabilityErrors

    def to_dict(self) -> dict[str, Any]:
        """Return it as values that JSON can hold."""
        return asdict(self)

    def __str__(self) -> str:
        """Return a line for each error with its interval, under a header."""
        header = ["error (95 % interval)", "before calibration", "after it"]
        rows = [header, *calibration_rows(self.to_dict())]
        return "\n".join(table_lines(rows, right=[False, True, True]))


def report_calibration(
    scores: NDArray[np.float64],
    probabilities: NDArray[np.float64],
    Y: NDArray[np.bool_],
    *,
    multilabel: bool,
    groups: NDArray[np.int64] | None = None,
    n_resamples: int = 1000,
    random_state: int = 0,
) -> CalibrationReport:
    """Compare calibrated probabilities with what the scores alone would say.

    That is their softmax, or for multilabel the sigmoid of each: slope 1 and offset 0.

    Parameters
    ----------
    scores : ndarray of float64, shape (n_articles, n_classes)
        Decision scores, out of fold.
    probabilities : ndarray of float64, shape (n_articles, n_classes)
        Of curves that were fitted without the articles that they are applied to.
    Y : ndarray of bool, shape (n_articles, n_classes)
    multilabel : bool
    groups : ndarray of int64, shape (n_articles,), optional
        Articles of one group are drawn together. By default each stands alone.
    n_resamples : int, default=1000
    random_state : int, default=0

    Examples
    --------
    >>> Y = np.eye(2, dtype=bool)[np.arange(40) % 2]
    >>> report = report_calibration(Y * 1.0, Y * 0.98 + 0.01, Y, multilabel=False)
    >>> round(report.before.ece, 3), round(report.after.ece, 3), round(report.after.brier, 4)
    (0.269, 0.01, 0.0002)
    """
    n_classes = Y.shape[1]
    plain = Calibration(np.ones(n_classes), np.zeros(n_classes), multilabel).apply(scores)

    def errors(found: NDArray[np.float64]) -> ProbabilityErrors:
        tallies = [tally(Y, found, multilabel=multilabel) for tally in (calibration_tally, loss_tally)]
        drawn = resample(tallies, groups=groups, n_resamples=n_resamples, random_state=random_state)
        found_errors = {name: drawn.estimate(name) for name in ("ece", "brier")}
        return ProbabilityErrors(
            **{name: error.value for name, error in found_errors.items()},
            intervals={name: error.interval for name, error in found_errors.items() if error.interval},
        )

    return CalibrationReport(errors(plain), errors(probabilities))
