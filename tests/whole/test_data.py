"""The corpus in data/ is what its README says, and its checks notice when it is not."""

from __future__ import annotations

import importlib.util
import json
import re
import sys
from html.parser import HTMLParser
from pathlib import Path

import pytest

from topicml.article import Article
from topicml.reading.readers import check_corpus, iter_articles, read_corpus

DATA = Path(__file__).parents[2] / "data"
CORPUS = DATA / "world_desk.jsonl"
PAGES = sorted((DATA / "pages").glob("*.txt"))
README = (DATA / "README.md").read_text(encoding="utf-8")


def _load_checks():
    """Load data/check_corpus.py, which lies in no package."""
    spec = importlib.util.spec_from_file_location("check_corpus", DATA / "check_corpus.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # a dataclass looks its own module up
    spec.loader.exec_module(module)
    return module


CHECKS = _load_checks()
CORPORA = CHECKS.read_corpora()
ROWS = {row["id"]: row for row in CORPORA.english}


def _name_of(measure):
    return measure.__name__


@pytest.mark.parametrize("measure", CHECKS.MEASURES, ids=_name_of)
def test_a_property_holds(measure):
    result = measure(CORPORA)
    assert result.holds, result


# Each check must notice ---------------------------------------------------------------------------


def _with(rows, **changes):
    """Return rows of which each is changed in the same way; a function is given the row."""
    return [
        {**row, **{field: value(row) if callable(value) else value for field, value in changes.items()}}
        for row in rows
    ]


def _first_changed(rows, count, **changes):
    return [*_with(rows[:count], **changes), *rows[count:]]


SPOILED = [
    (CHECKS.number_of_articles, lambda rows: rows[:479]),
    (CHECKS.fields_in_order, lambda rows: [dict(reversed(rows[0].items())), *rows[1:]]),
    (CHECKS.fields_in_order, lambda rows: _first_changed(rows, 1, note="one field more")),
    (CHECKS.fields_in_order, lambda rows: _first_changed(rows, 1, title="")),
    (CHECKS.fields_in_order, lambda rows: _first_changed(rows, 1, labels="Disarmament")),
    (CHECKS.unique_ids, lambda rows: _first_changed(rows, 1, id=rows[1]["id"])),
    (CHECKS.unique_ids, lambda rows: rows[::-1]),
    (CHECKS.dates, lambda rows: _first_changed(rows, 1, date="2016-02-30")),
    (CHECKS.dates, lambda rows: _first_changed(rows, 1, date="20160102")),
    (CHECKS.dates, lambda rows: [row for row in rows if not row["date"].startswith("2019")]),
    (CHECKS.dates, lambda rows: rows[::-1]),
    (CHECKS.lengths, lambda rows: _first_changed(rows, 1, text="word " * 89)),
    (CHECKS.lengths, lambda rows: _first_changed(rows, 1, text="word " * 261)),
    (CHECKS.sections, lambda rows: _first_changed(rows, 1, labels=["Sport"])),
    (CHECKS.sections, lambda rows: _first_changed(rows, 100, labels=["Disarmament"])),
    (CHECKS.several_labels, lambda rows: _with(rows, labels=lambda row: row["labels"][:1])),
    (CHECKS.several_labels, lambda rows: _first_changed(rows, 1, labels=["Disarmament"] * 2)),
    (CHECKS.several_labels, lambda rows: _first_changed(rows, 1, labels=list(CHECKS.SECTIONS)[:4])),
    (CHECKS.outlets, lambda rows: _with(rows, source="Meridian Wire")),
    (CHECKS.outlets, lambda rows: _first_changed(rows, 1, source="Another")),
    (CHECKS.shared_five_grams, lambda rows: _first_changed(rows, 1, text=f"Again: {rows[1]['text']}")),
    (CHECKS.openings, lambda rows: _first_changed(rows, 4, text=lambda row: f"At {row['id']} it rained.")),
    (
        CHECKS.words_beyond_key_words,
        lambda rows: _with(rows[:1], title="", text="Arms", labels=["Disarmament"]),
    ),
    (CHECKS.articles_without_the_name, lambda rows: _with(rows, title=lambda row: row["labels"][0])),
]


@pytest.mark.parametrize(("measure", "spoil"), SPOILED, ids=[_name_of(measure) for measure, _ in SPOILED])
def test_a_check_notices(measure, spoil):
    assert not measure(CHECKS.Corpora(spoil(CORPORA.english), CORPORA.chinese)).holds


@pytest.mark.parametrize(
    "spoil",
    [
        lambda _: [],
        lambda rows: rows[:59],
        lambda rows: _first_changed(rows, 1, text="字" * 99),
        lambda rows: _first_changed(rows, 1, text="字" * 301),
        lambda rows: _with(rows, labels=["维和"]),
    ],
    ids=["none", "few", "short", "long", "one section"],
)
def test_the_check_of_the_chinese_articles_notices(spoil):
    assert not CHECKS.chinese_articles(CHECKS.Corpora(CORPORA.english, spoil(CORPORA.chinese))).holds


def test_every_check_has_been_seen_to_notice():
    noticed = {measure for measure, _ in SPOILED} | {CHECKS.chinese_articles}
    assert noticed == set(CHECKS.MEASURES)


def test_the_script_prints_a_line_a_property_and_succeeds(capsys):
    assert CHECKS.main() == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == len(CHECKS.MEASURES)
    assert all(line.startswith("ok ") for line in lines)


def test_the_script_fails_where_a_property_does_not_hold(capsys, tmp_path):
    lines = CORPUS.read_text(encoding="utf-8").splitlines(keepends=True)
    (tmp_path / CORPUS.name).write_text("".join(lines[:479]), encoding="utf-8")
    chinese = DATA / "world_desk_zh.jsonl"
    (tmp_path / chinese.name).write_bytes(chinese.read_bytes())
    assert CHECKS.main(tmp_path) == 1
    assert "FAIL articles: 479 (at least 480)" in capsys.readouterr().out


# The corpus as topicml reads it -------------------------------------------------------------------


@pytest.mark.parametrize("name", ["world_desk.jsonl", "world_desk_zh.jsonl"])
def test_nothing_is_wrong_with_the_file(name):
    assert check_corpus(DATA / name).problems == ()


def test_the_labels_are_read_as_lists():
    corpus = read_corpus(CORPUS)
    assert corpus.multilabel
    assert [article.labels for article in corpus] == [tuple(row["labels"]) for row in CORPORA.english]


# Pages --------------------------------------------------------------------------------------------


class _Page(HTMLParser):
    """A page's elements, checked for order, and what tells its section."""

    def __init__(self, content):
        super().__init__()
        self.open = []
        self.texts = []
        self.json_ld = []
        self.meta = {}
        self.links = []
        self.feed(content)
        self.close()

    def handle_starttag(self, tag, attrs):
        attributes = dict(attrs)
        if tag == "meta":
            self.meta[attributes.get("property")] = attributes.get("content")
        if tag == "a":
            self.links.append(attributes["href"])
        if tag not in {"meta", "br"}:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        """Leave an element that is closed at once, as in SVG, out of the order."""

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if self.open[-1:] == ["script"]:
            self.json_ld.append(json.loads(data))
        elif data.strip():
            self.texts.append((tuple(self.open), " ".join(data.split())))

    def texts_in(self, tag):
        return [text for path, text in self.texts if tag in path]

    def section(self):
        """Return articleSection of the NewsArticle, which may be one of several things described."""
        (described,) = self.json_ld
        (article,) = [
            thing for thing in described.get("@graph", [described]) if thing["@type"] == "NewsArticle"
        ]
        found = article["articleSection"]
        return found[0] if isinstance(found, list) else found


def _html_page(page):
    return _Page(page.with_suffix(".html").read_text(encoding="utf-8"))


def _read_page(page):
    (article,) = iter_articles(page)
    assert isinstance(article, Article)
    return article


each_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)


def test_there_are_twelve_pages_each_as_text_and_as_html():
    pages = [page.stem for page in PAGES]
    assert len(pages) == 12
    assert pages == sorted(page.stem for page in (DATA / "pages").glob("*.html"))
    assert [ROWS[page]["labels"][0] for page in pages].count("China-UN engagements") >= 3


@each_page
def test_a_text_page_is_read_as_its_row(page):
    article, row = _read_page(page), ROWS[page.stem]
    assert (article.title, article.labels, article.date) == (row["title"], (row["labels"][0],), row["date"])


@each_page
def test_of_a_text_page_the_body_and_the_caption_remain(page):
    body = [line for line in ROWS[page.stem]["text"].split("\n") if line]
    caption = _html_page(page).texts_in("figcaption")[0].partition(" [Photo/")[0]
    assert _read_page(page).text.split("\n") == [caption, *body]


@each_page
def test_an_html_page_is_closed_properly(page):
    content = page.with_suffix(".html").read_text(encoding="utf-8")
    assert content.startswith("<!DOCTYPE html>\n")
    assert _Page(content).open == []


@each_page
def test_an_html_page_names_the_section_wherever_a_reader_may_look(page):
    found, label = _html_page(page), ROWS[page.stem]["labels"][0]
    assert found.section() == found.meta["article:section"] == label
    assert label in found.texts_in("nav")


@each_page
def test_an_html_page_holds_the_article(page):
    found, row = _html_page(page), ROWS[page.stem]
    paragraphs = [text for path, text in found.texts if path[-2:] == ("article", "p")]
    assert found.texts_in("h1") == [row["title"]]
    assert " ".join(paragraphs) == " ".join(row["text"].split())


@each_page
def test_the_related_links_of_an_html_page_lead_to_other_pages(page):
    links = [link for link in _html_page(page).links if link.endswith(".html")]
    assert links
    assert all((page.parent / link).exists() and link != f"{page.stem}.html" for link in links)


# README -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("section", CHECKS.SECTIONS)
def test_the_readme_counts_a_section_right(section):
    first = sum(row["labels"][0] == section for row in CORPORA.english)
    every = sum(section in row["labels"] for row in CORPORA.english)
    assert f"| {section} | {first} | {every} |" in README


def test_the_readme_shows_the_figures_that_the_script_prints():
    assert "".join(f"{measure(CORPORA)}\n" for measure in CHECKS.MEASURES) in README


def test_the_readme_lists_hard_cases_that_exist():
    listed = README.partition("## Hard cases")[2].partition("## Pages")[0]
    cases = set(re.findall(r"wd-\d{4}", listed))
    assert len(cases) >= 12
    assert cases <= set(ROWS)
