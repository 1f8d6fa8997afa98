from __future__ import annotations

import csv
import gzip
import json
from dataclasses import replace

import numpy as np
import pytest

from topicml.article import Article
from topicml.exceptions import TopicmlError, TopicmlValueError
from topicml.lifecycle.suspects import Suspect, Suspects, suspect_labels, write_suspects
from topicml.training.settings import TrainingSettings
from topicml.training.train import STEPS, train

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


def cells(line):
    """How wide a line is in a terminal, where Chinese takes two cells for each character."""
    return sum(2 if "一" <= character <= "鿿" else 1 for character in line)


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
    assert all(suspect.kind == "wrong" for suspect in found.suspects)


def test_probabilities_are_those_of_models_that_had_not_seen_the_article(found, result):
    classes = result.classifier.classes_
    for suspect in found.suspects:
        row = result.probabilities[suspect.position]
        assert suspect.probability == row[classes.index(suspect.suggested)]
        assert suspect.given_probability == row[classes.index(suspect.given)]


def test_the_most_probable_errors_come_first(found):
    errors = [suspect.error_probability for suspect in found.suspects]
    assert errors == sorted(errors, reverse=True)
    assert found.n_expected == pytest.approx(sum(errors))


def test_those_below_the_least_probability_are_left_out(found, result):
    every = suspect_labels(flipped(), result, min_probability=0)
    assert len(every.suspects) == 90
    assert every.suspects[:3] == found.suspects


@pytest.mark.parametrize("impossible", [-0.1, 1.1, float("nan")])
def test_an_impossible_least_probability_is_refused(result, impossible):
    with pytest.raises(TopicmlValueError, match="min_probability must be between 0 and 1"):
        suspect_labels(flipped(), result, min_probability=impossible)


def test_without_a_result_it_trains_on_nine_in_ten_of_few_articles():
    result = train(flipped(), settings=replace(UNSEARCHED, n_folds=10), n_jobs=1)
    assert suspect_labels(flipped(), settings=UNSEARCHED, n_jobs=1) == suspect_labels(flipped(), result)


def test_it_tells_what_it_is_doing():
    steps = []
    suspect_labels(flipped(), settings=UNSEARCHED, n_jobs=1, progress=steps.append)
    assert steps == ["choosing settings", *STEPS]


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
    with pytest.raises(TopicmlValueError, match="give settings or a result, not both"):
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
    long = replace(found.suspects[0], given="新闻" * 30, id="i" * 50, text="a\x1b[31m " * 50)
    shown = str(replace(found, suspects=(long,) * 30)).split("\n")
    assert all(line.isprintable() for line in shown)
    assert max(map(cells, shown)) <= 80
    assert shown[-1] == "and 10 more"


def test_a_wide_terminal_shows_labels_whole(found):
    long = replace(found.suspects[0], given="Climate and environment", suggested="Migration and refugees")
    one = replace(found, suspects=(long,))
    assert "Migration and refugees" not in one.to_text(60)
    assert f"{long.given}  {long.suggested}" in one.to_text(120)


def test_rows_and_ids_are_shown(found):
    first = found.suspects[0]
    [line] = [line for line in str(found).split("\n") if f" {first.id} " in line]
    assert line.split()[:2] == [str(first.position + 1), first.id]


def test_each_kind_of_error_has_its_list(found):
    one, two, three = found.suspects
    kinds = (
        one,
        replace(two, kind="one_too_many", suggested=None),
        replace(three, kind="missing", given=None),
    )
    several = replace(found, suspects=kinds)
    assert (several.wrong, several.one_too_many, several.missing) == ((kinds[0],), (kinds[1],), (kinds[2],))
    listed = several.to_dict()
    assert [listed[kind] for kind in ("wrong", "one_too_many", "missing")] == [
        [row] for row in several.rows()
    ]
    titles = [line.split(":")[0] for line in str(several).split("\n") if ": to be " in line]
    assert titles == ["Wrong", "One too many", "Missing"]


def test_it_is_short_where_python_shows_it(found):
    many = replace(found, suspects=found.suspects * 100)
    assert repr(many) == "Suspects(300 wrong, 0 one too many, 0 missing, in 90 articles, macro F1 0.967)"
    assert many._repr_html_().count("<tr>") == 21


def test_no_suspects_are_two_lines():
    assert (
        str(Suspects(3, 3, 0.5, macro_f1_interval=(0.25, 0.75)))
        == "No suspect labels in 3 articles\nMacro F1 of the models that judge: 0.500 (0.250 to 0.750)"
    )


def test_the_models_that_judge_have_an_interval(found, result):
    assert found.macro_f1_interval == result.scores.intervals["macro_f1"]
    assert found.to_dict()["macro_f1_interval"] == list(found.macro_f1_interval)


def test_one_that_is_expected_to_be_wrong_is_told_in_the_singular(found):
    one = replace(found, suspects=(replace(found.suspects[0], error_probability=1.0),))
    assert str(one).startswith("1 suspect label in 90 articles; about 1 of them is expected to be wrong\n")


@pytest.mark.parametrize("name", ["s.csv", "s.csv.gz"])
def test_a_file_reads_back_as_the_rows(found, tmp_path, name):
    odd = replace(found.suspects[0], given=None, text='a "quoted", cut; 新')
    write_suspects(replace(found, suspects=(odd, *found.suspects)), tmp_path / name)
    opened = gzip.open if name.endswith("gz") else open
    with opened(tmp_path / name, "rt", encoding="utf-8-sig", newline="") as file:
        first, *rows = csv.DictReader(file)
    assert (first["given"], first["text"], first["decision"]) == ("", odd.text, "")
    for row, suspect in zip(rows, found.suspects, strict=True):
        assert [row[name] for name in ("row", "id", "kind", "given", "suggested")] == [
            str(suspect.row),
            suspect.id,
            suspect.kind,
            suspect.given,
            suspect.suggested,
        ]
        assert float(row["error_probability"]) == pytest.approx(suspect.error_probability, abs=1e-4)


@pytest.mark.parametrize("formula", ["=1+1", "+1", "-1", "@sum", "=HYPERLINK('x')"])
def test_no_cell_is_a_formula(found, tmp_path, formula):
    odd = replace(found.suspects[0], given=formula, id=formula, title=formula, text=formula)
    write_suspects(replace(found, suspects=(odd,)), tmp_path / "s.csv")
    with (tmp_path / "s.csv").open(encoding="utf-8-sig", newline="") as file:
        [row] = csv.DictReader(file)
    assert {row[name] for name in ("given", "id", "title", "text")} == {f"'{formula}"}


def test_a_file_that_cannot_be_written_is_an_error(found, tmp_path):
    with pytest.raises(TopicmlError, match="cannot write"):
        write_suspects(found, tmp_path / "none" / "s.csv")


def test_a_suspect_is_shown_in_a_short_line():
    suspect = Suspect(4, "a.csv:6", "sport", "economy", 0.9, 0.05, "wrong", 0.61, "a7", "Cup", "text " * 200)
    assert repr(suspect) == "Suspect(a.csv:6: given 'sport', suggested 'economy', error_probability=0.610)"
