from __future__ import annotations

import numpy as np
import pytest
from matplotlib.figure import Figure

from topicml.displays.drawing import axes_of, draw_estimates, rgba, shown
from topicml.metrics.resampling import Estimate

ESTIMATES = [Estimate(0.5, (0.25, 0.75)), Estimate(0.9, None), Estimate(1.0, (0.8, 1.0))]


def test_without_axes_a_figure_of_that_size_is_made():
    assert axes_of(None, width=3, height=2).figure.get_size_inches().tolist() == [3, 2]


def test_axes_that_are_given_are_drawn_in():
    ax = Figure().subplots()
    assert axes_of(ax, width=3, height=2) is ax


@pytest.mark.parametrize("across", [False, True])
def test_estimates_are_dots_on_lines_and_what_has_no_interval_is_not_drawn(across):
    ax = Figure().subplots()
    draw_estimates(ax, [0, 1, 2], ESTIMATES, across=across)
    [dots], [intervals] = ax.lines, ax.collections
    values, places = dots.get_xydata().T[:: 1 if across else -1]
    assert (values.tolist(), places.tolist()) == ([0.5, 1.0], [0, 2])
    drawn = [np.array(line)[:, :: 1 if across else -1].tolist() for line in intervals.get_segments()]
    assert drawn == [[[0.25, 0], [0.75, 0]], [[0.8, 2], [1.0, 2]]]


def test_estimates_without_intervals_leave_the_axes_empty():
    ax = Figure().subplots()
    draw_estimates(ax, [0], [Estimate(0.9, None)])
    assert not ax.has_data()


@pytest.mark.parametrize("label", ["x" * 300, "e\u0301" * 300, "e" + "\u0301" * 300, "天" * 300])
def test_a_label_has_an_end(label):
    assert 0 < len(shown(label)) <= 52


def test_the_weaker_a_colour_the_more_it_lets_through():
    assert rgba("#ff0000", np.array([0.0, 0.25])).tolist() == [[1, 0, 0, 0], [1, 0, 0, 0.25]]
