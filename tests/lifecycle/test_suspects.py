from __future__ import annotations

import csv
import gzip
import json
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from topicml.article import Article
from topicml.exceptions import TopicmlError, TopicmlValueError
from topicml.lifecycle.suspects import (
    Suspects,
    confident_classes,
    contradicted,
    self_confidence,
    suspect_labels,
    write_suspects,
)
from topicml.training.settings import TrainingSettings
from topicml.training.train import train

UNSEARCHED = TrainingSettings(search="none")
WORDS = {
    "sport": ["cup", "final", "goal", "league", "match", "coach", "striker", "stadium", "penalty", "team"],
    "economy": [
        "bank",
        "rate",
        "inflation",
        "shares",
        "bond",
        "exports",
        "currency",
        "growth",
        "jobs",
        "investor",
    ],
    "weather": ["rain", "snow", "storm", "wind", "frost", "fog", "hail", "thunder", "cloud", "sunshine"],
}
FLIPPED = {5: "weather", 40: "sport", 70: "economy"}
GIVEN = np.array([0, 0, 0, 0, 1, 1, 1, 2, 2, 2])
PROBABILITIES = np.array(
    [
        [0.80, 0.10, 0.10],
        [0.70, 0.20, 0.10],
        [0.10, 0.75, 0.15],  # surely of class 1
        [0.40, 0.30, 0.30],  # of class 0, and not surely
        [0.20, 0.70, 0.10],
        [0.55, 0.35, 0.10],  # surely of class 0
        [0.30, 0.60, 0.10],
        [0.10, 0.10, 0.80],
        [0.10, 0.30, 0.60],
        [0.50, 0.10, 0.40],  # exactly at the threshold of class 0
    ]
)


def stories(n=30):
    """Articles of some words of their label each, label after label."""
    rng = np.random.default_rng(0)
    return [
        Article(" ".join(rng.choice(words, 6, replace=False)), labels=(label,), id=f"{label}{k}")
        for label, words in WORDS.items()
        for k in range(n)
    ]


def flipped():
    return [replace(a, labels=(FLIPPED[k],)) if k in FLIPPED else a for k, a in enumerate(stories())]


@pytest.fixture(scope="module")
def result():
    return train(flipped(), settings=UNSEARCHED, n_jobs=1)


@pytest.fixture(scope="module")
def found(result):
    return suspect_labels(flipped(), result)


def test_flipped_labels_are_found_with_what_they_were(found):
    assert {(s.position, s.given, s.suggested) for s in found.suspects} == {
        (5, "weather", "sport"),
        (40, "sport", "economy"),
        (70, "economy", "weather"),
    }
    assert (found.n, found.n_labels) == (90, 90)
    assert found.thresholds.keys() == set(WORDS)


def test_probabilities_are_those_of_models_that_had_not_seen_the_article(found, result):
    classes = result.classifier.classes_
    for suspect in found.suspects:
        row = result.probabilities[suspect.position]
        assert suspect.probability == row[classes.index(suspect.suggested)]
        assert suspect.given_probability == row[classes.index(suspect.given)]


def test_the_most_suspicious_come_first(found):
    margins = [s.probability - s.given_probability for s in found.suspects]
    assert margins == sorted(margins, reverse=True)


def test_without_a_result_it_trains_without_a_search(found):
    assert suspect_labels(flipped(), n_jobs=1) == found


def test_articles_that_were_never_held_out_are_not_judged(result):
    """Of very many articles a fifth is held out: probabilities have fewer rows than the corpus."""
    folds = np.where(np.arange(90) % 2 == 1, 0, -1)
    partly = replace(result, folds=folds, probabilities=result.probabilities[folds >= 0])
    found = suspect_labels(flipped(), partly)
    assert found.n == 45
    assert [s.position for s in found.suspects] == [5]


def test_each_label_of_a_multilabel_corpus_is_judged_by_itself():
    articles = stories()
    articles[3] = replace(articles[3], labels=("sport", "weather"))  # one too many
    articles[35] = replace(articles[35], labels=())  # one too few
    settings = TrainingSettings(search="none", target_type="multilabel")
    found = suspect_labels(articles, settings=settings, n_jobs=1)
    told = {(s.position, s.given, s.suggested) for s in found.suspects}
    assert {(3, "weather", None), (35, None, "economy")} <= told
    assert len(told) <= 4
    assert (found.n, found.n_labels) == (90, 270)
    assert all(s.probability + s.given_probability == pytest.approx(1) for s in found.suspects)


@pytest.mark.parametrize("articles", [flipped()[:-1], stories(29) + [Article("x", labels=("a",))] * 3])
def test_a_result_of_other_articles_is_refused(result, articles):
    with pytest.raises(TopicmlValueError, match="give the articles that it was trained on"):
        suspect_labels(articles, result)


def test_a_result_and_settings_are_refused(result):
    with pytest.raises(TopicmlValueError, match="either them or a result"):
        suspect_labels(flipped(), result, settings=UNSEARCHED)


def test_pairs_count_what_is_taken_for_what(found):
    twice = replace(found, suspects=found.suspects + found.suspects[:1])
    first = found.suspects[0]
    assert next(iter(twice.pairs().items())) == ((first.given, first.suggested), 2)
    assert sum(twice.pairs().values()) == 4


def test_it_is_plain_data(found):
    assert json.loads(json.dumps(found.to_dict())) == found.to_dict()
    assert found.to_dict()["n_suspects"] == len(found.rows()) == 3


def test_it_reads_in_80_columns(found):
    long = replace(found.suspects[0], given="新闻" * 30, excerpt="a\x1b[31m " * 50, suggested=None)
    shown = str(replace(found, suspects=(long,) * 30)).split("\n")
    assert all(line.isprintable() for line in shown)
    assert max(map(len, shown)) <= 80
    assert shown[-1] == "and 10 more"


def test_no_suspects_are_one_line():
    assert (
        str(Suspects(3, 3, 0.5, {}, ()))
        == "0 suspect labels in 3 articles, by models with a macro F1 of 0.500"
    )


@pytest.mark.parametrize("name", ["s.csv", "s.csv.gz"])
def test_a_file_reads_back_as_the_rows(found, tmp_path, name):
    odd = replace(found.suspects[0], given=None, excerpt='a "quoted", cut\ttext; 新')
    written = replace(found, suspects=(odd, *found.suspects))
    write_suspects(written, tmp_path / name)
    opened = gzip.open if name.endswith("gz") else open
    with opened(tmp_path / name, "rt", encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert rows == [
        {key: "" if value is None else str(value) for key, value in row.items()} for row in written.rows()
    ]


def test_a_file_that_cannot_be_written_is_an_error(found, tmp_path):
    with pytest.raises(TopicmlError, match="cannot write"):
        write_suspects(found, tmp_path / "none" / "s.csv")


def random_case(seed, n=60, n_classes=4):
    rng = np.random.default_rng(seed)
    given = np.concatenate((np.arange(n_classes), rng.integers(0, n_classes, n)))
    probabilities = rng.dirichlet(np.full(n_classes, 0.7), len(given))
    return given, probabilities


def confident_joint(given, confident, n_classes):
    """Count the rows that were given one class and are confidently of another: the matrix of the paper."""
    sure = confident >= 0
    joint = np.zeros((n_classes, n_classes), np.int64)
    np.add.at(joint, (given[sure], confident[sure]), 1)
    return joint


def test_worked_by_hand():
    """Thresholds are (0.8 + 0.7 + 0.1 + 0.4) / 4, (0.7 + 0.35 + 0.6) / 3 and (0.8 + 0.6 + 0.4) / 3."""
    assert self_confidence(GIVEN, PROBABILITIES) == pytest.approx([0.5, 0.55, 0.6])
    confident = confident_classes(GIVEN, PROBABILITIES)
    assert confident.tolist() == [0, 0, 1, -1, 1, 0, 1, 2, 2, 0]
    assert confident_joint(GIVEN, confident, 3).tolist() == [[2, 1, 0], [1, 2, 0], [1, 0, 2]]


def test_where_two_classes_reach_their_thresholds_the_more_probable_one_is_taken():
    given = np.array([0, 1, 0])
    probabilities = np.array([[0.2, 0.8], [0.7, 0.3], [0.55, 0.45]])
    assert self_confidence(given, probabilities) == pytest.approx([0.375, 0.3])
    assert confident_classes(given, probabilities).tolist() == [1, 0, 0]


def test_a_rare_class_that_is_never_probable_contradicts_nothing():
    """With a threshold of 0.01, rows of 0.02 are confidently of the class, and not suspected for it."""
    given = np.array([1] + [0] * 99)
    chance = np.full(100, 0.001)
    chance[0], chance[1:5], chance[5] = 0.01, 0.02, 0.7
    probabilities = np.column_stack((1 - chance, chance))
    confident = confident_classes(given, probabilities)
    assert confident[:6].tolist() == [1] * 6
    assert np.flatnonzero(contradicted(given, confident, probabilities)).tolist() == [5]


@given(st.integers(0, 999))
def test_what_is_contradicted_is_confidently_and_more_probably_another(seed):
    given, probabilities = random_case(seed)
    confident = confident_classes(given, probabilities)
    found = contradicted(given, confident, probabilities)
    for row in np.flatnonzero(found).tolist():
        assert confident[row] >= 0
        assert probabilities[row, confident[row]] > probabilities[row, given[row]]


def test_a_class_that_was_never_given_is_never_suggested():
    probabilities = np.array([[0.1, 0.0, 0.9], [0.2, 0.8, 0.0]])
    assert 2 not in confident_classes(np.array([0, 1]), probabilities)


def test_equal_probabilities_reach_their_own_mean():
    """The mean of a hundred equal numbers is above each of them by a rounding error for some numbers."""
    probabilities = np.tile([0.7, 0.3], (100, 1))
    assert confident_classes(np.zeros(100, np.int64), probabilities).tolist() == [0] * 100


@given(st.integers(0, 999))
def test_the_order_of_classes_plays_no_part(seed):
    given, probabilities = random_case(seed)
    order = np.random.default_rng(seed).permutation(4)
    place = np.append(np.argsort(order), -1)  # -1 stays -1
    confident = confident_classes(given, probabilities)
    turned = confident_classes(place[given], probabilities[:, order])
    assert (turned == place[confident]).all()


@given(st.integers(0, 999))
def test_the_joint_counts_each_confident_row_once(seed):
    given, probabilities = random_case(seed)
    confident = confident_classes(given, probabilities)
    joint = confident_joint(given, confident, 4)
    assert joint.sum() == (confident >= 0).sum()
    assert (joint.sum(axis=1) <= np.bincount(given, minlength=4)).all()


@pytest.mark.parametrize("n_classes", [2, 3, 4])
@pytest.mark.parametrize("seed", range(10))
def test_it_finds_what_cleanlab_finds(seed, n_classes):
    """Where several classes reach their thresholds, cleanlab takes the most probable of all classes.

    The paper takes the most probable of those that reach them, so rows where this is another may differ.
    """
    count = pytest.importorskip("cleanlab.count")
    given, probabilities = random_case(seed, n_classes=n_classes)
    joint, rows = count.compute_confident_joint(
        given, probabilities, calibrate=False, return_indices_of_off_diagonals=True
    )
    reached = probabilities >= self_confidence(given, probabilities)
    odd = (reached.sum(axis=1) > 1) & ~reached[np.arange(len(given)), probabilities.argmax(axis=1)]
    confident = confident_classes(given, probabilities)
    suspects = np.flatnonzero((confident >= 0) & (confident != given))
    assert set(suspects.tolist()) ^ set(rows) <= set(np.flatnonzero(odd).tolist())
    own = confident_joint(given, confident, n_classes)
    # cleanlab counts one row at least on the diagonal, so that its estimates can be scaled.
    np.fill_diagonal(own, np.maximum(own.diagonal(), 1))
    assert np.abs(own - joint).sum() <= 2 * odd.sum()
