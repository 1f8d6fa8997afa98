from __future__ import annotations

import pytest

from topicml.exceptions import CorpusError
from topicml.pages.page_tree import parse_page, read_head
from topicml.pages.story import read_story
from topicml.pages.structured_data import read_nodes


def story_of(html: str):
    tree = parse_page(html)
    return read_story(tree, read_head(tree), read_nodes(tree))


def ld(members: str) -> str:
    return f'<script type="application/ld+json">{{"@type": "NewsArticle", {members}}}</script>'


def test_a_page_that_tells_nothing_else_gives_its_text(story_page, story):
    found = story_of(story_page())
    assert "\n".join(found.lines).endswith(story)
    assert (found.title, found.author, found.date, found.language, found.source) == (
        "Ferry returns",
        "",
        "",
        "",
        "",
    )


@pytest.mark.parametrize(
    "html",
    [
        "<p>Rain fell.",
        "Rain fell.",
        "<html><body><p>Rain fell.</p></body></html>",
    ],
)
def test_a_page_of_one_sentence(html):
    assert story_of(html).lines == ("Rain fell.",)


@pytest.mark.parametrize(
    "html",
    [
        "<html><head><title>Cup final won</title></head><body></body></html>",
        "<html><body><script>var text = 'The home side won the cup final.'</script></body></html>",
        "<html><body><noscript>Please switch JavaScript on.</noscript></body></html>",
        "<html><body><nav><a href='/1'>Sport</a></nav></body></html>",
    ],
)
def test_a_page_without_text_is_no_article(html):
    with pytest.raises(CorpusError, match=r"no article text found|a list of links"):
        story_of(html)


@pytest.mark.parametrize(
    "wrap", ["<form>{}</form>", "<form><div>{}</div></form>", "<div class='footer-page'>{}</div>"]
)
def test_a_story_inside_a_form_is_found(story_page, wrap):
    """Pages of systems that wrap all of a page into one element that is furniture elsewhere."""
    plain = story_page(after="<ul>" + "<li>item</li>" * 60 + "</ul>")
    start, end = plain.index("<body>") + 6, plain.index("</body>")
    html = plain[:start] + wrap.format(plain[start:end]) + plain[end:]
    assert any("planned for Friday" in line for line in story_of(html).lines)


def links(count: int, between: str = "") -> str:
    items = "".join(
        f"<h2><a href='/{i}'>Headline number {i} of this day</a></h2>{between}" for i in range(count)
    )
    return f"<html><body><main>{items}</main></body></html>"


@pytest.mark.parametrize("html", [links(8), links(8, "<p>What it is about, in short.</p>")])
def test_a_list_of_headlines_is_no_article(html):
    """An overview page that is returned as one article of mixed topics."""
    with pytest.raises(CorpusError, match="a list of links to other pages"):
        story_of(html)


def test_a_story_with_links_in_it_is_an_article(story_page):
    after = "<p><a href='#a'>What the harbour office says</a></p><p>See <a href='/1'>the plan</a>.</p>"
    assert len(story_of(story_page(after=after)).lines) >= 3


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        (ld('"headline": "Ferry is back"'), "Ferry is back"),
        (
            '<meta property="og:title" content="Ferry returns - Harbour Daily">'
            '<meta property="og:site_name" content="Harbour Daily">',
            "Ferry returns",
        ),
        ('<meta property="og:title" content="Ferry returns | The Daily">', "Ferry returns"),
        ('<meta property="og:title" content="Ferry &amp;amp; lock">', "Ferry & lock"),
        ('<meta property="og:title" content="Ferry re&shy;turns: a year on">', "Ferry returns: a year on"),
        (ld('"headline": ["Ferry is back", null]'), "Ferry is back"),
        (ld('"headline": 7'), "Ferry returns"),
    ],
)
def test_titles(story_page, head, expected):
    assert story_of(story_page(head=head)).title == expected


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        (ld('"datePublished": "2016-03-03T23:30:00+01:00"'), "2016-03-03"),
        (ld('"datePublished": "March 3, 2016"'), "2016-03-03"),
        (ld('"datePublished": null'), ""),
        (ld('"datePublished": "2016-02-31"'), ""),
        ('<meta property="article:published_time" content="2016-03-03">', "2016-03-03"),
        ('<meta name="date" content="2016-03-03 10:20">', "2016-03-03"),
    ],
)
def test_dates(story_page, head, expected):
    assert story_of(story_page(head=head)).date == expected


def test_a_date_is_looked_for_in_the_markup(story_page):
    assert story_of(story_page(before='<time datetime="2016-03-03">Thursday</time>')).date == "2016-03-03"


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        (ld('"author": {"name": "Ada Moss"}'), "Ada Moss"),
        (ld('"author": [{"name": "Ada Moss"}, "By Ilo Berg"]'), "Ada Moss; Ilo Berg"),
        ('<meta name="author" content="By Ada Moss">', "Ada Moss"),
        ('<meta property="article:author" content="https://x.example/ada">', ""),
        (ld('"author": null'), ""),
    ],
)
def test_authors(story_page, head, expected):
    assert story_of(story_page(head=head)).author == expected


@pytest.mark.parametrize(
    ("lang", "expected"), [("en-GB", "en"), ("zh_CN", "zh"), ("DE", "de"), ("", ""), ("x", "")]
)
def test_languages(story_page, lang, expected):
    assert story_of(story_page().replace("<html>", f'<html lang="{lang}">')).language == expected


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        ('<meta property="og:site_name" content="Harbour Daily">', "Harbour Daily"),
        (ld('"publisher": {"name": "Harbour Daily"}'), "Harbour Daily"),
        ('<link rel="canonical" href="https://www.harbour.example/a/b">', "harbour.example"),
        ('<link rel="canonical" href="https://[broken/a">', ""),
    ],
)
def test_sources(story_page, head, expected):
    assert story_of(story_page(head=head)).source == expected
