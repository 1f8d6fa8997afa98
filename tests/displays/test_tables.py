from __future__ import annotations

import pytest

from topicml.displays.tables import Table

TABLE = Table("By label", (("label", "F1"), ("a <b>\x1b", "0.500"), ("x" * 30, "1.000")), (False, True), 10)


def test_long_tables_say_how_much_more_there_is():
    short = TABLE.first(1)
    assert short.title == "By label (and 1 more)"
    assert short.rows == TABLE.rows[:2]


@pytest.mark.parametrize("n", [2, 100])
def test_whole_tables_stay_as_they_are(n):
    assert TABLE.first(n) is TABLE


def test_as_text_words_have_an_end_and_steer_no_terminal():
    assert TABLE.to_lines() == ["By label", "label          F1", "a <b>\\x1b   0.500", "xxxxxxx...  1.000"]


def test_as_html_it_has_a_header_and_no_markup_of_others():
    head, body = TABLE.first(1).to_html().split("</thead>")
    assert head == (
        '<table><thead><tr><th dir="auto" style="text-align:left;padding:.1em .5em">label</th>'
        '<th dir="auto" style="text-align:right;padding:.1em .5em">F1</th></tr>'
    )
    assert body == (
        '<tbody><tr><td dir="auto" style="text-align:left;padding:.1em .5em">a &lt;b&gt;\ufffd</td>'
        '<td dir="auto" style="text-align:right;padding:.1em .5em">0.500</td></tr></tbody></table>'
    )
