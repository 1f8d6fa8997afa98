"""What is written reads back as it was."""

from __future__ import annotations

from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from topicml.article import Article
from topicml.exceptions import CorpusError
from topicml.reading.columns import ROLES
from topicml.reading.readers import read_corpus
from topicml.reading.writing import article_line

TEXT = st.text(st.characters(exclude_categories=["Cs"]))
LABEL = st.text(st.characters(exclude_categories=["Cs"]), min_size=1).map(str.strip).filter(bool)
NAME = TEXT.filter(lambda name: name.strip().lower() not in ROLES)


def read_back(*lines):
    return read_corpus(BytesIO("".join(lines).encode()))


@given(
    text=TEXT,
    title=TEXT,
    labels=st.none() | st.lists(LABEL, unique=True, max_size=3).map(tuple),
    identifier=st.none() | TEXT.filter(bool),
    metadata=st.dictionaries(NAME, TEXT, max_size=2),
)
def test_an_article_comes_back_as_it_was(text, title, labels, identifier, metadata):
    article = Article(text, title, labels, identifier, metadata=metadata, origin="<stream>:1")
    assert read_back(article_line(article, label_list=True)).articles == (article,)


@pytest.mark.parametrize(("label_list", "multilabel"), [(False, False), (True, True)])
def test_one_label_is_a_list_only_where_articles_may_bear_several(label_list, multilabel):
    corpus = read_back(article_line(Article("Cup", labels=("sport",)), label_list=label_list))
    assert (corpus[0].labels, corpus.multilabel) == (("sport",), multilabel)


def test_other_columns_take_the_place_of_the_metadata():
    article = Article("Cup", metadata={"desk": "news"})
    [found] = read_back(article_line(article, metadata={"url": None, "seen": {"url": ["a"]}}))
    assert found.metadata == {"seen": '{"url":["a"]}'}


def test_a_field_that_would_be_read_as_another_column_is_named():
    article = Article("Cup", metadata={" Date": "today"}, origin="a.csv:2")
    with pytest.raises(CorpusError, match=r"a\.csv:2: the field ' Date' would be read as the date: rename"):
        article_line(article)
