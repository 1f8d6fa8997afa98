from __future__ import annotations

import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from topicml.article import Article
from topicml.exceptions import CorpusError
from topicml.formatting import shortened
from topicml.lifecycle.decisions import Decision
from topicml.lifecycle.matching import EXCERPT, Articles, _excerpt

CUP = Article("A late goal.", title="Cup final", id="1")
RAIN = Article("Heavy rain.", id="2", origin="a.csv:3")
GOAL = Article("Own goal.")
NEWS = [CUP, RAIN, GOAL]


def rows_of(articles, **about):
    """The rows of the articles that a decision is about."""
    decision = Decision("keep", **about)
    return Articles.wanted(articles, [decision]).of(decision)


@pytest.mark.parametrize(
    ("about", "row"),
    [
        ({"id": "1"}, 0),
        ({"id": "1", "title": "Cup final", "text": "A late goal."}, 0),
        ({"id": "1", "text": "Cup final A late goal."}, 0),
        ({"id": "1", "text": "A late goal."}, 0),
        ({"text": " Heavy\n\nrain."}, 1),
        ({"id": "002", "text": "Heavy rain."}, 1),
        ({"id": "1", "text": "Heavy rain."}, 1),
        ({"place": "a.csv:3"}, 1),
        ({"place": "b.csv:9", "text": "Heavy rain."}, 1),
    ],
    ids=[
        *("id", "id and text", "id and both in one", "id and text without title", "white space"),
        *("an id without its zeros", "another's id", "place", "another place"),
    ],
)
def test_an_article_is_found(about, row):
    assert rows_of(NEWS, **about) == [row]


@pytest.mark.parametrize(
    ("about", "message"),
    [
        ({"id": "9"}, "no article has the id '9'"),
        ({"text": "Snow"}, "no article has the text 'Snow'"),
        ({"text": "Heavy..."}, "no article has the text 'Heavy...'"),
        ({"id": "9", "text": "Snow"}, "no article has the id '9' or the text 'Snow'"),
        ({}, "an empty id and an empty text: the decision does not say which it is about"),
        ({"id": "1", "text": "Snow"}, "the article '1' has another text than 'Snow'; give the data"),
        ({"place": "a.csv:3", "text": "Snow"}, "the article 'a.csv:3' has another text than 'Snow'"),
    ],
    ids=str,
)
def test_an_article_that_is_not_there_is_named(about, message):
    with pytest.raises(CorpusError, match=re.escape(message)):
        rows_of(NEWS, **about)


def test_a_text_that_was_cut_is_found():
    """By spreadsheets, whose cells are limited, and in the list of suspects."""
    long = Article("rain " * 10_000)
    for text in (long.text[:32_000] + "...", shortened(long.text, EXCERPT)):
        assert rows_of([*NEWS, long], text=text) == [3]


def test_a_text_that_was_cut_may_go_on_in_two_ways():
    begin = "rain " * 100
    articles = [Article(begin + end) for end in ("here", "there")]
    with pytest.raises(CorpusError, match="2 articles with different texts have the text 'rain rain"):
        rows_of(articles, text=shortened(begin, EXCERPT))
    assert rows_of(articles, text=f"{begin}here") == [0]


def test_copies_share_a_decision_that_names_none_of_them():
    copies = [RAIN, replace(RAIN, id="3"), replace(RAIN, id="4", text="Heavy\nrain."), GOAL]
    assert rows_of(copies, text="Heavy rain.") == [0, 1, 2]
    assert rows_of(copies, id="3", text="Heavy rain.") == [1]


def test_an_id_that_two_articles_have_needs_a_text():
    twins = [CUP, replace(GOAL, id="1")]
    with pytest.raises(CorpusError, match="2 articles with different texts have the id '1'"):
        rows_of(twins, id="1")
    assert rows_of(twins, id="1", text="Own goal.") == [1]


@given(st.text(), st.text(st.sampled_from("a\u0301\u0302 \n世.\x00"), max_size=1500))
def test_an_excerpt_is_what_suspects_show(title, text):
    """A long text is not looked at to its end, unless its marks take no room."""
    assert _excerpt(Article(text, title)) == (shortened(title, EXCERPT), shortened(text, EXCERPT))


def test_one_pass_finds_articles_for_many_decisions():
    """Not one for each decision: an archive and its decisions may both be long."""
    articles = [Article(f"text number {k} " * 50, id=str(k)) for k in range(300)]
    decisions = [Decision("keep", text=article.text) for article in articles]
    found = Articles.wanted(articles, decisions)
    assert [found.of(decision) for decision in decisions] == [[k] for k in range(300)]
    assert sum(map(len, found.by_text.values())) == 300
