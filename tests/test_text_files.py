from __future__ import annotations

from io import StringIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from topicml.article import Problem
from topicml.reading.columns import ReadOptions, Row
from topicml.reading.decoding import BadLine
from topicml.reading.text_files import read_lines, read_page, read_stream, read_text

PAGE = "\nHome / Harbours\n\nFerry returns\n\nBy Ada Moss\n\nThe ferry is back.\n"


def texts(reader, text: str) -> list[str]:
    return [item.article.text for item in reader(StringIO(text, newline="\n"), "a.txt", ReadOptions())]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        ("a", ["a"]),
        ("a\n", ["a"]),
        ("a\nb\r\nc", ["a", "b", "c"]),
        ("\n\na\n\n", ["", "", "a", ""]),
        ("a\x0cb\rc\u2028d\x85e\x1cf\n", ["a\x0cb\rc\u2028d\x85e\x1cf"]),
        (" a \n", [" a "]),
        ("a\r\r\n", ["a\r"]),
    ],
)
def test_each_line_is_an_article_and_lf_ends_it(text, expected):
    assert texts(read_lines, text) == expected


def test_a_line_knows_its_place():
    [_, row] = read_lines(["a\n", "b\n"], "a.txt", ReadOptions())
    assert (row.article.origin, row.path, row.line) == ("a.txt:2", "a.txt", 2)


def test_a_line_that_is_no_text_stands_in_its_place():
    found = list(read_lines(["a\n", BadLine("", "why", 4), "b\n"], "a.txt", ReadOptions()))
    assert [item.article.text if isinstance(item, Row) else str(item) for item in found] == [
        "a",
        "a.txt:2:4: wrong encoding: why",
        "b",
    ]


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\n"))))
def test_lines_are_read_back(lines):
    expected = [line.removesuffix("\r") for line in lines]
    assert texts(read_lines, "".join(f"{line}\n" for line in lines)) == expected


def test_a_page_is_one_article():
    [row] = read_page(StringIO(PAGE), "a.txt", ReadOptions())
    article = row.article
    assert (article.title, article.text, article.labels) == (
        "Ferry returns",
        "The ferry is back.",
        ("Harbours",),
    )
    assert (article.origin, row.path, row.line) == ("a.txt", "a.txt", None)


def test_a_page_that_is_no_text_is_one_problem():
    lines = ["Home / Harbours\n", BadLine("", "why", 4), "x\n", BadLine("", "why", 1)]
    [problem] = read_page(lines, "a.txt", ReadOptions())
    assert str(problem) == "a.txt:2:4: wrong encoding: why"


@pytest.mark.parametrize("reader", [read_lines, read_page, read_text, read_stream])
def test_an_empty_file_holds_nothing(reader):
    assert texts(reader, "") == []


def test_a_text_file_that_begins_with_a_breadcrumb_is_a_page():
    assert texts(read_text, PAGE) == ["The ferry is back."]


@pytest.mark.parametrize("text", ["\nCup final\n\nRain\n", "Win / lose\nRain\n", "\n\n"])
def test_any_other_text_file_holds_an_article_a_line(text):
    assert texts(read_text, text) == text.split("\n")[:-1]


@pytest.mark.parametrize("start", ["", "\n", " \r\n\t"])
def test_a_stream_that_begins_with_a_brace_is_json_lines(start):
    assert texts(read_stream, f'{start}{{"text": "Rain"}}\n') == ["Rain"]


@pytest.mark.parametrize("text", ["Rain\n{}\n", "[Rain]\n", "\n\n", PAGE])
def test_any_other_stream_holds_an_article_a_line(text):
    assert texts(read_stream, text) == text.split("\n")[:-1]


@pytest.mark.parametrize("reader", [read_text, read_stream])
def test_a_first_line_that_is_no_text_is_looked_at_all_the_same(reader):
    lines = [BadLine("caf\ufffd\n", "why", 4), "Rain\n"]
    found = list(reader(lines, "a.txt", ReadOptions()))
    assert [type(item) for item in found] == [Problem, Row]
