from __future__ import annotations

import json
from operator import attrgetter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from sklearn.calibration import CalibratedClassifierCV
from sklearn.frozen import FrozenEstimator

from tests.support import ScoreItself
from topicml.corpus.targets import Targets
from topicml.exceptions import UnkeptPromiseError
from topicml.model.record import TrainingRecord
from topicml.training.abstention import NEVER
from topicml.training.calibration import fit_sigmoids, fit_softmax
from topicml.training.crossfit import CrossFit, TrainingData
from topicml.training.decision_rule import _blocks, best_threshold, choose_rule, choose_thresholds
from topicml.training.linear_model import LinearWeights
from topicml.training.record import record_of_model
from topicml.training.settings import TrainingSettings


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
    data = TrainingData([""] * len(scores), targets, folds, groups)
    return choose_rule(fitted(scores, answerable), data, TrainingSettings(**how))


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


class TestBlocks:
    """Blocks are parts of the file: rules are chosen without each of them and applied to it."""

    @pytest.mark.parametrize(
        ("folds", "expected"),
        [
            pytest.param([0, 1, 2, 0], [0, 1, 2, 0], id="folds"),
            pytest.param([0, 2, 4, 2], [0, 1, 2, 1], id="folds that hold no article are left out"),
            pytest.param([0, 1, 2, 3, 4], [0, 1, 2, 3, 4], id="five folds"),
            pytest.param([0, 1, 2, 3, 4, 5], [0, 0, 1, 2, 3, 4], id="six folds make five blocks"),
            pytest.param([0, 1, 2, 3, 4, 5, 6], [0, 0, 1, 2, 2, 3, 4], id="neighbours stay together"),
        ],
    )
    def test_are_folds_or_some_that_follow_each_other(self, folds, expected):
        n = len(folds)
        assert _blocks(np.array(folds), np.ones((n, 1), bool), np.arange(n)).tolist() == expected

    @pytest.mark.parametrize(
        ("groups", "expected"),
        [
            pytest.param(range(10), [0, 0, 1, 1, 2, 2, 3, 3, 4, 4], id="fifths"),
            pytest.param([0, 0, 1, 1, 2, 2], [0, 0, 1, 1, 2, 2], id="no more than groups"),
            pytest.param([0, 0, 0], [0, 0, 0], id="one group"),
        ],
    )
    def test_of_one_fold_are_its_fifths_with_copies_together(self, groups, expected):
        groups = np.array(groups)
        found = _blocks(np.zeros(len(groups), np.int64), np.ones((len(groups), 1), bool), groups)
        assert found.tolist() == expected


class TestIntervals:
    @pytest.mark.parametrize("part", ["scores", "calibration_report.after"])
    def test_draws_are_those_of_the_random_state(self, part):
        scores, targets = made_up(100, multilabel=True)

        def intervals(**how):
            return attrgetter(part)(rule_of(scores, targets, np.arange(100) % 3, **how)).intervals

        assert intervals() == intervals(random_state=TrainingSettings().random_state)
        assert intervals() != intervals(random_state=7)

    @pytest.mark.parametrize("part", ["scores", "calibration_report.after"])
    def test_copies_are_drawn_together(self, part):
        scores, targets = made_up(60, multilabel=True)
        many = np.repeat(np.arange(60), 4)
        copies = Targets(targets.classes_, "multilabel", targets.Y[many])

        def width(groups):
            rule = rule_of(scores[many], copies, many % 3, groups=groups)
            low, high = attrgetter(part)(rule).intervals["ece"]
            return high - low

        assert width(many) > 1.2 * width(np.arange(240))


def test_rare_labels_are_those_with_fewer_than_ten_articles():
    scores, _ = made_up(60, multilabel=True)
    Y = np.arange(60)[:, None] < np.array([40, 10, 9])
    targets = Targets(("a", "b", "c"), "multilabel", Y)
    assert rule_of(scores, targets, np.arange(60) % 3).rare_labels(targets) == {"c": 9}


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

    def test_the_promise_of_all_answers_is_found_among_those_of_labels(self):
        scores, targets = made_up(3000, multilabel=True)
        folds = np.arange(3000) % 3
        some = rule_of(scores, targets, folds, min_precision=[("b", 0.6)])
        both = rule_of(scores, targets, folds, min_precision=[("b", 0.6)], abstain_precision=0.6)
        assert some.abstention is None
        [overall] = [promise.abstention for promise in both.promises if promise.label is None]
        assert both.abstention == overall

    def test_nothing_promised_leaves_nothing_to_a_person(self):
        scores, targets = made_up(multilabel=True)
        rule = rule_of(scores, targets, np.arange(300) % 3)
        assert (rule.promises, rule.scores_with_promises, rule.min_label_confidence) == ((), None, {})

    def test_a_multiclass_promise_is_a_confidence(self):
        scores, targets = made_up(3000, multilabel=False)
        rule = rule_of(scores, targets, np.arange(3000) % 3, min_precision=[("b", 0.97)])
        needed = rule.min_label_confidence["b"]
        answered = (rule.probabilities.argmax(axis=1) == 1) & (rule.probabilities[:, 1] >= needed)
        assert targets.Y[answered, 1].mean() >= 0.97
        assert rule.notes == (rule.promises[0].note,)

    @pytest.mark.parametrize("multilabel", [False, True])
    def test_one_that_cannot_be_kept_is_refused(self, multilabel):
        scores, targets = made_up(300, multilabel=multilabel)
        with pytest.raises(UnkeptPromiseError, match=r"99\.9% precision cannot be guaranteed for 'b' from "):
            rule_of(scores, targets, np.arange(300) % 3, min_precision=[("b", 0.999)])

    @pytest.mark.parametrize("multilabel", [False, True])
    def test_one_that_need_not_be_kept_leaves_thresholds_and_raises_a_bar(self, multilabel):
        """Else articles that have the label would lose it silently: now they go to a person."""
        scores, targets = made_up(300, multilabel=multilabel)
        folds = np.arange(300) % 3
        rule = rule_of(scores, targets, folds, min_precision=[("b", 0.999)], allow_unkept=True)
        assert rule.thresholds.tolist() == rule_of(scores, targets, folds).thresholds.tolist()
        assert rule.min_label_confidence == {"b": NEVER}
        assert rule.scores_with_promises.scores.labels["b"].recall == 0
        assert rule.scores.labels["b"].recall > 0

    def test_unanswerable_articles_are_wrong_answers(self):
        scores, targets = made_up(3000, multilabel=False, noise=0.01)
        folds, known = np.arange(3000) % 3, np.arange(3000) % 10 > 0
        promised = {"abstain_precision": 0.95, "allow_unkept": True}
        assert rule_of(scores, targets, folds, **promised).abstention.kept == 1.0
        assert rule_of(scores, targets, folds, answerable=known, **promised).abstention.kept < 1.0

    def test_what_is_recorded_is_json(self):
        scores, targets = made_up(multilabel=True)
        rule = rule_of(scores, targets, np.arange(300) % 3, min_precision=[("b", 0.5)], abstain_precision=0.5)
        record = record_of_model(TrainingRecord(), TrainingSettings(), rule, targets, None, rule.notes)
        told = json.loads(json.dumps(record.to_dict(), allow_nan=False))
        assert set(told["thresholds"]) == {"a", "b", "c"}
        assert told["min_precision"][0]["label"] == "b"
        assert told["promises"] == list(rule.notes)
        assert told["rare_labels"] == {}


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


def f1_at(threshold, probabilities, y):
    taken = probabilities >= threshold
    return 2 * (taken & y).sum() / max(taken.sum() + y.sum(), 1)


def best_of_all_cuts(probabilities, y):
    return max(f1_at(cut, probabilities, y) for cut in (*probabilities, 2.0))


@st.composite
def ranked_articles(draw, *, elements):
    n = draw(st.integers(1, 12))
    return draw(arrays(np.float64, n, elements=elements)), draw(arrays(np.bool_, n))


class TestBestThreshold:
    def test_lies_half_way_between_two_articles(self):
        assert best_threshold(np.array([0.9, 0.6, 0.2]), np.array([True, True, False])) == 0.4

    def test_takes_a_wrong_article_where_f1_gains_by_it(self):
        # Cuts after 1, 2, 3 and 4 articles score 2/4, 2/5, 4/6 and 6/7.
        y = np.array([True, False, True, True])
        assert best_threshold(np.array([0.8, 0.6, 0.4, 0.3]), y) == 0.15

    def test_without_positives_is_one_half(self):
        assert best_threshold(np.array([0.9, 0.1]), np.array([False, False])) == 0.5

    def test_of_cuts_with_the_same_f1_takes_the_highest(self):
        """Cuts after 1 and 4 articles score 2/3 both, those between 2/4 and 2/5."""
        y = np.array([True, False, False, True])
        assert best_threshold(np.array([0.8, 0.6, 0.4, 0.2]), y) == pytest.approx(0.7)

    def test_below_the_last_article_is_half_its_probability(self):
        assert best_threshold(np.array([0.8, 0.4]), np.array([True, True])) == 0.2

    def test_between_neighbouring_numbers_is_the_higher_one(self):
        """There is no number between them."""
        higher, lower = np.nextafter(0.5, 1), 0.5
        assert best_threshold(np.array([higher, lower]), np.array([True, False])) == higher

    def test_does_not_cut_between_equal_probabilities(self):
        threshold = best_threshold(np.array([0.7, 0.7, 0.1]), np.array([True, False, False]))
        assert threshold == pytest.approx(0.4)

    def test_does_not_depend_on_the_order_of_the_articles(self):
        probabilities, y = np.array([0.2, 0.9, 0.6]), np.array([False, True, True])
        assert best_threshold(probabilities[::-1], y[::-1]) == best_threshold(probabilities, y)

    @given(ranked_articles(elements=st.integers(0, 1000).map(lambda k: k / 1000)))
    def test_no_cut_has_a_higher_f1(self, articles):
        probabilities, y = articles
        reached = f1_at(best_threshold(probabilities, y), probabilities, y)
        assert reached == pytest.approx(best_of_all_cuts(probabilities, y))

    @given(
        ranked_articles(
            elements=st.one_of(
                st.integers(0, 50).map(lambda k: k * 1e-9),
                st.integers(0, 50).map(lambda k: 1 - k * 1e-9),
                st.integers(0, 50).map(lambda k: 0.3 + k * 1e-9),
            )
        )
    )
    def test_no_cut_has_a_higher_f1_where_probabilities_lie_close(self, articles):
        """Regression (a rounded threshold): it left the gap between two articles that are close."""
        probabilities, y = articles
        reached = f1_at(best_threshold(probabilities, y), probabilities, y)
        assert reached == pytest.approx(best_of_all_cuts(probabilities, y))


def separated(n, n_positive):
    """Probabilities from 0 to 1, of which the highest are those of the articles that bear a label."""
    probabilities = np.column_stack([np.linspace(0, 1, n)] * len(n_positive))
    return probabilities, np.arange(n)[:, None] >= n - np.array(n_positive)


class TestChooseThresholds:
    def test_each_frequent_label_has_its_own(self):
        probabilities, Y = separated(1000, (500, 300))
        np.testing.assert_allclose(choose_thresholds(probabilities, Y), [0.5, 0.7], atol=0.01)

    def test_labels_with_fewer_than_ten_articles_share_one_threshold(self):
        """Regression (a threshold chosen by five articles): it was what luck made it."""
        rng = np.random.default_rng(0)
        Y = np.arange(2000)[:, None] < np.array([400, 10, 9, 5, 1])
        probabilities = np.clip(rng.normal(0.2, 0.1, Y.shape) + Y * rng.normal(0.4, 0.2, Y.shape), 0, 1)
        frequent, ten, *rare = choose_thresholds(probabilities, Y)
        assert len(set(rare)) == 1
        assert len({frequent, ten, rare[0]}) == 3

    def test_the_shared_threshold_is_no_longer_that_of_all_labels(self):
        """Regression (rare labels under the threshold of frequent ones): they were hardly ever given."""
        Y = np.arange(3000)[:, None] < np.array([1000, 8])
        probabilities = np.where(Y, [0.9, 0.3], [0.5, 0.05])
        _, rare = choose_thresholds(probabilities, Y)
        assert 0.05 < rare <= 0.3

    @pytest.mark.parametrize("n_positive", [10, 30, 1000])
    def test_a_lucky_gap_moves_the_threshold_the_less_the_fewer_articles_made_it(self, n_positive):
        """Drawn from the probabilities themselves, outcomes call for the threshold these call for."""
        rng = np.random.default_rng(1)
        probabilities = rng.beta(n_positive / 4000, 0.5, (20_000, 1))
        Y = rng.random(probabilities.shape) < probabilities
        by_all = best_threshold(probabilities[:, 0], probabilities[:, 0])
        [smoothed] = choose_thresholds(probabilities, Y)
        own = best_threshold(probabilities[:, 0], Y[:, 0])
        assert abs(smoothed - by_all) <= abs(own - by_all)

    @pytest.mark.parametrize("n_positive", [10, 30, 200])
    def test_ten_articles_of_a_label_weigh_as_much_as_its_probabilities(self, n_positive):
        rng = np.random.default_rng(2)
        y = np.arange(400) < n_positive
        probabilities = np.clip(rng.normal(0.3, 0.1, 400) + y * rng.normal(0.3, 0.2, 400), 0, 1)
        believed = n_positive / (n_positive + 10)
        expected = best_threshold(probabilities, believed * y + (1 - believed) * probabilities)
        assert choose_thresholds(probabilities[:, None], y[:, None]).tolist() == [expected]

    def test_a_label_that_no_article_has_keeps_the_threshold_of_all(self):
        """Among rare labels that no article has there is nothing to choose by."""
        probabilities, Y = separated(1000, (500, 0))
        assert choose_thresholds(probabilities, Y)[1] == best_threshold(probabilities.ravel(), Y.ravel())

    @given(arrays(np.float64, 20, elements=st.floats(0, 1)))
    def test_outcomes_may_be_probable(self, probabilities):
        """Of calibrated probabilities F1 is highest near half its best value (Lipton et al. 2014)."""
        threshold = best_threshold(probabilities, probabilities)
        taken = probabilities >= threshold
        best = max(
            2
            * probabilities[probabilities >= cut].sum()
            / max((probabilities >= cut).sum() + probabilities.sum(), 1e-300)
            for cut in probabilities
        )
        reached = 2 * probabilities[taken].sum() / max(taken.sum() + probabilities.sum(), 1e-300)
        assert reached == pytest.approx(best)

    @pytest.mark.parametrize("measure", ["micro_f1", "accuracy"])
    def test_other_measures_have_one_threshold_for_all(self, measure):
        probabilities, Y = separated(200, (100, 60))
        thresholds = choose_thresholds(probabilities, Y, measure=measure)
        assert thresholds.tolist() == [best_threshold(probabilities.ravel(), Y.ravel())] * 2

    def test_without_any_label_is_one_half_for_all(self):
        assert choose_thresholds(np.full((3, 2), 0.2), np.zeros((3, 2), bool)).tolist() == [0.5, 0.5]

    @given(arrays(np.bool_, (15, 3)), arrays(np.float64, (15, 3), elements=st.floats(0, 1)))
    def test_thresholds_are_probabilities(self, Y, probabilities):
        thresholds = choose_thresholds(probabilities, Y)
        assert thresholds.shape == (3,)
        assert ((thresholds >= 0) & (thresholds <= 1)).all()

    def test_a_label_that_is_not_told_apart_is_not_handed_out(self):
        """Regression (a threshold near 0 for a rare label): it was assigned to most articles."""
        rng = np.random.default_rng(0)
        probabilities, y = rng.random((400, 1)) / 50, np.zeros((400, 1), bool)
        y[probabilities[:, 0].argsort()[100:106], 0] = True
        [threshold] = choose_thresholds(probabilities, y)
        assert threshold == probabilities.max()
