from __future__ import annotations

import json
from dataclasses import replace

import pytest

from topicml import __version__
from topicml.article import Article
from topicml.model_card import describe, model_card
from topicml.persistence import load_classifier, save_model
from topicml.training import train


def test_description_of_a_trained_model(classifier):
    description = describe(classifier)
    assert description["classes"] == ["economy", "sport", "weather"]
    assert description["target_type"] == classifier.target_type
    assert description["n_terms"] == len(classifier.vectorizer)
    assert description["min_confidence"] == 0.0
    assert description["provenance"]["versions"]["topicml"] == __version__
    assert json.loads(json.dumps(description)).keys() == description.keys()


def test_description_is_the_same_after_saving(classifier, tmp_path):
    save_model(classifier, tmp_path)
    loaded = load_classifier(tmp_path)
    assert json.loads(json.dumps(describe(loaded))) == json.loads(json.dumps(describe(classifier)))
    assert model_card(loaded) == model_card(classifier)


def test_card_says_what_data_it_saw_and_how_well_it_does(base_classifier):
    card = model_card(base_classifier)
    origin = base_classifier.provenance
    scores = origin["scores_out_of_fold"]
    low, high = scores["intervals"]["accuracy"]
    assert card.startswith("# Model card\n\nAssigns one label of 3 to an article")
    assert f"from {len(base_classifier.vectorizer)}\n" in card
    assert f"- 24 articles, fingerprint `{origin['data_sha256'][:16]}`\n" in card
    assert f"topicml {__version__}" in card
    assert f"| accuracy | {scores['accuracy']:.3f} | {low:.3f} to {high:.3f} |\n" in card
    sport = scores["labels"]["sport"]
    numbers = f"{sport['precision']:.3f} | {sport['recall']:.3f} | {sport['f1']:.3f}"
    assert f"| sport | {numbers} | 8 |\n" in card
    assert card.endswith("\n")


def test_card_of_a_model_of_several_labels(multilabel_classifier):
    card = model_card(multilabel_classifier)
    assert "Assigns any number of labels of 3 to an article" in card
    assert "- 30 articles, " in card


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
    assert row.replace("\\|", "").count("|") == 6


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
