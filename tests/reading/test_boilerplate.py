from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from topicml.reading.boilerplate import furniture_of, is_pointer, without_credit


def kinds(line: str) -> list[str]:
    return [piece.kind for piece in furniture_of(line)]


@pytest.mark.parametrize(
    "line",
    [
        "By Ada Moss",
        "By Ada Moss (Harbour Daily)",
        "by Ada Moss and Ilo van der Berg",
        "By A. B. Moss Jr.",
        "BY ADA MOSS",
        "By Ada Moss, Foreign Correspondent",
        "By a staff writer",
        "By 李明",
        "Written by Ada Moss",
        "Source: Xinhua",
        "Author: Ada Moss",
        "Staff writer",
        "Our correspondent",
        "From our special correspondent",
        "(Reuters)",
        "Reuters",
        "AFP, AP",
        "(Harbour Daily)",
        "来源：新华社",
        "作者: 李明",
        "新华社记者 李明 王芳",
        "Reporting by Ada Moss; editing by Ilo Berg",
    ],
)
def test_bylines(line):
    assert kinds(line) == ["byline"]


@pytest.mark.parametrize(
    ("line", "day"),
    [
        ("2015-09-28", "2015-09-28"),
        ("2015-09-28 03:32", "2015-09-28"),
        ("Updated: 2015-09-28 03:32:27", "2015-09-28"),
        ("2015-09-28T03:32:27Z", "2015-09-28"),
        ("2015-09-28T03:32:27+08:00", "2015-09-28"),
        ("2015/9/28", "2015-09-28"),
        ("2015.09.28", "2015-09-28"),
        ("Published 3 March 2016", "2016-03-03"),
        ("Published on Thursday, 3rd March 2016 at 10:20 GMT", "2016-03-03"),
        ("March 3, 2016", "2016-03-03"),
        ("Mar. 3, 2016 10:20 a.m. EST", "2016-03-03"),
        ("Thu 3 Sept 2016", "2016-09-03"),
        ("2016年3月3日 10:20", "2016-03-03"),
        ("发布时间：2016-03-03 10:20", "2016-03-03"),
        ("03/04/2016", None),
        ("2016-02-30", None),
        ("Published 10:20 GMT", None),
        ("3 hours ago", None),
    ],
)
def test_dates(line, day):
    [piece] = furniture_of(line)
    assert (piece.kind, piece.date) == ("date", day)


@pytest.mark.parametrize(
    ("line", "updated"),
    [
        ("Updated: 2016-03-03", True),
        ("更新时间：2016-03-03", True),
        ("Published 2016-03-03", False),
        ("2016-03-03", False),
    ],
)
def test_a_date_knows_whether_it_is_of_a_change(line, updated):
    assert furniture_of(line)[0].updated is updated


@pytest.mark.parametrize(
    "line",
    [
        "8.03K",
        "12",
        "1.2万",
        "12 comments",
        "1,204 views",
        "3 min read",
        "Views: 1,204",
        "评论（12）",
        "Share",
        "Share this article",
        "Share Tweet Email",
        "分享",
        "World desk",
        "Africa & Middle East desk",
        "Section: World",
        "Filed under: World, Africa",
        "Tags: river, ferry",
        "关键词：渡轮",
        "© 2016 Harbour Daily",
        "Copyright 2016 Harbour Daily. All rights reserved.",
        "版权所有",
        "Photo: Ada Moss",
        "Advertisement",
    ],
)
def test_noise(line):
    assert kinds(line) == ["noise"]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("By Ada Moss | 3 March 2016", ["byline", "date"]),
        ("By Ada Moss, 3 March 2016", ["date", "byline"]),
        ("2016-03-03 10:20 来源：新华社", ["date", "byline"]),
        ("Published: 2016-03-03 | Updated: 2016-03-04", ["date", "date"]),
        ("Share | Print", ["noise", "noise"]),
        ("3 March 2016 · 12 comments · Share", ["date", "noise", "noise"]),
    ],
)
def test_several_pieces_on_one_line(line, expected):
    assert kinds(line) == expected


@pytest.mark.parametrize(
    "line",
    [
        "",
        "By Tuesday the water had reached the bridge.",
        "By the time it ended, 12 people had left.",
        "By noon.",
        "By Tuesday.",
        f"Copyright {'lawyers argued ' * 12}",
        "On 3 March 2016 the ferry sank.",
        "3 March 2016 was a Thursday",
        "Share of renters rises to 40 percent",
        "12 comments that shook the council",
        "Reuters journalists freed",
        "文化遗产日活动开幕",
        "来源不明的信件",
        "The editor: a life",
        "Copyrights and wrongs",
        "Sources say the ferry is safe",
    ],
)
def test_lines_of_the_story_are_no_furniture(line):
    assert kinds(line) == []


def test_of_two_dates_on_one_line_each_keeps_its_own():
    found = furniture_of("Published 3 March 2016 Updated 2016-03-09")
    assert [piece.date for piece in found] == ["2016-03-03", "2016-03-09"]


@given(st.text())
def test_any_line_is_told_apart_without_fail(line):
    assert {piece.kind for piece in furniture_of(line)} <= {"byline", "date", "noise"}


@pytest.mark.parametrize(
    "line",
    [
        "More in Africa",
        "More from Harbour Daily",
        "Related stories",
        "Related:",
        "Read more: ferry sinks",
        "相关新闻",
    ],
)
def test_pointers(line):
    assert is_pointer(line)


@pytest.mark.parametrize(
    "line", ["More than 40 people came.", "Relatedness", "More", "The latest news was bad."]
)
def test_lines_that_point_nowhere(line):
    assert not is_pointer(line)


@pytest.mark.parametrize(
    "credit",
    [
        "[Photo/Agencies]",
        "(Photo: AFP)",
        "(Photo by Ada Moss)",
        "[Photo provided to Harbour Daily]",
        "(File photo)",
        "[Xinhua/Li Ming]",
        "(Reuters)",
        "（新华社发）",
        "（李明 摄）",
    ],
)
def test_a_caption_loses_its_credit(credit):
    assert without_credit(f"The ferry at its berth. {credit}") == "The ferry at its berth."


@pytest.mark.parametrize(
    "line",
    [
        "The ferry (pictured) sank.",
        "It sank (photographs were banned)",
        "He left (to rest)",
        "（会议即将出发）",
    ],
)
def test_other_brackets_stay(line):
    assert without_credit(line) == line
