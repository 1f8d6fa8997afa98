from __future__ import annotations

import os
import sys
from io import StringIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from topicml.article import Problem
from topicml.exceptions import CorpusError
from topicml.reading.columns import ReadOptions, Row
from topicml.reading.decoding import BadLine
from topicml.reading.text_files import read_folder, read_lines, read_page, read_stream, read_text

PAGE = "\nHome / Harbours\n\nFerry returns\n\nBy Ada Moss\n\nThe ferry is back.\n"
ANY_NAME = pytest.mark.skipif(
    sys.platform != "linux", reason="other systems refuse names that are not Unicode"
)
SAVED_PAGE = PAGE.strip().encode()


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


@pytest.fixture
def tree(tmp_path):
    """Return a function that writes files below a folder and reads the folder."""

    def read(files: dict[str, bytes], **options: str) -> list[Row | Problem]:
        for name, content in files.items():
            file = tmp_path / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content)
        return list(read_folder(tmp_path, ReadOptions(**options)))

    return read


def rows(items: list[Row | Problem]) -> list[tuple[str | None, tuple[str, ...] | None]]:
    return [(item.article.id, item.article.labels) for item in items if isinstance(item, Row)]


def problems(items: list[Row | Problem]) -> list[Problem]:
    return [item for item in items if isinstance(item, Problem)]


def test_a_sub_folder_is_a_label(tree, tmp_path):
    found = tree({"sport/1.txt": b"Cup final\r\n", "arts & culture/1.txt": b"Museum opens", "sport/2": b""})
    assert rows(found) == [
        ("arts & culture/1.txt", ("arts & culture",)),
        ("sport/1.txt", ("sport",)),
        ("sport/2", ("sport",)),
    ]
    assert [item.article.text for item in found] == ["Museum opens", "Cup final\r\n", ""]
    assert found[1].article.origin == found[1].path == f"{tmp_path}/sport/1.txt"


def test_nested_files_belong_to_the_first_sub_folder(tree):
    assert rows(tree({"sport/2016/03/1.txt": b"a"})) == [("sport/2016/03/1.txt", ("sport",))]


def test_a_file_in_the_folder_itself_has_no_label(tree):
    assert rows(tree({"1.txt": b"a"})) == [("1.txt", None)]


def test_a_folder_name_is_stripped_like_any_label(tree):
    assert rows(tree({"sport /1.txt": b"a"})) == [("sport /1.txt", ("sport",))]


def test_the_order_is_that_of_the_bytes(tree):
    names = ["b/1.txt", "a/10.txt", "a/9.txt", "B/1.txt", "é/1.txt", "z/1.txt", "a/Z.txt", "0.txt", "a.txt"]
    assert [name for name, _ in rows(tree(dict.fromkeys(names, b"")))] == [
        *("0.txt", "a.txt", "B/1.txt", "a/10.txt", "a/9.txt", "a/Z.txt", "b/1.txt", "z/1.txt", "é/1.txt")
    ]


@pytest.mark.parametrize(
    "hidden",
    [".DS_Store", "sport/.DS_Store", "sport/._1.txt", ".git/HEAD", "__MACOSX/._1.txt", "__MACOSX/1.txt"],
)
def test_hidden_entries_are_passed_over_in_silence(tree, hidden):
    """Files of the system once stopped the reading, or became a class."""
    found = tree({"sport/1.txt": b"Cup final", hidden: b"\x00\x01\x80\xff"})
    assert rows(found) == [("sport/1.txt", ("sport",))]
    assert problems(found) == []


@pytest.mark.parametrize("name", ["README.md", "sport/b.TXT.gz", "sport/c.jpeg", "notes.rst"])
def test_other_files_are_left_out_with_a_problem(tree, tmp_path, name):
    found = tree({"sport/1.txt": b"Cup final", name: b"\xff"})
    [problem] = problems(found)
    assert (problem.kind, problem.path) == ("skipped file", f"{tmp_path}/{name}")
    assert (problem.fatal, problem.left_out) == (False, True)
    assert rows(found) == [("sport/1.txt", ("sport",))]


def test_saved_pages_are_left_out_with_a_problem_that_says_what_reads_them(tree):
    found = tree({"sport/1.txt": b"Cup final", "sport/a.html": b"<p>Cup final"})
    [problem] = problems(found)
    assert (problem.kind, problem.fatal) == ("saved page", False)
    assert "topicml collect" in problem.message
    assert rows(found) == [("sport/1.txt", ("sport",))]


@pytest.mark.parametrize("name", ["1.txt", "1.TXT", "1.text", "51060", "letter"])
def test_text_files_are_known_by_their_name(tree, name):
    assert rows(tree({f"sport/{name}": b"a"})) == [(f"sport/{name}", ("sport",))]


def test_all_files_in_another_encoding_are_named_in_one_go(tree, tmp_path):
    """One such file once killed the run, or was dropped without anyone noticing."""
    files = {
        "sport/1.txt": b"Cup final",
        "sport/2.txt": "Final at the café".encode("latin-1"),
        "sport/3.txt": "Café".encode("latin-1"),
        "economy/1.txt": "Budget cut".encode("utf-16"),
        "economy/2.txt": b"\xef\xbb\xbfBank",
    }
    found = tree(files)
    assert [item.article.text for item in found if isinstance(item, Row)] == [
        "Budget cut",
        "Bank",
        "Cup final",
    ]
    assert [(problem.kind, problem.path, problem.fatal) for problem in problems(found)] == [
        ("wrong encoding", f"{tmp_path}/sport/2.txt", True),
        ("wrong encoding", f"{tmp_path}/sport/3.txt", True),
    ]
    assert "byte 0xe9 at offset 16 is not UTF-8" in problems(found)[0].message


def test_a_named_encoding_is_read(tree):
    [row] = tree({"sport/1.txt": "Café".encode("latin-1")}, encoding="latin-1")
    assert row.article.text == "Café"


@ANY_NAME
def test_names_that_are_not_utf8_are_escaped(tree, tmp_path):
    """Printing such a name once made the tool crash."""
    names = (b"sport/caf\xe9.txt", b"sport/caf\xe9.bin")
    found = tree({os.fsdecode(name): b"League match" for name in names})
    assert rows(found) == [("sport/caf\\xe9.txt", ("sport",))]
    [row] = [item for item in found if isinstance(item, Row)]
    assert row.path == row.article.origin == f"{tmp_path}/sport/caf\\xe9.txt"
    assert [problem.path for problem in problems(found)] == [f"{tmp_path}/sport/caf\\xe9.bin"]


@ANY_NAME
def test_a_folder_name_that_is_not_utf8_is_an_escaped_label(tree):
    assert rows(tree({os.fsdecode(b"caf\xe9/1.txt"): b"a"})) == [("caf\\xe9/1.txt", ("caf\\xe9",))]


def test_a_saved_page_is_taken_apart_and_the_folder_is_its_label(tree):
    [row] = tree({"sport/1.txt": b"\n" + SAVED_PAGE})
    article = row.article
    assert (article.title, article.text, article.labels) == (
        "Ferry returns",
        "The ferry is back.",
        ("sport",),
    )
    assert (article.metadata, article.id) == ({"byline": "By Ada Moss"}, "sport/1.txt")


def test_a_saved_page_in_the_folder_itself_has_the_label_of_its_breadcrumb(tree):
    assert rows(tree({"1.txt": SAVED_PAGE})) == [("1.txt", ("Harbours",))]


def test_a_link_to_a_folder_is_not_followed(tree, tmp_path):
    tree({"sport/1.txt": b"a"})
    (tmp_path / "sport" / "circle").symlink_to(tmp_path)
    found = tree({})
    assert rows(found) == [("sport/1.txt", ("sport",))]
    assert [(problem.kind, problem.path) for problem in problems(found)] == [
        ("skipped file", f"{tmp_path}/sport/circle")
    ]


def test_a_link_to_a_file_is_followed(tree, tmp_path):
    tree({"sport/1.txt": b"a"})
    (tmp_path / "sport" / "2.txt").symlink_to(tmp_path / "sport" / "1.txt")
    assert [item.article.text for item in tree({})] == ["a", "a"]


def test_what_is_no_regular_file_is_left_out(tree, tmp_path):
    """Reading a pipe would wait for ever."""
    os.mkfifo(tmp_path / "pipe.txt")
    (tmp_path / "gone.txt").symlink_to(tmp_path / "nowhere")
    assert [problem.kind for problem in tree({})] == ["skipped file", "skipped file"]


def test_what_is_no_folder_cannot_be_listed(tmp_path):
    with pytest.raises(CorpusError, match=r"cannot be listed: No such file or directory: .*nowhere"):
        list(read_folder(tmp_path / "nowhere", ReadOptions()))


def test_an_empty_folder_yields_nothing(tree):
    assert tree({}) == []


@given(st.binary())
def test_any_bytes_are_a_row_or_a_problem(tmp_path_factory, data):
    folder = tmp_path_factory.mktemp("any")
    (folder / "1.txt").write_bytes(data)
    [item] = read_folder(folder, ReadOptions())
    assert isinstance(item, Row | Problem)
