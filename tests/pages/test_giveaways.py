from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from topicml.pages.giveaways import Giveaways, without_giveaways

STORY = (
    "The ferry that links the two banks of the river returned to its berth on Monday after a year away.",
    "Politics played no part in it, the harbour office said.",
    "By Tuesday the water had risen so far that the captain asked for a second rope from the old storehouse.",
)
KNOWN = Giveaways(
    ["Politics", "China-UN engagements"], tags=["ferry", "river"], names=["Ada Moss", "Harbour Daily"]
)
EDGES = [
    *(
        "Politics",
        "POLITICS",
        "- politics",
        "China UN engagements",
        "Home / China-UN engagements",
        "Home > Politics",
    ),
    *(
        "By Ada Moss",
        "Ada Moss",
        "Published 3 March 2016",
        "2016-03-03 10:20",
        "12 comments",
        "Share | Print",
    ),
    *(
        "ferry, river",
        "Ferry | River | Politics",
        "Tags: quay, rope",
        "Themen: Hafen",
        "Filed under: Politics",
    ),
    *("Ferry returns", "Harbour Daily", "Politics desk", "© 2016 Harbour Daily"),
    *("Follow Politics on the radio and in print.", "Read more Politics news"),
]
LINES = st.lists(st.one_of(st.text(max_size=70), st.sampled_from([*STORY, *EDGES])), max_size=10)


def text_of(*lines: str, title: str = "Ferry returns") -> list[str]:
    return without_giveaways(lines, title, KNOWN)[0].split("\n")


@pytest.mark.parametrize("line", EDGES)
def test_what_stands_before_the_story_goes(line):
    assert text_of(line, *STORY) == list(STORY)


@pytest.mark.parametrize("line", EDGES)
def test_what_stands_after_the_story_goes(line):
    assert text_of(*STORY, line) == list(STORY)


@pytest.mark.parametrize(
    "line",
    [
        "Politics",
        "More in Politics",
        "Read more about China-UN engagements",
        "Mehr Politics",
        "Home > Politics",
    ],
)
def test_the_section_s_own_lines_go_wherever_they_stand(line):
    assert text_of(STORY[0], line, *STORY[1:]) == list(STORY)


@pytest.mark.parametrize(
    "line", ["By Monday", "12 comments", "ferry, river", "A matter of politics", "Ada Moss"]
)
def test_other_lines_inside_the_story_stay(line):
    assert text_of(STORY[0], line, *STORY[1:]) == [STORY[0], line, *STORY[1:]]


def test_what_a_pointer_leads_to_goes_with_it():
    assert text_of(*STORY, "Related stories", "Bridge opens to carts") == list(STORY)


@pytest.mark.parametrize("kicker", ["Politics: ", "POLITICS | ", "Politics – ", "politics» "])
def test_a_kicker_before_the_first_sentence_goes(kicker):
    assert text_of(kicker + STORY[0], *STORY[1:]) == list(STORY)


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("Ferry returns | Politics", "Ferry returns"),
        ("Politics | Ferry returns", "Ferry returns"),
        ("Politics: Ferry returns", "Ferry returns"),
        ("Ferry returns - China-UN engagements - Politics", "Ferry returns"),
        ("Ferry returns: a year on", "Ferry returns: a year on"),
        ("The politics of ferries", "The politics of ferries"),
        ("Politics", "Politics"),
    ],
)
def test_titles(title, expected):
    assert without_giveaways(STORY, title, KNOWN)[1] == expected


def test_a_story_of_one_short_sentence_stays():
    assert text_of("The home side won the cup final.") == ["The home side won the cup final."]


@given(LINES)
def test_the_section_is_never_a_line_of_its_own_and_nothing_is_added(lines):
    found, _ = without_giveaways(lines, "Ferry returns", KNOWN)
    assert "politics" not in found.casefold().split("\n")
    assert all(line in "\n".join(lines) for line in found.split("\n"))
