from __future__ import annotations

import pytest

from topicml.article import Article
from topicml.corpus.fields import field_values
from topicml.exceptions import CorpusError

ARTICLES = [Article("Rain", source="Daily", metadata={" Desk ": "a", "lang": "en"}), Article("Snow")]


@pytest.mark.parametrize(
    ("field", "values"),
    [("source", ["Daily", ""]), ("desk", ["a", ""]), (" Desk ", ["a", ""]), ("LANG", ["en", ""])],
)
def test_values(field, values):
    assert field_values(ARTICLES, field) == values


def test_an_unknown_field_names_those_that_are_there():
    with pytest.raises(
        CorpusError,
        match="no article has the field 'x'; expected one of the fields 'source', ' Desk ', 'lang'",
    ):
        field_values(ARTICLES, "x")


def test_what_else_could_be_said_is_named_too():
    with pytest.raises(CorpusError, match="expected random, time or one of the fields 'source'"):
        field_values(ARTICLES, "x", others=("random", "time"))


def test_two_names_that_differ_by_case_alone_cannot_be_told_apart():
    twice = [Article("Rain", metadata={"Desk": "a", "desk ": "b"})]
    with pytest.raises(CorpusError, match="the field 'DESK' is there twice"):
        field_values(twice, "DESK")
    assert field_values(twice, "Desk") == ["a"]
