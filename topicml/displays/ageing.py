"""How a model ages, as a picture."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from topicml.displays.display import Display
from topicml.displays.drawing import FAINT, FOR, axes_of, draw_estimates
from topicml.frames import Backend, Frame, data_frame
from topicml.metrics.resampling import Estimate

if TYPE_CHECKING:
    from matplotlib.axes import Axes


@dataclass(frozen=True, slots=True, repr=False)
class AgeingDisplay(Display):
    """How much worse older models are than fresh ones on the same articles, by their age.

    Parameters
    ----------
    rows : sequence of mapping
        The table: a row for each age, from 0 on.
    weeks : sequence of float
        The same ages.
    drops : sequence of Estimate
        How much the old models lose at each.
    slope : Estimate
        How much they lose a week.
    measure : str
        Its name for people.
    """

    rows: Sequence[Mapping[str, float | None]]
    weeks: Sequence[float]
    drops: Sequence[Estimate]
    slope: Estimate
    measure: str

    def frame(self, backend: Backend = "polars") -> Frame:
        """Return a row for each age.

        The columns: ``weeks``; ``n``, the articles; ``score`` of the old models, ``fresh`` of the fresh ones
        and ``drop``, their difference, each also with ``_low`` and ``_high``.
        """
        return data_frame(list(self.rows[0]), self.rows, backend)

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw the drop at each age, and the slope that fits them all with its interval."""
        ax = axes_of(ax, width=5.6, height=4)
        slope, weeks = self.slope, np.array([0.0, self.weeks[-1]])
        ax.axhline(0, color=FAINT, linewidth=1)
        ax.fill_between(
            weeks, 100 * slope.low * weeks, 100 * slope.high * weeks, color=FOR, alpha=0.15, linewidth=0
        )
        ax.plot(weeks, 100 * slope.value * weeks, color=FOR, linewidth=1, linestyle="--")
        drops = [Estimate(100 * drop.value, (100 * drop.low, 100 * drop.high)) for drop in self.drops[1:]]
        draw_estimates(ax, self.weeks[1:], drops)
        ax.set(xlabel="weeks older than a fresh model", ylabel=f"points of {self.measure} lost")
        ax.set_title(
            f"{100 * slope.value:.2g} points a week ({100 * slope.low:.2g} to {100 * slope.high:.2g})",
            loc="left",
        )
        return ax
