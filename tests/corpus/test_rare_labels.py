from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from topicml.article import Article
from topicml.corpus.rare_labels import keep_frequent_labels, many_rare_labels
from topicml.exceptions import CorpusError

LABELS = st.lists(
    st.sets(st.sampled_from("abcdef"), max_size=3).map(sorted).map(tuple), min_size=1, max_size=30
)


def articles_with(*labels):
    return [Article(f"text {k}", labels=names) for k, names in enumerate(labels)]


@given(LABELS, st.integers(1, 4))
def test_what_is_kept_has_frequent_labels_only(labels, min_articles):
    articles = articles_with(*labels)
    try:
        found = keep_frequent_labels(articles, min_articles)
    except CorpusError:
        assert all(names for names in labels)  # an article without labels would have stayed
        return
    counts = {name: sum(name in names for names in labels) for name in "abcdef"}
    expected = [tuple(name for name in names if counts[name] >= min_articles) for names in labels]
    for row, article in zip(found.rows.tolist(), found.articles, strict=True):
        assert (article.text, article.labels) == (articles[row].text, expected[row])
    left_out = [names for names, left in zip(labels, expected, strict=True) if names and not left]
    assert found.n_dropped == len(left_out) == len(articles) - len(found.articles)
    assert all(0 < counts[name] < min_articles for name in found.labels)


def test_the_kind_is_that_of_all_articles():
    """Of two labels of an article one falls: it still is a corpus of several labels an article."""
    found = keep_frequent_labels(articles_with(("a", "b"), ("a",), ("c",), ("c",)), 2)
    assert found.target_type == "multilabel"
    assert [article.labels for article in found.articles] == [("a",), ("a",), ("c",), ("c",)]


def test_what_was_dropped_is_counted_and_five_labels_are_named():
    rare = [(f"rare {k}",) for k in range(8)]
    [note] = keep_frequent_labels(articles_with(*rare, ("a",), ("a",)), 2).notes
    assert note.startswith("left out by min_articles: 8 labels with fewer than 2 articles ('rare 0' (1), ")
    assert note.endswith("'rare 4' (1), and 3 more), and 8 articles with no other label")
    assert keep_frequent_labels(articles_with(*rare), 1).notes == ()


def test_nothing_left_is_an_error():
    with pytest.raises(CorpusError, match="every label has fewer than 3 articles"):
        keep_frequent_labels(articles_with(("a",), ("b",)), 3)


def test_a_few_rare_labels_are_nothing_to_warn_of():
    frequent = {f"label {k}": 5 for k in range(25)}
    rare = {f"rare {k}": 4 for k in range(24)}
    assert many_rare_labels({**frequent, **rare}) is None
    told = many_rare_labels({**frequent, **rare, "one more": 1})
    assert told.startswith("25 of 50 labels have fewer than 5 articles")
    assert many_rare_labels({f"rare {k}": 1 for k in range(19)}) is None
