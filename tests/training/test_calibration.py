from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.optimize import approx_fprime
from scipy.optimize import minimize as scipys
from scipy.special import expit, log_expit, log_softmax, softmax
from sklearn.calibration import CalibratedClassifierCV
from sklearn.datasets import make_classification
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import brier_score_loss, log_loss
from sklearn.svm import LinearSVC

from tests.support import ScoreItself, one_hot
from topicml.metrics.probabilities import calibration_tally
from topicml.model.calibration import Calibration
from topicml.model.record import ProbabilityErrors
from topicml.training.calibration import (
    CalibrationReport,
    _sigmoid_loss,
    _softmax_loss,
    calibration_rows,
    fit_sigmoids,
    fit_softmax,
    report_calibration,
)

TEMPERATURE = "temperature" in (CalibratedClassifierCV.__doc__ or "")  # scikit-learn 1.8 and later


def sampled(n, *, slope, offset, seed=0):
    """Scores, and outcomes drawn with exactly the probability that a sigmoid gives them."""
    rng = np.random.default_rng(seed)
    scores = rng.normal(size=n)
    return scores, rng.random(n) < expit(slope * scores + offset)


def few(n=40, n_classes=3):
    """Scores of few articles, their labels, and the smoothed outcomes that a softmax is fitted to."""
    rng = np.random.default_rng(1)
    Y = one_hot(rng.integers(n_classes, size=n), n_classes)
    scores = np.where(Y, 0.4, -0.8) + rng.normal(0, 0.6, Y.shape)
    unsure = 1 / (n + 2)
    return scores, Y, np.where(Y, 1 - unsure, unsure / max(n_classes - 1, 1))


def plain_loss(parameters, scores, targets):
    """The mean cross entropy, with each parameter drawn to its usual value as one article would draw it."""
    log_slope, offset, log_power = parameters
    logits = np.exp(log_power) * log_expit(np.exp(log_slope) * scores + offset)
    entropy = -(targets * log_softmax(logits, axis=1)).sum()
    pull = ((np.array(parameters) - [0.7, 0.5, 0.7]) ** 2).sum() / 2
    return (entropy + pull) / len(scores)


def parameters_of(curve):
    return np.array([np.log(curve.slope[0]), curve.offset[0], np.log(curve.power)])


class TestSoftmax:
    @pytest.mark.parametrize("n_classes", [1, 2, 3, 5])
    def test_finds_what_scipy_finds(self, n_classes):
        scores, Y, targets = few(n_classes=n_classes)
        theirs = scipys(plain_loss, [0.7, 0.5, 0.7], args=(scores, targets), tol=1e-10).x
        np.testing.assert_allclose(parameters_of(fit_softmax(scores, Y)), theirs, atol=1e-4)

    @pytest.mark.parametrize("at", [(0.7, 0.5, 0.7), (0.5, -0.3, 0.9), (-1.0, 2.0, 0.1)])
    def test_the_loss_is_that_of_scipy(self, at):
        scores, _, targets = few()
        found = _softmax_loss(np.array(at), scores, targets)
        assert found.value == pytest.approx(plain_loss(at, scores, targets), rel=1e-12)

    def test_the_curvature_is_that_of_the_loss_where_outcomes_are_as_probable_as_said(self):
        """The expected curvature of Fisher: there it is the matrix of second derivatives."""
        scores, _, _ = few()
        at = np.array([0.5, -0.3, 0.9])
        expected = Calibration(np.full(3, np.exp(0.5)), np.full(3, -0.3), multilabel=False, power=np.exp(0.9))
        said = expected.apply(scores)
        numeric = approx_fprime(at, lambda p: _softmax_loss(p, scores, said).gradient, 1e-6)
        np.testing.assert_allclose(_softmax_loss(at, scores, said).curvature, numeric, atol=1e-5)

    def test_a_search_that_starts_from_a_curve_goes_on_from_it(self):
        """A single search ends some digits earlier."""
        scores, Y, targets = few()
        curve = fit_softmax(scores, Y)
        for _ in range(10):
            curve = fit_softmax(scores, Y, start=curve)
        slopes = _softmax_loss(parameters_of(curve), scores, targets).gradient
        assert np.abs(slopes).max() < 1e-10

    def test_no_parameter_is_farther_from_0_than_4(self):
        """Scores that are much too small: a steeper curve would be better still."""
        Y = one_hot(np.arange(3000) % 3)
        slope, offset, power = parameters_of(fit_softmax(np.where(Y, 0.001, -0.001), Y))
        assert (slope, power) == pytest.approx((4.0, 4.0), abs=1e-12)
        assert -4 <= offset <= 4

    def test_a_curve_without_a_power_is_no_start(self):
        scores, Y, _ = few()
        old = Calibration(np.full(3, 9.0), np.full(3, 9.0), multilabel=False)
        assert fit_softmax(scores, Y, start=old).content() == fit_softmax(scores, Y).content()

    @pytest.mark.parametrize("true", [(1.0, 0.0, 1.0), (2.5, 1.0, 4.0), (4.0, -0.5, 2.0)])
    def test_finds_the_curve_that_outcomes_were_drawn_from(self, true):
        slope, offset, power = true
        rng = np.random.default_rng(3)
        scores = rng.normal(-0.8, 0.5, size=(40_000, 4))
        scores[np.arange(len(scores)), rng.integers(4, size=len(scores))] += 1.5
        drawn_from = Calibration(np.full(4, slope), np.full(4, offset), multilabel=False, power=power)
        expected = drawn_from.apply(scores)
        y = (expected.cumsum(axis=1) > rng.random((len(scores), 1))).argmax(axis=1)
        found = fit_softmax(scores, one_hot(y, 4))
        assert np.abs(found.apply(scores) - expected).mean() < 0.003

    def test_the_gradient_is_that_of_the_loss(self):
        rng = np.random.default_rng(0)
        scores, Y = rng.normal(size=(30, 3)), one_hot(rng.integers(3, size=30)).astype(float)
        at = np.array([0.5, -0.3, 0.9])
        numeric = approx_fprime(at, lambda p: _softmax_loss(p, scores, Y)[0], 1e-6)
        np.testing.assert_allclose(_softmax_loss(at, scores, Y).gradient, numeric, atol=1e-5)

    @pytest.mark.parametrize("method", ["sigmoid", "isotonic", *(["temperature"] if TEMPERATURE else [])])
    def test_loses_no_more_than_the_calibrations_of_scikit_learn(self, method):
        """On margins of a support vector machine, which neither of theirs is shaped for."""
        X, y = make_classification(3000, 30, n_informative=8, n_classes=4, random_state=0)
        svm = LinearSVC(C=0.1, random_state=0).fit(X[:1000], y[:1000])
        theirs = CalibratedClassifierCV(FrozenEstimator(svm), method=method).fit(X[1000:2000], y[1000:2000])
        ours = fit_softmax(svm.decision_function(X[1000:2000]), one_hot(y[1000:2000], 4))
        loss = log_loss(y[2000:], ours.apply(svm.decision_function(X[2000:])))
        assert loss <= log_loss(y[2000:], theirs.predict_proba(X[2000:])) + 0.005

    def test_one_curve_for_all_labels(self):
        curve = fit_softmax(np.eye(3)[[0, 1, 2, 0]], one_hot([0, 1, 2, 1]))
        assert len(set(curve.slope.tolist())) == len(set(curve.offset.tolist())) == 1
        assert not curve.multilabel

    def test_few_articles_that_are_all_right_do_not_make_it_sure(self):
        """Calibration on little data must not give probabilities of exactly 0 or 1."""
        scores = np.where(one_hot(np.arange(12) % 3), 0.8, -0.9)
        assert fit_softmax(scores, one_hot(np.arange(12) % 3)).apply(scores).max() < 0.99

    def test_scores_that_are_always_wrong_keep_the_order_of_the_labels(self):
        scores = np.array([[2.0, 0.0, -1.0], [1.0, 3.0, 0.0]])
        probabilities = fit_softmax(scores, one_hot([2, 2])).apply(scores)
        assert (np.argsort(probabilities) == np.argsort(scores)).all()

    def test_a_label_that_no_article_bears_is_not_pushed_down(self):
        """A label missing from what calibrates has the same curve as the others."""
        rng = np.random.default_rng(0)
        y = rng.integers(2, size=200)
        scores = np.where(one_hot(y), 0.7, -0.8) + rng.normal(0, 0.3, (200, 3))
        curve = fit_softmax(scores, one_hot(y))
        assert curve.apply(np.array([[-0.8, -0.8, 0.7]])).argmax() == 2
        np.testing.assert_allclose(
            curve.apply(np.array([[-0.8, -0.8, 0.7]]))[0, 2], curve.apply(np.array([[0.7, -0.8, -0.8]]))[0, 0]
        )

    @pytest.mark.parametrize("scale", [1e-3, 1e3, 1e6])
    def test_extreme_scores_give_finite_probabilities(self, scale):
        rng = np.random.default_rng(0)
        scores = rng.normal(size=(50, 3)) * scale
        curve = fit_softmax(scores, one_hot(rng.integers(3, size=50)))
        assert np.isfinite(curve.apply(scores)).all()


class TestSigmoids:
    @pytest.mark.parametrize("at", [(1.0, 0.0), (-0.4, 1.5), (3.0, -2.0)])
    def test_loss_gradient_and_curvature_are_those_of_plain_formulas(self, at):
        scores, y = sampled(40, slope=2.0, offset=0.5)
        targets = np.where(y, 0.9, 0.2)
        logits = at[0] * scores + at[1]
        found = _sigmoid_loss(np.array(at), scores, targets)
        entropy = targets * log_expit(logits) + (1 - targets) * log_expit(-logits)
        assert found.value == pytest.approx(-entropy.sum(), rel=1e-12)
        missed = expit(logits) - targets
        np.testing.assert_allclose(found.gradient, [(missed * scores).sum(), missed.sum()])
        X = np.column_stack((scores, np.ones(40)))
        weight = expit(logits) * expit(-logits)
        np.testing.assert_allclose(found.curvature, (X.T * weight) @ X, atol=1e-8)

    @pytest.mark.parametrize(("slope", "offset"), [(3.0, -1.0), (0.5, 2.0), (10.0, 0.0)])
    def test_equals_logistic_regression_where_smoothed_targets_vanish(self, slope, offset):
        scores, y = sampled(60_000, slope=slope, offset=offset)
        reference = LogisticRegression(C=np.inf, tol=1e-10, max_iter=1000).fit(scores[:, None], y)
        curve = fit_sigmoids(scores[:, None], y[:, None])
        assert curve.slope[0] == pytest.approx(reference.coef_[0, 0], rel=0.01)
        assert curve.offset[0] == pytest.approx(reference.intercept_[0], abs=0.01)

    @pytest.mark.parametrize("n", [30, 300])
    def test_equals_the_calibration_of_scikit_learn_also_on_few_rows(self, n):
        scores, y = sampled(n, slope=2.0, offset=0.5)
        reference = CalibratedClassifierCV(FrozenEstimator(ScoreItself()), method="sigmoid")
        expected = reference.fit(scores[:, None], y).predict_proba(scores[:, None])[:, 1]
        probabilities = fit_sigmoids(scores[:, None], y[:, None]).apply(scores[:, None])[:, 0]
        np.testing.assert_allclose(probabilities, expected, atol=1e-4)

    def test_each_label_with_enough_articles_has_its_own_curve(self):
        columns = [sampled(2000, slope=s, offset=b, seed=k) for k, (s, b) in enumerate([(1, 0), (4, -2)])]
        curve = fit_sigmoids(
            np.column_stack([c[0] for c in columns]), np.column_stack([c[1] for c in columns])
        )
        alone = [fit_sigmoids(scores[:, None], y[:, None]) for scores, y in columns]
        np.testing.assert_array_equal(curve.slope, [one.slope[0] for one in alone])
        np.testing.assert_array_equal(curve.offset, [one.offset[0] for one in alone])

    @pytest.mark.parametrize(("n_positive", "pooled"), [(9, True), (10, False), (90, False), (91, True)])
    def test_a_label_with_fewer_than_ten_of_a_kind_takes_the_curve_of_all(self, n_positive, pooled):
        rng = np.random.default_rng(1)
        scores = rng.normal(size=(100, 2))
        Y = np.column_stack((rng.random(100) < expit(5 * scores[:, 0]), np.arange(100) < n_positive))
        curve = fit_sigmoids(scores, Y)
        together = fit_sigmoids(scores.ravel()[:, None], Y.ravel()[:, None])
        assert bool(curve.slope[1] == together.slope[0]) == pooled

    def test_a_higher_score_never_makes_a_label_less_likely(self):
        scores, y = sampled(500, slope=-3.0, offset=0.0)
        assert fit_sigmoids(scores[:, None], y[:, None]).slope[0] > 0

    @pytest.mark.parametrize("scale", [0.0, 1e-6, 1.0, 1e3, 1e6])
    @pytest.mark.parametrize("share", [0.0, 0.02, 0.5, 1.0])
    def test_extreme_scores_and_shares_give_finite_probabilities(self, scale, share):
        rng = np.random.default_rng(0)
        scores = rng.normal(size=(200, 2)) * scale
        curve = fit_sigmoids(scores, rng.random((200, 2)) < share)
        assert np.isfinite(curve.apply(scores)).all()

    def test_separable_labels_give_a_finite_curve(self):
        scores = np.linspace(-1, 1, 40)[:, None]
        curve = fit_sigmoids(scores, scores > 0)
        assert 0 < curve.slope[0] < 1e4
        assert 0 < curve.apply(scores)[0, 0] < 0.1

    @given(
        scores=arrays(np.float64, 24, elements=st.floats(-1e6, 1e6)),
        y=arrays(np.bool_, 24),
    )
    def test_any_scores_give_a_finite_curve(self, scores, y):
        curve = fit_sigmoids(scores[:, None], y[:, None])
        assert np.isfinite(curve.slope).all()
        assert np.isfinite(curve.offset).all()


def drawn(n=400, *, multilabel, seed=0):
    """Scores, the probabilities by which outcomes were drawn, and the outcomes."""
    rng = np.random.default_rng(seed)
    scores = rng.normal(size=(n, 3))
    if multilabel:
        true = expit(4 * scores - 1)
        return scores, true, rng.random(true.shape) < true
    true = softmax(4 * scores, axis=1)
    return scores, true, (true.cumsum(axis=1) > rng.random((n, 1))).argmax(axis=1)[:, None] == np.arange(3)


@pytest.mark.parametrize("multilabel", [False, True])
def test_before_is_the_plain_softmax_or_sigmoid_and_after_what_was_given(multilabel):
    scores, true, Y = drawn(multilabel=multilabel)
    report = report_calibration(scores, true, Y, multilabel=multilabel)
    plain = expit(scores) if multilabel else softmax(scores, axis=1)
    for errors, probabilities in ((report.before, plain), (report.after, true)):
        tally = calibration_tally(Y, probabilities, multilabel=multilabel)
        [expected] = tally.measures(tally.columns.sum(axis=0)[None])["ece"]
        assert errors.ece == pytest.approx(expected)
        squares = (probabilities - Y) ** 2
        assert errors.brier == pytest.approx(squares.mean() if multilabel else squares.sum(axis=1).mean())
    assert report.after.brier < report.before.brier
    assert report.after.ece < report.before.ece


def test_the_brier_score_is_that_of_scikit_learn():
    scores, true, Y = drawn(multilabel=True)
    report = report_calibration(scores, true, Y, multilabel=True)
    each = [brier_score_loss(Y[:, k], true[:, k]) for k in range(3)]
    assert report.after.brier == pytest.approx(np.mean(each))


@pytest.mark.parametrize("multilabel", [False, True])
def test_intervals_hold_the_values_and_shrink_with_more_articles(multilabel):
    widths = []
    for n in (100, 1600):
        scores, true, Y = drawn(n, multilabel=multilabel)
        found = report_calibration(scores, true, Y, multilabel=multilabel).before
        for name in ("ece", "brier"):
            low, high = found.intervals[name]
            assert low <= getattr(found, name) <= high
        low, high = found.intervals["brier"]
        widths.append(high - low)
    assert widths[1] < widths[0] / 2


def test_copies_are_drawn_together():
    scores, true, Y = (np.repeat(part, 4, axis=0) for part in drawn(200, multilabel=True))
    alone = report_calibration(scores, true, Y, multilabel=True).after.intervals["brier"]
    groups = np.repeat(np.arange(200), 4)
    together = report_calibration(scores, true, Y, multilabel=True, groups=groups).after.intervals["brier"]
    assert together[1] - together[0] > 1.5 * (alone[1] - alone[0])


def test_it_is_told_as_json():
    scores, true, Y = drawn(multilabel=False)
    report = report_calibration(scores, true, Y, multilabel=False)
    told = json.loads(json.dumps(report.to_dict()))
    assert told["after"]["brier"] == report.after.brier


def test_it_prints_as_a_table():
    scores, true, Y = drawn(multilabel=False)
    report = report_calibration(scores, true, Y, multilabel=False)
    header, ece, brier = str(report).splitlines()
    assert header.split("  ")[0] == "error (95% interval)"
    assert ece.startswith("calibration error ")
    assert f"{report.before.ece:.4f} (" in ece
    assert f"{report.after.brier:.4f} (" in brier


def test_draws_are_those_of_the_random_state():
    scores, true, Y = drawn(50, multilabel=True)

    def interval(**how):
        return report_calibration(scores, true, Y, multilabel=True, **how).after.intervals["brier"]

    assert interval() == interval(random_state=0, n_resamples=1000)
    assert interval() != interval(random_state=1)
    assert interval() != interval(n_resamples=200)


def test_rows_name_each_error_before_and_after():
    before = ProbabilityErrors(ece=0.25, brier=0.5, intervals={"ece": (0.2, 0.3), "brier": (0.4, 0.6)})
    after = ProbabilityErrors(ece=0.125, brier=0.0625, intervals={"ece": (0.1, 0.15), "brier": (0.05, 0.07)})
    assert calibration_rows(before, after) == [
        ["calibration error", "0.2500 (0.2000 to 0.3000)", "0.1250 (0.1000 to 0.1500)"],
        ["Brier score", "0.5000 (0.4000 to 0.6000)", "0.0625 (0.0500 to 0.0700)"],
    ]


def test_its_table_has_a_header_and_numbers_at_the_right():
    errors = ProbabilityErrors(ece=0.25, brier=0.5, intervals={"ece": (0.2, 0.3)})
    assert str(CalibrationReport(errors, errors)).splitlines() == [
        "error (95% interval)         before calibration                   after it",
        "calibration error     0.2500 (0.2000 to 0.3000)  0.2500 (0.2000 to 0.3000)",
        "Brier score                               – (–)                      – (–)",
    ]
