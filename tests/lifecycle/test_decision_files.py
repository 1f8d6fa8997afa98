from __future__ import annotations

import csv
import gzip
import json
import zipfile
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.reading.test_archives import workbook
from topicml.exceptions import CorpusError, TopicmlError, TopicmlValueError
from topicml.lifecycle.decision_files import read_decisions
from topicml.lifecycle.decisions import Decision
from topicml.reading.columns import ReadOptions

ANY = st.text(st.characters(exclude_categories=["Cs"]))
DONE = '{"text": "Rain", "accept": ["weather"], "answer": "accept"}\n'
TASKS = "id,title,text,guess,probability,reason,label,decision\n"
SUSPECTS = "row,id,place,kind,given,suggested,title,text,decision\n"


def objects(values):
    """Objects with the keys that the readers look for."""
    keys = ("data", "annotations", "result", "answer", "accept", "label", "text", "id", "meta", "decision")
    return st.dictionaries(st.sampled_from(keys), values)


VALUES = st.recursive(
    st.none() | ANY | st.booleans() | st.just("choices"),
    lambda inner: st.lists(inner) | objects(inner),
)
CONTENT = st.binary() | ANY.map(str.encode) | VALUES.map(lambda value: json.dumps(value).encode())


@pytest.fixture
def write(tmp_path):
    """Return a function that writes a file and returns its path."""

    def write(name, content):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write


def said(decisions):
    return [(decision.action, decision.labels, decision.removed) for decision in decisions]


def test_a_row_says_which_article_it_is_about(write):
    row = "4,a7,a.csv:5,wrong,art,sport,Cup,Late goal,keep\n"
    [decision] = read_decisions(path := write("suspects.csv", SUSPECTS + row))
    assert decision == Decision(
        "keep", id="a7", title="Cup", text="Late goal", place="a.csv:5", origin=f"{path}:2"
    )


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.csv", "id,text,label\na7,Late goal,sport\n"),
        ("a.csv", "\ufeffid;text;Label;Decision\r\na7;Late goal;;sport\r\n"),
        ("a.csv", "id,label\na7,sport\n"),
        ("a.csv", "id,label,decision\na7,,sport\n"),
        ("a.tsv", "id\ttext\tlabel\na7\tLate goal\tsport\n"),
        ("a.csv.gz", gzip.compress(b"id,text,label\na7,Late goal,sport\n", mtime=0)),
        ("a.jsonl", '{"id": "a7", "text": "Late goal", "label": "sport"}\n'),
        ("a.jsonl", '{"id": "a7", "label": ["sport"], "decision": "label"}\n'),
        ("a.json", '[{"id": "a7", "decision": "sport"}]'),
    ],
)
def test_tables_of_other_people_are_read(write, name, content):
    [decision] = read_decisions(write(name, content))
    assert (decision.action, decision.labels, decision.id) == ("label", ("sport",), "a7")


def test_a_column_of_labels_is_no_decision_beside_the_one_of_decisions(write):
    """A table that someone added the column to has the article's labels, too."""
    path = write("a.csv", "id,text,section,decision\na7,Late goal,art,\na8,Rain,art,weather\n")
    assert said(read_decisions(path)) == [("skip", (), ()), ("label", ("weather",), ())]


def test_a_workbook_is_read(write):
    pytest.importorskip("fastexcel")
    rows = [["id", "text", "label", "decision"], ["a7", "'=Late goal", "sport", ""]]
    [decision] = read_decisions(write("todo.xlsx", workbook(Tasks=rows)))
    assert (decision.labels, decision.text) == (("sport",), "=Late goal")


@pytest.mark.parametrize("ending", ["", "\n", "\n\n"])
def test_lines_of_json_and_arrays_are_one(write, ending):
    lines = DONE + DONE.replace("Rain", "Snow").rstrip() + ending
    array = f"[{','.join(lines.split(chr(10))).rstrip(',')}]{ending}"
    found = [read_decisions(write(name, text)) for name, text in (("a.jsonl", lines), ("a.json", array))]
    assert [decision.text for decision in found[0]] == ["Rain", "Snow"]
    assert said(found[0]) == said(found[1])


def test_an_archive_with_a_file_for_each_annotator_is_read(tmp_path):
    with zipfile.ZipFile(tmp_path / "export.zip", "w") as archive:
        archive.writestr("ann.jsonl", '{"id": 1, "text": "Rain", "label": ["weather"]}\n')
        archive.writestr("__MACOSX/._ann.jsonl", b"x")
        archive.writestr("bob.jsonl", '{"id": 1, "text": "Rain", "label": []}\n')
    found = read_decisions(tmp_path / "export.zip")
    assert said(found) == [("label", ("weather",), ()), ("skip", (), ())]
    assert found[0].origin == f"{tmp_path / 'export.zip'}/ann.jsonl:1"


def test_an_archive_of_something_else_is_refused(tmp_path):
    with zipfile.ZipFile(tmp_path / "export.zip", "w") as archive:
        archive.writestr("a.png", b"x")
    with pytest.raises(CorpusError, match=r"expected \.json or \.jsonl in the archive, found 'a\.png'"):
        read_decisions(tmp_path / "export.zip")


def test_a_damaged_archive_is_named(write, tmp_path):
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("ann.jsonl", DONE)
    damaged = (tmp_path / "a.zip").read_bytes().replace(b"Rain", b"Snow", 1)
    with pytest.raises(CorpusError, match=r"b\.zip: .*Bad CRC-32"):
        read_decisions(write("b.zip", damaged))


def test_several_files_are_read_one_after_the_other(write):
    paths = [write("a.jsonl", DONE), write("b.csv", "id,label\na7,sport\n")]
    assert [decision.labels for decision in read_decisions(paths)] == [("weather",), ("sport",)]


def test_labels_may_have_a_separator(write):
    path = write("a.csv", "id,text,label,decision\na7,Late goal,sport; art,\n")
    assert said(read_decisions(path, options=ReadOptions(label_separator=";"))) == [
        ("label", ("sport", "art"), ())
    ]


def test_an_encoding_is_that_of_files_that_are_not_utf_8(write):
    options = ReadOptions(encoding="cp1252")
    for encoding in ("cp1252", "utf-8", "utf-8-sig"):
        path = write("a.csv", "id,label\na7,société\n".encode(encoding))
        assert said(read_decisions(path, options=options)) == [("label", ("société",), ())]


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.jsonl", DONE + "{", r"a\.jsonl:2:2: broken JSON"),
        ("a.jsonl", '{"a": ' * 5000, r"a\.jsonl: .*(nested|broken)"),
        ("a.json", "[1]", r"a\.json:1: not an object: expected an object with an article and a decision"),
        ("a.csv", "Rain,weather\n", r"a\.csv: no text column"),
        ("a.csv", b"id,label\na7,\xff\n", r"a\.csv: byte 0xff at offset 12"),
        ("a.csv", 'id,label\na7,"sport\n', r"a\.csv:2:4: stray quote"),
        ("a.pdf", b"%PDF-1.7", r"a\.pdf: the file is PDF"),
    ],
)
def test_what_cannot_be_read_is_named(write, name, content, message):
    with pytest.raises(CorpusError, match=message):
        read_decisions(write(name, content))


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(CorpusError, match=r"none\.csv: cannot be read: No such file"):
        read_decisions(tmp_path / "none.csv")


def test_a_format_can_be_named(write):
    """Rows of doccano and of topicml look the same, but for the id."""
    path = write("a.jsonl", '{"id": 13, "text": "Rain", "label": "weather"}\n')
    assert [decision.id for decision in read_decisions(path)] == ["13"]
    assert [decision.id for decision in read_decisions(path, format="doccano")] == [None]


def test_a_table_is_no_export_of_a_tool(write):
    with pytest.raises(CorpusError, match="expected JSON, as prodigy exports it, found a table"):
        read_decisions(write("a.csv", "id,label\na7,sport\n"), format="prodigy")


def test_an_unknown_format_is_refused(write):
    with pytest.raises(TopicmlValueError, match=r"unknown format 'doc'; expected one of csv, label-studio"):
        read_decisions(write("a.jsonl", DONE), format="doc")


@given(CONTENT)
def test_no_content_raises_anything_but_what_is_meant(tmp_path_factory, content):
    for name in ("a.jsonl", "a.csv"):
        path = tmp_path_factory.mktemp("any") / name
        path.write_bytes(content)
        with suppress(TopicmlError):
            read_decisions(path)


def test_a_spreadsheet_may_write_the_table_anew(write, tmp_path):
    """With semicolons, all cells in quotes, and a row without anything at the end."""
    path = write("todo.csv", f'{TASKS}a7,,"Late\ngoal",sport,0.6,,,\n')
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    rows[1][6] = "art"
    with (tmp_path / "saved.csv").open("w", encoding="utf-8-sig", newline="") as file:
        csv.writer(file, delimiter=";", quoting=csv.QUOTE_ALL).writerows([*rows, [""] * 8])
    found = read_decisions(tmp_path / "saved.csv")
    assert said(found) == [("label", ("art",), ()), ("skip", (), ())]
    assert found[0].text == "Late\ngoal"
