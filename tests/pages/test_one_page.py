"""Pages as they are saved, whole kinds of faults at a time."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from topicml.article import Article, Problem
from topicml.exceptions import TopicmlValueError
from topicml.pages.one_page import PageOptions
from topicml.pages.section_signals import LABEL_SOURCES

GRAPH = (
    '<html><head><script type="application/ld+json">{"@graph": ['
    '{"@type": "WebSite", "articleSection": "Site"}, '
    '{"@type": "BreadcrumbList", "itemListElement": [{"@type": "ListItem", "position": 1, "name": "Home"}, '
    '{"@type": "ListItem", "position": 2, "name": "Politics"}]}, %s]}</script></head><body>'
    '<nav class="breadcrumb">Home &gt; Politics</nav><article><h1>Final</h1>'
    "<p>The home side won the cup final.</p></article></body></html>"
)
FINAL = '{"@type": "NewsArticle", "headline": "Final", "articleSection": "Sport"}'
RELATED = '{"@type": "NewsArticle", "headline": "Related", "articleSection": "Economy"}'
LATIN = (
    '<meta http-equiv="Content-Type" content="text/html; charset={}"><body><p>Windräder im Süden</p></body>'
)
PIECES = (
    *(
        "<p>",
        "</p>",
        "<div>",
        "</div>",
        "<a href='/x'>",
        "</a>",
        "<table><tr><td>",
        "<h1>",
        "</h1>",
        "<article>",
    ),
    *("<script type='application/ld+json'>", "</script>", '{"@type":"Article",', '"articleSection":"Sport"}'),
    *("<meta name=section content=Sport>", "<nav class=breadcrumb>", "</nav>", "Home > ", "&amp;", "&#0;"),
    *("\0", "<!--", "<br>", "<li>", "<title>", "</title>", "<html lang=en>", "<body>"),
    *("The home side won the cup final.", "Sport", "By Ada Moss"),
)
HTML = st.lists(st.sampled_from(PIECES) | st.text(max_size=10), max_size=30).map("".join)


def only(items) -> Article:
    assert [type(item) for item in items] == [Article]
    return items[0]


def seen(article: Article) -> dict[str, list[str]]:
    return json.loads(article.metadata["sections_seen"])


def test_a_page_with_everything(saved, read):
    article = only(read((saved / "africa" / "ferry.html").read_bytes()))
    assert (article.title, article.labels, article.date) == (
        "Ferry returns to its berth",
        ("Africa",),
        "2016-03-03",
    )
    assert (article.source, article.id, article.origin) == ("Harbour Daily", "a.html", "a.html")
    assert article.text.startswith("The ferry that links")
    assert article.text.endswith("before eight in the morning.")
    assert len(article.text.split("\n")) == 4
    assert dict(article.metadata) == {
        "author": "Ada Moss",
        "language": "en",
        "url": "https://www.harbourdaily.example/world/africa/ferry-returns",
        "label_source": "jsonld",
        "sections_seen": article.metadata["sections_seen"],
    }
    assert seen(article) == {
        "jsonld": ["Africa"],
        "meta": ["World"],
        "breadcrumb": ["World", "Africa"],
        "keywords": ["ferry", "river", "harbour"],
        "url": ["world"],
    }


def test_a_page_whose_label_is_a_line_of_text(saved, read):
    article = only(read((saved / "diplomacy" / "talks.html").read_bytes()))
    assert (article.labels, article.metadata["label_source"]) == (("China-UN engagements",), "breadcrumb")
    assert article.metadata["author"] == "Ilo Berg"
    assert "China-UN" not in article.full_text
    assert article.text.startswith("Envoys of both sides")
    assert article.text.endswith("winter months.")


@pytest.mark.parametrize(
    ("sources", "labels"),
    [
        (("meta", "jsonld"), ("World",)),
        (("breadcrumb",), ("Africa",)),
        (("keywords", "url"), ("ferry", "river", "harbour")),
        (("url",), ("world",)),
        (("microdata", "folder", "url"), ("world",)),
        (("folder",), None),
    ],
)
def test_labels_come_from_what_is_asked_for(saved, read, sources, labels):
    data = (saved / "africa" / "ferry.html").read_bytes()
    article = only(read(data, PageOptions(sources)))
    assert article.labels == labels
    assert article.metadata.get("label_source") == next(
        (s for s in sources if s in seen(article) and labels), None
    )


def test_keywords_are_labels_only_where_they_are_asked_for(read, story_page):
    page = story_page(head="<meta name='keywords' content='ferry, river'>")
    assert only(read(page)).labels is None
    assert only(read(page, PageOptions(LABEL_SOURCES))).labels == ("ferry", "river")


@pytest.mark.parametrize(
    ("options", "asked"),
    [(PageOptions(), False), (PageOptions(("meta", "folder")), True), (PageOptions(("meta",)), False)],
)
def test_a_lone_folder_is_asked_for_by_name(options, asked):
    assert options.lone_folders is asked


def test_several_sections_are_several_labels_or_the_first(saved, read):
    """Repeated section tags of which the last one alone was kept."""
    data = (saved / "science" / "lock.htm").read_bytes()
    assert only(read(data)).labels == ("Science", "Engineering")
    assert only(read(data, PageOptions(single_label=True))).labels == ("Science",)


@pytest.mark.parametrize("articles", [f"{FINAL}, {RELATED}", f"{RELATED}, {FINAL}", FINAL])
def test_the_article_in_a_graph_gives_the_label_and_the_breadcrumb_is_no_text(read, articles):
    """The section taken from the site's, the breadcrumb's or a related story's object."""
    article = only(read(GRAPH % articles))
    assert (article.labels, article.text) == (("Sport",), "The home side won the cup final.")


@pytest.mark.parametrize(
    "block",
    [
        '{"@type":"NewsArticle","articleSection":[null]}',
        '{"@type":"NewsArticle","articleSection":["Sport","Football"]}',
        '{"@type":["NewsArticle","Thing"],"articleSection":{"name":"Sport"}}',
        '{"@type":"NewsArticle","articleSection":7,"headline":{},"author":[[7]],"datePublished":[],"publisher":7}',
        '{"@type":7,"@graph":7,"mainEntity":[null],"itemListElement":{}}',
        *("[]", "null", '"text"', "{", "[" * 50_000),
    ],
)
def test_odd_structured_data_costs_no_page(read, block):
    script = f'<script type="application/ld+json">{block}</script>'
    html = f"{script}<article><p>The home side won the cup final.</p></article>"
    assert only(read(html)).text == "The home side won the cup final."


@pytest.mark.parametrize(
    "html",
    [
        "<html><body><p>The home side won the cup final.</p></body></html>",
        "<p>The home side won the cup final.",
        "The home side won the cup final.",
    ],
)
def test_what_is_missing_does_not_drop_the_page(read, html):
    """The text lost together with a date, title or section that is not there."""
    article = only(read(html))
    assert (article.text, article.title) == ("The home side won the cup final.", "")
    assert (article.labels, article.date, article.source, dict(article.metadata)) == (None, None, None, {})


@pytest.mark.parametrize(
    "html",
    [
        *(
            "",
            " ",
            "\0",
            "<html></html>",
            "<html><head><title>Cup final won</title></head><body></body></html>",
        ),
        *("<body><h1>Sport</h1></body>", "<body><script>x = 1</script></body>", "\x01\x02\x03" * 50),
        "<ul>"
        + "".join(f"<li><a href='/{i}'>Headline number {i} of this day</a></li>" for i in range(6))
        + "</ul>",
    ],
)
def test_what_is_no_article_is_one_problem_with_its_reason(read, html):
    (problem,) = read(html.replace("<h1>Sport</h1>", '<h1 itemprop="articleSection">Sport</h1>'))
    assert isinstance(problem, Problem)
    assert (problem.kind, problem.path, problem.fatal, problem.left_out) == (
        "no article",
        "a.html",
        False,
        True,
    )
    assert len(problem.message) > 10


@pytest.mark.parametrize(
    ("html", "encoding", "expected", "warned"),
    [
        (LATIN.format("iso-8859-1"), "latin-1", "Windräder im Süden", False),
        (LATIN.format("iso-8859-1"), "utf-8", "Windräder im Süden", False),
        (LATIN.format("utf-8"), "latin-1", "Windräder im Süden", True),
        ("<meta charset=windows-1251><p>Дождь</p>", "cp1251", "Дождь", False),
        (
            "<p>Cup final</p>\0<p>The bank cut its rate.</p>",
            "utf-8",
            "Cup final\nThe bank cut its rate.",
            False,
        ),
    ],
)
def test_encodings(read, html, encoding, expected, warned):
    """Accents broken, or all after a NUL lost."""
    *warnings, article = read(html.encode(encoding))
    assert article.text == expected
    assert [(w.kind, w.path, w.left_out) for w in warnings] == [
        ("doubtful encoding", "a.html", False)
    ] * warned


def test_what_the_caller_says_of_the_encoding(read):
    data = LATIN.format("windows-1251").encode("latin-1")
    assert only(read(data, PageOptions(encoding="latin-1"))).text == "Windräder im Süden"


def test_an_unknown_source_of_labels():
    with pytest.raises(TopicmlValueError, match="found 'title'"):
        PageOptions(("meta", "title"))


@given(HTML)
def test_any_page_gives_one_article_or_one_problem(read, html):
    *warnings, last = read(html.encode("utf-8", "replace"))
    assert all(isinstance(item, Problem) and not item.left_out for item in warnings)
    if isinstance(last, Article):
        assert last.text.strip()
        assert not {label.casefold() for label in last.labels or ()} & set(last.text.casefold().split("\n"))
    else:
        assert last.left_out
        assert "the extraction failed" not in last.message
