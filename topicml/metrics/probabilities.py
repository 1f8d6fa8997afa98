"""Measures of probabilities: whether they mean what they say."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from topicml.elementary import log
from topicml.metrics.resampling import Estimate, Tally

_N_BINS = 15
_N_CUTS = 20
_LEAST = np.finfo(np.float64).eps  # scikit-learn's log_loss takes no probability as nearer to 0 or 1


def loss_tally(truth: NDArray[np.bool_], probabilities: NDArray[np.float64], *, multilabel: bool) -> Tally:
    """Return the tally of ``log_loss`` and ``brier``.

    For multiclass the log loss of an article is that of its label, or of its labels together if it has
    several, and the Brier score the sum over all classes, from 0 to 2 (Brier 1950, "Verification of
    Forecasts Expressed in Terms of Probability"). For multilabel both are the mean over all decisions,
    and a Brier score is from 0 to 1. A label that the model does not know has the probability 0.

    Parameters
    ----------
    truth : ndarray of bool, shape (n_articles, n_classes)
    probabilities : ndarray of float64, shape (n_articles, n_classes)
    multilabel : bool
    """
    squares = (probabilities - truth) ** 2
    if multilabel:
        losses = -log(_inside(np.where(truth, probabilities, 1 - probabilities))).mean(axis=1)
        brier = squares.mean(axis=1)
    else:
        losses = -log(_inside((probabilities * truth).sum(axis=1)))
        brier = squares.sum(axis=1)

    def of_sums(sums: NDArray[np.float64]) -> dict[str, NDArray[np.float64]]:
        return {"log_loss": sums[:, 1] / sums[:, 0], "brier": sums[:, 2] / sums[:, 0]}

    return Tally(np.column_stack((np.ones(len(truth)), losses, brier)), of_sums)


def _inside(probabilities: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.clip(probabilities, _LEAST, 1 - _LEAST)


def calibration_tally(
    truth: NDArray[np.bool_], probabilities: NDArray[np.float64], *, multilabel: bool
) -> Tally:
    """Return the tally of ``ece``, and of bins to show.

    The expected calibration error is the mean gap between what probabilities promise and what holds, over
    15 bins of equal mass (Naeini, Cooper and Hauskrecht 2015, "Obtaining Well Calibrated Probabilities Using
    Bayesian Binning"; with bins of equal mass as in Nixon et al. 2019, arXiv:1904.01685).

    Of each bin: ``bin_n``, its decisions, ``bin_probability``, their mean probability, and ``bin_share``,
    how many of them came true. For multiclass these are the bins behind the error. For multilabel, bins of
    equal mass would nearly all hold decisions of no chance, because an article has few of all labels: there
    as much is undecided in each bin to show, by the sum of p (1 - p).

    Parameters
    ----------
    truth : ndarray of bool, shape (n_articles, n_classes)
    probabilities : ndarray of float64, shape (n_articles, n_classes)
    multilabel : bool
        Whether every probability is a decision, or the highest of each row.
    """
    if not multilabel:
        best = probabilities.argmax(axis=1)[:, None]
        truth, probabilities = np.take_along_axis(truth, best, 1), np.take_along_axis(probabilities, best, 1)
    bins = _equal_bins(probabilities)
    shown = _equally_undecided_bins(probabilities) if multilabel else bins
    parts = [_per_bin(shown, part) for part in (np.ones(truth.shape), probabilities, truth)]
    columns = np.hstack([_per_bin(bins, probabilities - truth), *parts])

    def of_sums(sums: NDArray[np.float64]) -> dict[str, NDArray[np.float64]]:
        gap, n, promised, held = np.hsplit(sums, 4)
        some = n > 0
        return {
            "ece": np.abs(gap).sum(axis=1) / np.maximum(n.sum(axis=1), 1),
            "bin_n": n,
            "bin_probability": np.divide(promised, n, out=np.full(n.shape, np.nan), where=some),
            "bin_share": np.divide(held, n, out=np.full(n.shape, np.nan), where=some),
        }

    return Tally(columns, of_sums, swelling=("ece",))


def _equal_bins(probabilities: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return the bin of each probability; all bins hold as many, in order."""
    order = np.argsort(probabilities, axis=None, kind="stable")
    flat = np.empty(probabilities.size, np.int64)
    flat[order] = np.arange(probabilities.size) * _N_BINS // max(probabilities.size, 1)
    return flat.reshape(probabilities.shape)


def _equally_undecided_bins(probabilities: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return the bin of each probability; the variances p (1 - p) of each bin add up to as much, in order.

    >>> _equally_undecided_bins(np.array([[0.0, 0.5], [0.0, 0.5], [0.0, 0.5]])).tolist()
    [[0, 0], [0, 5], [0, 10]]
    """
    order = np.argsort(probabilities, axis=None, kind="stable")
    ranked = probabilities.ravel()[order]
    variances = ranked * (1 - ranked)
    below = variances.cumsum() - variances
    flat = np.empty(probabilities.size, np.int64)
    flat[order] = np.minimum(below / max(variances.sum(), _LEAST) * _N_BINS, _N_BINS - 1)
    return flat.reshape(probabilities.shape)


def _per_bin(bins: NDArray[np.int64], values: NDArray[np.float64] | NDArray[np.bool_]) -> NDArray[np.float64]:
    """Return each row's sum of the values in each bin."""
    cells = (np.arange(len(bins))[:, None] * _N_BINS + bins).ravel()
    sums = np.zeros(len(bins) * _N_BINS)
    np.add.at(sums, cells, values.ravel())
    return sums.reshape(len(bins), _N_BINS)


def coverage_cuts(confidence: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the confidences from which on 5%, 10%, ... and all of the articles would be answered.

    >>> coverage_cuts(np.linspace(0.01, 1, 100))[[0, 9, 19]].round(2).tolist()
    [0.96, 0.51, 0.01]
    """
    ranked = np.sort(confidence)[::-1]
    kept = np.ceil(np.arange(1, _N_CUTS + 1) / _N_CUTS * len(ranked)).astype(np.int64)
    cuts: NDArray[np.float64] = ranked[kept[kept > 0] - 1]
    return np.unique(cuts)[::-1]


def coverage_tally(
    confidence: NDArray[np.float64], right: NDArray[np.bool_], cuts: NDArray[np.float64]
) -> Tally:
    """Return the tally of ``cut_coverage`` and ``cut_precision`` for each cut.

    Parameters
    ----------
    confidence : ndarray of float64, shape (n_articles,)
        -inf for an article that is never answered.
    right : ndarray of bool, shape (n_articles,)
        Whether the most probable label is true.
    cuts : ndarray of float64, shape (n_cuts,)
        An article is answered from this confidence on.
    """
    kept = confidence[:, None] >= cuts
    columns = np.hstack((np.ones((len(right), 1)), kept, kept & right[:, None])).astype(np.float64)

    def of_sums(sums: NDArray[np.float64]) -> dict[str, NDArray[np.float64]]:
        taken, held = np.hsplit(sums[:, 1:], 2)
        return {
            "cut_coverage": taken / sums[:, :1],
            "cut_precision": np.divide(held, taken, out=np.full(taken.shape, np.nan), where=taken > 0),
        }

    return Tally(columns, of_sums)


@dataclass(frozen=True, slots=True)
class ReliabilityBin:
    """Decisions of about the same probability: one of 15 bins.

    For a multiclass model they hold as many decisions each; for a multilabel one, where most decisions
    have no chance, as much is undecided in each, by the sum of p (1 - p).

    Parameters
    ----------
    n : int
        Decisions: for a multiclass model the most probable label of each article, for a multilabel
        one each label of each article.
    probability : float
        Their mean, what is promised.
    share : Estimate
        How many came true.
    """

    n: int
    probability: float
    share: Estimate


@dataclass(frozen=True, slots=True)
class CoveragePoint:
    """What would be answered if less sure articles went to a person.

    Parameters
    ----------
    confidence : float
        Best probability from which on an article is answered.
    coverage : Estimate
        Share of all articles that is.
    precision : Estimate
        Share of these whose most probable label is true.
    """

    confidence: float
    coverage: Estimate
    precision: Estimate
