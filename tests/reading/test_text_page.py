from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from topicml.reading.text_page import is_breadcrumb, parse_text_page

STORY = (
    "The ferry that links the two banks of the river returned to its berth on Monday after a year away.",
    "By Tuesday the water had risen so far that the captain asked for a second rope.",
    '"We are glad to be back," she said.',
)
LINES = st.lists(
    st.one_of(
        st.text(max_size=80),
        st.sampled_from(
            [
                *STORY,
                "Home / Harbours",
                "Harbours",
                "By Ada Moss",
                "2016-03-03",
                "8.03K",
                "More in Harbours",
                "Ferry returns",
            ]
        ),
    ),
    max_size=12,
)


def page(*lines: str, story: tuple[str, ...] = STORY) -> str:
    return "\n\n".join([*lines, *story])


@pytest.mark.parametrize(
    ("line", "label"),
    [
        ("Home / Harbours", "Harbours"),
        ("Home > World > Africa", "Africa"),
        ("News » Science", "Science"),
        ("News › World › Africa", "Africa"),
        ("Home → Harbours", "Harbours"),
        ("Home | World | Africa", "Africa"),
        ("News / World / Africa", "Africa"),
        ("HOME>WORLD>AFRICA", "AFRICA"),
        ("You are here: Home / China-EU ties", "China-EU ties"),
        ("Startseite > Politik", "Politik"),
        ("首页 > 国际", "国际"),
        ("首页>国际>正文", "国际"),
        ("当前位置：首页 > 国际 > 正文", "国际"),
        ("Home / Harbours / Article", "Harbours"),
        ("Home / Harbours / Ferry returns to its berth", "Harbours"),
        ("Home / Harbours / Ferry returns to...", "Harbours"),
        ("Home / Ferry returns to its berth", None),
    ],
)
def test_a_breadcrumb_gives_the_label(line, label):
    assert is_breadcrumb(line)
    article = parse_text_page(page(line, "Ferry returns to its berth"))
    assert article.title == "Ferry returns to its berth"
    assert article.labels == (label and (label,))
    assert article.text == "\n".join(STORY)


@pytest.mark.parametrize(
    "line",
    [
        "",
        "Ferry returns",
        "Home",
        "Win / lose",
        "and/or",
        "If a > b, then b < a.",
        "5 > 3",
        "-> see below",
        "> quoted mail",
        "The rate is 3 / 4 / 5.",
        "Home rule / a history",
        f"News > {'a very long name of something ' * 3}",
    ],
)
def test_other_first_lines_are_no_breadcrumb(line):
    assert not is_breadcrumb(line)


@pytest.mark.parametrize(
    "lines",
    [
        pytest.param(
            (
                "Home / Harbours",
                "Ferry returns",
                "By Ada Moss (Harbour Daily)",
                "Updated: 2016-03-03 10:20:30",
                "8.03K",
                "Ferry returns",
            ),
            id="headline-repeated-after-counter",
        ),
        pytest.param(
            (
                "Home > News > Harbours",
                "HARBOURS",
                "Ferry returns",
                "By Ada Moss (Harbour Daily) | Published 3 March 2016",
            ),
            id="kicker",
        ),
        pytest.param(
            (
                "News » Harbours",
                "Ferry returns",
                "Harbours desk",
                "By Ada Moss (Harbour Daily)",
                "March 3, 2016 10:20 GMT",
                "12 comments",
                "Share Tweet Print",
            ),
            id="desk-and-buttons",
        ),
        pytest.param(
            ("Home / Harbours", "3 March 2016", "Ferry returns", "By Ada Moss (Harbour Daily)"),
            id="date-first",
        ),
        pytest.param(
            (
                "Home / Harbours",
                "Published 2016-03-03",
                "Updated 2016-03-09",
                "By Ada Moss (Harbour Daily)",
                "Ferry returns",
            ),
            id="published-and-updated",
        ),
        pytest.param(
            (
                "Home / Harbours",
                "Updated 2016-03-09",
                "Published 2016-03-03",
                "Ferry returns",
                "By Ada Moss (Harbour Daily)",
            ),
            id="updated-first",
        ),
    ],
)
def test_what_gives_the_label_away_is_gone(lines):
    article = parse_text_page(page(*lines))
    assert article.title == "Ferry returns"
    assert article.text == "\n".join(STORY)
    assert article.labels == ("Harbours",)
    assert article.date == "2016-03-03"
    assert article.metadata == {"byline": "By Ada Moss (Harbour Daily)"}


@pytest.mark.parametrize(
    "lines",
    [
        ("Tags: harbours, ferry",),
        ("Harbours",),
        ("More in Harbours", "Bridge opens to carts", "Lock gates repaired"),
        ("Related stories", "Bridge opens to carts"),
        ("© 2016 Harbour Daily",),
        ("Copyright 2016 Harbour Daily. All rights reserved.",),
        ("Share", "12 comments"),
        (
            "Tags: ferry",
            "More in Harbours",
            "Bridge opens",
            "Copyright 2016 Harbour Daily. All rights reserved.",
        ),
    ],
)
def test_what_follows_the_story_is_gone(lines):
    article = parse_text_page(page("Home / Harbours", "Ferry returns", story=(*STORY, *lines)))
    assert article.text == "\n".join(STORY)


def test_a_byline_at_the_end_is_kept_as_metadata():
    content = page(
        "Home / Harbours", "Ferry returns", story=(*STORY, "Reporting by Ada Moss; editing by Ilo Berg")
    )
    assert parse_text_page(content).metadata == {"byline": "Reporting by Ada Moss; editing by Ilo Berg"}
    assert parse_text_page(content).text == "\n".join(STORY)


def test_lines_inside_the_story_stay_whatever_they_look_like():
    inside = ("By Monday", "12 comments", "Share", "(Laughter)", "3 March 2016", "Read more: a plea")
    story = (STORY[0], *inside, STORY[2])
    assert parse_text_page(page("Home / Harbours", "Ferry returns", story=story)).text == "\n".join(story)


@pytest.mark.parametrize("credit", ["[Photo/Agencies]", "(Photo: A.F.P.)"])
def test_a_caption_stays_without_its_credit(credit):
    caption = "Sailors wave from the deck of the ferry as it comes home to the town after a year."
    lines = ("Home / Harbours", "Ferry returns", f"{caption} {credit}", "By Ada Moss", "2016-03-03")
    article = parse_text_page(page(*lines))
    assert article.text == "\n".join([caption, *STORY])
    assert (article.metadata["byline"], article.date) == ("By Ada Moss", "2016-03-03")


def test_a_subheading_stays():
    article = parse_text_page(page("Home / Harbours", "Ferry returns", "A year in dry dock", "By Ada Moss"))
    assert article.text == "\n".join(["A year in dry dock", *STORY])


def test_a_kicker_is_no_headline_if_another_line_is_there_twice():
    article = parse_text_page(page("Home / Harbours", "Exclusive", "Ferry returns", "8.03K", "Ferry returns"))
    assert (article.title, article.text) == ("Ferry returns", "\n".join(["Exclusive", *STORY]))


def test_a_chinese_page():
    story = (
        "两岸之间的渡轮在船坞里停了一年之后，星期一终于回到了原来的码头，居民们在岸边欢迎它。",
        "“我们很高兴回来。”船长说。",
    )
    lines = ("首页 > 国际 > 正文", "渡轮回到码头", "2016-03-03 10:20 来源：港口日报", "分享", "渡轮回到码头")
    article = parse_text_page(
        page(*lines, story=(*story, "责任编辑：李明", "关键词：渡轮", "相关新闻", "桥梁开通"))
    )
    assert (article.title, article.labels, article.date) == ("渡轮回到码头", ("国际",), "2016-03-03")
    assert article.text == "\n".join(story)
    assert article.metadata == {"byline": "来源：港口日报; 责任编辑：李明"}


def test_a_headline_in_quotes_as_long_as_a_sentence_is_the_headline():
    title = '"We are glad to be back at the berth that we left a year ago," says the captain of the "Heron"'
    article = parse_text_page(page("Home / Harbours", title, "By Ada Moss", "Harbours desk"))
    assert (article.title, article.text) == (title, "\n".join(STORY))


@pytest.mark.parametrize(
    "lines",
    [
        ("Short trip",),
        ("Harbours", "Short trip"),
        ("Short trip", "8.03K", "Short trip", "A year in dry dock"),
    ],
)
def test_a_short_headline_that_ends_the_breadcrumb(lines):
    article = parse_text_page(page("Home / Harbours / Short trip", *lines))
    assert (article.title, article.labels) == ("Short trip", ("Harbours",))


def test_a_page_without_a_headline():
    article = parse_text_page(page("Home / Harbours"))
    assert (article.title, article.text, article.labels) == ("", "\n".join(STORY), ("Harbours",))


def test_a_page_without_a_breadcrumb_has_no_label():
    article = parse_text_page(page("Ferry returns", "By Ada Moss", "2016-03-03"))
    assert (article.title, article.text, article.labels) == ("Ferry returns", "\n".join(STORY), None)


def test_a_page_of_short_sentences():
    story = ("It is back.", "All cheered.")
    content = page(
        "Home / Harbours", "Ferry returns", "8.03K", story=(*story, "More in Harbours", "Bridge opens")
    )
    assert parse_text_page(content).text == "It is back.\nAll cheered."


@pytest.mark.parametrize("content", ["", "\n \n", "Home / Harbours", "Home / Harbours\n\nHarbours"])
def test_a_page_with_nothing_on_it(content):
    assert parse_text_page(content).full_text == ""


def test_crlf_and_blanks_around_lines_do_not_matter():
    content = page("Home / Harbours", "Ferry returns", "By Ada Moss")
    assert parse_text_page(content.replace("\n", " \r\n\t")) == parse_text_page(content)


@given(LINES)
def test_any_page_is_parsed_and_adds_nothing(lines):
    """Whatever comes out as text or title is a line of the page, at most without a credit."""
    content = "\n".join(lines)
    article = parse_text_page(content)
    assert all(line in content for line in article.text.split("\n"))
    assert article.title in content


@given(LINES)
def test_the_label_is_never_a_line_of_the_text(lines):
    article = parse_text_page("Home / Harbours\n" + "\n".join(lines))
    assert "harbours" not in article.full_text.lower().split("\n")
