"""The whole way, from the texts of a training set to the labels of new ones."""

from __future__ import annotations

from functools import partial

import numpy as np
import pytest

from topicml.article import Article
from topicml.evaluation.evaluate import evaluate
from topicml.exceptions import CorpusError, TopicmlTypeError
from topicml.training.train import train


def trained(rows):
    return train([Article(text, labels=(label,)) for text, label in rows], n_jobs=1, fewest=2).classifier


@pytest.mark.parametrize(
    ("rows", "answers"),
    [
        pytest.param(
            [
                ("चुनाव आयोग ने मतगणना शुरू की", "राजनीति"),
                ("चुनाव में मतदान बढ़ा", "राजनीति"),
                ("बारिश से सड़क बंद", "मौसम"),
                ("तेज़ बारिश की चेतावनी", "मौसम"),
            ],
            {"चुनाव": "राजनीति", "बारिश": "मौसम"},
            id="Hindi",
        ),
        pytest.param(
            [
                ("央行下调基准利率", "经济"),
                ("央行维持利率不变", "经济"),
                ("今天有大雨", "天气"),
                ("明天 下 雨", "天气"),
            ],
            {"利率上调": "经济", "雨": "天气"},
            id="Chinese",
        ),
        pytest.param(
            [
                ("ฝนตกหนักคืนนี้", "อากาศ"),
                ("ฝนหยุดตกแล้ว", "อากาศ"),
                ("ธนาคารขึ้นดอกเบี้ย", "เงิน"),
                ("ดอกเบี้ยธนาคารลดลง", "เงิน"),
            ],
            {"ฝนตก": "อากาศ", "ดอกเบี้ย": "เงิน"},
            id="Thai",
        ),
        pytest.param(
            [
                ("Дожди и ветер", "погода"),
                ("Сильные дожди", "погода"),
                ("Ставка банка", "деньги"),
                ("Банк и ставка", "деньги"),
            ],
            {"дожди": "погода", "СТАВКА": "деньги"},
            id="Russian",
        ),
    ],
)
def test_words_of_any_script_are_learned(rows, answers):
    """Tokens cut at vowel signs, or whole sentences as one token, leave nothing to learn from."""
    model = trained(rows)
    assert {text: model.predict(text).label for text in answers} == answers


def test_what_readers_do_not_see_changes_nothing(base_classifier):
    """Invisible characters from the web inside words make words that no training text has."""
    variants = ["football league", "foot\u200bball lea\xadgue", "foot\u2060ball\ufeff league"]
    scores = base_classifier.decision_function(variants)
    assert (scores == scores[0]).all()
    assert base_classifier.predict(variants[0]).label == "sport"


def test_look_alike_letters_are_not_folded(base_classifier):
    """A word that mixes scripts is unknown; folding it would damage Greek and Cyrillic text."""
    plain, mixed = base_classifier.predict(["interest rate", "int\u0435rest r\u0430te"])
    assert plain.known_terms > 0
    assert (mixed.known_terms, mixed.reason) == (0, "no_known_terms")


def test_a_text_after_a_nul_is_read(base_classifier):
    """A NUL that ends a string would lose the rest of the article."""
    assert base_classifier.predict("\0Heavy rain\0and storm").label == "weather"


@pytest.mark.parametrize(
    "text", ["The bank cut its interest rate. " * 330_000, "x" * 10**7], ids=["text", "token"]
)
def test_a_text_of_ten_megabytes_does_not_disturb_its_neighbour(base_classifier, text):
    """A length limit in the middle of a batch loses the batch."""
    long, short = base_classifier.predict([text, "Heavy rain tonight"])
    assert long.label == ("economy" if " " in text else None)
    assert short == base_classifier.predict("Heavy rain tonight")


def test_a_word_of_ten_megabytes_is_not_learned():
    rows = [("x" * 10**7 + " rain", "weather"), ("rain", "weather"), ("cup", "sport"), ("final cup", "sport")]
    terms = trained(rows).vectorizer.terms
    assert max(len(terms[i]) for i in range(len(terms))) < 100


def test_probabilities_for_tools_that_match_columns_by_position():
    """Tools that explain a model call it with thousands of variants, empty ones among them."""
    rows = [("goal match", "b"), ("goal cup", "b"), ("bank rate", "B"), ("bank tax", "B")]
    rows += [("rain wind", "10"), ("rain hail", "10"), ("snow fog", "9"), ("snow ice", "9")]
    model = trained(rows)
    probabilities = model.predict_proba(["goal", "", "bank rate"] * 1700)
    assert model.classes_ == ("10", "9", "B", "b")
    assert probabilities.shape == (5100, 4)
    assert probabilities.sum(axis=1) == pytest.approx(1)
    assert [model.classes_[k] for k in probabilities[[0, 2]].argmax(axis=1)] == ["b", "B"]
    assert np.array_equal(probabilities[:3], probabilities[-3:])


@pytest.mark.parametrize("name", ["train", "evaluate"])
@pytest.mark.parametrize(
    ("articles", "message"),
    [
        ("abc", "expected an iterable of Articles, found str"),
        (5, "expected an iterable of Articles, found 5"),
        (Article("Rain"), "expected an iterable of Articles, found Article"),
        ([Article("Rain", labels=("a",)), "Snow"], "expected an Article at position 1, found str"),
        ([None], "expected an Article at position 0, found None"),
    ],
)
def test_what_is_no_article_is_refused(base_classifier, name, articles, message):
    """A string is an iterable, too: of letters, which nobody means."""
    work = {"train": train, "evaluate": partial(evaluate, base_classifier)}[name]
    with pytest.raises(TopicmlTypeError, match=message):
        work(articles)


def test_a_generator_of_articles_is_enough(base_articles, base_classifier):
    """A second pass over a generator would see nothing, and say nothing."""
    again = train((article for article in base_articles), n_jobs=1).classifier
    assert np.array_equal(again.coef, base_classifier.coef)
    with pytest.raises(CorpusError, match="there are no articles to train on"):
        train(article for article in ())
