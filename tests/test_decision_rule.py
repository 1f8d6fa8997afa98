from __future__ import annotations

import json

import numpy as np
import pytest
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.calibration import CalibratedClassifierCV
from sklearn.frozen import FrozenEstimator

from topicml.corpus.targets import Targets
from topicml.training.calibration import fit_sigmoids, fit_softmax
from topicml.training.crossfit import CrossFit
from topicml.training.decision_rule import choose_rule, choose_thresholds
from topicml.training.linear_model import LinearWeights


def fitted(scores, answerable=None):
    """What cross-fitting leaves behind, with scores that are made up."""
    some = np.ones(len(scores), bool) if answerable is None else answerable
    weights = LinearWeights(np.zeros((0, scores.shape[1]), np.float32), np.zeros(scores.shape[1]))
    return CrossFit(np.empty(0, np.int64), weights, scores, some)


def made_up(n=300, *, multilabel, n_labels=3, noise=0.6, seed=0):
    rng = np.random.default_rng(seed)
    Y = np.eye(n_labels, dtype=bool)[rng.integers(n_labels, size=n)]
    if multilabel:
        Y |= rng.random(Y.shape) < 0.2
    scores = np.where(Y, 0.4, -0.8) + rng.normal(0, noise, Y.shape)
    kind = "multilabel" if multilabel else "multiclass"
    return scores, Targets(tuple("abcdefgh"[:n_labels]), kind, Y)


def rule_of(scores, targets, folds, *, groups=None, answerable=None, **how):
    groups = np.arange(len(scores)) if groups is None else groups
    return choose_rule(fitted(scores, answerable), targets, folds, groups, **how)


@pytest.mark.parametrize("multilabel", [False, True])
class TestOutOfSample:
    def test_each_fold_is_judged_by_a_rule_chosen_on_the_others(self, multilabel):
        scores, targets = made_up(multilabel=multilabel)
        folds = np.arange(300) % 3
        rule = rule_of(scores, targets, folds)
        for fold in range(3):
            rest = folds != fold
            curve = (fit_sigmoids if multilabel else fit_softmax)(scores[rest], targets.Y[rest])
            expected = curve.apply(scores[~rest])
            np.testing.assert_allclose(rule.probabilities[~rest], expected, atol=2e-3)

    def test_the_rule_itself_is_chosen_on_all(self, multilabel):
        scores, targets = made_up(multilabel=multilabel)
        curve = (fit_sigmoids if multilabel else fit_softmax)(scores, targets.Y)
        rule = rule_of(scores, targets, np.arange(300) % 3)
        assert rule.calibration.slope.tolist() == curve.slope.tolist()
        if multilabel:
            chosen = choose_thresholds(curve.apply(scores), targets.Y)
            assert rule.thresholds.tolist() == chosen.tolist()

    @pytest.mark.parametrize("n_folds", [1, 2, 7, 60])
    def test_any_number_of_folds(self, multilabel, n_folds):
        """One fold is cut into parts, and many are put together: neither leaves an article unjudged."""
        scores, targets = made_up(60, multilabel=multilabel)
        rule = rule_of(scores, targets, np.arange(60) % n_folds)
        assert np.isfinite(rule.probabilities).all()
        assert rule.scores.n == 60

    def test_articles_that_are_copies_of_one(self, multilabel):
        scores, targets = made_up(20, multilabel=multilabel)
        rule = rule_of(scores, targets, np.zeros(20, np.int64), groups=np.zeros(20, np.int64))
        assert np.isfinite(rule.probabilities).all()

    def test_articles_that_were_never_held_out_take_no_part(self, multilabel):
        scores, targets = made_up(200, multilabel=multilabel)
        folds = np.where(np.arange(200) < 100, np.arange(200) % 2, -1)
        changed = scores.copy()
        changed[100:] = 9.0
        first, again = rule_of(scores, targets, folds), rule_of(changed, targets, folds)
        assert first.probabilities.tobytes() == again.probabilities.tobytes()
        assert first.thresholds.tolist() == again.thresholds.tolist()

    def test_a_label_missing_from_a_fold_is_not_pushed_down(self, multilabel):
        """Label c is in the last fold alone: the curves of that fold saw no article that bears it."""
        scores, targets = made_up(300, multilabel=False)
        order = np.argsort(targets.Y[:, 2], kind="stable")
        scores, Y = scores[order], targets.Y[order]
        folds = np.where(Y[:, 2], 2, np.arange(300) % 2)
        kind = "multilabel" if multilabel else "multiclass"
        rule = rule_of(scores, Targets(targets.classes_, kind, Y), folds)
        present = rule_of(scores, Targets(targets.classes_, kind, Y), np.arange(300) % 3)
        seen, unseen = present.probabilities[Y[:, 2], 2], rule.probabilities[Y[:, 2], 2]
        assert unseen.mean() > 0.6 * seen.mean()


class TestThresholds:
    def test_their_range_is_that_of_the_parts(self):
        scores, targets = made_up(multilabel=True)
        folds = np.arange(300) % 3
        cuts = []
        for fold in range(3):
            rest = folds != fold
            probabilities = fit_sigmoids(scores[rest], targets.Y[rest]).apply(scores[rest])
            cuts.append(choose_thresholds(probabilities, targets.Y[rest]))
        low, high = rule_of(scores, targets, folds).threshold_range
        np.testing.assert_allclose(low, np.min(cuts, axis=0))
        np.testing.assert_allclose(high, np.max(cuts, axis=0))

    def test_scores_of_noise_are_not_those_of_thresholds_that_saw_it(self):
        """Regression (thresholds scored where they were chosen): luck looked like skill."""
        rng = np.random.default_rng(0)
        Y = rng.random((120, 8)) < 0.12
        scores, folds = rng.normal(size=Y.shape), np.arange(120) % 3
        targets = Targets(tuple("abcdefgh"), "multilabel", Y)
        rule = rule_of(scores, targets, folds)
        taken = rule.calibration.apply(scores) >= rule.thresholds
        seen = (2 * (taken & Y).sum(axis=0) / (taken.sum(axis=0) + Y.sum(axis=0))).mean()
        assert rule.scores.macro_f1 < seen


class TestPromises:
    def test_a_multilabel_promise_raises_the_threshold(self):
        scores, targets = made_up(3000, multilabel=True)
        folds = np.arange(3000) % 3
        plain = rule_of(scores, targets, folds)
        rule = rule_of(scores, targets, folds, min_precision=[("b", 0.9)])
        [promise] = rule.promises
        assert rule.thresholds[1] == promise.abstention.min_confidence > plain.thresholds[1]
        assert rule.thresholds[[0, 2]].tolist() == plain.thresholds[[0, 2]].tolist()
        assert rule.min_label_confidence == {}
        kept = rule.probabilities[:, 1] >= rule.thresholds[1]
        assert targets.Y[kept, 1].mean() >= 0.9

    def test_a_promise_that_is_kept_anyway_lowers_no_threshold(self):
        scores, targets = made_up(3000, multilabel=True)
        plain = rule_of(scores, targets, np.arange(3000) % 3)
        rule = rule_of(scores, targets, np.arange(3000) % 3, min_precision=[("b", 0.05)])
        assert rule.thresholds[1] >= plain.thresholds[1]

    def test_a_multiclass_promise_is_a_confidence(self):
        scores, targets = made_up(3000, multilabel=False)
        rule = rule_of(scores, targets, np.arange(3000) % 3, min_precision=[("b", 0.97)])
        needed = rule.min_label_confidence["b"]
        answered = (rule.probabilities.argmax(axis=1) == 1) & (rule.probabilities[:, 1] >= needed)
        assert targets.Y[answered, 1].mean() >= 0.97
        assert rule.notes == (rule.promises[0].note,)

    def test_unanswerable_articles_are_wrong_answers(self):
        scores, targets = made_up(3000, multilabel=False, noise=0.01)
        folds, known = np.arange(3000) % 3, np.arange(3000) % 10 > 0
        promised = {"abstain_precision": 0.95}
        assert rule_of(scores, targets, folds, **promised).abstention.kept == 1.0
        assert rule_of(scores, targets, folds, answerable=known, **promised).abstention.kept < 1.0

    def test_what_is_recorded_is_json(self):
        scores, targets = made_up(multilabel=True)
        rule = rule_of(scores, targets, np.arange(300) % 3, min_precision=[("b", 0.5)], abstain_precision=0.5)
        told = json.loads(json.dumps(rule.to_dict(targets), allow_nan=False))
        assert set(told["thresholds"]) == {"a", "b", "c"}
        assert told["min_precision"][0]["label"] == "b"
        assert told["promises"] == list(rule.notes)
        assert told["rare_labels"] == {}


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


def test_sigmoids_across_folds_are_those_of_scikit_learn():
    """Its CalibratedClassifierCV on the rest of the scores, for one label with articles enough."""
    scores, targets = made_up(400, multilabel=True)
    folds = np.arange(400) % 4
    rule = rule_of(scores, targets, folds)
    rest = folds != 2
    theirs = CalibratedClassifierCV(FrozenEstimator(ScoreItself()), method="sigmoid")
    theirs.fit(scores[rest, :1], targets.Y[rest, 0])
    expected = theirs.predict_proba(scores[~rest, :1])[:, 1]
    np.testing.assert_allclose(rule.probabilities[~rest, 0], expected, atol=1e-4)
