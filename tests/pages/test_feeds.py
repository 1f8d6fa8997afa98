from __future__ import annotations

import json

import pytest

from topicml.article import Article, Problem
from topicml.pages.feeds import read_feed
from topicml.pages.one_page import PageOptions
from topicml.pages.sources import PageFile


def items_of(path, data=None, **options):
    return list(
        read_feed(
            path.read_bytes() if data is None else data,
            PageFile(path, "feed", path.name),
            PageOptions(**options),
        )
    )


def test_entries_are_labelled_by_their_categories(saved):
    first, second, third = items_of(saved / "harbour.rss")
    assert (first.title, first.labels, first.date) == ("Ferry returns", ("Africa", "Shipping"), "2016-03-03")
    assert first.text == "The ferry that links the two banks of the river returned to its berth on Monday."
    assert (first.id, first.source, first.metadata["language"]) == ("ferry-1", "Harbour Daily", "en")
    assert first.metadata["url"] == "https://www.harbourdaily.example/world/ferry"
    assert json.loads(first.metadata["sections_seen"]) == {"feed": ["Africa", "Shipping"], "url": ["world"]}
    assert (second.labels, second.id) == (("News",), "https://www.harbourdaily.example/local/lock")
    assert (third.kind, third.path) == ("no article", f"{saved / 'harbour.rss'}:entry 3")


def test_labels_from_the_address(saved):
    assert items_of(saved / "harbour.rss", labels_from=("url",))[1].labels == ("local",)


def test_atom(tmp_path):
    atom = (
        '<feed xmlns="http://www.w3.org/2005/Atom"><title>Daily</title><entry><id>1</id><title type="html">'
        'Ferry &lt;b&gt;returns&lt;/b&gt;</title><category term="af" label="Africa"/>'
        "<updated>2016-03-03T10:00:00Z</updated>"
        "<author><name>Ada Moss</name></author><summary>Short.</summary>"
        '<content type="html">&lt;p&gt;By Ada Moss&lt;/p&gt;'
        "&lt;p&gt;The ferry is back.&lt;/p&gt;</content></entry></feed>"
    )
    (article,) = items_of(tmp_path / "a.atom", atom.encode())
    assert (article.title, article.text, article.labels) == (
        "Ferry returns",
        "The ferry is back.",
        ("Africa",),
    )
    assert (article.date, article.metadata["author"]) == ("2016-03-03", "Ada Moss")


@pytest.mark.parametrize(
    "data", [b"", b"no feed", b"<rss><channel></channel></rss>", b"<a>" * 20_000, b"\0" * 100]
)
def test_what_is_no_feed_is_one_problem(tmp_path, data):
    (problem,) = items_of(tmp_path / "a.xml", data)
    assert isinstance(problem, Problem)
    assert "expected RSS or Atom with entries" in problem.message


def test_entities_that_grow_are_not_expanded(tmp_path):
    lines = "".join(f'<!ENTITY e{i} "{f"&e{i - 1};" * 10}">' for i in range(1, 10))
    bomb = (
        f'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e0 "ha">{lines}]><rss version="2.0"><channel><item>'
        "<title>x</title><description>Rain &e9;</description></item></channel></rss>"
    )
    items = items_of(tmp_path / "a.rss", bomb.encode())
    assert sum(len(item.text) for item in items if isinstance(item, Article)) < 1000


def test_a_feed_that_is_broken_half_way_keeps_what_was_read(tmp_path):
    data = (
        b"<rss version='2.0'><channel><item><title>x</title><description>Rain fell.</description></item><item"
    )
    warning, article = items_of(tmp_path / "a.rss", data)
    assert (warning.kind, warning.left_out) == ("broken XML", False)
    assert article.text == "Rain fell."


WXR = """<?xml version="1.0"?><rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"
xmlns:wp="http://wordpress.org/export/1.2/"><channel><title>Harbour Daily</title>
<wp:wxr_version>1.2</wp:wxr_version>{}</channel></rss>"""


def wordpress_item(kind: str, status: str, *categories: tuple[str, str]) -> str:
    listed = "".join(f'<category domain="{d}" nicename="x"><![CDATA[{n}]]></category>' for d, n in categories)
    return (
        "<item><title>Ferry</title>"
        "<content:encoded><![CDATA[<!-- wp:paragraph --><p>The ferry is back.</p>"
        f"]]></content:encoded><wp:status>{status}</wp:status><wp:post_type>{kind}</wp:post_type>{listed}</item>"
    )


def test_of_what_wordpress_exports_published_posts_are_read_with_their_categories(tmp_path):
    """Drafts, pictures and menus became articles, and tags and formats their labels."""
    items = [
        wordpress_item(
            *("post", "publish", ("post_tag", "ferry"), ("category", "Africa"), ("post_format", "Aside"))
        ),
        *(wordpress_item("post", status, ("category", "Africa")) for status in ("draft", "private", "trash")),
        *(wordpress_item(kind, "publish") for kind in ("page", "nav_menu_item", "nav_menu_item")),
        wordpress_item("attachment", "inherit"),
        wordpress_item("post", "publish", ("post_tag", "ferry")),
    ]
    skipped, *articles = items_of(tmp_path / "a.xml", WXR.format("".join(items)).encode())
    assert [(article.text, article.labels) for article in articles] == [
        ("The ferry is back.", ("Africa",)),
        ("The ferry is back.", None),
    ]
    assert (skipped.kind, skipped.left_out) == ("skipped items", False)
    assert skipped.message == (
        "7 items that are not published posts left out (1 attachment: inherit, 2 nav_menu_item: publish, "
        "1 page: publish, 1 post: draft, 1 post: private, 1 post: trash)"
    )
