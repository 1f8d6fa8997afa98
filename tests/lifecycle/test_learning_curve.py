from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
from sklearn.metrics import f1_score

from tests.training.seeded import EVEN as SEEDED
from topicml.article import Article
from topicml.corpus.stratification import assign_folds, nested_parts
from topicml.corpus.targets import encode_labels
from topicml.exceptions import CorpusError, TopicmlTypeError, TopicmlValueError
from topicml.lifecycle.learning_curve import learning_curve
from topicml.metrics.resampling import Estimate
from topicml.training.settings import TrainingSettings
from topicml.training.train import train

UNSEARCHED = TrainingSettings(search="none", n_folds=2)
EASY = {"sport": ["cup", "goal"], "weather": ["rain", "snow"]}


def many_words(n=60):
    """Two easy labels, and one whose every article has one of forty words: it takes many to learn it."""
    rng = np.random.default_rng(0)
    articles = []
    for k in range(n):
        for label, words in EASY.items():
            articles.append(Article(f"{words[k % 2]} {words[0]} x{rng.integers(1e9)}", labels=(label,)))
        words = [f"name{rng.integers(40)}", f"y{rng.integers(1e9)}"]
        articles.append(Article(" ".join(words), labels=("people",)))
    return articles


@pytest.fixture(scope="module")
def curve():
    return learning_curve(many_words(), settings=UNSEARCHED, n_folds=3, n_jobs=1)


def test_the_last_point_is_training_on_all_but_each_fold(curve):
    """Worked out beside it: the same folds, a model for each, scored by scikit-learn."""
    articles = many_words()
    classes = ("people", "sport", "weather")
    Y = encode_labels(articles, classes)
    folds = assign_folds(Y, np.arange(len(Y)), n_folds=3)
    decided = np.zeros_like(Y)
    for fold in range(3):
        past = [article for article, own in zip(articles, folds, strict=True) if own != fold]
        unseen = [article for article, own in zip(articles, folds, strict=True) if own == fold]
        model = train(past, settings=UNSEARCHED, n_jobs=1).classifier
        decided[folds == fold] = encode_labels(model.predict(unseen), classes)
    last = curve.points[-1]
    assert last.n_train == 120
    assert last.scores["macro_f1"].value == pytest.approx(f1_score(Y, decided, average="macro"))
    by_label = {found.label: found.f1[-1].value for found in curve.labels}
    assert list(map(by_label.get, classes)) == pytest.approx(f1_score(Y, decided, average=None))


def test_points_are_those_of_the_parts(curve):
    articles = many_words()
    Y = encode_labels(articles, ("people", "sport", "weather"))
    folds = assign_folds(Y, np.arange(len(Y)), n_folds=3)
    parts = nested_parts(Y, np.arange(len(Y)), folds, (1 / 16, 1 / 8, 1 / 4, 1 / 2, 1.0))
    assert [point.share for point in curve.points] == list(parts)
    assert [point.n_train for point in curve.points] == [
        np.mean([len(rows) for rows in of_folds]) for of_folds in parts.values()
    ]
    assert "shares too small to train on, left out: 0.0625" in curve.notes


def test_the_label_that_needs_more_is_told_from_those_that_do_not(curve):
    needs = {found.label: found.more_labels for found in curve.labels}
    assert needs["people"] == "help"
    assert {needs["sport"], needs["weather"]} <= {"no gain shown", "too little to tell"}
    assert curve.labels[0].label == "people"


def test_gains_are_those_between_the_last_two_points(curve):
    last, before = (point.scores["macro_f1"].value for point in curve.points[:-3:-1])
    assert curve.gain.value == pytest.approx(last - before)
    for found in curve.labels:
        assert found.gain.value == pytest.approx(found.f1[-1].value - found.f1[-2].value)


def test_a_last_step_that_is_no_doubling_is_converted_to_one():
    found = learning_curve(many_words(), settings=UNSEARCHED, n_folds=3, shares=(0.25, 1.0), n_jobs=1)
    before, last = (point.scores["macro_f1"].value for point in found.points)
    assert found.gain.value == pytest.approx((last - before) / 2)
    assert found.guess is None  # two points are no law


def test_the_guess_is_not_below_the_curve(curve):
    assert curve.points[-1].scores["macro_f1"].value - 0.05 < curve.guess.value <= 1


def test_the_measure_is_that_of_the_settings():
    settings = replace(UNSEARCHED, measure="accuracy")
    found = learning_curve(many_words(), settings=settings, n_folds=3, shares=(0.5, 1.0), n_jobs=1)
    before, last = (point.scores["accuracy"].value for point in found.points)
    assert (found.measure, found.gain.value) == ("accuracy", pytest.approx(last - before))


def test_settings_are_searched_for_once_for_each_fold_on_the_others():
    """The last point is what training on the other folds gives, search and all."""
    articles, told = many_words(140), []
    found = learning_curve(articles, n_folds=2, shares=(0.5, 1.0), n_jobs=1, progress=told.append)
    assert [line for line in told if "settings" in line] == ["choosing settings on 210 articles"] * 2
    classes = ("people", "sport", "weather")
    Y = encode_labels(articles, classes)
    folds = assign_folds(Y, np.arange(len(Y)), n_folds=2)
    decided = np.zeros_like(Y)
    for fold in range(2):
        result = train([articles[row] for row in np.flatnonzero(folds != fold)], n_jobs=1)
        assert result.trials
        unseen = [articles[row] for row in np.flatnonzero(folds == fold)]
        decided[folds == fold] = encode_labels(result.classifier.predict(unseen), classes)
    last = found.points[-1].scores["macro_f1"].value
    assert last == pytest.approx(f1_score(Y, decided, average="macro"))


def test_promises_and_rare_labels_of_the_settings_concern_all_articles():
    """Few articles could not keep the one, and would lose the others."""
    settings = replace(UNSEARCHED, min_precision=(("sport", 0.9),), min_articles=2)
    articles = [*many_words(20), Article("Only one of its kind.", labels=("hapax",))]
    found = learning_curve(articles, settings=settings, n_folds=2, n_jobs=1)
    assert {curve.label for curve in found.labels} == {"people", "sport", "weather"}
    assert found.notes[0].startswith("left out by min_articles: 1 label")


def test_the_same_seed_gives_the_same(curve):
    assert learning_curve(many_words(), settings=UNSEARCHED, n_folds=3, n_jobs=2) == curve


def test_a_multilabel_corpus(multilabel_articles):
    found = learning_curve(multilabel_articles, settings=UNSEARCHED, n_folds=2, shares=(0.75, 1.0), n_jobs=1)
    assert {label.label: label.n for label in found.labels} == {"economy": 10, "sport": 11, "weather": 11}


@pytest.mark.parametrize(
    ("gain", "n_differing", "verdict", "told"),
    [
        (Estimate(0.02, (0.01, 0.03)), 9, "help", "gained 2 points of macro F1 (95% interval 1 to 3)"),
        (
            Estimate(0.02, (-0.01, 0.03)),
            9,
            "no gain shown",
            "shows no gain in macro F1: the 95% interval is -1 to 3",
        ),
        (Estimate(0.02, (0.01, 0.03)), 5, "too little to tell", "differ on only 5 stories"),
    ],
)
def test_the_answer_says_what_the_interval_does(curve, gain, n_differing, verdict, told):
    found = replace(curve, gain=gain, n_differing=n_differing)
    assert found.more_labels == verdict
    assert told in found.answer
    assert ("a guess" in found.answer) == (verdict == "help")


def test_its_display_has_what_was_measured(curve):
    display = curve.display()
    assert list(display.rows) == curve.rows()
    assert list(display.sizes) == [point.n_train for point in curve.points]
    assert list(display.scores) == [point.scores[curve.measure] for point in curve.points]
    assert (display.guess, display.measure) == (curve.guess, "macro F1")


def test_it_is_plain_data_and_reads_in_80_columns(curve):
    told = curve.to_dict()
    assert json.loads(json.dumps(told)) == told
    assert len(curve.label_rows()) == 3 * len(curve.rows())
    long = replace(curve.labels[0], label="新闻" * 30)
    shown = str(replace(curve, labels=(long,) * 30)).split("\n")
    assert max(map(len, shown)) <= 80
    assert "and 5 more labels" in shown


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"shares": (1.0,)}, "shares must be two different numbers or more"),
        ({"shares": (0.5, 0.5)}, "shares must be two different numbers or more"),
        ({"shares": (0.0, 1.0)}, "above 0 and at most 1"),
        ({"shares": (0.5, 1.1)}, "above 0 and at most 1"),
        ({"n_folds": 1}, "n_folds must be 2 or more"),
    ],
)
def test_impossible_arguments(wrong, message):
    with pytest.raises(TopicmlValueError, match=message):
        learning_curve(many_words(5), **wrong)


def test_what_cannot_be_trained_on():
    with pytest.raises(CorpusError, match="15 articles are too few to train on two shares of them"):
        learning_curve(many_words(5), settings=UNSEARCHED, n_jobs=1)
    with pytest.raises(TopicmlTypeError, match="position 0"):
        learning_curve(["text"])


def test_an_archive_takes_part_at_every_size():
    """Beside the curve: the same folds, and a model for each that learned from the archive, too."""
    labelled = [replace(one, labels=(label,)) for one, label in zip(*SEEDED, strict=True)]
    archive = [one.text for one in labelled[40:]]
    settings = TrainingSettings(n_folds=2)
    how = {"settings": settings, "shares": (0.6, 1.0), "n_folds": 2, "n_jobs": 1}
    alone, found = (learning_curve(labelled[:40], unlabelled=given, **how) for given in (None, archive))
    assert found.points[0].scores["macro_f1"].value > alone.points[0].scores["macro_f1"].value


def test_copies_of_labelled_articles_in_the_archive_are_left_out():
    labelled = [replace(one, labels=(label,)) for one, label in zip(*SEEDED, strict=True)][:40]
    how = {"settings": UNSEARCHED, "shares": (0.6, 1.0), "n_folds": 2, "n_jobs": 1}
    copies = [one.text for one in labelled]
    assert (
        learning_curve(labelled, unlabelled=copies, **how).to_dict()
        == learning_curve(labelled, **how).to_dict()
    )
