"""Any body is understood or refused, and what is refused names a field and repeats no text."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from topicml.article import Article
from topicml.serving.bodies import explain_request, parsed, predict_request
from topicml.serving.open_inference import infer_request
from topicml.serving.problems import RequestError

NAMES = st.sampled_from(["text", "title", "id", "top_k", "explain", "label", "top", "inputs", "data", "name"])
SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text()
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(NAMES | st.text(), inner, max_size=4)
)


def read(how, body):
    """Return what a body is read as, or the error."""
    try:
        return how(body)
    except RequestError as error:
        return error


@given(VALUES)
def test_any_value_is_read_or_refused(value):
    body = json.dumps(value).encode()
    for how in (
        lambda body: predict_request(body, {}, max_articles=3),
        lambda body: infer_request(body, max_articles=3),
        explain_request,
    ):
        found = read(how, body)
        assert not isinstance(found, RequestError) or found.status in (400, 413, 422)


@given(st.binary())
def test_any_bytes_are_json_or_refused(body):
    found = read(parsed, body)
    assert not isinstance(found, RequestError) or found.status == 400


@given(st.text(), st.none() | st.text(min_size=1), st.none() | st.text())
def test_an_article_comes_as_it_was_sent(text, title, key):
    body = {"text": text, "title": title, "id": key}
    asked = predict_request(json.dumps(body).encode(), {}, max_articles=1)
    assert asked.articles == (Article(text, title=title or "", id=key),)
    assert (asked.single, asked.top_k, asked.explain) == (True, None, False)


def test_options_beside_a_text_are_stronger_than_those_of_the_query():
    asked = predict_request(b'{"text": "a", "top_k": 2}', {"top_k": "5", "explain": "1"}, max_articles=1)
    assert (asked.top_k, asked.explain) == (2, True)


@pytest.mark.parametrize("number", ["0", "-1", "1e3", "\u0663", "9" * 50, ""])
def test_a_count_in_the_query(number):
    with pytest.raises(RequestError, match="expected a whole number of 1 or more"):
        predict_request(b'{"text": "a"}', {"top_k": number}, max_articles=1)
