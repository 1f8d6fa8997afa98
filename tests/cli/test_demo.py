"""``topicml demo``, from start to end."""

from __future__ import annotations

import pytest

from topicml.predict import load_model


@pytest.fixture(scope="module")
def run(topicml, tmp_path_factory):
    folder = tmp_path_factory.mktemp("demo")
    run = topicml("demo", "--jobs", "1", cwd=folder)
    assert run.returncode == 0, run
    return folder, run.stdout


def test_scores_come_with_intervals_and_from_articles_not_seen(run):
    _, shown = run
    assert "Out-of-fold scores of 4" in shown
    assert "Scores on the year that came later, 2023, of 59 articles" in shown
    assert shown.count("95 % interval") == 2


def test_unseen_articles_are_predicted_with_the_words_that_decided(run):
    _, shown = run
    for label, word in [
        ("China-UN engagements", "beijing"),
        ("Global health", "vaccine"),
        ("Peacekeeping", "battalion"),
    ]:
        line = next(line for line in shown.splitlines() if f"%  {label}:" in line)
        assert word in line


def test_one_article_goes_to_a_person(run):
    assert run[1].count("for a person: no_known_terms") == 1


def test_the_model_is_left_for_use(run):
    assert (
        load_model(run[0] / "demo" / "model").predict("Blue helmets held the ceasefire line.").label
        == "Peacekeeping"
    )
