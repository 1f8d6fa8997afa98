from __future__ import annotations

import tempfile
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from topicml.article import Article, Corpus
from topicml.corpus.splitting import Split, split_corpus, split_paths, write_split
from topicml.exceptions import CorpusError, TopicmlError
from topicml.reading.readers import read_corpus

# As they are read: no lone surrogates, labels without outer white space, None for what is empty.
any_text = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
labels = any_text.map(str.strip).filter(bool)
names = any_text.filter(
    lambda name: name.strip().lower() not in ("id", "title", "text", "label", "date", "source")
)
optional = st.none() | any_text.filter(bool)


def some_articles(of_labels):
    return st.builds(
        Article,
        text=any_text,
        title=any_text,
        labels=of_labels,
        id=optional,
        date=optional,
        source=optional,
        metadata=st.dictionaries(names, any_text, max_size=3),
    )


single = st.lists(some_articles(st.none() | labels.map(lambda label: (label,))), min_size=1, max_size=6)
several = st.lists(some_articles(st.none() | st.lists(labels, max_size=3).map(tuple)), min_size=1, max_size=6)


def split_of(train, test, validation=(), *, multilabel=False):
    parts = [Corpus(tuple(part), multilabel=multilabel) for part in (train, validation, test)]
    marks = ("train",) * len(train) + ("validation",) * len(validation) + ("test",) * len(test)
    return Split(*parts, part_of=marks, groups=tuple(range(len(marks))), rule="", notes=())


def unplaced(corpus):
    return [replace(article, origin="") for article in corpus]


@given(single, single)
def test_what_was_written_reads_back(train, test):
    with tempfile.TemporaryDirectory() as folder:
        paths = write_split(split_of(train, test), folder)
        read = [read_corpus(path) for path in paths]
    assert [path.name for path in paths] == ["train.jsonl", "test.jsonl"]
    assert [unplaced(corpus) for corpus in read] == [train, test]
    assert not any(corpus.multilabel or corpus.problems for corpus in read)


@given(several, several, several)
def test_several_labels_and_three_parts_read_back(train, test, validation):
    with tempfile.TemporaryDirectory() as folder:
        paths = write_split(split_of(train, test, validation, multilabel=True), folder)
        read = [read_corpus(path) for path in paths]
    assert [path.name for path in paths] == ["train.jsonl", "validation.jsonl", "test.jsonl"]
    assert [unplaced(corpus) for corpus in read] == [train, validation, test]
    for corpus in read:
        assert corpus.multilabel == any(article.labels is not None for article in corpus)


def test_other_columns_that_could_have_a_role_stay_what_they_are(tmp_path):
    """A column that was not taken for the label is not taken for it later, in no row."""
    odd = {
        "topic": "t",
        "section": "s",
        "headline": "h",
        "body": "b",
        "published": "p",
        "outlet": "o",
        "labels": "[]",
    }
    articles = [Article("Rain", labels=("weather",), metadata=odd), Article("Snow")]
    paths = write_split(split_of(articles, articles[::-1]), tmp_path)
    assert [unplaced(read_corpus(path)) for path in paths] == [articles, articles[::-1]]


@pytest.mark.parametrize("name", ["label", "Text", " ID ", "TITLE", "date", "Source"])
def test_a_field_that_would_be_taken_for_a_column_is_an_error(tmp_path, name):
    article = Article("Rain", labels=("weather",), metadata={name: "x"}, origin="a.csv:2")
    with pytest.raises(
        CorpusError, match=rf"^a\.csv:2: the field '{name}' would be read as the {name.strip().lower()}:"
    ):
        write_split(split_of([article], [article]), tmp_path / "parts")
    assert not (tmp_path / "parts").exists()


def test_the_same_split_gives_the_same_bytes(tmp_path, multilabel_articles):
    for name in ("one", "two"):
        write_split(split_corpus(multilabel_articles), tmp_path / name)
    one, two = (
        [path.read_bytes() for path in split_paths(tmp_path / n) if path.exists()] for n in ("one", "two")
    )
    assert one == two
    assert len(one) == 2


def test_files_of_an_earlier_split_are_replaced_and_no_other_is_left(tmp_path, base_articles):
    write_split(split_corpus(base_articles, random_state=1), tmp_path)
    write_split(split_corpus(base_articles), tmp_path)
    assert unplaced(read_corpus(tmp_path / "test.jsonl")) == unplaced(split_corpus(base_articles).test)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["test.jsonl", "train.jsonl"]


def test_a_part_of_another_split_is_an_error_and_nothing_is_written(tmp_path, base_articles):
    (tmp_path / "validation.jsonl").write_text("{}")
    with pytest.raises(TopicmlError, match=r"validation\.jsonl is of another split: remove it"):
        write_split(split_corpus(base_articles), tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["validation.jsonl"]


def test_a_folder_that_cannot_be_is_an_error(tmp_path, base_articles):
    (tmp_path / "file").write_text("")
    with pytest.raises(TopicmlError, match=r"cannot write .*file"):
        write_split(split_corpus(base_articles), tmp_path / "file")


def test_the_files_of_a_split_have_names():
    assert split_paths(Path("a"))[0] == Path("a/train.jsonl")
