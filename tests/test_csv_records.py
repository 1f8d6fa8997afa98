from __future__ import annotations

import csv
from io import StringIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from topicml.article import Problem
from topicml.reading.decoding import BadLine
from topicml.reading.delimited import Record, read_records

CELL = st.text(st.characters(exclude_categories=["Cs"]))


def records(text: str, delimiter: str = ",") -> list[Record | Problem]:
    return list(read_records(text.splitlines(keepends=True), delimiter, "a.csv"))


def cells(text: str) -> list[list[str]]:
    return [record.cells for record in records(text) if isinstance(record, Record)]


def places(text: str) -> list[str]:
    return [record.place for record in records(text) if isinstance(record, Problem)]


def test_a_record_knows_the_line_where_it_begins():
    found = records('a,b\r\n"two\r\nlines",c\r\n\r\nd,"three\n\nlines"\ne,f')
    assert [(record.line, record.cells) for record in found] == [
        (1, ["a", "b"]),
        (2, ["two\r\nlines", "c"]),
        (5, ["d", "three\n\nlines"]),
        (8, ["e", "f"]),
    ]


@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_every_line_end_ends_a_record(line_end):
    lines = StringIO(line_end.join(["a,b", "c,d", ""]), newline="\n")
    assert [record.cells for record in read_records(lines, ",", "a.csv")] == [["a", "b"], ["c", "d"]]


@pytest.mark.parametrize(
    "inner", ["\n", "\r\n", "\r", "\n\n", "\r\n\r", "\0", "\u2028", "\x0b", "\x1c", '""', ","]
)
def test_what_stands_between_quotes_stays_as_written(inner):
    assert cells(f'"a{inner}b",c\n') == [[f"a{inner}b".replace('""', '"'), "c"]]


def test_a_quote_inside_an_unquoted_cell_is_text():
    assert cells('6" pipe,economy\n') == [['6" pipe', "economy"]]


def test_a_cell_of_any_size_is_read():
    """The csv module stops at 131,072 characters unless told otherwise."""
    text = "The bank cut its rate. " * 20_000
    assert cells(f'"{text}",economy\n') == [[text, "economy"]]


@pytest.mark.parametrize(
    ("text", "place", "kept"),
    [
        pytest.param('a,b\n"c,d\ne,f\ng,h\n', "a.csv:2:1", ["a", "e", "g"], id="never-closed"),
        pytest.param('a,b\nc,"d\ne,f\n', "a.csv:2:3", ["a", "e"], id="never-closed-in-the-second-cell"),
        pytest.param(
            'a,b\n"c,d\ne,f\n"g" h,i\nj,k\n', "a.csv:2:1", ["a", "e", "j"], id="closed-by-a-later-row"
        ),
        pytest.param('a,b\n"c" d,e\nf,g\n', "a.csv:2:1", ["a", "f"], id="closed-inside-its-cell"),
        pytest.param(
            'a,b\n"ok\nok",x"y\n"c,d\ne,f\n', "a.csv:4:1", ["a", "ok\nok", "e"], id="after-a-good-quoted-cell"
        ),
        pytest.param('a,b\n"ok\nok","c\nd,e\n', "a.csv:3:5", ["a", "d"], id="on-the-last-line-of-a-record"),
        pytest.param('a,b\n"say ""c,d\ne,f\n', "a.csv:2:1", ["a", "e"], id="doubled-quotes-close-nothing"),
        pytest.param('a,b\nc,"', "a.csv:2:3", ["a"], id="at-the-end-of-the-file"),
    ],
)
def test_a_stray_quote_is_named_where_it_opens_and_costs_its_row_only(text, place, kept):
    """A quote that is not closed once swallowed a third of a file without an error."""
    found = [place_ for place_ in places(text) if place_ == place]
    assert found == [place]
    assert [row[0] for row in cells(text)] == kept


def test_a_stray_quote_is_fatal_and_says_what_to_do():
    [problem] = records('"a,b\n')
    assert (problem.kind, problem.fatal, problem.left_out) == ("stray quote", True, True)
    assert "the quote that opens here is never closed; double each quote" in problem.message
    [problem] = records('"a" b,c\n')
    assert "the quote that opens here closes in the middle of a cell" in problem.message


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|", "^", "]", "-", "\\", " "])
def test_stray_quotes_are_found_whatever_the_delimiter(delimiter):
    found = records(f'a{delimiter}"ok"{delimiter}"c\n', delimiter)
    assert [problem.place for problem in found] == ["a.csv:1:8"]


def test_many_stray_quotes_are_many_problems():
    assert places('"a" b,c\n' * 3) == ["a.csv:1:1", "a.csv:2:1", "a.csv:3:1"]


def test_a_line_that_is_no_text_costs_its_record():
    bad = BadLine("caf\ufffd,x\n", "why", 4)
    found = list(read_records(["a,b\n", bad, '"c\n', bad, '",d\n', "e,f\n"], ",", "a.csv"))
    assert [str(item) if isinstance(item, Problem) else item.cells for item in found] == [
        ["a", "b"],
        "a.csv:2:4: wrong encoding: why",
        "a.csv:4:4: wrong encoding: why",
        ["e", "f"],
    ]


@given(st.lists(st.lists(CELL, min_size=1).filter(lambda row: row != [""])), st.sampled_from(",;\t|"))
def test_what_the_csv_module_writes_is_read_back(rows, delimiter):
    written = StringIO(newline="")
    csv.writer(written, delimiter=delimiter).writerows(rows)
    lines = [line + "\n" for line in written.getvalue().split("\n")[:-1]]
    assert [record.cells for record in read_records(lines, delimiter, "a.csv")] == rows


@given(st.lists(st.text(st.sampled_from('a",')), min_size=1), st.sampled_from(["\n", "\r\n"]))
def test_every_line_is_in_a_record_or_in_a_problem(lines, line_end):
    """Rows once vanished in silence. A stray quote may stand below the line where its row begins."""
    reached = 0
    for item in read_records([line + line_end for line in lines], ",", "a.csv"):
        if isinstance(item, Record):
            assert not any(lines[reached : item.line - 1])
            reached = item.line + sum(cell.count("\n") for cell in item.cells)
        else:
            assert item.line > reached
            reached = item.line
    assert not any(lines[reached:])
