from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from topicml.article import Article, Problem
from topicml.exceptions import CorpusError, TopicmlTypeError, TopicmlValueError
from topicml.frames import data_frame
from topicml.reading.columns import ROLES
from topicml.reading.corpus import Corpus

BACKENDS = ("polars", "pandas", "pyarrow")
WORDS = st.text(st.characters(codec="utf-8"), min_size=1, max_size=9)
LABELS = WORDS.map(str.strip).filter(lambda label: label and not label.startswith("["))
ARTICLES = st.builds(
    Article,
    text=st.text(max_size=9),
    title=st.text(max_size=9),
    labels=st.none() | st.lists(LABELS, max_size=3).map(tuple),
    id=st.none() | WORDS,
    date=st.none() | WORDS,
    source=st.none() | WORDS,
    metadata=st.dictionaries(st.sampled_from(["page", "Desk", "url"]), st.text(max_size=9)),
)


@pytest.fixture
def corpus():
    articles = (
        Article("Rain", labels=("weather", "b")),
        Article("Cup", title="A", labels=("b",)),
        Article("x"),
    )
    return Corpus(articles, (Problem("empty text", "", "a.csv"),), multilabel=True)


def table(backend, **columns):
    rows = [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]
    return data_frame(list(columns), rows, backend)


def test_a_part_of_a_corpus_keeps_what_was_wrong_and_of_what_kind_it_is(corpus):
    assert corpus[1:] == replace(corpus, articles=corpus.articles[1:])
    assert (corpus[-1], len(corpus), list(corpus)) == (Article("x"), 3, list(corpus.articles))


def test_a_corpus_counts_its_labels_and_gives_its_texts(corpus):
    assert list(corpus.label_counts().items()) == [("b", 2), ("weather", 1)]
    assert corpus.texts() == ["Rain", "A\nCup", "x"]


@pytest.mark.parametrize("backend", BACKENDS)
class TestFromFrame:
    def test_columns_are_found_as_in_files(self, backend):
        frame = table(backend, Body=["Rain"], headline=["Weather"], topic=["sky"], id=[7], page=["3"])
        assert list(Corpus.from_frame(frame)) == [
            Article("Rain", "Weather", ("sky",), "7", metadata={"page": "3"}, origin="frame:0")
        ]

    def test_columns_are_the_ones_that_are_named(self, backend):
        frame = table(backend, text=["teaser"], story=["Rain"], desk=["sky;sea"], when=[date(2024, 1, 2)])
        found = Corpus.from_frame(frame, "story", label="desk", date="when", label_separator=";")
        assert (found[0].text, found[0].labels, found[0].date[:10]) == ("Rain", ("sky", "sea"), "2024-01-02")
        assert found.multilabel

    def test_lists_are_several_labels_and_what_is_missing_is_none(self, backend):
        found = Corpus.from_frame(table(backend, text=["a", "b", None], label=[["x", "y"], [], None]))
        assert [article.labels for article in found] == [("x", "y"), (), None]
        assert (found.multilabel, found[2].text) == (True, "")

    def test_rows_that_nothing_is_learned_from_are_left_out_where_it_is_asked_for(self, backend):
        frame = table(backend, text=["a", "b", " "], label=["x", None, "y"])
        found = Corpus.from_frame(frame, labelled=True)
        assert [article.text for article in found] == ["a"]
        assert [problem.place for problem in found.problems] == ["frame:1", "frame:2"]

    @pytest.mark.parametrize(
        ("names", "message"),
        [
            ({}, r"no text column \(one of text, body, .*; found 'txt', 'Label'; name it with text="),
            ({"text": "txt", "label": "lable"}, r"no column 'lable'; .*did you mean 'Label'\?"),
        ],
    )
    def test_a_column_that_is_missing_is_named(self, backend, names, message):
        with pytest.raises(CorpusError, match=message):
            Corpus.from_frame(table(backend, txt=["a"], Label=["x"]), **names)


def test_a_row_that_cannot_be_read_is_named_by_its_position():
    frame = pd.DataFrame({"text": ["a", {"body": "b"}], "label": ["x", "y"]}, index=[10, 20])
    with pytest.raises(CorpusError, match=r"frame:1: impossible value: column 'text' must be text"):
        Corpus.from_frame(frame)
    assert [article.text for article in Corpus.from_frame(frame, skip_bad_rows=True)] == ["a"]


@given(st.lists(ARTICLES, max_size=4), st.booleans(), st.sampled_from(BACKENDS))
def test_what_goes_to_a_frame_comes_back(articles, multilabel, backend):
    corpus = Corpus(tuple(articles), multilabel=multilabel)
    back = Corpus.from_frame(corpus.to_frame(backend))
    assert [replace(article, origin="") for article in back] == articles


@pytest.mark.parametrize(
    ("backend", "kind"), [("polars", pl.DataFrame), ("pandas", pd.DataFrame), ("pyarrow", pa.Table)]
)
def test_a_frame_is_of_the_backend_that_is_asked_for(corpus, backend, kind):
    assert isinstance(corpus.to_frame(backend), kind)


def test_a_frame_is_of_polars_wherever_it_is_made(corpus):
    assert isinstance(corpus.to_frame(), pl.DataFrame)
    assert corpus.to_frame().columns == ["id", "title", "text", "label", "date", "source"]


def test_metadata_that_would_be_read_as_another_column_is_refused():
    with pytest.raises(CorpusError, match="the field 'Text' would be read as the text"):
        Corpus((Article("a", metadata={"Text": "b"}),)).to_frame()


LABELS_OF_TWO = [
    (["x", "y"], [("x",), ("y",)]),
    ((label for label in "xy"), [("x",), ("y",)]),
    (np.array([3, 10]), [("3",), ("10",)]),
    (pd.Series(["x", None], index=[5, 6]), [("x",), None]),
    (pd.Series([1.0, float("nan")]), [("1",), None]),
    (pl.Series(["x", "y"]), [("x",), ("y",)]),
    (pa.chunked_array([["x"], [None]]), [("x",), None]),
    ([["x", "y"], []], [("x", "y"), ()]),
    ([{"y", "x"}, ("z",)], [("x", "y"), ("z",)]),
    (pd.Categorical(["x", "y"]), [("x",), ("y",)]),
    (None, [None, None]),
]


@pytest.mark.parametrize(("given_labels", "labels"), LABELS_OF_TWO)
def test_lists_are_articles(given_labels, labels):
    found = Corpus.from_lists(["a", "b"], given_labels)
    assert [article.labels for article in found] == labels


def test_lists_hold_titles_ids_and_dates_too():
    found = Corpus.from_lists(["a"], titles=["T"], ids=[7], dates=[date(2024, 1, 2)])
    assert list(found) == [Article("a", "T", id="7", date="2024-01-02", origin="list:0")]


@pytest.mark.parametrize("role", [role for role in ROLES if role not in ("text", "source")])
def test_lists_are_of_one_length(role):
    with pytest.raises(
        TopicmlValueError, match=f"expected a {role} for each text, found 2 texts and 1 {role}"
    ):
        Corpus.from_lists(["a", "b"], **{f"{role}s": ["x"]})


@pytest.mark.parametrize(
    ("texts", "labels", "message"),
    [
        ("Rain", None, "expected a list of texts, an array or a column, found str"),
        (5, None, "expected a list of texts, an array or a column, found int"),
        (
            ["a", None],
            None,
            "expected text at position 1, found NoneType; an article without text",
        ),
        (["a", 5], None, "expected text at position 1, found int"),
        (pd.DataFrame({"text": ["a"]}), None, r"found DataFrame; for a data frame use Corpus\.from_frame"),
        (["a"], "x", "expected a list of labels, an array or a column, found str"),
        (["a"], np.array([[0, 1]]), r"an array of 2 dimensions; .*use topicml\.TopicClassifier"),
    ],
)
def test_what_is_no_list_of_texts_or_labels_is_refused(texts, labels, message):
    with pytest.raises(TopicmlTypeError, match=message):
        Corpus.from_lists(texts, labels)


def test_a_label_that_can_be_none_is_refused():
    with pytest.raises(CorpusError, match=r"list:1: .* must hold a label or a list of labels"):
        Corpus.from_lists(["a", "b"], ["x", {"y": 1}])


def test_a_corpus_shows_itself_in_a_line():
    """Its articles were shown whole: 660,420 characters in a notebook."""
    articles = tuple(
        Article("word " * 999, labels=(f"l{k % 3}",), date=f"20{k}-01-01T08:00") for k in (30, 11, 29)
    )
    assert repr(Corpus(articles)) == "Corpus(3 articles, 2 labels, 2011-01-01 to 2030-01-01)"
    problem = Problem("empty text", "", "a.csv")
    assert repr(Corpus(articles[:1], (problem,) * 2)) == (
        "Corpus(1 article, 1 label, 2030-01-01 to 2030-01-01, 2 rows left out)"
    )
