from __future__ import annotations

import csv
import gzip
import json
from dataclasses import replace

import numpy as np
import pytest

from topicml.article import Article
from topicml.exceptions import TopicmlError, TopicmlValueError
from topicml.lifecycle.suspects import Suspects, suspect_labels, write_suspects
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
