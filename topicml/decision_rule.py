"""From out-of-fold scores to the rule by which a model decides, and to what that rule is worth."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from topicml.abstention import Abstention, choose_abstention
from topicml.calibration import Calibration, fit_sigmoids, fit_softmax
from topicml.classifier import assign_labels
from topicml.crossfit import CrossFit
from topicml.metrics import Scores, score
from topicml.targets import Targets
from topicml.thresholds import choose_thresholds

__all__ = ["DecisionRule", "choose_rule"]


@dataclass(frozen=True, eq=False, slots=True)
class DecisionRule:
    """How scores become labels.

    Parameters
    ----------
    calibration : Calibration
    thresholds : ndarray of float64, shape (n_classes,)
    probabilities : ndarray of float64, shape (n_held_out, n_classes)
        Of the articles that were held out, calibrated.
    scores : Scores
        Of the rule on those articles. Calibration and thresholds were chosen on the same ones: a few
        numbers for each label, against thousands of decisions. They are of answering every article.
    abstention : Abstention, optional
        If a precision was to be promised.
    """

    calibration: Calibration
    thresholds: NDArray[np.float64]
    probabilities: NDArray[np.float64]
    scores: Scores
    abstention: Abstention | None = None


def choose_rule(
    fit: CrossFit,
    targets: Targets,
    folds: NDArray[np.int64],
    groups: NDArray[np.int64],
    *,
    measure: str = "macro_f1",
    abstain_precision: float | None = None,
    random_state: int = 0,
) -> DecisionRule:
    """Calibrate, choose thresholds and score, all on articles that were held out.

    Parameters
    ----------
    fit : CrossFit
    targets : Targets
    folds : ndarray of int64, shape (n_articles,)
        -1 where an article was never held out.
    groups : ndarray of int64, shape (n_articles,)
        Copies of one article, drawn together by the bootstrap.
    measure : {"macro_f1", "micro_f1", "accuracy"}, default="macro_f1"
        What thresholds are chosen for.
    abstain_precision : float, optional
        Precision to promise for the articles that are answered.
    random_state : int, default=0
    """
    held_out = np.flatnonzero(folds >= 0)
    Y = targets.Y[held_out]
    calibration = (fit_sigmoids if targets.multilabel else fit_softmax)(fit.scores[held_out], Y)
    probabilities = calibration.apply(fit.scores[held_out])
    thresholds = np.full(Y.shape[1], 0.5)
    if targets.multilabel:
        thresholds = choose_thresholds(probabilities, Y, measure=measure)
    decided = assign_labels(probabilities, thresholds, multilabel=targets.multilabel)
    scores = score(
        Y,
        decided & fit.answerable[held_out, None],
        probabilities,
        targets.classes_,
        multilabel=targets.multilabel,
        groups=groups[held_out],
        random_state=random_state,
    )
    abstention = None
    if abstain_precision is not None:
        best = probabilities.argmax(axis=1)
        right = Y[np.arange(len(Y)), best] & fit.answerable[held_out]
        abstention = choose_abstention(probabilities.max(axis=1), right, precision=abstain_precision)
    return DecisionRule(calibration, thresholds, probabilities, scores, abstention)
