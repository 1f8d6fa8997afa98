from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support import one_hot
from topicml.article import Article
from topicml.evaluation.comparison import Disagreement, compare
from topicml.evaluation.evaluate import evaluate
from topicml.exceptions import CorpusError, TopicmlTypeError, TopicmlValueError
from topicml.metrics.paired import Difference, paired_differences
from topicml.training.train import train

CLASSES = ("art", "chess", "go", "sport")
MEASURES = ("macro_f1", "accuracy", "micro_f1")
SIMULATED = 200


def answers(rng, y, accuracy):
    """Answers that are right as often as the class has it, and else any other class."""
    right = rng.random(len(y)) < np.array(accuracy)[y]
    return np.where(right, y, (y + rng.integers(1, len(CLASSES), len(y))) % len(CLASSES))


def simulated(rng, n_stories, accuracy_a, accuracy_b):
    """A test set of stories that stand in it once or twice, and the decisions of two models about it."""
    y = rng.choice(len(CLASSES), n_stories, p=(0.4, 0.3, 0.2, 0.1))
    a, b = answers(rng, y, accuracy_a), answers(rng, y, accuracy_b)
    groups = np.arange(n_stories).repeat(rng.integers(1, 3, n_stories))
    return *(one_hot(labels, len(CLASSES))[groups] for labels in (y, a, b)), groups


@pytest.fixture(scope="module")
def remembering_classifier(base_articles):
    """A model that knows that it was trained on the base articles."""
    return train(base_articles, n_jobs=1).classifier


@pytest.fixture(scope="module")
def base_classifier(base_classifier):
    """The base model, which does not know what it was trained on: its own articles are measured on here."""
    return replace(base_classifier, fingerprints=None)


@pytest.fixture(scope="module")
def multilabel_classifier(multilabel_classifier):
    return replace(multilabel_classifier, fingerprints=None)


@pytest.fixture(scope="module", params=["base_classifier", "multilabel_classifier"])
def classifier(request):
    return request.getfixturevalue(request.param)


@pytest.fixture(scope="module")
def worse_classifier(base_articles):
    """Trained on labels that are shifted by one class for every second article."""
    labels = sorted({article.labels[0] for article in base_articles})
    shifted = [
        replace(
            article, labels=(labels[(labels.index(article.labels[0]) + 1) % 3],) if k % 2 else article.labels
        )
        for k, article in enumerate(base_articles)
    ]
    return replace(train(shifted, n_jobs=1).classifier, fingerprints=None)


@pytest.fixture(scope="module")
def unsure_classifier(base_classifier):
    """The base model, which gives every article to a person."""
    return replace(base_classifier, min_confidence=1.1)


class TestPairedDifferences:
    def test_worked_by_hand(self):
        """Four articles, two classes: A is right on the first two, B on the first three."""
        truth = np.array([[1, 0], [0, 1], [1, 0], [0, 1]], bool)
        a, b = truth.copy(), truth.copy()
        a[2:], b[3:] = ~a[2:], ~b[3:]
        overall, labels = paired_differences(truth, a, b, ("art", "chess"))
        assert [(d.a, d.b) for d in overall.values()] == [
            pytest.approx((0.5, (4 / 5 + 2 / 3) / 2)),
            (0.5, 0.75),
            (0.5, 0.75),
        ]
        assert (labels["art"].a, labels["art"].b) == pytest.approx((0.5, 4 / 5))
        assert (labels["chess"].a, labels["chess"].b) == pytest.approx((0.5, 2 / 3))
        assert overall["accuracy"].difference == 0.25

    @settings(max_examples=40)  # each is resampled twice
    @given(st.integers(0, 99))
    def test_with_the_models_exchanged_all_signs_turn(self, seed):
        truth, a, b, groups = simulated(np.random.default_rng(seed), 20, [0.7] * 4, [0.5] * 4)
        one, labels = paired_differences(truth, a, b, CLASSES, groups=groups, n_resamples=50)
        other, _ = paired_differences(truth, b, a, CLASSES, groups=groups, n_resamples=50)
        for name in MEASURES:
            assert (one[name].a, one[name].difference) == (other[name].b, -other[name].difference)
            assert one[name].interval == pytest.approx([-end for end in other[name].interval[::-1]])
            assert one[name].p_value == other[name].p_value
        assert set(labels) <= set(CLASSES)

    def test_copies_do_not_narrow_an_interval(self):
        truth, a, b, _ = simulated(np.random.default_rng(0), 60, [0.8] * 4, [0.6] * 4)
        once = paired_differences(truth, a, b, CLASSES, groups=np.arange(len(truth)))
        groups = np.tile(np.arange(len(truth)), 9)
        often = paired_differences(*(np.tile(m, (9, 1)) for m in (truth, a, b)), CLASSES, groups=groups)
        assert often[0]["macro_f1"].interval == pytest.approx(once[0]["macro_f1"].interval)

    def test_labels_that_nothing_bears_have_no_difference(self):
        truth = one_hot([0, 1], len(CLASSES))
        assert list(paired_differences(truth, truth, truth, CLASSES)[1]) == ["art", "chess"]

    def test_decisions_without_any_label_are_all_right(self):
        nothing = np.zeros((3, 4), bool)
        overall, labels = paired_differences(nothing, nothing, nothing, CLASSES)
        assert ([d.a for d in overall.values()], labels) == ([0.0, 1.0, 0.0], {})

    @pytest.mark.usefixtures("one_thread")
    def test_intervals_cover_the_true_difference(self):
        """Of the simulated test sets, 95 % hold the difference of a set of 200,000."""
        a, b = (0.80, 0.75, 0.70, 0.70), (0.85, 0.75, 0.75, 0.60)
        *decisions, _ = simulated(np.random.default_rng(1), 200_000, a, b)
        true, _ = paired_differences(*decisions, CLASSES, n_resamples=1)
        rng = np.random.default_rng(0)
        covered = dict.fromkeys(MEASURES, 0)
        for _ in range(SIMULATED):
            *decisions, groups = simulated(rng, 200, a, b)
            found, _ = paired_differences(*decisions, CLASSES, groups=groups, n_resamples=300)
            for name in MEASURES:
                low, high = found[name].interval
                covered[name] += low <= true[name].difference <= high
        spread = 1.84 * np.sqrt(0.95 * 0.05 / SIMULATED)
        assert all(abs(count / SIMULATED - 0.95) <= spread for count in covered.values()), covered

    @pytest.mark.usefixtures("one_thread")
    def test_p_values_are_uniform_where_there_is_no_difference(self):
        rng = np.random.default_rng(0)
        p_values = []
        for _ in range(SIMULATED):
            *decisions, groups = simulated(rng, 200, [0.75] * 4, [0.75] * 4)
            found, _ = paired_differences(*decisions, CLASSES, groups=groups, n_resamples=150)
            p_values.append([found[name].p_value for name in MEASURES])
        for level in (0.05, 0.1, 0.25, 0.5, 0.75):
            counts = (np.array(p_values) <= level).sum(axis=0)
            spread = 3.3 * np.sqrt(SIMULATED * level * (1 - level))  # 999 of 1000
            assert (np.abs(counts - SIMULATED * level) <= spread).all(), (level, counts)


class TestCompare:
    def test_a_model_does_as_well_as_itself(self, classifier, base_articles):
        found = compare(classifier, classifier, base_articles)
        assert (found.verdict, found.disagreements, found.n_differing) == ("no difference shown", (), 0)
        assert {d.difference for d in (*found.differences.values(), *found.labels.values())} == {0.0}
        assert {d.p_value for d in found.differences.values()} == {1.0}
        assert (found.mcnemar.p_value, found.minimum_detectable) == (1.0, None)
        assert "no difference in accuracy could be detected by this test set (80% power)" in str(found)

    @pytest.mark.parametrize("measure", MEASURES)
    def test_a_worse_model_is_worse_and_the_other_way_round_better(
        self, base_classifier, worse_classifier, base_articles, measure
    ):
        found = compare(base_classifier, worse_classifier, base_articles, measure=measure)
        assert found.verdict == "worse"
        assert found.differences[measure].difference < 0
        back = compare(worse_classifier, base_classifier, base_articles, measure=measure)
        assert (back.verdict, back.mcnemar.only_a) == ("better", found.mcnemar.only_b)

    def test_it_measures_as_evaluate_does(self, base_classifier, worse_classifier, base_articles):
        articles = [*base_articles, Article("Cup final", labels=("art",)), Article("", labels=("sport",))]
        found = compare(base_classifier, worse_classifier, articles)
        for name in MEASURES:
            assert found.differences[name].a == getattr(evaluate(base_classifier, articles).scores, name)
            assert found.differences[name].b == getattr(evaluate(worse_classifier, articles).scores, name)
        for label, difference in found.labels.items():
            assert difference.a == evaluate(base_classifier, articles).scores.labels[label].f1

    def test_the_articles_on_which_they_part_are_listed(self, base_classifier, unsure_classifier):
        articles = [
            Article("", labels=("sport",)),
            Article("Football cup", labels=("economy",), id="7", origin="a.csv:3"),
            Article("Heavy rain", labels=("weather",), origin="a.csv:4"),
        ]
        found = compare(base_classifier, unsure_classifier, articles)
        assert found.disagreements == (
            Disagreement(1, "7", ("economy",), ("sport",), ()),
            Disagreement(2, "a.csv:4", ("weather",), ("weather",), ()),
        )
        assert (found.mcnemar.only_a, found.mcnemar.only_b, found.support["economy"]) == (1, 0, 1)

    @pytest.mark.parametrize(("n", "verdict"), [(5, "no difference shown"), (6, "worse")])
    def test_five_stories_show_nothing(self, base_classifier, unsure_classifier, base_articles, n, verdict):
        """Every resample of five articles that speak for one model says the same, and so it looks certain."""
        found = compare(base_classifier, unsure_classifier, base_articles[:n], measure="accuracy")
        assert found.differences["accuracy"].interval[1] < 0
        assert (found.verdict, found.n_differing) == (verdict, n)
        assert any("fewer may differ by chance" in note for note in found.notes) == (n < 6)

    def test_copies_of_one_story_are_one_observation(self, base_classifier, unsure_classifier):
        articles = [Article(text, labels=("weather",)) for text in ("Heavy rain", "HEAVY rain!") * 20]
        found = compare(base_classifier, unsure_classifier, articles)
        assert (found.n, found.n_stories, found.n_differing, found.mcnemar.only_a) == (40, 1, 1, 1)
        assert found.verdict == "no difference shown"

    def test_models_of_other_labels_are_measured_over_all_of_them(self, base_classifier, base_articles):
        renamed = [
            replace(article, labels=("art",)) if article.labels == ("weather",) else article
            for article in base_articles
        ]
        other = train(renamed, n_jobs=1).classifier
        found = compare(base_classifier, other, [*base_articles, Article("Opening", labels=("chess",))])
        assert found.labels.keys() == {"art", "chess", "economy", "sport", "weather"}
        assert (found.labels["weather"].a, found.labels["weather"].b) == (pytest.approx(1, abs=0.1), 0.0)
        assert found.notes[:3] == (
            "labels that only model A knows: weather",
            "labels that only model B knows: art",
            "labels of the articles that neither model knows: chess",
        )

    @pytest.mark.parametrize(("n_new", "verdict"), [(5, "no verdict"), (6, "worse")])
    def test_articles_that_a_model_was_trained_on_are_left_out(
        self, remembering_classifier, unsure_classifier, base_articles, n_new, verdict
    ):
        """Regression: on its own training articles a model was called better, by up to 0.6 of macro F1."""
        places = ("Porto", "Lima", "Oslo", "Accra", "Quito", "Hanoi")[:n_new]
        fresh = [Article(f"Football cup final in {place}", labels=("sport",)) for place in places]
        found = compare(remembering_classifier, unsure_classifier, [*base_articles, *fresh])
        assert (found.verdict, found.n_in_training) == (verdict, {"A": 24, "B": 0})
        assert (found.n_given, found.n) == (24 + n_new, 24 + n_new if verdict == "no verdict" else n_new)
        assert found.disagreements[-1].position == 23 + n_new

    def test_articles_none_of_whose_labels_a_model_knows_are_an_error(self, base_classifier):
        with pytest.raises(CorpusError, match="have no label in common: the articles have 'art'"):
            compare(base_classifier, base_classifier, [Article("Cup final", labels=("art",))])

    def test_models_without_a_common_label_are_an_error(self, base_classifier, base_articles):
        renamed = [replace(article, labels=(f"{article.labels[0]} desk",)) for article in base_articles]
        with pytest.raises(TopicmlValueError, match="the models have no label in common: A begins with"):
            compare(base_classifier, train(renamed, n_jobs=1).classifier, base_articles)

    def test_models_of_two_kinds_are_an_error(self, base_classifier, multilabel_classifier, base_articles):
        with pytest.raises(TopicmlValueError, match="model A is multiclass, model B multilabel: "):
            compare(base_classifier, multilabel_classifier, base_articles)

    def test_articles_may_bear_several_labels_or_none(self, multilabel_classifier, multilabel_articles):
        silent = replace(multilabel_classifier, thresholds=np.full(3, 1.1))
        found = compare(multilabel_classifier, silent, multilabel_articles)
        assert found.verdict == "worse"
        assert all(disagreement.b == () for disagreement in found.disagreements)
        assert ("economy", "weather") in [disagreement.truth for disagreement in found.disagreements]

    def test_the_same_seed_gives_the_same_comparison(self, base_classifier, worse_classifier, base_articles):
        one, two, other = (
            compare(base_classifier, worse_classifier, base_articles, random_state=seed) for seed in (0, 0, 1)
        )
        assert one == two != other

    def test_json_can_hold_it(self, base_classifier, worse_classifier, base_articles):
        found = compare(base_classifier, worse_classifier, base_articles)
        held = found.to_dict()
        assert json.loads(json.dumps(held)) == held
        assert held["verdict"] == "worse"
        assert held["disagreements"][0].keys() == {"position", "id", "truth", "a", "b"}
        assert held["differences"].keys() == set(MEASURES)

    def test_an_unknown_measure_is_an_error(self, base_classifier, base_articles):
        with pytest.raises(TopicmlValueError, match="measure must be one of macro_f1, accuracy, micro_f1"):
            compare(base_classifier, base_classifier, base_articles, measure="f1")

    def test_no_resamples_are_an_error(self, base_classifier, base_articles):
        with pytest.raises(TopicmlValueError, match="n_resamples must be 1 or more, found 0"):
            compare(base_classifier, base_classifier, base_articles, n_resamples=0)

    def test_no_articles_are_an_error(self, base_classifier):
        with pytest.raises(CorpusError, match="no articles to evaluate on"):
            compare(base_classifier, base_classifier, [])

    def test_an_article_without_labels_is_an_error(self, base_classifier):
        with pytest.raises(CorpusError, match="without labels cannot be evaluated on"):
            compare(base_classifier, base_classifier, [Article("Rain")])

    def test_what_is_no_article_is_an_error(self, base_classifier):
        with pytest.raises(TopicmlTypeError, match="expected an Article at position 0, found str"):
            compare(base_classifier, base_classifier, ["Rain"])


def test_it_prints_as_tables_with_the_verdict_first(base_articles, base_classifier, worse_classifier):
    found = compare(base_classifier, worse_classifier, base_articles, n_resamples=10)
    head, _, columns, *rest = str(found).splitlines()
    assert head == f"B is {found.verdict} than A (macro F1, 24 articles)"
    assert columns.split() == ["measure", "A", "B", "B", "-", "A", "95%", "interval", "p"]
    assert [line.partition("  ")[0] for line in rest[:3]] == ["macro F1", "accuracy", ""]
    listed = rest[-4 * min(10, len(found.disagreements)) :]
    assert [line.split()[0] for line in listed[1:4]] == ["true", "A", "B"]


def test_micro_f1_is_printed_where_it_says_more_than_accuracy(multilabel_classifier, multilabel_articles):
    silent = replace(multilabel_classifier, thresholds=np.full(3, 1.1))
    shown = str(compare(multilabel_classifier, silent, multilabel_articles, n_resamples=10)).splitlines()
    assert [line.partition("  ")[0] for line in shown[3:6]] == ["macro F1", "accuracy", "micro F1"]


def test_a_difference_prints_with_its_interval():
    found = Difference(a=0.5, b=0.5124, difference=0.0124, interval=(-0.003, 0.0271), p_value=0.2)
    assert str(found) == "+0.012 (-0.003 to +0.027)"
