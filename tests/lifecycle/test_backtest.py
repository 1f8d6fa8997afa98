from __future__ import annotations

import json
from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pytest

from topicml.article import Article
from topicml.exceptions import CorpusError, TopicmlTypeError, TopicmlValueError
from topicml.lifecycle.backtest import backtest
from topicml.training.settings import TrainingSettings

BEGIN = date(2024, 1, 1)
LASTING = {
    "sport": ["cup", "final", "goal", "league", "match", "coach"],
    "weather": ["rain", "snow", "storm", "wind", "frost", "fog"],
}
ACCURACY = TrainingSettings(search="none", measure="accuracy", n_folds=2)


def dated(n_days=120, *, drifting=0.0, a_day=2):
    """Articles of each label on each day; a share of them is told in words that change every 20 days."""
    rng = np.random.default_rng(0)
    articles = []
    for day in range(n_days):
        for number in range(a_day):
            for label, words in LASTING.items():
                chosen = list(rng.choice(words, 5))
                if rng.random() < drifting:
                    chosen = [f"{label}word{(day + 10) // 20}x{k}" for k in rng.integers(0, 3, 5)]
                text = " ".join([*chosen, f"number{rng.integers(1e9)}"])
                when = (BEGIN + timedelta(days=day)).isoformat()
                articles.append(Article(text, labels=(label,), date=when, id=f"{day}-{number}-{label}"))
    return articles


@pytest.fixture(scope="module")
def aged():
    return backtest(dated(drifting=0.5), settings=ACCURACY, n_steps=3, n_jobs=1)


def test_each_model_is_tested_on_each_later_window(aged):
    assert [(s.trained_until, s.begins, s.ends) for s in aged.steps] == [
        ("2024-03-01", "2024-03-01", "2024-03-21"),
        ("2024-03-01", "2024-03-21", "2024-04-10"),
        ("2024-03-21", "2024-03-21", "2024-04-10"),
        ("2024-03-01", "2024-04-10", "2024-04-30"),
        ("2024-03-21", "2024-04-10", "2024-04-30"),
        ("2024-04-10", "2024-04-10", "2024-04-30"),
    ]
    assert [s.n_train for s in aged.steps] == [240, 240, 320, 240, 320, 400]
    assert [s.n for s in aged.steps] == [80] * 6
    assert [s.is_fresh for s in aged.steps] == [True, False, True, False, False, True]
    assert [s.age_weeks * 7 for s in aged.steps] == pytest.approx([10, 30, 10, 50, 30, 10])


def test_words_that_change_age_a_model(aged):
    """Half of the articles are told in such words, and of these the fresh model alone has met a half."""
    assert aged.ageing.measure == "accuracy"
    assert aged.ageing.verdict == "it ages"
    assert aged.ageing.ages[1].weeks == pytest.approx(20 / 7)
    assert aged.ageing.ages[1].drop.value == pytest.approx(0.25, abs=0.08)


def test_steps_and_ageing_are_of_the_same_answers(aged):
    older = [s.scores["accuracy"].value for s in aged.steps if s.age_weeks * 7 == pytest.approx(30)]
    assert aged.ageing.ages[1].score.value == pytest.approx(np.mean(older))
    fresh = [s.scores["accuracy"].value for s in aged.steps if s.is_fresh]
    assert aged.ageing.ages[0].score.value == pytest.approx(np.mean(fresh))


def test_a_fresh_model_that_alone_knows_new_words_shows_ageing():
    """Words change on the day before each window, so only the fresh model has met them."""
    articles = [
        replace(article, text=" ".join(f"{article.labels[0]}{(day + 1) // 20}" for _ in range(3)) + f" n{k}")
        for k, article in enumerate(dated())
        for day in [(date.fromisoformat(article.date) - BEGIN).days]
    ]
    found = backtest(articles, settings=ACCURACY, n_steps=3, n_jobs=1)
    assert found.ageing.ages[0].score.value > 0.9
    assert found.ageing.ages[1].score.value < 0.7
    assert found.ageing.verdict == "it ages"


def test_words_that_stay_do_not_age_a_model():
    found = backtest(dated(), settings=ACCURACY, n_steps=3, n_jobs=1)
    assert found.ageing.verdict in ("too little to tell", "no ageing shown")
    assert found.ageing.retrain_weeks is None


def test_with_history_all_models_learn_from_equally_long_times(aged):
    how = {"settings": ACCURACY, "n_steps": 3, "n_jobs": 1}
    found = backtest(dated(drifting=0.5), history=timedelta(days=30), **how)
    assert {s.n_train for s in found.steps} == {120}
    assert any("history" in note for note in aged.notes)
    assert not any("history" in note for note in found.notes)


def test_articles_without_a_date_are_named_and_left_out(aged):
    odd = [
        Article("cup final", labels=("sport",), date=when, id=f"odd {when}") for when in (None, "31/03/2024")
    ]
    found = backtest([*odd, *dated(drifting=0.5)], settings=ACCURACY, n_steps=3, n_jobs=1)
    assert found.steps == aged.steps
    [note] = set(found.notes) - set(aged.notes)
    assert note.startswith("2 articles without a readable date, left out: ")


def test_copies_of_earlier_articles_are_not_tested_on(aged):
    articles = dated(drifting=0.5)
    late = replace(articles[0], date="2024-04-29", id="copy")
    found = backtest([*articles, late], settings=ACCURACY, n_steps=3, n_jobs=1)
    assert [s.n_copies for s in found.steps] == [0, 0, 0, 1, 1, 1]
    assert [s.n for s in found.steps] == [s.n for s in aged.steps]


def test_the_order_of_the_articles_does_not_decide_what_is_trained_on(aged):
    found = backtest(dated(drifting=0.5)[::-1], settings=ACCURACY, n_steps=3, n_jobs=1)
    assert [(s.begins, s.n_train, s.n) for s in found.steps] == [
        (s.begins, s.n_train, s.n) for s in aged.steps
    ]


def test_a_label_that_is_new_is_named():
    articles = dated()
    new = [replace(a, labels=("chess",)) for a in articles if a.date > "2024-03-05" and "-1-sport" in a.id]
    rest = [a for a in articles if not (a.date > "2024-03-05" and "-1-sport" in a.id)]
    found = backtest([*rest, *new], settings=ACCURACY, n_steps=3, n_jobs=1)
    assert found.n_train["chess"] == (0, 35)
    assert not any("'sport'" in note for note in found.notes)
    assert any("0 articles with it, the last on 35" in note for note in found.notes)


def test_a_window_without_articles_is_named():
    articles = [a for a in dated() if not "2024-03-21" <= a.date < "2024-04-10"]
    found = backtest(articles, settings=ACCURACY, n_steps=3, window=timedelta(days=20), n_jobs=1)
    assert "no article to test on from 2024-03-21 to 2024-04-10" in found.notes
    assert {s.begins for s in found.steps} == {"2024-03-01", "2024-04-10"}
    assert [age.n for age in found.ageing.ages] == [160, 80, 80]


def test_a_multilabel_corpus_stays_one_where_a_part_has_one_label_each():
    """Each part of the time is trained by the target type of the whole, not by what it happens to hold."""
    articles = dated()
    articles[-1] = replace(articles[-1], labels=("sport", "weather"))
    found = backtest(articles, settings=ACCURACY, n_steps=2, n_jobs=1)
    assert len(found.steps) == 3


def test_it_is_plain_data_and_reads_in_80_columns(aged):
    told = aged.to_dict()
    assert json.loads(json.dumps(told)) == told
    assert told["steps"] == aged.rows()
    assert len({tuple(row) for row in aged.rows()}) == 1
    assert max(map(len, str(aged).split("\n"))) <= 80
    assert aged.ageing.answer in " ".join(str(aged).split())


def test_progress_is_told():
    told = []
    backtest(dated(60, a_day=1), settings=ACCURACY, n_steps=2, n_jobs=1, progress=told.append)
    models = ["model 1 of 2, trained until 2024-01-31", "model 2 of 2, trained until 2024-02-15"]
    assert told == ["choosing settings", *models]


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"n_steps": 1}, "n_steps must be 2 or more"),
        ({"window": timedelta(0)}, "window must be longer than 0"),
        ({"history": timedelta(-1)}, "history must be longer than 0"),
        ({"tolerance": 0}, "tolerance must be above 0"),
    ],
)
def test_impossible_arguments(wrong, message):
    with pytest.raises(TopicmlValueError, match=message):
        backtest(dated(10), **wrong)


def test_what_cannot_be_tested_on():
    with pytest.raises(CorpusError, match="needs articles with dates, found 2 articles and no date"):
        backtest([Article("a", labels=("x",)), Article("b", labels=("y",))])
    with pytest.raises(TopicmlTypeError, match="position 0"):
        backtest(["text"])
    one_label = [replace(a, labels=("sport",)) if a.date < "2024-02-20" else a for a in dated(60, a_day=1)]
    with pytest.raises(CorpusError, match=r"dated before 2024-01-31 cannot be trained on: .* two labels"):
        backtest(one_label, n_steps=2, n_jobs=1)
    copies = [replace(a, date=f"2024-03-{k + 1:02}") for k, a in enumerate(dated(2) * 3)]
    with pytest.raises(CorpusError, match="every article in the windows is a copy"):
        backtest(copies, n_steps=2, n_jobs=1, window=timedelta(days=2))
