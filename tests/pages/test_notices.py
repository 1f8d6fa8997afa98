from __future__ import annotations

import pytest

from topicml.article import Article, Problem
from topicml.pages.notices import is_read_also, notice

OTHER = "The parliament voted on the budget of the minister on Sunday evening."


@pytest.mark.parametrize(
    "unseen",
    [
        *("<div hidden><p>{}</p></div>", "<p hidden>{}</p>", "<div style='display:none'><p>{}</p></div>"),
        *("<p style='color:red; DISPLAY :\n None;'>{}</p>", "<template><p>{}</p></template>"),
        *("<textarea>{}</textarea>", "<div hidden><div style='display:none'>{}</div></div>"),
        *("<div class='cookie-notice'><p>{}</p></div>", "<div id='CookieBanner'><p>{}</p></div>"),
        *("<div class='gdpr'><p>{}</p></div>", "<div class='read-also'><p>{}</p></div>"),
        *(
            "<div class='lire-aussi'><p>{}</p></div>",
            "<div class='cookies' hidden>{}</div>",
            "<p>Read also: {}</p>",
            "<p>相关阅读：{}</p>",
        ),
        *("<p><b>Lesen Sie auch:</b> <a href='/x'>{}</a></p>", "<p>Lire aussi : <a href='/x'>{}</a></p>"),
    ],
)
def test_what_readers_do_not_see_and_pointers_are_no_text(read, story_page, story, unseen):
    """Such a text inside the article decided its label."""
    first, *rest = story.split("\n")
    (article,) = read(story_page(story=(f"{first}</p>{unseen.format(OTHER)}<p>", *rest)))
    assert "parliament" not in article.text
    assert article.text == story


@pytest.mark.parametrize(
    "wrap", ["<div hidden>{}</div>", "<div style='display:none'>{}</div>", "<div class='cookies-on'>{}</div>"]
)
def test_a_story_that_scripts_unveil_is_kept(read, story_page, story, wrap):
    plain = story_page()
    start, end = plain.index("<body>") + 6, plain.index("</body>")
    menu = "<div>" + "<a href='/x'>A headline of another story</a> " * 9 + "</div>"
    (article,) = read(plain[:start] + menu + wrap.format(plain[start:end]) + plain[end:])
    assert story in article.text


@pytest.mark.parametrize(
    ("title", "text"),
    [
        (
            "Page not found | Harbour Daily",
            "Sorry, the page you are looking for does not exist or has moved.",
        ),
        ("404", "Oops. Nothing here."),
        ("Error 404: Page Not Found", "Nothing here."),
        ("Harbour Daily - 404 Not Found", "Nothing here."),
        ("Seite nicht gefunden – Hafenblatt", "Die gewünschte Seite gibt es leider nicht mehr."),
        ("Page introuvable", "Cette page n'existe plus."),
        ("页面不存在", "您访问的页面不存在或已被删除。"),
        ("Just a moment...", "Checking your browser before accessing the site."),
        ("Access Denied", "You don't have permission to access this page on this server."),
        ("Harbour Daily", "Page not found\nTry the search, or go back to the front page."),
    ],
)
def test_a_page_that_only_says_no_is_no_article(read, story_page, title, text):
    """With status 200, it was labelled by its address."""
    page = story_page(story=text.split("\n")).replace("Ferry returns", title)
    (problem,) = read(page, url="https://www.harbour.example/sport/ferry")
    assert isinstance(problem, Problem)
    assert problem.message == "it only says that there is no such page, or no way to it"


@pytest.mark.parametrize(
    ("title", "text"),
    [
        ("Before you continue", "Accept cookies to read on, or subscribe."),
        ("Harbour Daily", "We and our 842 partners store and read cookies on your device to show you ads."),
        ("Datenschutz", "Wir und unsere Partner verarbeiten Daten. Sie können zustimmen oder ablehnen."),
        ("Le Port", "Avec votre accord, nous et nos partenaires utilisons des cookies ou traceurs."),
    ],
)
def test_a_wall_of_consent_is_no_article(read, story_page, title, text):
    (problem,) = read(story_page(story=(text,)).replace("Ferry returns", title))
    assert problem.message == "it only asks for consent"


@pytest.mark.parametrize(
    ("title", "text"),
    [
        ("404 houses lost to the flood", "The river took 404 houses on Monday."),
        ("Lost ship not found", "The search for the ferry goes on."),
        ("Court rules on cookies", "The court said that sites must ask for consent before they set cookies."),
        ("Access denied", "The envoys were turned away at the border on Monday. " * 30),
        ("Our partners abroad", "The harbour signed a pact with our partners in the north."),
    ],
)
def test_stories_about_these_are_articles(read, story_page, title, text):
    (article,) = read(story_page(story=(text,)).replace("Ferry returns", title))
    assert isinstance(article, Article)


@pytest.mark.parametrize("line", ["Read more about it in the report.", "See also the reply: none.", ""])
def test_sentences_are_no_pointers(line):
    assert not is_read_also(line)


def test_nothing_is_no_notice():
    assert notice([], []) == ""
