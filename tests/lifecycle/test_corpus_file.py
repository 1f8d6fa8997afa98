from __future__ import annotations

import gzip
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from topicml.article import Article
from topicml.exceptions import CorpusError, TopicmlError
from topicml.lifecycle.corpus_file import write_corpus
from topicml.reading.cells import cell_labels
from topicml.reading.corpus import Corpus
from topicml.reading.readers import read_corpus

TEXT = st.text(st.characters(exclude_categories=["Cs"]))
LABEL = st.text(st.characters(exclude_categories=["Cs"]), min_size=1).map(str.strip).filter(bool)
NEWS = Corpus.from_lists(["Rain tonight", "Cup final"], ["weather", None], ids=["1", "2"])


def labels(most):
    return st.none() | st.lists(LABEL, max_size=most, min_size=min(most, 1)).map(
        lambda drawn: cell_labels(list(drawn), "")
    )


def corpora(most):
    """Corpora with one label for each article or with several, all with the same other columns."""
    articles = st.builds(
        Article,
        text=TEXT,
        title=TEXT,
        labels=labels(most),
        id=st.none() | TEXT.filter(bool),
        date=st.none() | TEXT.filter(bool),
        source=st.none() | TEXT.filter(bool),
        metadata=st.fixed_dictionaries({"desk": TEXT, "=1+1": TEXT}),
    )
    return st.lists(articles, min_size=1).map(lambda found: Corpus(tuple(found), (), most > 1))


@pytest.mark.parametrize("ending", ["jsonl", "csv", "csv.gz", "parquet"])
@given(corpora(1) | corpora(3))
def test_a_file_reads_back_as_the_articles(tmp_path_factory, ending, corpus):
    path = tmp_path_factory.mktemp("corpus") / f"a.{ending}"
    write_corpus(corpus, path)
    read = read_corpus(path)
    assert [replace(article, origin="") for article in read] == list(corpus)
    assert read.multilabel == (corpus.multilabel and any(a.labels is not None for a in corpus))


def test_the_same_articles_are_the_same_bytes(tmp_path):
    for name in ("a.csv.gz", "b.csv.gz"):
        write_corpus(NEWS, tmp_path / name)
    assert (tmp_path / "a.csv.gz").read_bytes() == (tmp_path / "b.csv.gz").read_bytes()
    assert gzip.decompress((tmp_path / "a.csv.gz").read_bytes()).startswith(
        b"id,title,text,label,date,source"
    )


def test_a_column_that_few_articles_have_is_kept(tmp_path):
    articles = [Article("Rain"), Article("Snow", metadata={"desk": "north"})]
    write_corpus(Corpus(tuple(articles)), tmp_path / "a.csv")
    assert [dict(a.metadata) for a in read_corpus(tmp_path / "a.csv")] == [{"desk": ""}, {"desk": "north"}]


@pytest.mark.parametrize("name", ["a.xlsx", "a", "a.parquet.gz", "a.json", ".csv"])
def test_another_ending_is_refused(tmp_path, name):
    with pytest.raises(CorpusError, match=r"expected a name that ends in \.jsonl or \.csv"):
        write_corpus(NEWS, tmp_path / name)


@pytest.mark.parametrize("ending", ["jsonl", "csv", "parquet"])
def test_a_field_with_the_name_of_another_column_is_refused(tmp_path, ending):
    corpus = Corpus((Article("Rain", metadata={"Text": "x"}),))
    with pytest.raises(CorpusError, match="the field 'Text' would be read as the text"):
        write_corpus(corpus, tmp_path / f"a.{ending}")
    assert not list(tmp_path.iterdir())


def test_a_file_that_cannot_be_written_is_an_error(tmp_path):
    with pytest.raises(TopicmlError, match="cannot write"):
        write_corpus(NEWS, tmp_path / "none" / "a.jsonl")
