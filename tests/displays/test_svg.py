from __future__ import annotations

import re

import matplotlib as mpl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import html

from topicml.displays.display import svg_of
from topicml.displays.drawing import axes_of


def drawing(label):
    """Return what draws one line and one label."""

    def plot():
        ax = axes_of(None, width=6, height=2)
        ax.plot([0, 1], [0, 1], color="black")
        ax.set_yticks([0.5], [label], parse_math=False)
        return ax

    return plot


def texts(svg):
    return [element.text_content() for element in html.fromstring(svg).iter("text")]


@pytest.mark.parametrize(
    "label",
    [
        "<script>alert(1)</script>",
        "a & b",
        "$x_1$ and $y$",
        "fill: #000000",
        'style="#000000"',
        "天气",
        "</svg>",
        "\\alpha",
    ],
)
def test_a_label_is_shown_as_it_is(label):
    assert label in texts(svg_of(drawing(label)))


@settings(max_examples=40)  # each draws a picture
@given(st.text(st.characters(min_codepoint=32, exclude_categories=["Cs", "Cc"]), min_size=1, max_size=20))
def test_any_label_is_text_and_no_element(label):
    elements = {element.tag for element in html.fromstring(svg_of(drawing(label))).iter()}
    assert elements <= {"svg", "defs", "g", "path", "use", "text", "tspan", "clippath", "rect"}


def test_it_takes_the_colours_of_the_page_and_loads_nothing():
    svg = svg_of(drawing("sport"))
    assert "#000000" not in svg
    assert "currentColor" in svg
    assert "http" not in svg
    assert "<style" not in svg
    assert "DejaVu" not in svg
    assert re.findall(r"url\((?!#)", svg) == []


def test_the_settings_of_the_user_play_no_part_and_stay(recwarn):
    plain = svg_of(drawing("sport"))
    with mpl.rc_context({"font.size": 30, "axes.facecolor": "red", "svg.fonttype": "path"}):
        assert svg_of(drawing("sport")) == plain
        assert mpl.rcParams["font.size"] == 30
    assert svg_of(drawing("天气")) == svg_of(drawing("天气"))
    assert not recwarn.list
