from __future__ import annotations

import json
from io import StringIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from topicml.article import Problem
from topicml.exceptions import CorpusError
from topicml.reading.columns import ReadOptions, Row
from topicml.reading.decoding import BadLine
from topicml.reading.json_documents import read_json
from topicml.reading.json_lines import read_json_lines
from topicml.reading.readers import iter_articles

TEXT = st.text(st.characters(exclude_categories=["Cs"]))
ROWS = st.lists(st.fixed_dictionaries({"text": TEXT, "id": TEXT}), max_size=5)


def items(text, **options):
    return list(read_json(StringIO(text, newline="\n"), "a.json", ReadOptions(**options)))


def articles(text):
    return [item.article for item in items(text) if isinstance(item, Row)]


def as_lines(rows):
    text = "".join(json.dumps(row) + "\n" for row in rows)
    return [
        item.article
        for item in read_json_lines(StringIO(text, newline="\n"), "a.json", ReadOptions())
        if isinstance(item, Row)
    ]


@given(ROWS, st.sampled_from([None, 0, 2, "\t"]))
def test_an_array_is_read_as_its_objects_in_lines(rows, indent):
    assert articles(json.dumps(rows, indent=indent)) == as_lines(rows)


@given(ROWS)
def test_objects_over_several_lines_are_read_one_after_the_other(rows):
    assert articles("\n".join(json.dumps(row, indent=2) for row in rows)) == as_lines(rows)


@given(ROWS)
def test_json_lines_stay_json_lines(rows):
    assert articles("".join(json.dumps(row) + "\n" for row in rows)) == as_lines(rows)


def test_one_object_is_one_article():
    [article] = articles('{\n  "text": "Rain",\n  "label": "weather"\n}\n')
    assert (article.text, article.labels, article.origin) == ("Rain", ("weather",), "a.json:1")


@pytest.mark.parametrize("first_line", ["{", '{"text": "Rain",', '{"text": "Rain", "tags": ['])
def test_an_object_that_goes_on_in_the_next_line_is_whole(first_line):
    rest = {"{": '"text": "Rain"}', '{"text": "Rain",': '"id": "a"}'}.get(first_line, '"a"]}')
    [article] = articles(f"{first_line}\n{rest}\n")
    assert article.text == "Rain"


def test_a_first_line_that_breaks_off_is_one_row_of_json_lines():
    """As from a live stream, where what comes after it must be answered at once."""
    broken, row = items('{"text": "Rai\n{"text": "Snow"}\n')
    assert (broken.kind, broken.line, row.article.text) == ("broken JSON", 1, "Snow")


@pytest.mark.parametrize("text", ["[]", " [ ] \n", "\n[\n]\n"])
def test_an_empty_array_has_no_rows(text):
    assert items(text) == []


@pytest.mark.parametrize(
    ("text", "number", "message"),
    [
        ('[{"text": "a"},\n {"text": }]', 2, "Expecting value at line 2, column 11"),
        ('[{"text": "a"} {"text": "b"}]', 2, "Expecting ',' or ']' at line 1, column 16"),
        ('[{"text": "a"},', 2, "Expecting value at line 1, column 16"),
        ('[{"text": "a"}', 2, "Expecting ',' or ']' at line 1, column 15"),
        ('[{"text": "a", "x": NaN}]', 1, "NaN is not JSON at line 1, column 21"),
        ('[{"text": "a"}]\n]', 2, "Expecting value at line 2, column 1"),
    ],
)
def test_broken_json_names_the_object_and_the_place(text, number, message):
    [problem] = [item for item in items(text) if isinstance(item, Problem)]
    assert (problem.place, problem.kind, problem.fatal) == (f"a.json:{number}", "broken JSON", True)
    assert problem.message == f"{message}; nothing after it is read"


def test_a_deeply_nested_object_is_a_problem():
    [problem] = items('[\n{"text": "a", "x": ' + "[" * 100_000)
    assert "nested too deeply at line 2, column 1" in problem.message


def test_what_is_no_object_is_a_problem_and_the_others_are_read():
    first, second, third = items('[{"text": "a"}, ["b"], {"text": "c"}]')
    assert (first.article.text, third.article.text) == ("a", "c")
    assert str(second) == (
        'a.json:2: not an object: expected an object such as {"text": "..."}, found a list; remove it'
    )


def test_columns_must_agree_through_an_array():
    _, problem = items('[{"text": "a", "section": "x"}, {"text": "b", "topic": "y"}]')
    assert (problem.kind, problem.line) == ("mixed columns", 2)


def test_a_column_that_no_object_has_is_an_error():
    with pytest.raises(CorpusError, match="no column 'desk'"):
        items('[{"text": "a"}]', label_column="desk")


def test_a_line_that_cannot_be_decoded_ends_the_array():
    lines = ["[\n", BadLine('{"text": "\ufffd"}]', "byte 0xff at offset 12 is not UTF-8", 11)]
    [problem] = read_json(lines, "a.json", ReadOptions())
    assert (problem.kind, problem.line, problem.column) == ("wrong encoding", 2, 11)


def test_an_array_too_large_for_memory_is_an_error():
    with pytest.raises(CorpusError, match=r"more than 20 characters does not fit.*write one object per line"):
        list(read_json(['[{"text": "a"},\n', '{"text": "b"}]'], "a.json", ReadOptions(), most_characters=20))


@given(st.text(max_size=30) | st.text('[]{},:" \n', max_size=30))
def test_no_text_is_an_exception(text):
    try:
        assert all(isinstance(item, Row | Problem) for item in items(text))
    except CorpusError as error:
        assert "no text column" in str(error)


@pytest.mark.parametrize(
    ("key", "content"),
    [
        ("articles", '{"status": "ok", "articles": [{"text": "Cup"}, {"text": "Rain"}]}'),
        ("response.docs", '{"response": {"docs": [{"text": "Cup"},\n {"text": "Rain"}]}}'),
    ],
)
def test_a_list_of_articles_under_a_key_is_read(key, content):
    rows = read_json([content], "a.json", ReadOptions(json_key=key))
    assert [row.article.text for row in rows] == ["Cup", "Rain"]


def test_a_key_that_is_not_there_is_named_with_those_that_are():
    with pytest.raises(CorpusError, match="under the key 'items', found 'status', 'articles'"):
        list(read_json(['{"status": "ok", "articles": []}'], "a.json", ReadOptions(json_key="items")))


def test_a_list_under_a_key_is_pointed_to():
    text = '{"n": 1, "articles": [{"text": "Cup", "label": "sport"}]}'
    with pytest.raises(CorpusError, match=r"the key 'articles' holds a list .* --json-key articles"):
        list(read_json([text], "a.json", ReadOptions()))


@pytest.mark.parametrize("name", ["a.json", "a.jsonl"])
def test_a_list_under_a_key_is_read_on_one_line_too(tmp_path, name):
    (tmp_path / name).write_text('{"articles": [{"text": "Cup"}, {"text": "Rain"}]}')
    found = iter_articles(tmp_path / name, ReadOptions(json_key="articles"))
    assert [article.text for article in found] == ["Cup", "Rain"]
