from __future__ import annotations

import pytest

from topicml.article import Article, Problem

STORIES = tuple(
    (
        f"{name} number one",
        f"The {name.lower()} that links the two banks of the river returned to its berth on Monday.",
        f"By Tuesday the water had risen so far that the {name.lower()} asked for a second rope.",
    )
    for name in ("Ferry", "Lock", "Crane")
)
WAYS = {
    "a class": '<div class="article enArticle"><div id="hd"><span class="enHeadline">{}</span></div>{}</div>',
    "article": "<article><h1>{}</h1>{}</article>",
    "article with h2": "<article class='item'><h2>{}</h2>{}</article>",
    "docfull": "<DOC><DOCFULL><h3>{}</h3>{}</DOCFULL></DOC>",
    "section": "<section class='press-document'><h2>{}</h2>{}</section>",
}


def export(way: str, head: str = "<title>Export</title>", between: str = "<hr>") -> str:
    blocks = [way.format(title, "".join(f"<p>{line}</p>" for line in lines)) for title, *lines in STORIES]
    return f"<html lang='en'><head>{head}</head><body><div>{between.join(blocks)}</div></body></html>"


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
def test_an_export_is_one_article_for_each_block(read, way):
    """Three articles in one file were one article, of one of them or of all."""
    items = read(export(way), given={"folder": ("harbour",)})
    assert [(item.title, item.text) for item in items] == [
        (title, "\n".join(lines)) for title, *lines in STORIES
    ]
    assert [(item.id, item.origin) for item in items] == [
        (f"a.html#{number}", f"a.html:article {number}") for number in (1, 2, 3)
    ]
    assert {item.labels for item in items} == {("harbour",)}
    assert {item.metadata["language"] for item in items} == {"en"}


def test_a_block_without_a_story_costs_itself_alone(read):
    html = export(WAYS["article"]).replace("</div></body>", "<article><p> </p></article></div></body>")
    *articles, problem = read(html)
    assert [type(item) for item in articles] == [Article] * 3
    assert (problem.kind, problem.path) == ("no article", "a.html:article 4")


def test_counted_documents_without_blocks_are_named(read):
    texts = "".join(
        f"<p>{number} of 74 DOCUMENTS</p>{''.join(f'<p>{line}</p>' for line in lines)}"
        for number, lines in enumerate(STORIES, 1)
    )
    (problem,) = read(f"<html><body>{texts}</body></html>")
    assert isinstance(problem, Problem)
    assert "it holds 74 articles; only one page an article is read" in problem.message


@pytest.mark.parametrize(
    "head",
    [
        "<link rel='canonical' href='https://x.example/a'>",
        "<meta property='og:type' content='article'>",
        '<script type="application/ld+json">{"@type": "NewsArticle", "headline": "Ferry"}</script>',
    ],
)
def test_a_page_that_names_itself_is_one_article(read, head):
    assert len(read(export(WAYS["article"], head))) == 1


@pytest.mark.parametrize(
    "more",
    [
        "<article><a href='/x'>Crane falls into the river</a></article>" * 5,
        "<article class='teaser'><h2><a href='/x'>Crane falls</a></h2><p>It was old.</p></article>" * 5,
        "<div class='article-body'><p>It is a good ferry.</p></div>" * 2,
        "<div class='article'><p>It is a good ferry.</p></div>",
    ],
)
def test_teasers_and_parts_are_no_articles_of_their_own(read, story_page, story, more):
    (article,) = read(story_page() + more)
    assert story in article.text
