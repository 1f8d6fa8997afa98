from __future__ import annotations

import pytest

from topicml.exceptions import TopicmlValueError
from topicml.pages.section_signals import LABEL_SOURCES, check_label_sources


def meta(name: str, content: str, key: str = "name") -> str:
    return f'<meta {key}="{name}" content="{content}">'


@pytest.mark.parametrize(
    "name",
    [
        *(
            "article:section",
            "og:article:section",
            "og:section",
            "section",
            "Section",
            "sections",
            "parsely-section",
        ),
        *(
            "sailthru.section",
            "sailthru.verticals",
            "sailthru.vertical",
            "cXenseParse:section",
            "prism.section",
        ),
        *("cXenseParse:recs:category", "cXenseParse:Taxonomy", "category", "channel", "primary_section"),
        *("article:top-level-section", "nypost-section", "content_category", "vr:category"),
    ],
)
@pytest.mark.parametrize("key", ["name", "property"])
def test_relatives_of_article_section(signals, story_page, name, key):
    assert signals(story_page(head=meta(name, "Sport", key)))["meta"] == ("Sport",)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        *(("section-id", "2128"), ("article:section_url", "/sport"), ("WT.page_categorisation", "Sport")),
        *(("description", "Sport"), ("category", "article"), ("channel", ""), ("stats:category", "x")),
        ("article:section", "https://x.example/sport"),
    ],
)
def test_other_metas_name_no_section(signals, story_page, name, content):
    assert "meta" not in signals(story_page(head=meta(name, content)))


def test_repeated_metas_are_all_kept_once_each(signals, story_page):
    """Repeated meta tags of which the last one overwrites the others."""
    head = "".join(meta("article:section", name, "property") for name in ("Sport", "Economy", " SPORT "))
    assert signals(story_page(head=head + meta("section", " sport ")))["meta"] == ("Sport", "Economy")


def test_the_standard_name_goes_before_its_relatives_wherever_it_stands(signals, story_page):
    head = meta("category", "news") + meta("section", "Sports") + meta("article:section", "Sport", "property")
    assert signals(story_page(head=head))["meta"] == ("Sport",)


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("{&quot;section&quot;: &quot;Sport&quot;}", "Sport"),
        ("{&quot;section&quot;: 7}", None),
        ("{", None),
        ("[]", None),
    ],
)
def test_parsely_s_json(signals, story_page, content, expected):
    found = signals(story_page(head=meta("parsely-page", content)))
    assert found.get("meta") == (expected and (expected,))


@pytest.mark.parametrize(
    "markup",
    [
        '<span itemprop="articleSection">Sport</span>',
        '<meta itemprop="articleSection" content="Sport">',
        '<a property="schema:articleSection">Sport</a>',
        '<span itemprop="articleSection"><b>Sport</b></span>',
    ],
)
def test_microdata(signals, story_page, markup):
    assert signals(story_page(before=markup))["microdata"] == ("Sport",)


@pytest.mark.parametrize(
    "markup",
    [
        '<nav class="breadcrumb"><a href="/">Home</a> &gt; <a href="/w">World</a> &gt; <a>Africa</a></nav>',
        '<nav aria-label="Breadcrumb"><ol><li>Home</li><li>Africa</li><li>Ferry returns</li></ol></nav>',
        '<div id="breadcrumbs">Home / World / Africa</div>',
        '<ul class="c-Breadcrumbs"><li><a>World</a> »</li><li>Africa</li><li>Ferry ret...</li></ul>',
        '<div itemtype="http://schema.org/BreadcrumbList"><span>World</span>/<span>Africa</span></div>',
        '<div class="has-breadcrumb"></div><div class="breadcrumb"><b>03.03.2016</b><a>Africa</a></div>',
        "<p>Home / World / Africa</p>",
        "<div><a>Home</a> &gt; <a>World</a> &gt; <a>Africa</a></div>",
        "<p>You are here: Home > World > Africa</p>",
        "<p>首页 > World > Africa > 正文</p>",
    ],
)
def test_breadcrumbs_in_markup_and_in_lines(signals, story_page, markup):
    assert signals(story_page(before=markup))["breadcrumb"] == ("Africa",)


@pytest.mark.parametrize(
    "markup",
    [
        "<p>Subscribe | Give a gift | Renew</p>",
        "<p>Win / lose / draw</p>",
        "<p>Photos > Videos</p>",
        "<p>Home</p>",
    ],
)
def test_menus_are_no_breadcrumbs(signals, story_page, markup):
    assert "breadcrumb" not in signals(story_page(before=markup))


def test_a_site_s_name_is_no_section(signals, story_page):
    head = meta("og:site_name", "Harbour Daily", "property")
    markup = '<nav class="breadcrumb"><a>Harbour Daily</a></nav>'
    assert "breadcrumb" not in signals(story_page(head=head, before=markup))


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        (meta("keywords", "ferry, river; quay"), ("ferry", "river", "quay")),
        (meta("keywords", "渡轮，河流、码头"), ("渡轮", "河流", "码头")),
        (
            meta("keywords", "x") + meta("article:tag", "ferry", "property") + meta("article:tag", "river"),
            ("ferry", "river"),
        ),
        (meta("news_keywords", "ferry,,Ferry , "), ("ferry",)),
        (
            '<script type="application/ld+json">{"@type":"Article","keywords":["ferry","river"]}</script>',
            ("ferry", "river"),
        ),
    ],
)
def test_keywords(signals, story_page, head, expected):
    assert signals(story_page(head=head))["keywords"] == expected


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://x.example/sport/cup-final", "sport"),
        ("https://x.example/world/africa/ferry/", "world"),
        ("https://x.example/2016/03/03/sport/cup-final.html", "sport"),
        ("https://x.example/en-gb/news/china-un-engagements/talks", "china-un-engagements"),
        ("https://x.example/%E5%9B%BD%E9%99%85/talks", "国际"),
        ("https://x.example/cup-final", None),
        ("https://x.example/", None),
        ("https://x.example/2016/mar/03/x", None),
        ("https://x.example/a-headline-as-long-as-this/a-123", None),
        ("https://[broken/sport/x", None),
    ],
)
def test_the_first_part_of_the_path(signals, story_page, url, expected):
    given = signals(story_page(), url=url)
    linked = signals(story_page(head=f'<link rel="canonical" href="{url}">'), url="https://x.example/other/x")
    assert given.get("url") == (expected and (expected,))
    assert linked["url"] == ((expected or "other"),)


def test_folder_and_feed_are_what_is_given(signals, story_page):
    found = signals(story_page(), folder=["africa"], feed=["World", "world"])
    assert (found["folder"], found["feed"]) == (("africa",), ("World",))


def test_the_order_is_that_of_trust(signals, story_page):
    head = meta("keywords", "x") + meta("section", "Sport")
    assert list(signals(story_page(head=head), url="https://x.example/a1/sport/x", folder=["y"])) == [
        *("meta", "keywords", "url", "folder")
    ]


@pytest.mark.parametrize("sources", [["meta", "title"], [""], []])
def test_unknown_sources(sources):
    with pytest.raises(TopicmlValueError, match="expected sources of labels among jsonld, meta"):
        check_label_sources(sources)


def test_all_sources_exist():
    check_label_sources(LABEL_SOURCES)
