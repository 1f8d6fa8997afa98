from __future__ import annotations

from dataclasses import FrozenInstanceError, replace

import pytest

from topicml.article import Article, Problem, corpus_fingerprint, excerpt, place_of
from topicml.exceptions import TopicmlTypeError


@pytest.mark.parametrize(
    ("article", "shown"),
    [
        (Article("Rain\ntonight", title="Weather "), "Weather / Rain tonight"),
        (Article("Rain"), "Rain"),
        (Article(" ", title="Weather"), "Weather"),
        (Article(""), ""),
        (Article("red \x1b[31m"), "red \\x1b[31m"),
    ],
)
def test_excerpt(article, shown):
    assert excerpt(article) == shown


@pytest.mark.parametrize(
    ("article", "place"),
    [
        (Article("x", id="7", origin="a.csv:3"), "a.csv:3"),
        (Article("x", id="7"), "7"),
        (Article("x"), "row 5"),
    ],
)
def test_a_place_is_the_best_name_there_is(article, place):
    assert place_of(article, 4) == place


@pytest.mark.parametrize(
    ("given", "kept"),
    [(None, None), ((), ()), (["b", "a", "b"], ("b", "a")), (dict.fromkeys("ab"), ("a", "b"))],
)
def test_labels_are_a_tuple_in_which_each_stands_once(given, kept):
    assert Article("Rain", labels=given).labels == kept


def test_one_label_alone_is_refused():
    """A str is a sequence of its letters: the article would bear five labels."""
    with pytest.raises(TopicmlTypeError, match=r"found the str 'sport': write \('sport',\)"):
        Article("Cup final", labels="sport")


def test_a_misspelt_field_is_refused_with_the_right_one():
    with pytest.raises(TopicmlTypeError, match="Article has no field 'label'; did you mean 'labels'"):
        Article("Cup final", label="sport")


@pytest.mark.parametrize(("title", "text"), [("", "Rain"), ("Weather", "Weather\nRain")])
def test_the_title_stands_above_the_text(title, text):
    assert Article("Rain", title=title).full_text == text


def test_an_article_may_be_a_key_and_may_not_change():
    article = Article("Rain", metadata={"page": "3"})
    assert {article: 1}[Article("Rain", metadata={"page": "3"})] == 1
    with pytest.raises(FrozenInstanceError, match="text"):
        article.text = "Snow"


@pytest.mark.parametrize(
    ("line", "column", "place"), [(None, None, "a.csv"), (3, None, "a.csv:3"), (3, 1, "a.csv:3:1")]
)
def test_a_problem_says_where_it_is(line, column, place):
    problem = Problem("empty text", "the text column is empty", "a.csv", line, column)
    assert (problem.place, str(problem)) == (place, f"{place}: empty text: the text column is empty")


def test_a_fingerprint_is_of_what_is_learned_from_alone():
    article = Article("Rain", title="A", labels=("b", "c"))
    other = replace(
        article, id="7", date="2024-01-01", source="BBC", metadata={"page": "3"}, origin="a.csv:1"
    )
    assert corpus_fingerprint([article]) == corpus_fingerprint([other])


@pytest.mark.parametrize(
    "changed",
    [
        [Article("Rain", labels=("b", "cd")), Article("Snow \ud800")],
        [Article("Rain", labels=("bc", "d")), Article("Snow \ud800", labels=("",))],
        [Article("Rainb", labels=("c", "d")), Article("Snow \ud800")],
        [Article("Rain", labels=("bc", "d"))],
        [Article("Snow \ud800"), Article("Rain", labels=("bc", "d"))],
    ],
    ids=["cut of labels", "empty label", "cut of text", "fewer", "order"],
)
def test_whatever_of_it_changes_changes_the_fingerprint(changed):
    articles = [Article("Rain", labels=("bc", "d")), Article("Snow \ud800")]
    assert corpus_fingerprint(changed) != corpus_fingerprint(articles)


@pytest.mark.parametrize("text", [None, float("nan"), 5, b"Rain"])
def test_a_text_that_is_none_is_refused(text):
    with pytest.raises(TypeError, match=r"text must be a str, found .*the empty string"):
        Article(text)
    with pytest.raises(TypeError, match="title must be a str"):
        Article("Rain", title=text)


@pytest.mark.parametrize("labels", [(1,), (None,), ["sport", 2.0]])
def test_labels_that_are_no_text_are_refused(labels):
    with pytest.raises(TypeError, match=r"labels must be a tuple of str, found .* among them"):
        Article("Rain", labels=labels)


def test_labels_that_unicode_calls_equal_are_one():
    assert Article("Rain", labels=("Caf\u00e9", "Cafe\u0301")).labels == ("Caf\u00e9",)
