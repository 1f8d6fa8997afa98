from __future__ import annotations

import numpy as np
import pytest

from topicml.article import Article
from topicml.corpus.label_conflicts import conflict_notes, conflicting_labels, summarize_copies
from topicml.corpus.near_duplicates import group_near_duplicates


def articles(*labels, **fields):
    return [Article("Club shares fall after cup exit", labels=label, **fields) for label in labels]


def summary(corpus):
    return summarize_copies(corpus, group_near_duplicates([article.full_text for article in corpus]))


def test_copies_with_different_labels_are_reported_with_counts_and_rows(base_articles):
    """Regression (contradictions in the data): nobody was told that one text bore two labels."""
    corpus = [*base_articles, *articles(("sport",), ("economy",), ("economy",))]
    found = summary(corpus)
    assert [str(conflict) for conflict in found.conflicts] == ["sport 1, economy 2 (rows 25, 26, 27)"]
    assert (found.n_copies, found.n_groups) == (0, 0)


def test_copies_with_the_same_label_are_counted_apart(base_articles):
    found = summary([*base_articles, *base_articles[:3], base_articles[0], *articles(("a",), ("b",))])
    assert (found.n_copies, found.n_groups, len(found.conflicts)) == (4, 3, 1)


def test_conflicts_come_in_the_order_of_their_first_articles():
    corpus = [Article(str(k), labels=(label,)) for k, label in [(7, "a"), (3, "b"), (3, "a"), (7, "c")]]
    found = conflicting_labels(corpus, np.array([5, 2, 2, 5]))
    assert [conflict.rows for conflict in found] == [(1, 4), (2, 3)]


def test_the_order_of_labels_is_no_conflict_but_one_more_is():
    assert summary(articles(("a", "b"), ("b", "a"))).conflicts == ()
    assert (
        str(summary(articles(("a", "b"), ("a",), ())).conflicts[0])
        == "a + b 1, a 1, no label 1 (rows 1, 2, 3)"
    )


def test_an_article_that_nobody_labelled_contradicts_nothing():
    assert summary(articles(("a",), None)) == summary(articles(None, None)) == summary([])


@pytest.mark.parametrize(
    ("fields", "place"),
    [({"origin": "a.csv:7", "id": "x"}, "a.csv:7"), ({"id": "x"}, "x"), ({}, "row 1")],
)
def test_the_place_is_where_it_was_read_else_its_id_else_its_row(fields, place):
    corpus = [*articles(("a",), **fields), *articles(("b",))]
    (conflict,) = summary(corpus).conflicts
    assert conflict.located() == f"a 1, b 1 ({place}, row 2)"


def test_many_places_are_cut():
    (conflict,) = summary(articles(*[("a",)] * 20, ("b",))).conflicts
    assert str(conflict) == "a 20, b 1 (rows 1, 2, 3, 4, 5, ...)"


def test_one_note_for_all_conflicts():
    corpus = [*articles(("a",), ("b",)), Article("Rain", labels=("a",)), Article("rain", labels=("c",))]
    groups = np.array([0, 0, 1, 1])
    assert conflict_notes(corpus[:2], groups[:2]) == ("1 text with conflicting labels: a 1, b 1 (rows 1, 2)",)
    assert conflict_notes(corpus, groups) == (
        "2 texts with conflicting labels, the first: a 1, b 1 (rows 1, 2)",
    )
    assert conflict_notes(corpus[1:3], np.array([0, 1])) == ()
