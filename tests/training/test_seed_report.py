"""What is said of seed words in an archive."""

from __future__ import annotations

import json

import pytest

from tests.training.seeded import EVEN, SEEDS
from topicml.training.train import train


def _report(seeds, articles=EVEN[0]):
    return train(unlabelled=articles, seed_words=seeds, n_jobs=1).seed_report


@pytest.fixture(scope="module")
def report():
    return _report(SEEDS)


def test_every_word_is_counted(report):
    texts = [article.text.split() for article in EVEN[0]]
    for section in report.sections:
        assert [word.word for word in section.words] == SEEDS[section.label]
        for word in section.words:
            assert word.n_articles == sum(word.word in text for text in texts)
            assert (word.remark, word.own_share is not None and word.own_share > 0.8) == ("", True)


def test_each_section_shows_its_surest_and_its_most_doubtful_articles(report):
    for section in report.sections:
        assert len(section.surest) == len(section.most_doubtful) == 10
        surest = [article.probability for article in section.surest]
        doubtful = [article.probability for article in section.most_doubtful]
        assert surest == sorted(surest, reverse=True)
        assert doubtful == sorted(doubtful)
        assert max(doubtful) < min(surest)
        assert {EVEN[1][article.row] for article in section.surest} == {section.label}
        assert EVEN[0][section.surest[0].row].text.startswith(section.surest[0].begin[:50])


def test_suggested_words_are_typical_and_new(report):
    sport = next(section for section in report.sections if section.label == "sport")
    assert len({"league", "goalkeeper", "referee", "stadium", "penalty", "coach"} & {*sport.suggested}) >= 4
    assert not {"match", "striker", "the"} & {*sport.suggested}


def test_no_more_articles_are_given_than_there_are(report):
    assert sum(section.n_given for section in report.sections) == report.n_articles == len(EVEN[0])
    assert report.n_started < report.n_singled_out < report.n_articles


@pytest.mark.parametrize(
    ("word", "remark"),
    [("absent", "not found"), ("goalkeeper", "points elsewhere"), ("every", "in nearly all articles")],
)
def test_words_that_do_not_help_are_remarked_on(word, remark):
    articles = [type(one)(f"{one.text} every") for one in EVEN[0]]
    found = _report({**SEEDS, "art": [*SEEDS["art"], word]}, articles)
    assert [word.remark for word in found.sections[0].words] == ["", "", remark]


def test_a_word_in_more_than_half_of_the_articles_is_too_common():
    articles = [type(one)(f"{one.text} {'often' if k % 10 < 7 else ''}") for k, one in enumerate(EVEN[0])]
    found = _report({**SEEDS, "art": [*SEEDS["art"], "often"]}, articles)
    assert found.sections[0].words[2].remark == "too common"


def test_a_section_whose_words_point_elsewhere_is_named():
    articles = [*EVEN[0], *(type(EVEN[0][0])(f"racket {one.text}") for one in EVEN[0][:20])]
    found = _report({**SEEDS, "tennis": ["racket", "the", "people"]}, articles)
    assert any(sentence.startswith("In doubt: 'tennis'") for sentence in found.sentences())


def test_it_says_that_nothing_is_measured(report):
    assert report.sentences()[-1].startswith("Not measured: no article has a label.")


def test_json_can_hold_it(report):
    held = json.loads(json.dumps(report.to_dict()))
    assert [section["label"] for section in held["sections"]] == sorted(SEEDS)
