"""What all displays have in common."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import matplotlib as mpl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import html
from matplotlib.axes import Axes
from matplotlib.figure import Figure

import topicml
from topicml.displays.display import svg_of
from topicml.displays.drawing import axes_of
from topicml.exceptions import MissingExtraError

KINDS = ("confusion", "label", "reliability", "coverage")


@pytest.fixture(params=KINDS)
def display(request, evaluation):
    return getattr(evaluation, f"{request.param}_display")()


def test_it_draws_in_a_figure_of_its_own(display, tmp_path):
    ax = display.plot()
    assert isinstance(ax, Axes)
    ax.figure.savefig(tmp_path / "a.png")
    assert (tmp_path / "a.png").read_bytes().startswith(b"\x89PNG")


def test_it_draws_where_it_is_told_to(display):
    ax = Figure().subplots()
    assert display.plot(ax) is ax
    assert ax.has_data()
    assert ax.get_xlabel()


def test_it_shows_itself_in_a_notebook(display):
    shown = display._repr_html_()
    assert shown.startswith("<svg ")
    assert shown.endswith("</svg>")


def test_one_line_of_text_stands_beside_it(display):
    assert repr(display) == f"<{type(display).__name__}: plot() draws it, frame() is its table>"


def test_its_table_has_rows(display):
    assert len(display.frame()) > 0


def test_without_matplotlib_the_error_names_the_extra(display, monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    for draw in (display.plot, display._repr_html_):
        with pytest.raises(MissingExtraError, match=r"pip install 'topicml\[report\]'"):
            draw()


def test_pyplot_has_no_part_in_it():
    """A figure that pyplot made stays in memory until somebody closes it."""
    program = """
import sys
from topicml.displays.coverage import CoverageDisplay
from topicml.metrics.probabilities import CoveragePoint
from topicml.metrics.resampling import Estimate
share = Estimate(0.5, (0.4, 0.6))
CoverageDisplay((CoveragePoint(0.5, share, share),))._repr_html_()
print("matplotlib.pyplot" in sys.modules)
"""
    env = {"PYTHONPATH": str(Path(topicml.__file__).parents[1])}
    done = subprocess.run(
        [sys.executable, "-c", program], env=env, capture_output=True, text=True, check=True
    )
    assert done.stdout == "False\n"


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


@settings(max_examples=20)  # each draws a picture
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
