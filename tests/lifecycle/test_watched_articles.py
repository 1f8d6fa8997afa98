from __future__ import annotations

from dataclasses import replace

import pytest

from tests.support import made_up
from tests.training.seeded import EVEN
from topicml.article import Article
from topicml.exceptions import TopicmlTypeError, TopicmlValueError
from topicml.lifecycle import watched_articles
from topicml.lifecycle.watched_articles import count_articles
from topicml.training.settings import TrainingSettings
from topicml.training.train import train

MONDAY, SUNDAY, NEXT = "2024-01-01", "2024-01-07", "2024-01-08"


def dated(n: int, date: str | None, **fields) -> list[Article]:
    return [replace(article, date=date, **fields) for article in made_up(n)]


def windows_of(model, articles, **options):
    found = count_articles(model, articles, n_jobs=1, **options)
    return [(name, tally.n) for name, tally in found.windows], found.notes


def test_weeks_begin_on_monday(base_classifier):
    articles = [*dated(200, NEXT), *dated(100, SUNDAY), *dated(100, MONDAY)]
    found, notes = windows_of(base_classifier, articles)
    assert found == [("2024-01-01 to 2024-01-07", 200), ("2024-01-08 to 2024-01-14", 200)]
    assert notes == ()


def test_weeks_with_few_articles_are_joined(base_classifier):
    articles = [article for week in (1, 8, 15, 22) for article in dated(150, f"2024-01-{week:02}")]
    found, _ = windows_of(base_classifier, articles)
    assert found == [("2024-01-01 to 2024-01-14", 300), ("2024-01-15 to 2024-01-28", 300)]


def test_the_oldest_weeks_are_joined_with_later_ones(base_classifier):
    found, _ = windows_of(base_classifier, [*dated(20, MONDAY), *dated(200, NEXT)])
    assert found == [("2024-01-01 to 2024-01-14", 220)]


def test_articles_without_a_date_are_left_out_beside_dated_ones(base_classifier):
    found, notes = windows_of(base_classifier, [*dated(5, None), *dated(6, "soon"), *dated(20, MONDAY)])
    assert found == [("2024-01-01 to 2024-01-07", 20)]
    assert notes == ("left out: 11 articles without a date that can be read",)


def test_without_dates_each_file_is_a_window(base_classifier):
    articles = [*dated(3, None, origin="/news/a.jsonl:7"), *dated(4, None, origin="b.csv:2:1")]
    found, _ = windows_of(base_classifier, articles)
    assert found == [("a.jsonl", 3), ("b.csv", 4)]


def test_texts_are_one_window(base_classifier):
    found, _ = windows_of(base_classifier, ["cup final", "rain tonight"])
    assert found == [("all articles", 2)]


def test_earlier_articles_are_left_out(base_classifier):
    articles = [*dated(3, SUNDAY), *dated(4, NEXT), *dated(1, None)]
    found, notes = windows_of(base_classifier, articles, since=NEXT)
    assert found == [("2024-01-08 to 2024-01-14", 4)]
    assert set(notes) == {
        "left out: 3 articles dated earlier",
        "left out: 1 article without a date that can be read",
    }


def test_articles_from_the_time_of_training_are_noted():
    model = train(dated(60, NEXT), settings=TrainingSettings(search="none"), n_jobs=1).classifier
    (note,) = windows_of(model, [*dated(3, SUNDAY), *dated(4, NEXT)])[1]
    assert note.startswith("3 articles of weeks before 2024-01-08, the date of the last training article")


def test_articles_that_a_model_may_have_learned_from_without_labels_are_noted():
    labelled = [replace(article, labels=(section,)) for article, section in zip(*EVEN, strict=True)]
    archive = [article.text for article in labelled[24:]]
    model = train(labelled[:24], unlabelled=archive, n_jobs=1).classifier
    (note,) = windows_of(model, archive)[1]
    assert note.startswith("the model also learned from 96 unlabelled articles, and looks better on these")
    assert windows_of(train(labelled[:24], n_jobs=1).classifier, archive)[1] == ()


def test_articles_without_text_are_left_out(base_classifier):
    found, notes = windows_of(base_classifier, ["cup final", " "])
    assert (found, notes) == ([("all articles", 1)], ("left out: 1 article without text",))


def test_how_many_are_worked_on_at_once_changes_nothing(base_classifier, monkeypatch):
    articles = [*dated(40, MONDAY, source="Daily"), *dated(30, NEXT)]
    at_once = count_articles(base_classifier, articles, n_jobs=1).windows
    monkeypatch.setattr(watched_articles, "_AT_ONCE", 7)
    for (name, one), (other_name, other) in zip(
        at_once, count_articles(base_classifier, articles, n_jobs=1).windows, strict=True
    ):
        assert (name, one.n, one.sources, one.words) == (other_name, other.n, other.sources, other.words)
        assert (one.n_words, one.n_unknown) == (other.n_words, other.n_unknown)
        assert one.confidence.tolist() == other.confidence.tolist()
        assert one.total_confidence == pytest.approx(other.total_confidence)


def test_a_date_that_is_none_is_refused(base_classifier):
    with pytest.raises(TopicmlValueError, match=r"since must be a date such as 2024-03-31, found 'May'"):
        count_articles(base_classifier, ["cup"], since="May")


def test_one_text_is_refused(base_classifier):
    with pytest.raises(TopicmlTypeError, match="found one text: put it into a list"):
        count_articles(base_classifier, "cup final")


def test_what_is_no_article_is_refused(base_classifier):
    with pytest.raises(TopicmlTypeError, match="at position 1, found int"):
        count_articles(base_classifier, ["cup", 3])
