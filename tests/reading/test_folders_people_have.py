from __future__ import annotations

import gzip

import pytest

from topicml.exceptions import CorpusError
from topicml.reading.columns import ReadOptions
from topicml.reading.decoding import LONGEST_ROW
from topicml.reading.readers import iter_articles, read_corpus


@pytest.fixture
def write(tmp_path):
    def written(name, content):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())

    return written


def labels_of(folder):
    return [(article.text, article.labels) for article in read_corpus(folder)]


def test_a_folder_of_tables_is_its_tables(write, tmp_path):
    write("part-0.csv", "text,label\nCup,sport\n")
    write("part-1.csv.gz", gzip.compress(b"text,label\nRain,weather\n"))
    write("_SUCCESS", "")
    assert labels_of(tmp_path) == [("Cup", ("sport",)), ("Rain", ("weather",))]


def test_other_files_of_a_folder_of_tables_are_named(write, tmp_path):
    for name in ("in/README.md", "in/notes.txt", "in/b.zip", "in/_SUCCESS"):
        write(name, "")
    write("in/a.csv", "text,label\nCup,sport\n")
    counts = [problem.message.partition(";")[0] for problem in read_corpus(tmp_path / "in").problems]
    assert counts == [f"1 file ending in {ending!r}" for ending in (".md", ".txt", ".zip")]


def test_a_partition_of_a_table_is_its_label(write, tmp_path):
    write("label=sport/part-0.csv", "text\nCup\n")
    write("label=arts%20%26%20stage/part-0.csv", "text\nOpera\n")
    assert labels_of(tmp_path) == [("Opera", ("arts & stage",)), ("Cup", ("sport",))]


def test_a_partition_of_texts_is_its_label(write, tmp_path):
    write("label=sport/1.txt", "Cup")
    assert labels_of(tmp_path) == [("Cup", ("sport",))]


@pytest.mark.parametrize("name", ["1.txt", "1.csv"])
def test_the_parts_of_a_corpus_are_no_labels(write, tmp_path, name):
    write(f"train/{name}", "text\nCup\n")
    write(f"test/{name}", "text\nRain\n")
    with pytest.raises(CorpusError, match="are parts of a corpus, not labels; name one"):
        read_corpus(tmp_path)


def test_what_a_browser_saves_beside_a_page_is_no_article(write, tmp_path):
    write("sport/Cup.html", "<p>Cup</p>")
    write("sport/Cup_files/ad.txt", "Buy now")
    write("sport/Own_files/cup.txt", "Cup final")
    assert labels_of(tmp_path) == [("Cup final", ("sport",))]


def test_a_folder_of_two_encodings_is_read_with_one_option(write, tmp_path):
    write("sport/1.txt", "Café".encode())
    write("sport/2.txt", "Café".encode("cp1252"))
    found = read_corpus(tmp_path, options=ReadOptions(encoding="cp1252"))
    assert [article.text for article in found] == ["Café", "Café"]


@pytest.mark.parametrize("name", ["a.jsonl", "a.csv"])
def test_a_row_longer_than_any_article_is_a_problem_in_its_place(write, tmp_path, name):
    long = "a" * (LONGEST_ROW + 1)
    rows = {"a.jsonl": f'{{"text": "{long}"}}\n{{"text": "Cup"}}\n', "a.csv": f"text\n{long}\nCup\n"}
    write(name, rows[name])
    problem, article = iter_articles(tmp_path / name)
    assert (problem.kind, problem.line, article.text) == ("row too long", 1 + (name == "a.csv"), "Cup")


def test_a_quote_that_swallows_a_long_file_costs_its_row_alone(write, tmp_path):
    write("a.csv", 'text\n"Cup\n' + ("a" * 1_000_000 + "\n") * 33)
    problem, *rest = iter_articles(tmp_path / "a.csv")
    assert (problem.kind, problem.line, len(rest)) == ("stray quote", 2, 33)
    assert "not closed within 32,000,000 characters" in problem.message
