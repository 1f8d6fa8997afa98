"""Models that are as small as was asked for, and what that is said to cost."""

from __future__ import annotations

import json
import re
from dataclasses import replace

import numpy as np
import pytest

from topicml.article import Article
from topicml.corpus.stratification import assign_folds
from topicml.corpus.targets import encode_targets
from topicml.exceptions import TopicmlError, TopicmlValueError
from topicml.metrics.scores import quick_score
from topicml.model.folder import size_on_disk
from topicml.model.persistence import bytes_per_term, load_classifier, save_classifier, saved_size
from topicml.training.crossfit import TrainingData
from topicml.training.model_card import model_card
from topicml.training.settings import TrainingSettings
from topicml.training.size_budget import plan_size
from topicml.training.train import train
from topicml.training.vocabulary import fit_vectorizer

SETTINGS = TrainingSettings(search="none", n_folds=2)
LABELS = ("art", "law", "sea")


def made_up(n=90):
    """Articles whose label shows in some of their words; there are many words that show nothing."""
    rng = np.random.default_rng(5)
    common = [f"word{k}" for k in range(600)]
    telling = {label: [f"{label}{k}" for k in range(60)] for label in LABELS}
    return [
        Article(" ".join([*rng.choice(common, 25), *rng.choice(telling[label], 4)]), labels=(label,))
        for label in LABELS * (n // 3)
    ]


@pytest.fixture(scope="module")
def articles():
    return made_up()


@pytest.fixture(scope="module")
def full(articles):
    return train(articles, settings=SETTINGS, n_jobs=1)


@pytest.fixture(scope="module")
def full_size(full):
    return saved_size(full.classifier, card=model_card(full.classifier))


@pytest.fixture(scope="module")
def half(articles, full_size):
    """A result within half the size that the whole model takes."""
    return train(articles, settings=replace(SETTINGS, max_size=full_size // 2), n_jobs=1)


@pytest.fixture(scope="module")
def counted(articles):
    texts = [article.text for article in articles]
    targets = encode_targets(articles)
    groups = np.arange(len(texts))
    candidates = fit_vectorizer(texts, SETTINGS.features)
    folds = assign_folds(targets.Y, groups, n_folds=3)
    return TrainingData(texts, targets, folds, groups).counted(candidates, n_jobs=1)


def planned(counted, settings=SETTINGS, **how):
    return plan_size(counted, settings, n_jobs=1, **how)


class TestTrainedWithin:
    @pytest.mark.parametrize("share", [0.5, 0.3])
    def test_the_saved_folder_is_within_the_size(self, articles, full_size, share, tmp_path):
        limit = int(share * full_size)
        result = train(articles, settings=replace(SETTINGS, max_size=limit), n_jobs=1)
        save_classifier(result.classifier, tmp_path, card=model_card(result.classifier))
        assert size_on_disk(tmp_path) <= limit
        assert load_classifier(tmp_path, verify=True).classes_ == LABELS

    def test_what_was_given_to_go_on_record_is_within_it_too(self, articles, full_size):
        limit = full_size // 2
        more = {"desk": "x" * (limit // 4)}
        settings = replace(SETTINGS, max_size=limit)
        classifier = train(articles, settings=settings, recorded=more, n_jobs=1).classifier
        assert classifier.provenance["desk"] == more["desk"]
        assert saved_size(classifier, card=model_card(classifier)) <= limit

    def test_a_guess_that_was_too_low_is_mended(self, articles, full_size, monkeypatch):
        """What a model says beside its terms varies in length, and breaks a size that is reckoned only."""
        monkeypatch.setattr("topicml.training.size_budget._OVERHEAD", 0)
        monkeypatch.setattr("topicml.training.size_budget._OVERHEAD_A_LABEL", 0)
        limit = full_size // 2
        classifier = train(articles, settings=replace(SETTINGS, max_size=limit), n_jobs=1).classifier
        assert saved_size(classifier, card=model_card(classifier)) <= limit

    def test_a_size_that_is_large_enough_changes_nothing(self, articles, full):
        result = train(articles, settings=replace(SETTINGS, max_size=10**7), n_jobs=1)
        assert result.size_cost is None
        assert result.classifier.provenance["size_cost"] is None
        assert result.notes == full.notes
        assert result.classifier.coef.tobytes() == full.classifier.coef.tobytes()

    def test_the_best_terms_stay(self, half, full):
        kept = {half.classifier.vectorizer.terms[k] for k in range(len(half.classifier.vectorizer))}
        telling = {term for label in LABELS for term, _ in full.classifier.top_terms(label, 15)}
        assert telling <= kept

    def test_the_same_bytes_again_in_several_processes(self, articles, half, tmp_path):
        again = train(articles, settings=replace(SETTINGS, max_size=half.settings.max_size), n_jobs=2)
        for name, result in (("one", half), ("two", again)):
            save_classifier(result.classifier, tmp_path / name, card=model_card(result.classifier))
        files = [{f.name: f.read_bytes() for f in (tmp_path / name).iterdir()} for name in ("one", "two")]
        assert files[0] == files[1]

    def test_several_labels_an_article(self, multilabel_articles):
        limit = 16_000
        settings = replace(SETTINGS, max_size=limit)
        assert saved_size(train(multilabel_articles, settings=SETTINGS, n_jobs=1).classifier) > limit
        result = train(multilabel_articles, settings=settings, n_jobs=1)
        assert saved_size(result.classifier, card=model_card(result.classifier)) <= limit
        assert result.classifier.multilabel
        assert result.size_cost.difference.a == result.size_cost.unlimited.value


class TestCost:
    def test_is_on_record_and_in_a_note(self, half):
        cost = half.size_cost
        assert half.classifier.provenance["size_cost"] == json.loads(json.dumps(cost.to_dict()))
        assert json.loads(json.dumps(cost.to_dict()))["max_size"] == half.settings.max_size
        assert cost.note in half.notes
        assert cost.note in half.classifier.provenance["notes"]
        low, high = cost.difference.interval
        assert (
            f"difference {cost.difference.difference:+.3f}, 95% interval {low:+.3f} to {high:+.3f}"
            in cost.note
        )
        assert (
            f"macro F1 {cost.difference.b:.3f}, instead of {cost.difference.a:.3f} without the limit ("
            in cost.note
        )

    def test_says_what_the_two_models_score_out_of_fold(self, half, full):
        """The scores printed for each are those of the models, each article held out."""
        assert half.size_cost.difference.a == pytest.approx(full.scores.macro_f1)
        assert half.size_cost.difference.b == pytest.approx(half.scores.macro_f1)
        assert half.size_cost.chosen.value == half.size_cost.difference.b
        assert half.size_cost.unlimited.value == half.size_cost.difference.a

    def test_holds_the_difference_in_its_interval(self, half):
        low, high = half.size_cost.difference.interval
        assert low <= half.size_cost.difference.difference <= high

    def test_reckons_sizes_well(self, half, full, full_size):
        cost = half.size_cost
        found = saved_size(half.classifier, card=model_card(half.classifier))
        assert cost.chosen.n_bytes == pytest.approx(found, rel=0.15)
        assert cost.unlimited.n_bytes == pytest.approx(full_size, rel=0.15)
        assert cost.unlimited.n_terms == len(full.classifier.vectorizer)
        assert cost.chosen.n_terms == len(half.classifier.vectorizer)

    def test_the_chosen_one_is_the_best_tried(self, half):
        tried = half.size_cost.tried
        ways = [(trial.selected_by, trial.coef_dtype) for trial in tried]
        pruned = [way for way in ways if way[0] == "coef"]
        assert ways == [("chi2", "int8"), ("chi2", "int16"), *pruned]
        assert set(pruned) == {("coef", "int8"), ("coef", "int16")}
        assert tried[0].n_terms > tried[1].n_terms
        assert half.size_cost.chosen.value == max(trial.value for trial in tried)
        assert (
            half.settings.coef_dtype == half.classifier.coefficients.dtype == half.size_cost.chosen.coef_dtype
        )
        number = {"chi2": half.settings.max_terms, "coef": half.settings.pruned_to}
        assert number[half.size_cost.chosen.selected_by] == half.size_cost.chosen.n_terms


class TestTooSmall:
    def test_says_the_smallest_possible_which_then_works(self, articles):
        with pytest.raises(TopicmlValueError, match=r"max_size is 5,000, but the smallest") as refused:
            train(articles, settings=replace(SETTINGS, max_size=5000), n_jobs=1)
        told = re.search(r"takes ([\d,]+) bytes, with 100 terms .*; allow ([\d,]+) bytes", str(refused.value))
        smallest, allowed = (int(number.replace(",", "")) for number in told.groups())
        assert smallest <= allowed <= smallest + 1000
        result = train(articles, settings=replace(SETTINGS, max_size=allowed), n_jobs=1)
        assert saved_size(result.classifier, card=model_card(result.classifier)) <= allowed

    def test_where_there_are_few_terms_they_are_all_there_is(self, base_articles):
        settings = replace(SETTINGS, max_size=1, max_terms=40)
        with pytest.raises(TopicmlValueError, match=r"max_size is 1, .*, with 40 terms .* as int8"):
            train(base_articles, settings=settings, n_jobs=1)

    @pytest.mark.parametrize(
        ("max_size", "told"),
        [
            (0, "1 or more"),
            (-5, "1 or more"),
            ("2MB", "a whole number of bytes"),
            (2e6, "a whole number of bytes"),
        ],
    )
    def test_no_size_is_refused_at_once(self, max_size, told):
        with pytest.raises(TopicmlError, match=f"max_size must be {told}, found {max_size!r}"):
            TrainingSettings(max_size=max_size)

    def test_an_unknown_storage_is_refused_at_once(self):
        with pytest.raises(TopicmlValueError, match=r"coef_dtype must be one of .*'int8'.*, found 'float16'"):
            TrainingSettings(coef_dtype="float16")


class TestPlan:
    def test_fills_the_size_to_the_last_term(self, counted):
        """One term more would not fit: so many bytes are left over as the next term takes, or fewer."""
        plan = planned(counted, replace(SETTINGS, max_size=20_000), overhead=1000)
        full = {(trial.selected_by, trial.coef_dtype): trial for trial in plan.cost.tried[::-1]}
        assert len(full) == 4
        for trial in full.values():
            longest_term = 40
            assert 0 <= 20_000 - trial.n_bytes < bytes_per_term(3, trial.coef_dtype) + longest_term

    def test_the_size_is_that_of_the_arrays(self, counted):
        plan = planned(counted, replace(SETTINGS, max_size=20_000), overhead=1000)
        trial = plan.cost.tried[0]
        result = train(made_up(), settings=replace(SETTINGS, max_terms=trial.n_terms), n_jobs=1)
        terms = result.classifier.vectorizer.terms
        assert trial.n_bytes == 1000 + trial.n_terms * bytes_per_term(3, "int8") + len(terms.blob)

    def test_the_size_is_that_of_the_arrays_when_terms_are_pruned(self, counted):
        plan = planned(counted, replace(SETTINGS, max_size=20_000), overhead=1000)
        trial = next(trial for trial in plan.cost.tried if trial.selected_by == "coef")
        result = train(made_up(), settings=replace(SETTINGS, pruned_to=trial.n_terms), n_jobs=1)
        terms = result.classifier.vectorizer.terms
        assert len(terms) == trial.n_terms
        assert trial.n_bytes == 1000 + trial.n_terms * bytes_per_term(3, "int8") + len(terms.blob)

    def test_a_number_of_pruned_terms_that_is_given_is_chosen_anew(self, counted):
        """A model's recorded settings hold both, and training again by them should search again."""
        settings = replace(SETTINGS, max_size=20_000)
        again = planned(counted, replace(settings, pruned_to=7), overhead=1000)
        assert again.cost == planned(counted, settings, overhead=1000).cost

    def test_fewer_pruned_terms_than_fit_are_tried_too(self, counted):
        plan = planned(counted, replace(SETTINGS, max_size=20_000), overhead=1000)
        numbers = [
            trial.n_terms
            for trial in plan.cost.tried
            if (trial.selected_by, trial.coef_dtype) == ("coef", "int8")
        ]
        assert numbers == [n for n in (numbers[0], numbers[0] // 2, numbers[0] // 4) if n >= 100]
        assert len(numbers) > 1

    def test_what_goes_on_record_takes_room(self, counted):
        settings = replace(SETTINGS, max_size=20_000)
        without, with_it = planned(counted, settings), planned(counted, settings, recorded=5000)
        assert with_it.overhead == without.overhead + 5000
        assert with_it.cost.tried[0].n_terms < without.cost.tried[0].n_terms

    def test_a_wider_storage_that_is_asked_for_is_tried_first(self, counted):
        plan = planned(counted, replace(SETTINGS, coef_dtype="float32", max_size=20_000), overhead=1000)
        by_chi2 = [trial.coef_dtype for trial in plan.cost.tried if trial.selected_by == "chi2"]
        assert by_chi2 == ["float32", "int8", "int16"]
        assert plan.cost.unlimited.coef_dtype == "float32"

    def test_no_more_terms_than_were_asked_for(self, counted):
        plan = planned(
            counted, replace(SETTINGS, max_terms=150, coef_dtype="float32", max_size=5000), overhead=1000
        )
        assert {trial.n_terms for trial in plan.cost.tried if trial.coef_dtype == "int8"} == {150}

    def test_what_fits_is_left_as_it_is(self, counted):
        settings = replace(SETTINGS, max_size=10**6)
        plan = planned(counted, settings)
        assert (plan.settings, plan.cost, plan.smallest) == (settings, None, False)

    @pytest.mark.parametrize("measure", ["macro_f1", "micro_f1", "accuracy"])
    def test_goes_by_the_measure(self, counted, measure):
        plan = planned(counted, replace(SETTINGS, measure=measure, max_size=20_000))
        assert plan.cost.measure == measure
        assert plan.cost.difference.b == plan.cost.chosen.value

    def test_no_article_held_out_takes_part_in_the_choice_of_terms(self, counted):
        """Labels drawn by chance cannot be told out of fold, however many terms were chosen by them."""
        rng = np.random.default_rng(0)
        Y = np.eye(3, dtype=bool)[rng.integers(3, size=len(counted.data.texts))]
        targets = replace(counted.data.targets, Y=Y)
        chance = replace(counted, data=replace(counted.data, targets=targets))
        plan = planned(chance, replace(SETTINGS, measure="accuracy", max_size=20_000))
        assert quick_score(Y, Y, "accuracy") == 1.0
        assert all(trial.value < 0.5 for trial in (*plan.cost.tried, plan.cost.unlimited))
