from __future__ import annotations

import csv
from io import StringIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from topicml.article import Article, Problem
from topicml.exceptions import CorpusError
from topicml.reading.columns import ReadOptions, Row
from topicml.reading.decoding import BadLine
from topicml.reading.delimited import Record, read_csv, read_records, read_tsv

TEXT = st.text(st.characters(exclude_categories=["Cs"]))
CELL = st.text(st.characters(exclude_categories=["Cs"]))


def items(reader, text: str, **options: str) -> list[Row | Problem]:
    return list(reader(StringIO(text, newline="\n"), "a.csv", ReadOptions(**options)))


def articles(reader, text: str, **options: str) -> list[Article]:
    return [item.article for item in items(reader, text, **options) if isinstance(item, Row)]


def problems(reader, text: str, **options: str) -> list[Problem]:
    return [item for item in items(reader, text, **options) if isinstance(item, Problem)]


def pairs(reader, text: str, **options: str) -> list[tuple[str, tuple[str, ...] | None]]:
    return [(article.text, article.labels) for article in articles(reader, text, **options)]


@pytest.mark.parametrize(("reader", "delimiter"), [(read_csv, ","), (read_tsv, "\t")])
@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_rows_under_a_header(reader, delimiter, line_end):
    rows = [["id", "label", "text", "page"], ["007", "sport", "Cup final", "3"], ["8", "", "Rain", ""], []]
    [first, second] = articles(reader, line_end.join(delimiter.join(row) for row in rows))
    assert first == Article(
        "Cup final", labels=("sport",), id="007", metadata={"page": "3"}, origin="a.csv:2"
    )
    assert second == Article("Rain", labels=None, id="8", metadata={"page": ""}, origin="a.csv:3")


@pytest.mark.parametrize(
    "label", ["007", "18_19", "NA", "null", "None", "nan", "1", "1.0", "TRUE", "1e5", "2016-03-03"]
)
@pytest.mark.parametrize(("reader", "delimiter"), [(read_csv, ","), (read_tsv, "\t")])
def test_labels_and_texts_stay_what_was_typed(reader, delimiter, label):
    """Readers of tables like to turn such words into numbers, dates and missing values."""
    text = f"text{delimiter}label\n{label}{delimiter}{label}\nno label{delimiter}\n"
    assert pairs(reader, text) == [(label, (label,)), ("no label", None)]


@pytest.mark.parametrize(
    "label", ["Sport, Outdoors", "Money/Markets", "../up", "two\nlines", 'a "b"', "a;b", "it's"]
)
def test_labels_with_awkward_characters_survive_csv(label):
    written = StringIO(newline="")
    csv.writer(written).writerows([["text", "label"], ["Rain", label]])
    assert pairs(read_csv, written.getvalue()) == [("Rain", (label,))]


def test_a_separator_makes_several_labels():
    assert pairs(read_csv, "text,label\nRain,a; b\nSnow,\nFog,;\n", label_separator=";") == [
        ("Rain", ("a", "b")),
        ("Snow", None),
        ("Fog", ()),
    ]


@pytest.mark.parametrize("delimiter", list(",;\t|"))
def test_the_delimiter_is_found_from_the_header(delimiter):
    text = f"id{delimiter}text{delimiter}label\n1{delimiter}Rain{delimiter}weather\n"
    assert pairs(read_csv, text) == [("Rain", ("weather",))]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("text\nRain\n", ("Rain", None)),
        ("text;label;note, a | b, c\nRain;weather;x\n", ("Rain", ("weather",))),
        ('"text";"label"\n"Rain";"weather"\n', ("Rain", ("weather",))),
        ("a,b,c,d|text\nx|Rain\n", ("Rain", None)),
        ('"a,b,c";"text"\nx;Rain\n', ("Rain", None)),
    ],
)
def test_the_delimiter_that_finds_the_columns_wins(text, expected):
    assert pairs(read_csv, text) == [expected]


def test_the_delimiter_finds_columns_that_the_caller_named():
    assert pairs(read_csv, "a,b;words\nx;Rain, hail\n", text_column="words") == [("Rain, hail", None)]


def test_a_named_delimiter_is_taken():
    assert pairs(read_csv, "text^label\nRain^weather\n", delimiter="^") == [("Rain", ("weather",))]


@pytest.mark.parametrize("text", ["", "\n\r\n", "text,label\n", "text,label", "\ntext,label\n\n"])
@pytest.mark.parametrize("reader", [read_csv, read_tsv])
def test_a_file_without_rows_yields_nothing(reader, text):
    assert items(reader, text.replace(",", "\t")) == []


@pytest.mark.parametrize(
    ("reader", "text"),
    [
        (read_csv, "Cup final,sport\nBank rate cut,economy\n"),
        (read_tsv, "Cup final\tsport\nBank rate cut\teconomy\n"),
    ],
)
def test_a_file_without_a_header(reader, text):
    """The first article must not be taken for the header in silence."""
    with pytest.raises(
        CorpusError, match=r"found 'Cup final', 'sport'; name it with --text-column.*header line"
    ):
        items(reader, text)


def test_columns_that_differ_from_the_named_ones():
    with pytest.raises(CorpusError, match="no column 'text'; found 'Text', ' Label'; did you mean 'Text'"):
        items(read_csv, "Text, Label\nCup final,sport\n", text_column="text", label_column="label")


@pytest.mark.parametrize(
    ("reader", "text"), [(read_csv, "text,label,text\na,b,c\n"), (read_tsv, "text\tlabel\ttext\na\tb\tc\n")]
)
def test_a_column_with_a_role_given_twice(reader, text):
    with pytest.raises(CorpusError, match="the text column is given twice: 'text', 'text'"):
        items(reader, text)


def test_another_column_given_twice_is_noted():
    [note] = problems(read_csv, "text,x,x\na,1,2\n")
    assert (note.kind, note.place, note.fatal, note.left_out) == ("doubled column", "a.csv:1", False, False)
    [article] = articles(read_csv, "text,x,x\na,1,2\n")
    assert article.metadata == {"x": "2"}


@pytest.mark.parametrize("header", ['"text,label\nRain,weather\n', '"text" x,label\n'])
def test_a_header_with_a_stray_quote(header):
    with pytest.raises(CorpusError, match="the header cannot be read: line 1: stray quote"):
        items(read_csv, header)


@pytest.mark.parametrize("reader", [read_csv, read_tsv])
def test_a_header_in_another_encoding(reader):
    with pytest.raises(CorpusError, match="the header cannot be read: line 1: wrong encoding: why"):
        list(reader([BadLine("t\ufffdxt\n", "why", 2), "Rain\n"], "a.csv", ReadOptions()))


@pytest.mark.parametrize(("reader", "delimiter"), [(read_csv, ","), (read_tsv, "\t")])
@pytest.mark.parametrize(("row", "found"), [("a,b,c", 3), ("a", 1), ("a,b,", 3), ("a,b,c,d", 4)])
@pytest.mark.parametrize("line", [2, 3, 4])
def test_a_row_with_more_or_fewer_cells_is_fatal(reader, delimiter, row, found, line):
    """An extra cell once shifted every column of the file by one."""
    rows = ["text,label", "Cup final,sport", "Rain,weather"]
    rows.insert(line - 1, row)
    text = "\n".join(rows).replace(",", delimiter)
    [problem] = problems(reader, text)
    assert (problem.kind, problem.place, problem.fatal) == ("wrong number of cells", f"a.csv:{line}", True)
    assert problem.message.startswith(f"expected 2 cells as in the header, found {found}; ")
    assert pairs(reader, text) == [("Cup final", ("sport",)), ("Rain", ("weather",))]


@pytest.mark.parametrize(("reader", "delimiter"), [(read_csv, ","), (read_tsv, "\t")])
def test_nameless_columns_that_are_empty_are_ignored(reader, delimiter):
    text = "text,label,, \nCup final,sport,, \nRain,weather,,\n".replace(",", delimiter)
    assert pairs(reader, text) == [("Cup final", ("sport",)), ("Rain", ("weather",))]
    assert problems(reader, text) == []
    assert articles(reader, text)[0].metadata == {}


@pytest.mark.parametrize(("reader", "delimiter"), [(read_csv, ","), (read_tsv, "\t")])
def test_a_nameless_column_with_content_is_a_shifted_row(reader, delimiter):
    text = "text,label,\nCup final, tonight,sport\nRain,weather,\n".replace(",", delimiter)
    [problem] = problems(reader, text)
    assert (problem.kind, problem.place, problem.fatal) == ("nameless column", "a.csv:2", True)
    assert "column 3 has no name in the header and holds 'sport'" in problem.message
    assert pairs(reader, text) == [("Rain", ("weather",))]


def test_row_numbers_in_a_nameless_first_column_are_noted_once():
    text = ",text,label\n0,Cup final,sport\n1,Rain,weather\n"
    [note] = problems(read_csv, text)
    assert (note.kind, note.place, note.fatal, note.left_out) == ("nameless column", "a.csv:2", False, False)
    assert pairs(read_csv, text) == [("Cup final", ("sport",)), ("Rain", ("weather",))]


def test_a_nul_stays_in_the_text():
    """Text after a NUL was once cut off without a word."""
    assert pairs(read_csv, 'text,label\n"Cup\0 and",sport\n') == [("Cup\0 and", ("sport",))]
    assert pairs(read_tsv, "text\tlabel\nCup\0 and\tsport\n") == [("Cup\0 and", ("sport",))]


def test_a_file_of_many_blocks_reads_like_a_small_one():
    """Line breaks in quoted cells once lost a byte where a read block ended."""
    count = 20_000
    lines = [
        "text,label\r\n",
        *(f'"Cup {number}\r\n,report"\n,sport\r\n'.replace('"\n', '"') for number in range(count)),
    ]
    texts = [article.text for article in articles(read_csv, "".join(lines))]
    assert texts == [f"Cup {number}\r\n,report" for number in range(count)]


@given(st.lists(st.tuples(TEXT, TEXT), min_size=1), st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]))
def test_texts_written_as_csv_are_read_back(rows, quoting):
    written = StringIO(newline="")
    csv.writer(written, quoting=quoting).writerows([("text", "title"), *rows])
    assert [(article.text, article.title) for article in articles(read_csv, written.getvalue())] == rows


@given(TEXT)
def test_labels_written_as_csv_are_read_back(label):
    written = StringIO(newline="")
    csv.writer(written).writerows([("text", "label"), ("Rain", label)])
    assert pairs(read_csv, written.getvalue()) == [("Rain", (label.strip(),) if label.strip() else None)]


def test_tsv_is_read_without_quoting():
    """A quote at the start of a cell once swallowed the rows after it."""
    text = (
        'text\tlabel\nRain in the north\tweather\n"Stay home, says mayor\tweather\nCup final tonight\tsport\n'
        'Bank rate cut\teconomy\n"Snow" falls\tweather\n6" pipe shortage\teconomy\n'
    )
    assert [pair[0] for pair in pairs(read_tsv, text)] == [
        "Rain in the north",
        '"Stay home, says mayor',
        "Cup final tonight",
        "Bank rate cut",
        '"Snow" falls',
        '6" pipe shortage',
    ]
    assert problems(read_tsv, text) == []


def test_the_same_rows_as_csv_name_the_stray_quote():
    rows = [
        "text,label",
        "Rain,weather",
        '"Stay home,weather',
        "Cup final,sport",
        '"Snow" falls,weather',
        '6" pipe,x',
    ]
    text = "\n".join(rows)
    assert [problem.place for problem in problems(read_csv, text)] == ["a.csv:3:1", "a.csv:5:1"]
    assert pairs(read_csv, text) == [
        ("Rain", ("weather",)),
        ("Cup final", ("sport",)),
        ('6" pipe', ("x",)),
    ]


def test_tsv_cells_that_look_quoted_are_noted_once():
    text = 'text\tlabel\n"Rain"\tweather\n"Snow"\tweather\n"\tx\n'
    [note] = problems(read_tsv, text)
    assert (note.kind, note.place, note.fatal, note.left_out) == ("quoted cell", "a.csv:2", False, False)
    assert "--input-format csv --delimiter" in note.message
    assert [pair[0] for pair in pairs(read_tsv, text)] == ['"Rain"', '"Snow"', '"']


@pytest.mark.parametrize("character", ["\u2028", "\u0085", "\x0b", "\x0c", "\x1c", "\r"])
def test_tsv_lines_end_at_lf_alone(character):
    assert pairs(read_tsv, f"text\tlabel\na{character}b\tc\n") == [(f"a{character}b", ("c",))]


@pytest.mark.parametrize("before", [True, False], ids=["label-seen-before", "label-seen-after"])
@pytest.mark.parametrize(
    "swallowing",
    [
        pytest.param(
            '"Stay home, says mayor,weather\nCup final,sport\nand so on",weather\n', id="a-whole-row"
        ),
        pytest.param('"Stay home,sport\nand so on",weather\n', id="the-end-of-its-own-row"),
        pytest.param('"Stay home\r\nCup final,sport\r\nand so on",weather\r\n', id="crlf"),
    ],
)
def test_lines_of_a_cell_that_look_like_rows_are_noted(swallowing, before):
    """A stray quote can swallow rows and still leave a file that is valid."""
    row = "Match moved,sport\n"
    text = "text,label\n" + (row + swallowing if before else swallowing + row)
    [note] = problems(read_csv, text)
    assert (note.kind, note.line, note.fatal, note.left_out) == (
        "swallowed rows?",
        3 if before else 2,
        False,
        False,
    )
    assert len(articles(read_csv, text)) == 2


def test_the_end_of_a_swallowing_row_is_seen_in_any_column():
    text = 'id,text,label\n1,Match moved,sport\n2,"Stay home,sport\nand so on",weather\n'
    assert [(problem.kind, problem.line) for problem in problems(read_csv, text)] == [("swallowed rows?", 3)]


def test_lines_of_a_cell_that_are_prose_are_not_noted():
    text = 'text,label\n"Rain, hail\nand snow, they say\nin the north, mostly",weather\nCup final,sport\n'
    assert problems(read_csv, text) == []


def test_a_file_without_labels_has_no_swallowed_rows_to_note():
    assert problems(read_csv, 'text,id\n"Rain\nSnow,2\nFog",1\nHail,2\n') == []


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


def test_a_line_that_names_the_separator_is_no_header():
    [row] = read_csv(["sep=;\n", "text;label\n", "Rain, hail;weather\n"], "a.csv", ReadOptions())
    assert (row.article.text, row.article.labels, row.line) == ("Rain, hail", ("weather",), 3)


@pytest.mark.parametrize(
    "below", [[], ["\n"], ["\n", "\r\n"]], ids=["nothing", "a blank line", "blank lines"]
)
def test_a_line_that_names_the_separator_alone_is_an_empty_file(below):
    """The end of the file after it was a raw StopIteration."""
    assert list(read_csv(["sep=;\n", *below], "a.csv", ReadOptions())) == []


def test_blank_lines_may_follow_the_line_that_names_the_separator():
    [row] = read_csv(["sep=;\n", "\n", "text;label\n", "Rain;weather\n"], "a.csv", ReadOptions())
    assert (row.article.text, row.article.labels, row.line) == ("Rain", ("weather",), 4)


def test_a_header_that_is_repeated_is_no_article():
    header = "text,label\n"
    note, row = read_csv([header, header, "Rain,weather\n"], "a.csv", ReadOptions())
    assert (note.kind, note.line, note.fatal, note.left_out) == ("repeated header", 2, False, False)
    assert row.article.labels == ("weather",)
