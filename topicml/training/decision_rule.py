"""From out-of-sample scores to decisions: calibration, thresholds, promises."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from topicml.corpus.stratification import assign_folds
from topicml.corpus.targets import Targets
from topicml.metrics.scores import Scores, score
from topicml.model.calibration import Calibration
from topicml.model.decision import assign_labels
from topicml.model.record import Abstention
from topicml.training.abstention import NEVER
from topicml.training.calibration import CalibrationReport, fit_sigmoids, fit_softmax, report_calibration
from topicml.training.crossfit import CrossFit, TrainingData
from topicml.training.promises import (
    Decided,
    Promise,
    ScoresWithPromises,
    find_promises,
    refuse_unkept,
    score_with_promises,
)
from topicml.training.settings import TrainingSettings

_BLOCKS = 5
RARE = 10
"""Articles below which a label has no threshold of its own."""
_BELIEVED = 10  # articles of a label that weigh as much as its probabilities
_FOUND_AT_ALL = 0.1  # F1 below which a label is not told apart


@dataclass(frozen=True, eq=False, slots=True)
class DecisionRule:
    """How scores become labels.

    Calibration and thresholds, shape (n_classes,), are chosen on all articles that were held out; thresholds
    of a multilabel model are raised where a label's promise asks for it.

    A promise without a label is one of all answers.

    Parameters
    ----------
    threshold_range : ndarray of float64, shape (2, n_classes)
        The lowest and the highest threshold chosen without one of the blocks of articles.
    probabilities : ndarray of float64, shape (n_held_out, n_classes)
        By a calibration that was fitted without the article's block.
    scores : Scores
        Of answering every article, by calibrations and thresholds that were chosen without its block.
    scores_with_promises : ScoresWithPromises, optional
        The same with articles left to a person as promises ask; from which probability on was chosen on
        all articles. None where nothing is promised.
    """

    calibration: Calibration
    thresholds: NDArray[np.float64]
    threshold_range: NDArray[np.float64]
    probabilities: NDArray[np.float64]
    scores: Scores
    calibration_report: CalibrationReport
    promises: tuple[Promise, ...] = ()
    scores_with_promises: ScoresWithPromises | None = None

    @property
    def notes(self) -> tuple[str, ...]:
        """Remarks for the reader about the promises."""
        return tuple(promise.note for promise in self.promises)

    @property
    def abstention(self) -> Abstention | None:
        """The promise of all answers, if there is one."""
        return next((promise.abstention for promise in self.promises if promise.label is None), None)

    @property
    def min_label_confidence(self) -> dict[str, float]:
        """The probability that a label needs, where the thresholds of a multilabel model do not have it."""
        bars = {one.label: one.abstention.min_confidence for one in self.promises if one.label is not None}
        return {label: bar for label, bar in bars.items() if bar == NEVER or not self.calibration.multilabel}

    def rare_labels(self, targets: Targets) -> dict[str, int]:
        """Return the labels that were too rare for a threshold of their own, with their articles."""
        counts = targets.Y.sum(axis=0)
        return {targets.classes_[k]: int(counts[k]) for k in np.flatnonzero(counts < RARE)}


def choose_rule(fit: CrossFit, data: TrainingData, settings: TrainingSettings) -> DecisionRule:
    """Calibrate, choose thresholds and score, all on articles that were held out.

    The rule is chosen on all of them. What it is worth is measured block by block, of which a fold is one:
    calibration and thresholds from the other blocks, applied to this one. On Reuters ModApte, thresholds
    that are scored on the articles they were chosen on look better than they are by six points of
    macro F1.
    """
    held_out = np.flatnonzero(data.folds >= 0)
    raw, answerable = fit.scores[held_out], fit.answerable[held_out]
    targets, groups = data.targets.take(held_out), data.groups[held_out]
    Y, multilabel = targets.Y, targets.multilabel
    blocks = _blocks(data.folds[held_out], Y, groups)
    calibration, thresholds = _fitted(raw, Y, settings.measure, multilabel=multilabel)
    found = _block_by_block(raw, Y, blocks, settings.measure, calibration)
    probabilities, given = found.probabilities, found.given & answerable[:, None]
    decided = Decided(probabilities, given, Y, answerable, blocks)
    promises = find_promises(decided, targets.classes_, settings)
    if not settings.allow_unkept:
        refuse_unkept(promises)
    drawn: dict[str, Any] = {
        "multilabel": multilabel,
        "groups": groups,
        "random_state": settings.random_state,
    }
    return DecisionRule(
        calibration=calibration,
        thresholds=_raised(thresholds, promises, targets),
        threshold_range=found.threshold_range,
        probabilities=probabilities,
        scores=score(Y, given, probabilities, targets.classes_, **drawn),
        calibration_report=report_calibration(raw, probabilities, Y, **drawn),
        promises=promises,
        scores_with_promises=score_with_promises(decided, promises, targets.classes_, **drawn)
        if promises
        else None,
    )


def _raised(
    thresholds: NDArray[np.float64], promises: Iterable[Promise], targets: Targets
) -> NDArray[np.float64]:
    """Return thresholds that keep the promises that a multilabel model can keep by them."""
    raised = thresholds.copy()
    for promise in promises:
        if targets.multilabel and promise.label is not None and promise.abstention.kept:
            k = targets.classes_.index(promise.label)
            raised[k] = max(raised[k], promise.abstention.min_confidence)
    return raised


@dataclass(frozen=True, eq=False, slots=True)
class _OutOfSample:
    """What articles, shape (n_held_out, n_classes), are given by rules that were chosen without them."""

    probabilities: NDArray[np.float64]
    given: NDArray[np.bool_]
    threshold_range: NDArray[np.float64]


def _block_by_block(
    raw: NDArray[np.float64],
    Y: NDArray[np.bool_],
    blocks: NDArray[np.int64],
    measure: str,
    whole: Calibration,
) -> _OutOfSample:
    """Choose a rule without each block, and apply it to that."""
    probabilities, given, thresholds = np.empty(Y.shape), np.empty(Y.shape, bool), []
    for block in range(blocks.max() + 1):
        rows = blocks == block
        rest = ~rows if blocks.max() else rows  # all are copies of one story: there is nothing else
        calibration, cuts = _fitted(raw[rest], Y[rest], measure, multilabel=whole.multilabel, start=whole)
        probabilities[rows] = calibration.apply(raw[rows])
        given[rows] = assign_labels(probabilities[rows], cuts, multilabel=whole.multilabel)
        thresholds.append(cuts)
    spread = np.array([np.min(thresholds, axis=0), np.max(thresholds, axis=0)])
    return _OutOfSample(probabilities, given, spread)


def _fitted(
    scores: NDArray[np.float64],
    Y: NDArray[np.bool_],
    measure: str,
    *,
    multilabel: bool,
    start: Calibration | None = None,
) -> tuple[Calibration, NDArray[np.float64]]:
    """Return calibration and thresholds that suit some articles."""
    if not multilabel:
        return fit_softmax(scores, Y, start=start), np.full(Y.shape[1], 0.5)
    calibration = fit_sigmoids(scores, Y)
    return calibration, choose_thresholds(calibration.apply(scores), Y, measure=measure)


def _blocks(folds: NDArray[np.int64], Y: NDArray[np.bool_], groups: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the block of each article that was held out: its fold; of one fold, or of very many, a fifth.

    Folds that follow each other hold articles that do, so that some of them together are a block, too.
    """
    n_folds = int(folds.max()) + 1
    if n_folds == 1:
        n_groups = len(np.unique(groups))
        folds = assign_folds(Y, groups, n_folds=min(_BLOCKS, n_groups))
    elif n_folds > _BLOCKS:
        folds = folds * _BLOCKS // n_folds
    return np.unique(folds, return_inverse=True)[1]


def choose_thresholds(
    probabilities: NDArray[np.float64], Y: NDArray[np.bool_], *, measure: str = "macro_f1"
) -> NDArray[np.float64]:
    """Choose the thresholds with the highest macro F1, or micro F1, on out-of-fold probabilities.

    Per-label thresholds are the largest known gain of linear multilabel models in macro F1
    (Lin et al. 2023, arXiv:2306.07111), and few positive articles choose them by luck. So:

    - Labels with fewer than ten take one threshold, the best for all such labels together. The best for
      *all* labels is that of the frequent ones, and too high for the rare: F1 is highest near half its
      best value (Lipton, Elkan and Naryanaswamy 2014, arXiv:1402.1892), which is low for them.
    - The others take their own, on outcomes that are adjusted towards the probabilities: half-way with ten
      articles, and hardly with a thousand. A calibrated probability says how many more such articles to
      expect.
    - A label whose F1 stays below 0.1 whatever the threshold is not found by its probabilities; a
      low threshold would hand it to articles at random, so it asks for the highest probability that
      was seen (the heuristic FBR: Yang 2001, "A Study of Thresholding Strategies for Text
      Categorization").

    On the training split of Reuters ModApte, chosen on two folds and scored on the third, micro and macro
    F1 are 0.886 and 0.558; with own thresholds from five articles on, taken as they are, 0.883 and
    0.509; drawing those to the threshold of all labels instead costs macro F1, whatever the weight.

    Of all measures but macro F1 one threshold for all labels is best, if probabilities are calibrated
    (Lipton, Elkan and Naryanaswamy 2014): that of the highest micro F1. Both arrays are of shape (n_samples,
    n_classes), the probabilities out-of-fold and calibrated.
    """
    thresholds = np.full(Y.shape[1], best_threshold(probabilities.ravel(), Y.ravel()))
    if measure != "macro_f1":
        return thresholds
    rare = Y.sum(axis=0) < RARE
    if Y[:, rare].any():
        thresholds[rare] = _own_threshold(probabilities[:, rare].ravel(), Y[:, rare].ravel())
    for label in np.flatnonzero(~rare):
        thresholds[label] = _own_threshold(probabilities[:, label], Y[:, label])
    return thresholds


def _own_threshold(probabilities: NDArray[np.float64], y: NDArray[np.bool_]) -> float:
    raw = best_threshold(probabilities, y)
    taken = probabilities >= raw
    if 2 * (taken & y).sum() / max(taken.sum() + y.sum(), 1) < _FOUND_AT_ALL:
        return float(probabilities.max())
    believed = y.sum() / (y.sum() + _BELIEVED)
    return best_threshold(probabilities, believed * y + (1 - believed) * probabilities)


def best_threshold(probabilities: NDArray[np.float64], y: NDArray[np.bool_] | NDArray[np.float64]) -> float:
    """Return the threshold with the highest F1; between two articles it is half-way.

    `y`, shape (n_samples,), is whether an article has the label, or how probably it does.

    >>> best_threshold(np.array([0.9, 0.6, 0.2]), np.array([True, True, False]))
    0.4
    """
    order = np.argsort(-probabilities, kind="stable")
    ranked = probabilities[order]
    hits = np.cumsum(y[order])
    taken = np.arange(1, len(y) + 1)
    f1 = 2 * hits / (taken + y.sum())
    last_of_ties = np.append(ranked[1:] != ranked[:-1], True)
    best = int(np.argmax(np.where(last_of_ties, f1, -1.0)))
    if not hits[-1]:
        return 0.5
    below = ranked[best + 1] if best + 1 < len(ranked) else 0.0
    middle = float(ranked[best] + below) / 2
    return middle if middle > below else float(ranked[best])
