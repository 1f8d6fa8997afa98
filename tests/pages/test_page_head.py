from __future__ import annotations

from topicml.pages.page_tree import parse_page, read_head


def test_a_head():
    html = (
        '<html lang="en"><head><title>Ferry | Daily</title>'
        '<link rel="Canonical" href=" https://x.example/1 ">'
        '<META PROPERTY="OG:Title" CONTENT="Ferry"><meta name="a" content=""><meta name="b" content="1">'
        '<meta name="b" content="2"><meta property="og:url" content="https://x.example/2"></head>'
        "<body><h1>Ferry <i>returns</i></h1></body></html>"
    )
    head = read_head(parse_page(html), "https://x.example/3")
    assert head.metas == (("og:title", "Ferry"), ("b", "1"), ("b", "2"), ("og:url", "https://x.example/2"))
    assert head.titles == ("Ferry", "Ferry returns", "Ferry | Daily")
    assert head.urls == ("https://x.example/1", "https://x.example/2", "https://x.example/3")
    assert (head.language, head.meta("c", "b"), head.meta("c")) == ("en", "1", "")


def test_several_headlines_are_those_of_several_stories():
    assert read_head(parse_page("<h1>One</h1><h1>Two</h1>")).titles == ()
