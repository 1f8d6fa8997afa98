"""What all displays have in common."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from matplotlib.axes import Axes
from matplotlib.figure import Figure

import topicml
from topicml.exceptions import MissingExtraError

KINDS = ("confusion", "label", "reliability", "coverage")
ROWS = [{"label": "sport", "f1": 0.5}, {"label": "art", "f1": None}]


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
