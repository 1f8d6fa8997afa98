from __future__ import annotations

import gzip
import json
import sys

import pytest

from topicml.exceptions import CorpusError, TopicmlError
from topicml.files import open_output, staged, walk


@pytest.mark.parametrize("name", ["a.txt", "a.txt.gz"])
def test_a_file_takes_its_name_when_it_is_whole(tmp_path, name):
    with open_output(tmp_path / name) as stream:
        stream.write("Süden\n")
        assert not (tmp_path / name).exists()
    data = (tmp_path / name).read_bytes()
    assert (gzip.decompress(data) if name.endswith(".gz") else data) == "Süden\n".encode()
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_what_fails_half_way_leaves_the_old_file(tmp_path):
    (tmp_path / "a.txt").write_text("old")
    with pytest.raises(ZeroDivisionError, match="by zero"), open_output(tmp_path / "a.txt") as stream:
        stream.write("new")
        raise ZeroDivisionError("by zero")
    assert (tmp_path / "a.txt").read_text() == "old"
    assert len(list(tmp_path.iterdir())) == 1


def test_the_same_text_is_the_same_bytes(tmp_path):
    for name in ("a.gz", "b.gz"):
        with open_output(tmp_path / name) as stream:
            stream.write("x")
    assert (tmp_path / "a.gz").read_bytes() == (tmp_path / "b.gz").read_bytes()


def test_a_lone_surrogate_is_an_escape_that_json_reads_back(tmp_path):
    with open_output(tmp_path / "a.jsonl") as stream:
        stream.write(json.dumps("\ud800", ensure_ascii=False))
    assert json.loads((tmp_path / "a.jsonl").read_text()) == "\ud800"


def test_a_folder_that_is_not_there(tmp_path):
    with (
        pytest.raises(TopicmlError, match=r"cannot write .*a\.txt"),
        open_output(tmp_path / "none" / "a.txt"),
    ):
        pass


def test_a_walk_passes_over_what_browsers_save_beside_a_page(tmp_path):
    """An advertisement in such a folder became an article."""
    for name in (
        *("Story.html", "Story_files/ad.html", "Story-Dateien/ad.html", "Story/part.html"),
        *("Other_files/a.html", "sport/Cup.HTM", "sport/Cup_files/ad/ad.html"),
    ):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    found = [file.relative_to(tmp_path).as_posix() for files, _ in walk(tmp_path) for file in files]
    assert found == ["Story.html", "Other_files/a.html", "Story/part.html", "sport/Cup.HTM"]


def test_a_walk_sorts_by_bytes_and_passes_over_what_is_hidden(tmp_path):
    for name in ("b/é.txt", "b/z.txt", "a.txt", ".hidden/a.txt", "__MACOSX/a.txt", "B/x.txt", ".a.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    (tmp_path / "c").symlink_to(tmp_path / "b")
    found = [
        ([file.name for file in files], [link.name for link in links]) for files, links in walk(tmp_path)
    ]
    assert found == [(["a.txt"], ["c"]), (["x.txt"], []), (["z.txt", "é.txt"], [])]


def test_a_folder_that_cannot_be_listed_is_named(tmp_path):
    with pytest.raises(CorpusError, match=r"cannot be listed: No such file or directory: .*nowhere"):
        list(walk(tmp_path / "nowhere"))


@pytest.mark.skipif(sys.platform == "win32", reason="Windows lets no file be locked and renamed")
def test_what_a_killed_process_left_is_removed_and_what_others_write_is_not(tmp_path):
    """Regression: each killed collect left another file beside the corpus, for good."""
    with staged(tmp_path / "a.jsonl") as left:
        pass
    left.touch()
    with staged(tmp_path / "a.jsonl") as one, staged(tmp_path / "a.jsonl") as two, staged(tmp_path / "b"):
        assert not left.exists()
        assert one.exists()
        assert two.exists()
    assert not list(tmp_path.iterdir())
