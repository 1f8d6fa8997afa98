from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from topicml.pages.page_tree import parse_page
from topicml.pages.structured_data import breadcrumb_trail, main_articles, names, read_nodes, text_of

KEYS = (
    *("@type", "@graph", "articleSection", "name", "headline", "itemListElement", "position", "item", "url"),
    *("mainEntityOfPage", "@id", "@value"),
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(KEYS), inner | st.sampled_from(["NewsArticle", "BreadcrumbList"]), max_size=5
        )
    ),
    max_leaves=20,
)
RELATED = (
    '{"@type": "NewsArticle", "headline": "Related", "url": "//x.example/2", "articleSection": "Economy"}'
)
OWN = (
    '{"@type": "NewsArticle", "headline": "Final", "url": "https://x.example/1?b", "articleSection": "Sport"}'
)


def nodes_of(*blocks: str):
    scripts = "".join(f'<script type="application/ld+json">{block}</script>' for block in blocks)
    return read_nodes(parse_page(f"<html><head>{scripts}</head><body>x</body></html>"))


def sections(*blocks: str, titles=(), urls=()):
    return names(
        [node.get("articleSection") for node in main_articles(nodes_of(*blocks), titles=titles, urls=urls)]
    )


@pytest.mark.parametrize(
    ("section", "expected"),
    [
        ("null", ()),
        ("[null]", ()),
        ("[]", ()),
        ('""', ()),
        ("7", ()),
        ("true", ()),
        ("{}", ()),
        ('"Sport"', ("Sport",)),
        ('["Sport", "Football"]', ("Sport", "Football")),
        ('["Sport", "Football", "Sport, Football"]', ("Sport", "Football")),
        ('["Sport", " sport "]', ("Sport",)),
        ('{"name": "Sport"}', ("Sport",)),
        ('{"@value": "Sport"}', ("Sport",)),
        ('[[{"name": ["Sport"]}]]', ("Sport",)),
        ('"Arts &amp; Books"', ("Arts & Books",)),
        ('"https://example.org/sport"', ()),
    ],
)
def test_a_section_in_every_form(section, expected):
    """Structured data with null, numbers, lists or objects where a string is usual."""
    assert sections(f'{{"@type": "NewsArticle", "articleSection": {section}}}') == expected


@pytest.mark.parametrize(
    "kind", ['"Article"', '"BlogPosting"', '["Thing", "ReportageNewsArticle"]', '"LiveBlogPosting"']
)
def test_kinds_of_articles(kind):
    assert sections(f'{{"@type": {kind}, "articleSection": "Sport"}}') == ("Sport",)


@pytest.mark.parametrize("kind", ['"WebSite"', '"Organization"', "null", "7", '["BreadcrumbList"]'])
def test_other_things_are_no_articles(kind):
    assert sections(f'{{"@type": {kind}, "articleSection": "Site"}}') == ()


@pytest.mark.parametrize("own", [{"titles": ["FINAL"]}, {"urls": ["http://www.x.example/1/"]}])
@pytest.mark.parametrize("blocks", [(OWN, RELATED), (RELATED, OWN), (f"[{RELATED}, {OWN}]",)])
def test_the_page_s_own_article_is_told_from_related_ones(blocks, own):
    assert sections(*blocks, **own) == ("Sport",)


def test_the_first_article_counts_where_none_is_known_as_the_page_s_own():
    assert sections(OWN, RELATED) == ("Sport",)


def test_two_blocks_about_one_article_are_read_together():
    other = '{"@type": "Article", "headline": "Final", "articleSection": ["Cup"]}'
    assert sections(OWN, other, titles=["Final"]) == ("Sport", "Cup")


@pytest.mark.parametrize(
    "block",
    [
        f'{{"@graph": [{{"@type": "WebSite"}}, {OWN}]}}',
        f"[[{OWN}]]",
        f'{{"@type": "WebPage", "mainEntity": {OWN}}}',
        f"<!-- {OWN} -->",
        f"//<![CDATA[\n{OWN}\n//]]>",
        f"{OWN};",
        OWN.replace("}", ",}"),
        OWN.replace("Sport", "Sport\n"),
        OWN.replace('"', "&quot;"),
    ],
)
def test_nested_and_untidy_blocks(block):
    assert sections(block) == ("Sport",)


@pytest.mark.parametrize(
    "block",
    ["", "null", "7", "[]", '"text"', "{", '{"@type": "NewsArticle"', "[" * 100_000, '{"@graph":' * 100_000],
)
def test_a_block_that_says_nothing_costs_only_itself(block):
    assert sections(block, OWN) == ("Sport",)


def test_a_block_of_ten_megabytes_is_passed_over():
    assert sections(f'{{"@type": "NewsArticle", "articleSection": "{"x" * 10_000_000}"}}', OWN) == ("Sport",)


def trail(*items: str, urls=()):
    block = f'{{"@type": "BreadcrumbList", "itemListElement": [{", ".join(items)}]}}'
    return breadcrumb_trail(nodes_of(block), urls)


def test_a_breadcrumb_in_the_order_of_its_positions():
    items = ('{"position": "2", "item": {"name": "World"}}', '{"position": 1, "name": "Home"}', "null", "7")
    assert trail(*items) == ["Home", "World"]


def test_a_breadcrumb_without_the_page_itself():
    items = (
        '{"name": "World", "item": "https://x.example/w"}',
        '{"name": "Final", "item": "https://x.example/1"}',
    )
    assert trail(*items, urls=["https://x.example/1#top"]) == ["World"]


@pytest.mark.parametrize("position", ["null", '"first"', "NaN", "1e999", "[]", "1" + "0" * 400])
def test_impossible_positions(position):
    assert trail(f'{{"position": {position}, "name": "World"}}') == ["World"]


@given(JSON)
def test_any_json_is_read(value):
    found = nodes_of(json.dumps(value).replace("<", ""))
    for article in main_articles(found, titles=["x"], urls=["https://x.example"]):
        assert all(isinstance(name, str) and name for name in names(article.get("articleSection")))
        assert isinstance(text_of(article.get("headline")), str)
    assert isinstance(breadcrumb_trail(found, []), list)
