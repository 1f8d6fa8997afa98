from __future__ import annotations

import gzip
import os

import pytest

from topicml.article import Problem
from topicml.exceptions import CorpusError
from topicml.pages.sources import list_files, read_bounded


@pytest.fixture
def tree(tmp_path):
    for name in (
        "b.html",
        "a.HTM",
        "z/c.html.gz",
        "sport/2016/d.warc.gz",
        "2016/e.xml",
        ".git/f.html",
        "g.css",
        "z/h.css",
    ):
        path = tmp_path / "tree" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"")
    (tmp_path / "tree" / "link").symlink_to(tmp_path, target_is_directory=True)
    return tmp_path / "tree"


def test_files_in_the_order_of_their_names_and_their_folders(tree):
    *files, problem = list_files(tree)
    assert [(file.id, file.kind, file.folder) for file in files] == [
        ("a.HTM", "page", ()),
        ("b.html", "page", ()),
        ("2016/e.xml", "feed", ()),
        ("sport/2016/d.warc.gz", "warc", ("sport",)),
        ("z/c.html.gz", "page", ("z",)),
    ]
    assert (problem.kind, problem.fatal) == ("skipped files", False)
    assert "2 files ending in '.css'" in problem.message


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_a_pipe_is_not_waited_for(tmp_path):
    """Regression (collect waited forever): what looks like a page and is no file is named, or refused."""
    os.mkfifo(tmp_path / "a.html")
    (problem,) = list_files(tmp_path)
    assert str(problem) == f"{tmp_path}/a.html: skipped file: expected a regular file"
    with pytest.raises(CorpusError, match=r"a\.html: expected a file or a folder, found a pipe"):
        list(list_files(tmp_path / "a.html"))


def test_the_name_of_a_lone_folder_says_nothing(tmp_path):
    """With all pages in one folder, as after unpacking an archive, its name labelled every one of them."""
    for name in ("site/a.html", "site/news/b.html", "c.html", "styles/d.css"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(b"")
    found = [
        [file.folder for file in list_files(tmp_path, lone_folders=asked) if not isinstance(file, Problem)]
        for asked in (False, True)
    ]
    assert found == [[(), (), ()], [(), ("site",), ("site",)]]


def test_one_file(tree):
    (file,) = list_files(tree / "b.html")
    assert (file.id, file.kind, file.folder) == ("b.html", "page", ())


def test_what_cannot_be_listed(tree):
    with pytest.raises(CorpusError, match="none: no such file or folder"):
        list(list_files(tree / "none"))
    with pytest.raises(CorpusError, match=r"g.css: expected a folder, or a name that ends in one of .html"):
        list(list_files(tree / "g.css"))


def test_a_name_that_is_no_text(tmp_path):
    (tmp_path / os.fsdecode(b"caf\xe9.html")).write_bytes(b"")
    assert [file.id for file in list_files(tmp_path) if not isinstance(file, Problem)] == ["caf\\xe9.html"]


@pytest.mark.parametrize("name", ["a.html.gz", "a.html"])
def test_files_are_read_through_gzip_whatever_their_names(tmp_path, name):
    (tmp_path / name).write_bytes(gzip.compress(b"<p>Rain", mtime=0))
    assert read_bounded(tmp_path / name) == b"<p>Rain"


@pytest.mark.parametrize(
    ("name", "data", "reason"),
    [
        ("bomb.html.gz", gzip.compress(b"a" * 25_000_000, mtime=0), "at most 20,000,000 bytes"),
        ("large.html", b"a" * 25_000_000, "at most 20,000,000 bytes"),
        ("cut.html.gz", gzip.compress(b"<p>Rain" * 100, mtime=0)[:-9], "cannot be read"),
        ("plain.html.gz", b"<p>Rain", "cannot be read"),
        ("packed.html", gzip.compress(b"<p>Rain" * 100, mtime=0)[:-9], "cannot be read"),
    ],
)
def test_what_cannot_be_read(tmp_path, name, data, reason):
    (tmp_path / name).write_bytes(data)
    with pytest.raises(CorpusError, match=reason):
        read_bounded(tmp_path / name)
