"""What a caller may pass as text, and what each refusal says."""

from __future__ import annotations

from dataclasses import replace
from enum import Enum

import numpy as np
import polars as pl
import pytest

from topicml.article import Article
from topicml.exceptions import TopicmlTypeError
from topicml.model.inputs import as_articles, as_texts

TEXTS = ["Rain", "Snow", ""]


@pytest.mark.parametrize(
    "value",
    [
        pytest.param(TEXTS, id="list"),
        pytest.param(tuple(TEXTS), id="tuple"),
        pytest.param((text for text in TEXTS), id="generator"),
        pytest.param(np.array(TEXTS), id="array of str"),
        pytest.param(np.array(TEXTS, object), id="array of objects"),
        pytest.param([Article(text) for text in TEXTS], id="articles"),
        pytest.param(["Rain", Article("Snow"), np.str_("")], id="mixed"),
    ],
)
def test_an_iterable_is_its_texts(value):
    assert list(as_texts(value)) == TEXTS


@pytest.mark.parametrize("value", ["Rain", Article("Rain"), np.str_("Rain")])
def test_one_text_is_a_batch_of_one(value):
    assert list(as_texts(value)) == ["Rain"]


@pytest.mark.parametrize("value", [[], (), iter([]), np.array([], str)])
def test_no_texts(value):
    assert list(as_texts(value)) == []


def test_a_title_is_read_above_the_text():
    assert list(as_texts(Article("in the north", title="Snow"))) == ["Snow\x1ein the north"]


@pytest.mark.parametrize("value", [np.str_("Rain"), np.array(["Rain"])])
def test_text_of_numpy_becomes_plain(value):
    (text,) = as_texts(value)
    assert type(text) is str


@pytest.mark.parametrize("wrap", [lambda text: text, lambda text: [text]])
def test_a_subclass_of_str_is_its_own_characters(wrap):
    """Not what its __str__ says: an enumeration's member that is text says its name there."""

    class Desk(str, Enum):  # noqa: UP042  (StrEnum would hide the difference)
        WEATHER = "Rain tonight"

    assert list(as_texts(wrap(Desk.WEATHER))) == ["Rain tonight"]


def test_an_iterable_is_read_as_needed():
    def endless():
        while True:
            yield "Rain"

    texts = iter(as_texts(endless()))
    assert [next(texts), next(texts)] == ["Rain", "Rain"]


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (b"Rain", r"found bytes: decode it"),
        (bytearray(b"Rain"), r"found bytearray: decode it"),
        (memoryview(b"Rain"), r"found memoryview: decode it"),
        ({"text": "Rain"}, r"found a mapping: pass its text"),
        (7, r"an iterable of them, found 7"),
        (None, r"an iterable of them, found None"),
        (float("nan"), r"an iterable of them, found nan"),
        (object(), r"an iterable of them, found object"),
        (np.array("Rain"), r"found an array of no dimensions: pass its item\(\)"),
        (pl.DataFrame({"text": ["Rain"]}), r"found a table: pass the column"),
    ],
)
def test_what_is_no_text_is_refused_at_once(value, message):
    with pytest.raises(TopicmlTypeError, match=message):
        as_texts(value)


@pytest.mark.parametrize("position", [0, 1, 3])
@pytest.mark.parametrize(
    ("value", "found"),
    [
        (None, "None"),
        (float("nan"), "nan"),
        (3.5, "3.5"),
        (b"Rain", "bytes"),
        ({"text": "Rain"}, "dict"),
        (["Rain"], "list"),
    ],
)
def test_an_item_that_is_no_text_is_named(value, found, position):
    values = ["Rain"] * 3
    values.insert(position, value)
    with pytest.raises(TopicmlTypeError, match=rf"at position {position}, found {found};"):
        list(as_texts(values))


def test_the_texts_before_a_wrong_one_are_read():
    texts = iter(as_texts(["Rain", None]))
    assert next(texts) == "Rain"


def test_refusals_are_type_errors():
    with pytest.raises(TypeError, match="expected text"):
        as_texts(None)


def test_a_value_is_not_printed_whole():
    with pytest.raises(TopicmlTypeError, match=r"^.{0,150}$"):
        list(as_texts([b"Rain" * 1000]))


def test_an_error_of_the_callers_own_iterable_comes_through():
    def broken():
        yield "Rain"
        raise OSError("the feed is closed")

    with pytest.raises(OSError, match="the feed is closed"):
        list(as_texts(broken()))


@pytest.mark.parametrize(
    "labels", [["weather", "sport"], np.array(["weather", "sport"]), pl.Series(["weather", "sport"])]
)
def test_texts_with_labels_are_articles(labels):
    found = as_articles(["Rain", "Cup"], labels)
    assert [(article.text, article.labels) for article in found] == [
        ("Rain", ("weather",)),
        ("Cup", ("sport",)),
    ]


def test_labels_that_are_given_replace_those_of_articles():
    article = Article("Rain", title="News", labels=("a",), id="7", origin="a.csv:3")
    assert as_articles([article], ["b"]) == [replace(article, labels=("b",))]


@pytest.mark.parametrize(
    ("values", "labels", "message"),
    [
        (
            ["Rain"],
            None,
            r"at position 0, found str; give the labels of the texts, too, as in train\(texts, labels\)",
        ),
        ([Article("a"), 5], None, r"at position 1, found 5; make one, as in Article"),
        (pl.DataFrame({"text": ["Rain"]}), None, r"found a data frame: .*topicml\.Corpus\.from_frame\(df\)"),
        (Article("a"), None, "expected an iterable of Articles, found Article"),
        ([5], ["a"], "expected text at position 0, found int"),
    ],
)
def test_what_is_no_article_is_refused(values, labels, message):
    with pytest.raises(TopicmlTypeError, match=message):
        as_articles(values, labels)
