from __future__ import annotations

import pytest

from topicml.article import Article, excerpt, place_of


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
