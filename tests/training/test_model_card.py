from __future__ import annotations

import json
from dataclasses import replace

import pytest

from topicml import __version__
from topicml.article import Article, Problem
from topicml.model.feature_settings import FeatureSettings
from topicml.model.persistence import load_classifier, save_classifier
from topicml.reading.corpus import Corpus
from topicml.training.model_card import describe, model_card, rare_label_note
from topicml.training.settings import TrainingSettings
from topicml.training.train import train


def test_description_of_a_trained_model(classifier):
    description = describe(classifier)
    assert description["classes"] == ["economy", "sport", "weather"]
    assert description["target_type"] == classifier.target_type
    assert description["n_terms"] == len(classifier.vectorizer)
    assert description["min_confidence"] == 0.0
    assert description["provenance"]["versions"]["topicml"] == __version__
    assert json.loads(json.dumps(description)).keys() == description.keys()


def test_description_is_the_same_after_saving(classifier, tmp_path):
    save_classifier(classifier, tmp_path)
    loaded = load_classifier(tmp_path)
    assert json.loads(json.dumps(describe(loaded))) == json.loads(json.dumps(describe(classifier)))
    assert model_card(loaded) == model_card(classifier)


def test_card_says_what_data_it_saw_and_how_well_it_does(base_classifier):
    card = model_card(base_classifier)
    origin = base_classifier.provenance
    scores = origin["scores_out_of_fold"]
    low, high = scores["intervals"]["accuracy"]
    assert card.startswith("# Model card\n\nGives an article one of 3 labels.\nFingerprint ")
    assert f"`{base_classifier.fingerprint}`, trained on 24 articles.\n" in card
    assert f"It knows {len(base_classifier.vectorizer)} terms" in card
    assert f"- 24 articles; fingerprint `{origin['data_sha256'][:16]}`\n" in card
    assert f"topicml {__version__}" in card
    assert f"| accuracy | {scores['accuracy']:.3f} | {low:.3f} to {high:.3f} |\n" in card
    sport = scores["labels"]["sport"]
    numbers = f"{sport['precision']:.3f} | {sport['recall']:.3f} | {sport['f1']:.3f}"
    interval = "{:.3f} to {:.3f}".format(*sport["intervals"]["f1"])
    assert f"| sport | {numbers} | {interval} | 8 |\n" in card
    assert card.endswith("\n")


def test_card_of_a_model_of_several_labels(multilabel_classifier):
    card = model_card(multilabel_classifier)
    assert "Gives an article any number of 3 labels." in card
    assert "- 30 articles; " in card


def test_the_card_leads_with_what_counts(base_articles):
    """Which model, how good, with which limits; the settings that were tried come last."""
    dated = [replace(one, date=f"2024-03-{k + 1:02}") for k, one in enumerate(base_articles)]
    card = model_card(
        train(dated, settings=TrainingSettings(min_precision={"sport": 0.5}), n_jobs=1).classifier
    )
    heads = [line.removeprefix("## ") for line in card.splitlines() if line.startswith("## ")]
    assert heads == ["Scores", "Promises", "Limits", "Data", "Settings"]
    assert ", dated 2024-03-01 to 2024-03-24.\n" in card


def test_card_without_an_origin_has_neither_data_nor_scores(base_classifier):
    card = model_card(replace(base_classifier, provenance={}))
    assert "## Limits" in card
    assert "## Data" not in card
    assert "## Scores" not in card


def test_card_tells_the_notes_of_training(base_articles):
    odd = [*base_articles, Article("The striker scored twice.", labels=("Sport",))]
    card = model_card(train(odd, n_jobs=1).classifier)
    assert "- note: labels that differ only by case are kept apart: 'Sport' (1), 'sport' (8)\n" in card


@pytest.mark.parametrize(
    "label",
    ["a|b", "|", "two\nlines", "a\r\nb", "a\x0bb\x0cc", "a\x1cb", "a\x85b", "a\u2028b", "[x](y)", "天气"],
)
def test_a_label_stays_in_its_cell(base_classifier, label):
    """Whatever ends a line for somebody, or a cell in Markdown, would tear the table apart."""
    scores = base_classifier.provenance["scores_out_of_fold"]
    odd = {**scores, "labels": {label: scores["labels"]["sport"]}}
    provenance = {**base_classifier.provenance, "scores_out_of_fold": odd}
    [row] = [
        line
        for line in model_card(replace(base_classifier, provenance=provenance)).splitlines()
        if line.endswith(" | 8 |")
    ]
    assert row.replace("\\|", "").count("|") == 7


def test_the_card_of_an_older_model_has_no_intervals_of_labels(base_classifier):
    scores = base_classifier.provenance["scores_out_of_fold"]
    older = {
        label: {name: figure for name, figure in found.items() if name != "intervals"}
        for label, found in scores["labels"].items()
    }
    provenance = {**base_classifier.provenance, "scores_out_of_fold": {**scores, "labels": older}}
    card = model_card(replace(base_classifier, provenance=provenance))
    assert "| label | precision | recall | F1 | articles |" in card


@pytest.mark.parametrize("control", ["\x1b[31m", "\x07", "\x00", "\u202e", "\x9b"])
def test_the_card_steers_no_terminal(base_classifier, control):
    """The card is a file that people print on a terminal, with no command of ours in between."""
    scores = base_classifier.provenance["scores_out_of_fold"]
    odd = {**scores, "labels": {f"a{control}b": scores["labels"]["sport"]}}
    provenance = {**base_classifier.provenance, "scores_out_of_fold": odd}
    assert control not in model_card(replace(base_classifier, provenance=provenance))


@pytest.mark.parametrize("provenance", [{"author": "desk"}, {"notes": ["x"]}])
def test_an_origin_of_other_makings_is_described(base_classifier, provenance):
    """The provenance is the maker's own, so the card tells what it finds and needs nothing of it."""
    model = replace(base_classifier, provenance=provenance)
    assert "## Limits" in model_card(model)
    assert describe(model)["provenance"] == provenance


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        (FeatureSettings((1, 1)), "terms (words) and has"),
        (FeatureSettings((1, 2)), "terms (words and pairs of neighbouring words) and has"),
        (FeatureSettings((2, 3)), "terms (runs of 2 to 3 words) and has"),
        (FeatureSettings(None, (4, 4)), "terms (pieces of words, 4 characters) and has"),
        (FeatureSettings((1, 1), (3, 5)), "terms (words and pieces of words, 3 to 5 characters) and has"),
    ],
)
def test_card_says_what_the_terms_are(base_articles, settings, told):
    """Regression (a fixed sentence): every model was said to read words and pairs of words."""
    trained = train(base_articles, settings=TrainingSettings(features=settings), n_jobs=1)
    assert told in model_card(trained.classifier)


def test_card_of_a_corpus_tells_what_was_left_out_and_what_repeats(base_articles):
    problems = (
        Problem("empty text", "", "a.csv", 3, fatal=False),
        Problem("empty text", "", "a.csv", 9, fatal=False),
        Problem("short text", "", "a.csv", 5, fatal=False, left_out=False),
    )
    corpus = Corpus((*base_articles, base_articles[0]), problems)
    classifier = train(corpus, n_jobs=1).classifier
    card = model_card(classifier)
    assert "- left out: 2 x empty text\n" in card
    assert "- noted: 1 x short text\n" in card
    assert "- copies of 1 text: 1, held out together with the originals\n" in card
    assert classifier.provenance["rows"]["used"] == 25
    json.dumps(classifier.provenance, allow_nan=False)


def test_a_note_of_many_rare_labels_names_the_rarest():
    rare = {f"label {k}": 9 - k for k in range(7)}
    told = "7 labels with fewer than 10 articles: label 6 (3), label 5 (4), and 5 more; treat their scores"
    assert rare_label_note(rare, multilabel=False, n_listed=2).startswith(told)
    assert ", and 2 more; too few to tune separately; " in rare_label_note(rare, multilabel=True)
    assert rare_label_note({}, multilabel=False) is None


def test_card_names_rare_labels(base_classifier, multilabel_classifier):
    told = "- 3 labels with fewer than 10 articles: economy (8), sport (8), weather (8); treat their"
    assert told in model_card(base_classifier)
    assert "fewer than 10 articles" not in model_card(multilabel_classifier)  # all have ten or more


def test_card_shows_calibration_and_the_range_of_each_threshold(multilabel_classifier):
    card = model_card(multilabel_classifier)
    errors = multilabel_classifier.provenance["calibration"]
    low, high = errors["after"]["intervals"]["brier"]
    assert f"| {errors['after']['brier']:.4f} ({low:.4f} to {high:.4f}) |\n" in card
    found = multilabel_classifier.provenance["thresholds"]["sport"]
    low, high = found["range"]
    assert f"| {found['threshold']:.3f} | {low:.3f} to {high:.3f} | 11 |\n" in card


def test_card_tells_promises_once(base_articles):
    settings = TrainingSettings(abstain_precision=0.5, min_precision={"sport": 0.99}, allow_unkept=True)
    card = model_card(train(base_articles, settings=settings, n_jobs=1).classifier)
    promises = card.partition("## Promises\n\n")[2].partition("\n\n")[0].splitlines()
    assert len(promises) == 2
    assert promises[1].startswith("- 99% precision cannot be guaranteed for 'sport'")
    assert card.count("cannot be guaranteed") == 1


def test_card_shows_scores_with_promises_beside_those_without(base_articles, base_classifier):
    """A label's precision of 0.87 beside a promise of 0.95 looks like a promise that is broken."""
    said = "With promises, an article left to a person counts as one without a label."
    settings = TrainingSettings(min_precision={"sport": 0.99}, allow_unkept=True)
    result = train(base_articles, settings=settings, n_jobs=1)
    card, scores = model_card(result.classifier), result.scores.labels["sport"]
    assert said in card
    figures = f"{scores.precision:.3f} | {scores.recall:.3f} | {scores.f1:.3f}"
    interval = result.scores.label_f1("sport").interval_text()
    assert f"| sport | {figures} | {interval} | – | 0.000 | 8 |" in card
    assert (
        f" | {result.scores_with_promises.answered.value:.3f} | "
        in card.partition("articles with a label")[2]
    )
    assert said not in model_card(base_classifier)


def test_card_shows_the_best_trials_of_the_last_stage_first(base_classifier):
    features = {"ngram_range": [1, 2], "char_ngram_range": None, "title_weight": 1}
    tried = [
        {"stage": stage, "n_held_out": 10, "max_terms": k, "C": 1.0, "class_weight": "balanced", **features}
        | {"macro_f1": k / 100}
        for stage in (1, 2)
        for k in range(1, 16)
    ]
    model = replace(base_classifier, provenance={**base_classifier.provenance, "tried": tried})
    rows = [line for line in model_card(model).splitlines() if " | balanced | 10 | " in line]
    assert len(rows) == 20
    assert rows[0] == "| 2 | 1 to 2 | none | 1 | 15 | 1 | balanced | 10 | 0.150 |  |"
    assert rows[15].startswith("| 1 | 1 to 2 | none | 1 | 15 |")


def test_card_marks_the_trial_that_was_chosen_and_owns_up_to_the_choice(base_classifier):
    """The best of a table need not be what the model has: a reader would take it for that."""
    settings = base_classifier.provenance["settings"]
    one = {"stage": 1, "n_held_out": 10, **settings["features"], "max_terms": settings["max_terms"]}
    one |= {"C": settings["solver"]["C"], "class_weight": None, "pruned_to": None, "macro_f1": 0.5}
    other_kind = {"ngram_range": (1, 3), "macro_f1": 0.6}
    tried = [one, one | {"C": 7.0, "macro_f1": 0.51}, one | other_kind, one | {"stage": 2, "C": 3.0}]
    for chosen, rows in ((0, tried[:3]), (None, tried)):  # a size to keep can choose what no trial was
        model = replace(base_classifier, provenance={**base_classifier.provenance, "tried": rows})
        card = model_card(model)
        marked = [line for line in card.splitlines() if line.endswith(" | yes |")]
        assert len(marked) == (chosen is not None)
        assert all(" | 0.500 | yes |" in line and "| 1 to 2 |" in line for line in marked)
        assert "so these scores are slightly too high" in card
    assert "a little too high" not in model_card(base_classifier)  # nothing was searched


def test_trials_by_another_measure_are_not_shown(base_classifier):
    """Regression (a measure changed when a model was trained anew): the card could not be written."""
    tried = [{"stage": 1, "n_held_out": 10, "max_terms": 100, "C": 1.0, "accuracy": 0.5}]
    model = replace(base_classifier, provenance={**base_classifier.provenance, "tried": tried})
    assert "settings were tried" not in model_card(model)


def test_card_of_a_record_of_an_older_version(base_classifier):
    """Models of before are shown as far as they are known."""
    known = ("scores_out_of_fold", "n_articles", "data_sha256", "notes", "versions")
    old = {name: base_classifier.provenance[name] for name in known}
    card = model_card(replace(base_classifier, provenance=old))
    assert "- 24 articles; " in card
    assert "## Scores" in card
    assert "## Settings" not in card


def test_both_scores_and_their_difference_stand_in_one_line(base_classifier):
    found = {"a": 0.75, "b": 0.7, "difference": -0.05, "interval": [-0.1, 0.02]}
    compared = {"measure": "macro_f1", "differences": {"macro_f1": found}, "n": 1}
    retraining = {"replaced": "abcdef012345678", "comparison": compared}
    model = replace(base_classifier, provenance={**base_classifier.provenance, "retraining": retraining})
    assert (
        "\n- retrained to replace the model `abcdef012345`: macro F1 0.750 -> 0.700 "
        "(difference -0.050, 95% interval -0.100 to +0.020) on 1 article held out\n"
    ) in model_card(model)


def test_a_model_that_replaced_none_has_no_such_line(base_classifier):
    assert "trained anew" not in model_card(base_classifier)
