from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from topicml import read_corpus, read_pages
from topicml.article import Article, Problem
from topicml.exceptions import CorpusError, MissingExtraError, TopicmlError, TopicmlValueError
from topicml.pages.collecting import CoverageCounter, collect_pages, iter_pages
from topicml.pages.one_page import PageOptions

IDS = ["front.html", "ferry-1", "https://www.harbourdaily.example/local/lock"]
BELOW = ["africa/ferry.html", "diplomacy/talks.html", "science/lock.htm"]


def test_a_corpus_of_pages(saved):
    corpus = read_pages(saved)
    assert [article.id for article in corpus] == [*IDS[1:], *BELOW]
    counts = {
        "Africa": 2,
        "China-UN engagements": 1,
        "Engineering": 1,
        "News": 1,
        "Science": 1,
        "Shipping": 1,
    }
    assert corpus.label_counts() == counts
    assert corpus.multilabel
    assert [problem.kind for problem in corpus.problems] == ["no article", "no article"]


def test_labels_from_folders(saved):
    corpus = read_pages(saved, options=PageOptions(("folder",)))
    assert [article.labels for article in corpus] == [None, None, ("africa",), ("diplomacy",), ("science",)]
    assert not corpus.multilabel


def test_one_label_each_is_no_multilabel_corpus(saved):
    assert not read_pages(saved, options=PageOptions(single_label=True)).multilabel


def test_what_is_written_is_what_is_read(saved, tmp_path):
    """A column that changes, or an article that is lost, between writing and reading."""
    collect_pages(saved, out=tmp_path / "a.jsonl")
    written, direct = read_corpus(tmp_path / "a.jsonl"), read_pages(saved)
    assert written.multilabel
    for found, expected in zip(written, direct, strict=True):
        for name in ("id", "text", "title", "labels", "date", "source", "metadata"):
            assert getattr(found, name) == getattr(expected, name)


def test_every_row_has_the_same_columns(saved, tmp_path):
    collect_pages(saved, out=tmp_path / "a.jsonl", options=PageOptions(("folder",)))
    rows = [json.loads(line) for line in (tmp_path / "a.jsonl").read_text(encoding="utf-8").splitlines()]
    assert len({tuple(row) for row in rows}) == 1
    assert [row["label"] for row in rows] == [None, None, "africa", "diplomacy", "science"]


@pytest.fixture
def many(saved, tmp_path):
    """A folder of thirty pages, some of them no articles."""
    names = (*BELOW, "front.html", "harbour.rss")
    for number in range(30):
        name = names[number % len(names)]
        target = tmp_path / "many" / f"{number % 7}" / f"{number:03}{Path(name).suffix}"
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(saved / name, target)
    return tmp_path / "many"


def test_the_number_of_processes_changes_no_byte(many, tmp_path):
    written, reported = [], []
    for jobs in (1, 2, 3):
        problems: list[Problem] = []
        collect_pages(many, out=tmp_path / f"{jobs}.jsonl", n_jobs=jobs, report=problems.append)
        written.append((tmp_path / f"{jobs}.jsonl").read_bytes())
        reported.append(problems)
    assert written[0].count(b"\n") == 30
    assert written[0] == written[1] == written[2]
    assert reported[0] == reported[1] == reported[2]


def test_pages_are_read_as_they_are_asked_for(many, tmp_path):
    """All pages held in memory before the first is written."""
    first = next(iter_pages(many, tmp_path / "none"))
    assert isinstance(first, Article)


@pytest.mark.parametrize("n_jobs", [1, 2])
def test_a_text_under_several_labels_is_kept_once(tmp_path, n_jobs):
    """The same wall of consent under three addresses was three articles of three labels."""
    for number, section in enumerate(("sport", "sport", "economy", "art")):
        page = f"<link rel=canonical href='https://x.example/{section}/{number}'><p>Sign in to read on."
        (tmp_path / f"{number}.html").write_text(page)
    corpus = read_pages(tmp_path, n_jobs=n_jobs)
    assert [article.labels for article in corpus] == [("sport",), ("sport",)]
    assert [problem.kind for problem in corpus.problems] == ["repeated text"] * 2
    assert corpus.problems[0].message == (
        f"its text is that of {tmp_path / '0.html'}, which is labelled sport and not economy; "
        "the first is kept"
    )


def test_progress_and_problems_are_told(saved, tmp_path):
    steps: list[int] = []
    problems: list[Problem] = []
    options = PageOptions(("meta",))
    coverage = collect_pages(
        saved, out=tmp_path / "a.jsonl", options=options, report=problems.append, progress=steps.append
    )
    assert steps == [1, 2, 3, 4, 5, 6, 7]
    assert [problem.kind for problem in problems] == [
        "no article",
        *["no label"] * 2,
        "no article",
        "no label",
    ]
    assert problems[-1].left_out is False
    assert (coverage.n_articles, coverage.n_left_out, coverage.n_labelled) == (5, 2, 2)
    by_source = {source.source: source for source in coverage.sources}
    assert (by_source["meta"].n_pages, by_source["meta"].n_labelled) == (2, 2)
    assert by_source["meta"].examples == ("World", "Science")
    assert (by_source["jsonld"].n_pages, by_source["jsonld"].n_labelled) == (1, 0)


@pytest.mark.parametrize("n_jobs", [1, 2])
def test_a_page_that_cannot_be_read_costs_itself_alone(saved, tmp_path, n_jobs):
    (tmp_path / "in").mkdir()
    for name, data in {
        "a.html": b"",
        "b.html": b"<div>" * 50_000,
        "c.html": b"a" * 21_000_000,
        "d.html.gz": b"x",
    }.items():
        (tmp_path / "in" / name).write_bytes(data)
    shutil.copy(saved / BELOW[0], tmp_path / "in" / "e.html")
    items = list(iter_pages(tmp_path / "in", n_jobs=n_jobs))
    assert [isinstance(item, Article) for item in items] == [False, False, False, False, True]


def test_nothing_is_left_behind_where_it_fails(saved, tmp_path):
    with pytest.raises(CorpusError, match="none: no such file or folder"):
        collect_pages(saved, tmp_path / "none", out=tmp_path / "a.jsonl")
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(TopicmlError, match="cannot write"):
        collect_pages(saved, out=tmp_path / "none" / "a.jsonl")


def test_no_processes_are_no_number(saved):
    with pytest.raises(TopicmlValueError, match="n_jobs must be a number of processes"):
        next(iter_pages(saved, n_jobs=0))


@pytest.mark.parametrize(
    ("package", "name", "extra"),
    [
        ("trafilatura", "front.html", "html"),
        ("lxml.html", "front.html", "html"),
        ("trafilatura.metadata", "front.html", "html"),
        ("htmldate", "front.html", "html"),
        ("feedparser", "harbour.rss", "feeds"),
        ("fastwarc.warc", "a.warc", "warc"),
    ],
)
def test_a_missing_extra_names_its_install_line(saved, tmp_path, monkeypatch, package, name, extra):
    data = (saved / name).read_bytes() if name.endswith("rss") else b"<p>The ferry is back at its berth."
    (tmp_path / name).write_bytes(data)
    monkeypatch.setitem(__import__("sys").modules, package, None)
    reason = rf"pip install 'topicml\[{extra}\]' \(import of {package} halted"
    with pytest.raises(MissingExtraError, match=reason):
        list(iter_pages(tmp_path / name))


def article(labels, used, **seen):
    return Article("x", labels=labels, metadata={"label_source": used, "sections_seen": json.dumps(seen)})


def test_sources_are_counted():
    counter = CoverageCounter()
    counter.add(article(("Sport",), "jsonld", jsonld=["Sport"], breadcrumb=["World", "Africa"]))
    counter.add(article(("Sport",), "jsonld", jsonld=["Sport"]))
    counter.add(article(("Rain",), "breadcrumb", breadcrumb=["Rain"]))
    counter.add(Article("x"))
    counter.leave_out()
    found = counter.result()
    assert (found.n_articles, found.n_left_out, found.n_labelled) == (4, 1, 3)
    table = {s.source: (s.n_pages, s.n_labelled, s.examples) for s in found.sources if s.n_pages}
    assert table == {"jsonld": (2, 2, ("Sport",)), "breadcrumb": (2, 1, ("Africa", "Rain"))}
    assert found.share(1) == 0.25


def test_nothing_is_counted():
    found = CoverageCounter().result()
    assert (found.n_articles, found.n_labelled, found.share(0)) == (0, 0, 0.0)
