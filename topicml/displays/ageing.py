"""How a model ages, as a picture."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from topicml.displays.display import Display, Frame, data_frame
from topicml.displays.drawing import FAINT, FOR, axes_of, draw_estimates
from topicml.metrics.names import MEASURES
from topicml.metrics.resampling import Estimate

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from topicml.lifecycle.ageing import Ageing


@dataclass(frozen=True, slots=True, repr=False)
class AgeingDisplay(Display):
    """How much worse older models are than fresh ones on the same articles, by their age.

    Parameters
    ----------
    ageing : Ageing
    """

    ageing: Ageing

    def frame(self) -> Frame:
        """Return a row for each age.

        Returns
        -------
        pandas.DataFrame or polars.DataFrame
            Columns ``weeks``; ``n``, the articles; ``score`` of the old models, ``fresh`` of the fresh ones
            and ``drop``, their difference, each also with ``_low`` and ``_high``.
        """
        rows = [age.to_row() for age in self.ageing.ages]
        return data_frame(list(rows[0]), [list(row.values()) for row in rows])

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw the drop at each age, and the slope that fits them all with its interval.

        Parameters
        ----------
        ax : matplotlib.axes.Axes, optional
            Where to draw; by default in a new figure.

        Returns
        -------
        matplotlib.axes.Axes

        Raises
        ------
        MissingExtraError
            If matplotlib is not installed.
        """
        ax = axes_of(ax, width=5.6, height=4)
        slope = self.ageing.drop_per_week
        weeks = np.array([0.0, self.ageing.tested_weeks])
        ax.axhline(0, color=FAINT, linewidth=1)
        ax.fill_between(
            weeks, 100 * slope.low * weeks, 100 * slope.high * weeks, color=FOR, alpha=0.15, linewidth=0
        )
        ax.plot(weeks, 100 * slope.value * weeks, color=FOR, linewidth=1, linestyle="--")
        older = self.ageing.ages[1:]
        drops = [Estimate(100 * age.drop.value, (100 * age.drop.low, 100 * age.drop.high)) for age in older]
        draw_estimates(ax, [age.weeks for age in older], drops)
        ax.set(
            xlabel="weeks older than a fresh model", ylabel=f"points of {MEASURES[self.ageing.measure]} lost"
        )
        ax.set_title(
            f"{100 * slope.value:.2g} points a week ({100 * slope.low:.2g} to {100 * slope.high:.2g})",
            loc="left",
        )
        return ax
